"""A connection to listen in on: between a program and whoever connects, recording what the program says."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Wiretap:
    """Listens on `port` and passes each connection on to `target_port`. `to_viewer` is what the last one brought."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.to_viewer = bytearray()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends accept()
        self._listener.close()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                viewer = self._listener.accept()[0]
            except OSError:
                return
            with viewer:
                try:
                    program = socket.create_connection(("127.0.0.1", self._target_port))
                except ConnectionRefusedError:
                    continue  # the program is not there yet: the viewer will come again
                with program:
                    self._pass_on(viewer, program)

    def _pass_on(self, viewer: socket.socket, program: socket.socket) -> None:
        self.to_viewer = bytearray()
        back = threading.Thread(target=_copy, args=(viewer, program), daemon=True)
        back.start()
        _copy(program, viewer, self.to_viewer)
        back.join(30)


def _copy(source: socket.socket, target: socket.socket, record: bytearray | None = None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if record is not None:
                record += data
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
