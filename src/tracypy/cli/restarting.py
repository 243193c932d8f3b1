"""A program that starts itself again, as reloaders do.

It does that by `sys.orig_argv`, or what else it knows of its command line, none of which holds words of ours: so what
it starts is what it would start without us. To record that process too, our words are put in again, in the moment in
which it is started.
"""

from __future__ import annotations

import os
import sys

from tracypy.cli.program import KINDS, Program
from tracypy.profiler import ask_before_start

_WITH_VALUE = "WX"  # python's own options
_MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")


class Restarts:
    """Puts us before the program again whenever it starts itself again; from when `base` is set.

    Args:
        program: Which.
        command: Which of our commands it is run by.

    Attributes:
        base: What `--again` is told then: after which recording the next one is named, if there is one.
    """

    __slots__ = ("_command", "_place", "_program", "base")

    def __init__(self, program: Program, command: str) -> None:
        self.base: str | None = None
        self._command = command
        self._program = program
        self._place = os.path.realpath(program.target)
        ask_before_start(self._command_instead)

    def _command_instead(self, path: object, words: object) -> list[str] | None:
        if self.base is None:
            return None
        try:
            found = _program_in(path, words, self._program, self._place)
        except Exception:  # noqa: BLE001  # words that are none: the program will be told
            return None
        if found is None:
            return None
        given, start = found
        options = self._program.options
        again = [] if "--again" in options else ["--again", self.base]
        return [*given[:start], _MAIN, self._command, *options, *again, *given[start:]]


def _program_in(path: object, words: object, program: Program, place: str) -> tuple[list[str], int] | None:
    """The words of a command that starts the program again, and where in them it begins; None if it does not."""
    if not isinstance(words, list | tuple) or len(words) < 2 or not _is_our_interpreter(path):
        return None
    given = [os.fsdecode(word) for word in words]
    start = _first_of_program(given)
    if start is None or not _is_same(given[start:], program, place):
        return None
    return given, start


def _is_our_interpreter(path: object) -> bool:
    """Whether that path, or the first of several that is there, is what runs us."""
    paths = path if isinstance(path, tuple) else (path,)
    first = next((os.fsdecode(each) for each in paths if os.path.exists(each)), None)
    return first is not None and os.path.samefile(first, sys.executable)


def _first_of_program(words: list[str]) -> int | None:
    """Where python's own options end, in a command that begins with its name."""
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


def _is_same(words: list[str], program: Program, place: str) -> bool:
    if words == program.words:
        return True
    again = Program.of(words, [])
    if again is None or again.kind != program.kind or again.arguments != program.arguments:
        return False
    if program.kind == "script":
        return os.path.realpath(again.target) == place
    return again.target.removesuffix(".__main__") == program.target.removesuffix(".__main__")
