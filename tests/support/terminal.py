"""A terminal of the test's own, in which a program runs, and what stands on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PATIENCE_S = 100.0
#: What decides how a program draws.
_NOT_INHERITED = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TERM")


class Terminal:
    """Runs `python -m tracypy` with these words in a terminal; what it writes is drawn. Use as a context manager."""

    def __init__(self, *words: str, cwd: Path, columns: int = 80, rows: int = 24, **environment: str) -> None:
        self.written = b""
        self._picture = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._picture)
        self._ours, theirs = pty.openpty()
        self._keep = theirs  # what it was and is can be asked as long as somebody has it
        self.resize(columns, rows)
        self.before = self.attributes()
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracypy", *words],
            cwd=cwd, env={**inherited, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **environment},
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(_PATIENCE_S)
        for end in (self._ours, self._keep):
            with suppress(OSError):
                os.close(end)

    def attributes(self) -> list[Any]:
        """How it is set: echo, lines, control characters."""
        return termios.tcgetattr(self._keep)

    def resize(self, columns: int, rows: int) -> None:
        """Make it another size, as whoever drags its corner."""
        self._picture.resize(rows, columns)
        fcntl.ioctl(self._keep, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def lines(self) -> list[str]:
        """What stands there now, without the spaces at the ends."""
        return [line.rstrip() for line in self._picture.display]

    def wait_for(self, wanted: Callable[[list[str]], object]) -> list[str]:
        """Draw until `wanted(lines)`; what stands there then."""
        deadline = time.monotonic() + _PATIENCE_S
        while not wanted(self.lines()):
            assert self.draw(max(0.0, deadline - time.monotonic())), "\n".join(self.lines())
        return self.lines()

    def wait_for_text(self, text: str) -> list[str]:
        """Draw until it stands somewhere."""
        return self.wait_for(lambda lines: any(text in line for line in lines))

    def draw(self, seconds: float) -> bool:
        """Draw what comes next; False when nothing does."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) >= 0:
            if select.select([self._ours], [], [], min(left, 0.05))[0]:
                data = os.read(self._ours, 65536)
                self.written += data
                self._stream.feed(data)
                return True
            if self.process.poll() is not None and not select.select([self._ours], [], [], 0)[0]:
                return False
        return False

    def end(self, number: int | None = None) -> int:
        """Wait for its end, after a signal if one is named; its exit code."""
        if number is not None:
            self.process.send_signal(number)
        while self.process.poll() is None:
            self.draw(0.1)
        while self.draw(0):
            pass
        return self.process.returncode
