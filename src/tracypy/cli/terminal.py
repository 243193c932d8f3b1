"""The whole terminal for one command, and how it is left as it was."""

from __future__ import annotations

import codecs
import os
import select
import signal
import sys
from contextlib import suppress

from tracypy.cli.tables import PLAIN_ERRORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Self

    termios: Any  # Windows has none of it
else:
    try:
        import termios
    except ImportError:
        termios = None

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"  # another screen, no cursor, nothing wraps
_LEAVE = "\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l"
_PIECE = 256  # of a terminal that takes something, as much as it takes at least
_PATIENCE_S = 0.5
_KEYS = {
    "[A": "up", "[B": "down", "OA": "up", "OB": "down", "[5~": "page up", "[6~": "page down", "[H": "home",
    "OH": "home", "[1~": "home",
}  # fmt: skip
_BEGINS = ("\x1b", "\x1b[", "\x1bO")
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


def _signal(name: str) -> int:
    number: int = getattr(signal, name)  # not every system has it
    return number


def is_there() -> bool:
    """Return whether there is a terminal to be had as a whole: somebody types there, and it can do more than lines."""
    if termios is None or sys.stdin is None or sys.stdout is None or os.environ.get("TERM", "dumb") == "dumb":
        return False
    try:
        return sys.stdin.isatty() and sys.stdout.isatty()
    except ValueError:  # closed
        return False


class Terminal:
    """The terminal of stdin and stdout, for pictures and keys. Use as a context manager.

    However the block ends, the terminal is as it was: the screen with what was on it, the cursor, echo and line mode.
    Signals that would end the program are kept in `came`, and a stop (Ctrl-Z) gives the terminal back meanwhile.

    Attributes:
        came: The signal that wants this to end, or None.
    """

    def __init__(self) -> None:
        self.came: int | None = None
        self._input, self._output = sys.stdin.fileno(), sys.stdout.fileno()
        self._encoding = sys.stdout.encoding or "utf-8"
        self._decoder = codecs.getincrementaldecoder(sys.stdin.encoding or "utf-8")("replace")
        self._before: list[Any] = []
        self._handlers: list[tuple[int, Any]] = []
        self._shown: object = None
        self._held = ""  # what may be the beginning of a key

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._input)
        for name in _ENDING:
            number = _signal(name)
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers.append((number, signal.signal(number, self._end)))
        self._handlers.append((_signal("SIGTSTP"), signal.signal(_signal("SIGTSTP"), self._stop)))
        self._take()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._give_back()
        for number, handler in self._handlers:
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def _take(self) -> None:
        mode = [*self._before[:6], list(self._before[6])]
        mode[0] &= ~(termios.IXON | termios.ICRNL)
        mode[3] &= ~(termios.ICANON | termios.ECHO)  # signals stay: Ctrl-C and Ctrl-Z
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 0, 0
        termios.tcsetattr(self._input, termios.TCSADRAIN, mode)
        self._write(_ENTER)
        self._shown = None

    def _give_back(self) -> None:
        self._write(_LEAVE)
        with suppress(termios.error):  # it is gone
            termios.tcsetattr(self._input, termios.TCSANOW, self._before)

    def _end(self, number: int, _frame: FrameType | None) -> None:
        self.came = number

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._give_back()
        signal.signal(_signal("SIGTSTP"), signal.SIG_DFL)
        os.kill(os.getpid(), _signal("SIGTSTP"))
        signal.signal(_signal("SIGTSTP"), self._stop)  # somebody has let us go on
        self._take()

    def size(self) -> tuple[int, int]:
        """Return how wide and how high it is."""
        try:
            size = os.get_terminal_size(self._output)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24

    def typed(self) -> list[str]:
        """Return what was typed since: letters, and names of keys, such as "up" and "escape"."""
        held, self._held = self._held, ""
        if not select.select([self._input], [], [], 0)[0]:
            return _keys_of(held)
        try:
            data = os.read(self._input, 1024)
        except OSError:
            data = b""
        if not data:  # it is gone
            self.came = self.came or _signal("SIGHUP")
        text = held + self._decoder.decode(data)
        if text.endswith(_BEGINS):  # the rest of such a key may come a little later
            start = text.rindex("\x1b")
            text, self._held = text[:start], text[start:]
        return _keys_of(text)

    def show(self, lines: list[str], heading: int | None = None) -> None:
        """Show these lines, from the top.

        Args:
            lines: As many as it is high, each as wide as it is: nothing else takes away what was there.
            heading: Which of them stands out.
        """
        if (lines, heading) == self._shown:
            return
        stands_out = None if os.environ.get("NO_COLOR") else heading
        rows = [f"\x1b[7m{line}\x1b[m" if index == stands_out else line for index, line in enumerate(lines)]
        self._shown = (lines, heading) if self._write("\x1b[H" + "\r\n".join(rows)) else None

    def _write(self, text: str) -> bool:
        """Write it, but for the rest when the terminal takes nothing: nobody is to wait for it."""
        data = text.encode(self._encoding, PLAIN_ERRORS)
        try:
            while data:
                if not select.select([], [self._output], [], _PATIENCE_S)[1]:
                    return False
                data = data[os.write(self._output, data[:_PIECE]) :]
        except OSError:
            self.came = self.came or _signal("SIGHUP")
            return False
        return True


def _keys_of(text: str) -> list[str]:
    keys = []
    while text:
        if text[0] != "\x1b":
            keys.append(text[0])
            text = text[1:]
            continue
        name = next((known for known in _KEYS if text.startswith(known, 1)), None)
        if name is not None:
            keys.append(_KEYS[name])
            text = text[1 + len(name) :]
        elif text[1:2] in ("[", "O"):  # some other key
            end = next((index for index in range(2, len(text)) if "@" <= text[index] <= "~"), len(text) - 1)
            text = text[end + 1 :]
        else:
            keys.append("escape")
            text = text[1:]
    return keys
