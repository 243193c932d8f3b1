"""What each function cost."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class FunctionStats:
    """One source location with all its calls. Times are nanoseconds.

    A call that never ended lasts until the trace does. The distribution is that of all calls, recursive ones too, so
    the mean of a recursive function times its calls is more than its total.

    Attributes:
        location: Its index in `Trace.source_locations`.
        name: Its label: what a viewer shows.
        file: The file as the program knew it.
        line: The line, from 1; 0 if unknown.
        calls: How many calls.
        primitive_calls: The outermost ones: those while no call of the same function was open on the thread already.
        total_ns: With what was called; calls inside a call of the same function, direct or not, add nothing.
        busy_ns: The time of that in which its row ran. It is less than the total where tasks and greenlets wait: for
            them the total, and all that follows from it, is the time from begin to end.
        self_ns: Without the direct children's time.
        min_ns: The shortest call.
        max_ns: The longest call.
        mean_ns: The mean call.
        median_ns: The median; as the other quantiles, between neighbours in proportion.
        p95_ns: What 95 of 100 calls do not exceed.
        p99_ns: What 99 of 100 calls do not exceed.
        std_ns: The standard deviation of a sample (n - 1); 0 for one call.
    """

    location: int
    name: str
    file: str
    line: int
    calls: int
    primitive_calls: int
    total_ns: int
    busy_ns: int
    self_ns: int
    min_ns: int
    max_ns: int
    mean_ns: float
    median_ns: float
    p95_ns: float
    p99_ns: float
    std_ns: float


def is_match(pattern: str, name: str, file: str) -> bool:
    """Return whether a part of the name or file matches, or, with `*`, `?` or `[`, a glob over either.

    Example:
        >>> is_match("parse", "Parser.parse", "app/parser.py")
        True
        >>> is_match("*.parse", "Parser.parse_all", "app/parser.py")
        False
    """
    if any(letter in pattern for letter in "*?["):
        return fnmatchcase(name, pattern) or fnmatchcase(file, pattern)
    return pattern in name or pattern in file
