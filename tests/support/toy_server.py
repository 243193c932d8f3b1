"""A toy program on a socket, for whoever wants to view or capture it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from .viewer.queries import QUERY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .stream_builder import ToyProgram

_GREETING_BYTES = 12
_WELCOME, _MISMATCH = 1, 2


@contextmanager
def answering(talk: Callable[[socket.socket, int], bool]) -> Iterator[int]:
    """A port where `talk` serves each who connects, with the protocol number he greets with, until it returns True."""
    listener = socket.create_server(("127.0.0.1", 0))
    failures: list[BaseException] = []

    def go() -> None:
        is_done = False
        while not is_done:
            with suppress(ConnectionError), listener.accept()[0] as connection:
                greeting = connection.recv(_GREETING_BYTES, socket.MSG_WAITALL)
                try:
                    is_done = talk(connection, int.from_bytes(greeting[8:], "little"))
                except ConnectionError:
                    is_done = True
                except BaseException as problem:
                    failures.append(problem)
                    is_done = True

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(100)
    listener.close()
    assert not thread.is_alive(), "whoever was served did not leave"
    assert not failures, failures


def playing(program: ToyProgram, record: bytearray | None = None) -> Callable[[socket.socket, int], bool]:
    """Turns away whoever speaks another protocol; sends what is built, then answers until the goodbye."""

    def say(connection: socket.socket, data: bytes) -> None:
        if record is not None:
            record.extend(data)
        connection.sendall(data)

    def talk(connection: socket.socket, protocol: int) -> bool:
        if protocol != program.stream.protocol:
            connection.sendall(bytes([_MISMATCH]))
            return False
        say(connection, program.stream.head(_WELCOME) + program.stream.block())
        while not program.is_terminated and (query := connection.recv(QUERY.size, socket.MSG_WAITALL)):
            say(connection, program.read(query))
        return True

    return talk


def saying(data: bytes, *, stay: bool = False) -> Callable[[socket.socket, int], bool]:
    """Sends these bytes; then hangs up, or reads until the other one does."""

    def talk(connection: socket.socket, _protocol: int) -> bool:
        connection.sendall(data)
        while stay and connection.recv(65536):
            pass
        return True

    return talk
