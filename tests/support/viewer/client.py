"""The strict viewer on a socket."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Self

from .errors import HandshakeRefused, ProtocolViolation
from .queries import QUERY_LIMIT, Query, pack_query
from .session import Session, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from .handshake import OnDemandPayload, Welcome
    from .trace import Trace

_CHUNK = 256 * 1024
_RETRY_SECONDS = 0.01
#: A real viewer waits for ever for the end of a zone after Terminate; this one gives up after so many quiet seconds.
OPEN_ZONE_GRACE = 2.0


class StrictViewer:
    """A viewer that behaves as Tracy's does and refuses what Tracy's refuses.

    Nothing is read from the socket except inside `connect`, `receive_until`, `run` and `disconnect`, so that not
    calling them makes a viewer that has stopped reading. One thread at a time.

    Args:
        protocol: one of `PROTOCOLS`.
        query_limit, local_sources, tolerated: see `Session`.
    """

    def __init__(
        self,
        protocol: int,
        *,
        query_limit: int = QUERY_LIMIT,
        local_sources: bool = False,
        tolerated: frozenset[str] = frozenset(),
    ) -> None:
        self.session = Session(protocol, query_limit=query_limit, local_sources=local_sources, tolerated=tolerated)
        self._socket: socket.socket | None = None
        self._is_paused = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    @property
    def protocol(self) -> int:
        return self.session.protocol

    @property
    def welcome(self) -> Welcome:
        """The parsed welcome message."""
        if self.session.welcome is None:
            raise RuntimeError("not connected: there is no welcome yet")
        return self.session.welcome

    @property
    def on_demand(self) -> OnDemandPayload | None:
        """The on-demand payload, or None for a program that is not on demand."""
        return self.session.on_demand

    @property
    def trace(self) -> Trace:
        """What has been received so far."""
        return self.session.trace

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    # Conversation

    def connect(
        self, port: int, host: str = "127.0.0.1", timeout: float = 100.0, receive_buffer: int | None = None
    ) -> None:
        """Connect and shake hands; as the real viewer does, go on trying while nobody listens.

        Args:
            port, host: where the program listens.
            timeout: seconds for all of it.
            receive_buffer: bytes of the socket's receive buffer; a small one makes back pressure felt early.

        Raises:
            HandshakeRefused: another status than welcome, or the connection closed.
            TimeoutError: nobody listens, or no answer.
        """
        deadline = time.monotonic() + timeout
        while True:
            attempt = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            if receive_buffer is not None:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            attempt.settimeout(max(deadline - time.monotonic(), _RETRY_SECONDS))
            try:
                attempt.connect((host, port))
                break
            except ConnectionRefusedError:
                attempt.close()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"nobody listens on {host}:{port} after {timeout} s") from None
                time.sleep(_RETRY_SECONDS)
            except OSError:
                attempt.close()
                raise
        attempt.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = attempt
        try:
            self._receive(lambda: self.session.stage is Stage.EVENTS, deadline, None)
        except (HandshakeRefused, TimeoutError):
            self.drop()
            raise

    def run(self, timeout: float = 100.0, bytes_per_second: float | None = None) -> Trace:
        """Receive until the program has terminated and both sides have said goodbye.

        Args:
            timeout: seconds; the whole run must fit.
            bytes_per_second: read no faster than this.

        Raises:
            TimeoutError: the message says what was still missing.
            ProtocolViolation: among others, a zone that is open at the end.
        """
        self._receive(lambda: self.session.is_done, time.monotonic() + timeout, bytes_per_second)
        self.drop()
        return self.trace

    def receive_until(self, predicate: Callable[[Trace], bool], timeout: float = 100.0) -> Trace:
        """Process what arrives, block by block, until `predicate(trace)` holds."""
        self._receive(lambda: predicate(self.trace), time.monotonic() + timeout, None)
        return self.trace

    def disconnect(self, timeout: float = 100.0) -> Trace:
        """Send a disconnect query, drain until the program's Terminate and the last answer, say goodbye, close.

        The protocol has this; the real viewers since 0.11 leave as `leave` does.
        """
        self.session.disconnect()
        return self.run(timeout)

    def leave(self) -> None:
        """Leave in mid-run as the real viewer's Disconnect does: a terminate query, then close at once."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendall(pack_query(Query.TERMINATE))
        self.drop()

    def drop(self) -> None:
        """Close the socket at once, whatever is under way."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def pause_reading(self) -> None:
        """Make sure that nothing reads: receiving is an error until `resume_reading`."""
        self._is_paused = True

    def resume_reading(self) -> None:
        self._is_paused = False

    def set_parameter(self, parameter: int | str, value: int) -> None:
        """Change a parameter of the program, by its number or its name; it must acknowledge."""
        self.session.set_parameter(parameter, value)
        self._send()

    # The socket

    def _connection(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("not connected")
        return self._socket

    def _send(self) -> None:
        data = self.session.take_outgoing()
        if data:
            self._connection().sendall(data)

    def _receive(self, is_enough: Callable[[], bool], deadline: float, bytes_per_second: float | None) -> None:
        if self._is_paused:
            raise RuntimeError("reading is paused")
        try:
            self._receive_or_refuse(is_enough, deadline, bytes_per_second)
        except ProtocolViolation:
            # What the real viewer does when it gives up.
            self.leave()
            raise

    def _receive_or_refuse(
        self, is_enough: Callable[[], bool], deadline: float, bytes_per_second: float | None
    ) -> None:
        begun, received = time.monotonic(), 0
        quiet_since = begun
        chunk = _CHUNK if bytes_per_second is None else max(1, min(_CHUNK, int(bytes_per_second / 20)))
        while True:
            while not self._is_satisfied(is_enough) and self.session.step():
                self._send()
            if self._is_satisfied(is_enough):
                self._send()
                return
            self._send()
            if bytes_per_second is not None:
                time.sleep(max(0.0, begun + received / bytes_per_second - time.monotonic()))
            data = self._read(chunk, deadline, quiet_since)
            if data:
                quiet_since = time.monotonic()
                received += len(data)
                self.session.append(data)

    def _is_satisfied(self, is_enough: Callable[[], bool]) -> bool:
        # Before the events there is no trace for a predicate to look at.
        return self.session.stage in (Stage.EVENTS, Stage.DONE) and is_enough()

    def _read(self, chunk: int, deadline: float, quiet_since: float) -> bytes:
        """Some bytes; none when a short wait was not enough. Raises at the end of the stream or of the time."""
        remaining = deadline - time.monotonic()
        connection = self._connection()
        if remaining <= 0:
            self._give_up()
        connection.settimeout(min(remaining, OPEN_ZONE_GRACE / 4))
        try:
            data = connection.recv(chunk)
        except TimeoutError:
            if time.monotonic() - quiet_since > OPEN_ZONE_GRACE:
                self._refuse_open_zones()
            return b""
        except ConnectionResetError:
            data = b""
        if not data:
            self.drop()
            self.session.end_of_stream()
            raise ProtocolViolation("the program closed the connection while the viewer was waiting for more")
        connection.settimeout(None if remaining <= 0 else remaining)
        return data

    def _refuse_open_zones(self) -> None:
        if self.session.stage is not Stage.EVENTS or not self.trace.is_terminated:
            return
        missing = self.session.missing()
        if missing == self.session.open_zones():
            raise ProtocolViolation(f"after Terminate the real viewer waits for ever, because of: {missing}")

    def _give_up(self) -> None:
        self._refuse_open_zones()
        raise TimeoutError(f"still missing: {', '.join(self.session.missing()) or 'what the caller waits for'}")
