"""The calls that were running when something happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tracypy._core import TraceFile


class StackFrame(NamedTuple):
    """One call.

    Attributes:
        function: The function's qualified name.
        file: Its file, as the program knew it.
        line: The line that it was at; 0: unknown.
    """

    function: str
    file: str
    line: int


type Callstack = tuple[StackFrame, ...]
"""Calls, innermost first."""


def callstack(file: TraceFile, index: int) -> Callstack:
    """Return the calls of a stack; none for index 0."""
    return tuple(StackFrame(*row) for row in file.callstack(index))
