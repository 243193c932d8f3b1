"""Peers that no program should have to meet: raw connections, and a viewer that asks what it likes."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple, Self

from .viewer.blocks import BlockStream
from .viewer.decoder import Decoder
from .viewer.handshake import (
    ON_DEMAND_SIZE,
    STATUS_WELCOME,
    greeting,
    parse_on_demand,
    parse_welcome,
    welcome_size,
)
from .viewer.queries import Query, QueryBook, pack_query
from .viewer.tables import dialect

if TYPE_CHECKING:
    from collections.abc import Callable

_NO_WAIT_AT_CLOSE = struct.pack("ii", 1, 0)


class RawPeer:
    """A connection that says what it is told to. Leaving the context closes it."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=100)
        self.address = "{}:{}".format(*self.socket.getsockname()[:2])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send everything, or as much as the program takes before it closes the connection."""
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)

    def receive(self, size: int) -> bytes:
        """Exactly `size` bytes; fewer only at the end of the stream."""
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                break
            data += part
        return data

    def end_of_stream(self) -> bytes:
        """Everything until the program closes the connection."""
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while part := self.socket.recv(1 << 16):
                data += part
        return data

    def reset(self) -> None:
        """Close so that the program sees a reset, not an orderly end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_WAIT_AT_CLOSE)
        self.socket.close()


class Answer(NamedTuple):
    """An event that answers a question: its name, its fields, the bytes that follow."""

    event: str
    fields: tuple[int, ...]
    data: bytes


#: By what each kind of question is answered: the event that comes last.
ANSWERS: dict[Query, str] = {
    Query.STRING: "StringData",
    Query.THREAD_STRING: "ThreadName",
    Query.SOURCE_LOCATION: "SourceLocation",
    Query.PLOT_NAME: "PlotName",
    Query.FRAME_NAME: "FrameName",
    Query.PARAMETER: "AckServerQueryNoop",
    Query.FIBER_NAME: "FiberName",
    Query.EXTERNAL_NAME: "ExternalName",
    Query.CALLSTACK_FRAME: "CallstackFrame",
    Query.SYMBOL: "SymbolInformation",
    Query.SYMBOL_CODE: "AckSymbolCodeNotAvailable",
    Query.SOURCE_CODE: "AckSourceCodeNotAvailable",
    Query.DATA_TRANSFER: "AckServerQueryNoop",
    Query.DATA_TRANSFER_PART: "AckServerQueryNoop",
}

#: Events that bring a text or an answer: an honest viewer looks at each, this one keeps them as they are.
_KEPT = {
    *ANSWERS.values(),
    "SingleStringData",
    "SecondStringData",
    "SingleStringData8",
    "SecondStringData8",
    "ExternalThreadName",
    "CallstackFrameSize",
    "SymbolCode",
    "SourceCode",
    "SourceLocationPayload",
    "Terminate",
}


class Questioner(RawPeer):
    """A viewer by its handshake, which then asks whatever it likes and keeps what it is told."""

    def __init__(self, port: int, protocol: int) -> None:
        super().__init__(port)
        self.send(greeting(protocol))
        if self.receive(1) != bytes([STATUS_WELCOME]):
            raise AssertionError("not welcome")
        welcome = parse_welcome(protocol, self.receive(welcome_size(protocol)))
        on_demand = parse_on_demand(welcome, self.receive(ON_DEMAND_SIZE))
        self.answers: list[Answer] = []
        self.decoder = Decoder(protocol, welcome, on_demand, QueryBook(protocol))
        self.decoder.register({name: self._keeper(name) for name in _KEPT if name in dialect(protocol).by_name})
        self._stream = BlockStream()
        self._buffer = bytearray()

    def ask(self, kind: Query, pointer: int, extra: int = 0) -> None:
        self.send(pack_query(kind, pointer, extra))

    def hear_out(self, kinds: list[Query]) -> list[Answer]:
        """Every text and answer until each of `kinds`, asked in this order, has been answered."""
        wanted = sorted(ANSWERS[kind] for kind in kinds)
        while (count := sum(answer.event in wanted for answer in self.answers)) < len(wanted):
            self._hear()
        if count > len(wanted):
            raise AssertionError(f"{count} answers to {len(wanted)} questions: {self.answers}")
        heard, self.answers = self.answers, []
        return heard

    def hear_terminate(self) -> None:
        """Takes everything until the program's last word."""
        while not any(answer.event == "Terminate" for answer in self.answers):
            self._hear()

    def _hear(self) -> None:
        data = self.socket.recv(1 << 16)
        if not data:
            raise AssertionError(f"the program closed the connection after {self.answers}")
        self._buffer += data
        while (events := self._stream.take(self._buffer)) is not None:
            self.decoder.block(events)

    def _keeper(self, name: str) -> Callable[..., None]:
        def keep(*fields: int | bytes) -> None:
            numbers = tuple(field for field in fields if isinstance(field, int))
            texts = b"".join(field for field in fields if isinstance(field, bytes))
            self.answers.append(Answer(name, numbers, texts))

        return keep
