"""Lines that the program logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tracypy._core import SEVERITIES

if TYPE_CHECKING:
    from tracypy.trace.callstacks import Callstack


class Message(NamedTuple):
    """One line.

    Attributes:
        time_ns: When.
        text: What.
        thread: Of which thread: an index into `Trace.threads`, None if unknown.
        color: 0xRRGGBB; 0 for none.
        severity: trace, debug, info, warning, error or fatal; info in files that do not know it (before 0.13.2).
        callstack: The calls that it came with, innermost first.
    """

    time_ns: int
    text: str
    thread: int | None
    color: int
    severity: str
    callstack: Callstack = ()


def severity_name(number: int) -> str:
    """Return the severity of that number; an unknown number stays one."""
    return SEVERITIES[number] if number < len(SEVERITIES) else str(number)
