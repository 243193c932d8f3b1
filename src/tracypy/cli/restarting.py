"""A program that starts itself again, as reloaders do.

It does that by `sys.orig_argv`, or what else it knows of its command line, none of which holds words of ours: so what
it starts is what it would start without us. To record that process too, our words are put in again, in the moment in
which it is started.

What is done in that moment calls no function of the library that is written in Python: that would be a zone of the
program.
"""

from __future__ import annotations

import os
import sys

from tracypy.cli.program import KINDS, Program
from tracypy.profiler import ask_before_start

_ENCODING, _ERRORS = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
_WITH_VALUE = "WX"  # python's own options
_MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")


class Restarts:
    """Puts us before the program again whenever it starts itself again; from when `base` is set.

    Args:
        program: Which.
        command: Which of our commands it is run by.
        only_exec: Whether only that counts by which the program becomes itself again: its children are followed.

    Attributes:
        base: What `--again` is told then: after which recording the next one is named, if there is one.
    """

    __slots__ = ("_command", "_interpreter", "_only_exec", "_place", "_process", "_program", "base")

    def __init__(self, program: Program, command: str, *, only_exec: bool = False) -> None:
        self.base: str | None = None
        self._command = command
        self._only_exec = only_exec
        self._process = os.getpid()
        self._interpreter = _identity(sys.executable)
        self._program = program
        self._place = _identity(program.target) if program.kind == "script" else None
        ask_before_start(self._command_instead)

    def _command_instead(self, path: object, words: object, is_exec: bool) -> list[str] | None:
        if self._only_exec and not (is_exec and os.getpid() == self._process):
            return None
        if self.base is None or not isinstance(words, list | tuple):
            return None
        try:
            given = [_text(word) for word in words]
            start = _first_of_program(given)
            if start is None or not self._is_same(given[start:]) or not self._is_our_interpreter(path):
                return None
        except (TypeError, UnicodeError):  # words that are none: the program will be told
            return None
        options = self._program.options
        again = [] if "--again" in options else ["--again", self.base]
        return [*given[:start], _MAIN, self._command, *options, *again, *given[start:]]

    def _is_our_interpreter(self, path: object) -> bool:
        """Return whether that path, or the first of several that exists, is our interpreter."""
        for each in path if isinstance(path, tuple) else (path,):
            identity = _identity(_text(each))
            if identity is not None:
                return identity == self._interpreter
        return False

    def _is_same(self, words: list[str]) -> bool:
        """Return whether these words mean the same program with the same arguments."""
        program = self._program
        if words == program.words:
            return True
        again = Program.of(words, [])
        if again is None or again.kind != program.kind or again.arguments != program.arguments:
            return False
        if program.kind == "script":
            return self._place is not None and _identity(again.target) == self._place
        return again.target.removesuffix(".__main__") == program.target.removesuffix(".__main__")


def _text(word: object) -> str:
    """Decode a word as `os.fsdecode` does."""
    path = os.fspath(word)  # type: ignore[call-overload]
    return path if isinstance(path, str) else path.decode(_ENCODING, _ERRORS)


def _identity(path: str) -> tuple[int, int] | None:
    """Return which file that is; None if it does not exist."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _first_of_program(words: list[str]) -> int | None:
    """Return where python's own options end, in a command that begins with its name."""
    index = 1
    while index < len(words):
        word = words[index]
        if not word.startswith("-") or word[:2] in KINDS:
            return index
        if word.startswith("--") or word == "-":
            return None
        is_followed = word[-1] in _WITH_VALUE and not any(letter in word[1:-1] for letter in _WITH_VALUE)
        index += 2 if is_followed else 1
    return None
