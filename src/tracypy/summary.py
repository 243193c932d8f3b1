"""What a recording says of itself when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from tracypy import _core

__all__ = ["FunctionTotals", "RecordingSummary"]


@dataclass(frozen=True, slots=True)
class FunctionTotals:
    """The calls of one function, or of one place where zones are made.

    Attributes:
        name: The function's qualified name, or the zone's.
        file: Where it is.
        line: Likewise.
        calls: How often it was called; a generator counts each time it goes on.
        total_ns: The time from its begin to its end, in nanoseconds. A recursive function counts once per outermost
            call: what it does inside itself is in there already.
        self_ns: The same without what it called.
    """

    name: str
    file: str
    line: int
    calls: int
    total_ns: int
    self_ns: int


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """A recording that is over.

    Attributes:
        path: The `.tracy` file.
        span_ns: From the begin of the recording to its end, in nanoseconds.
        zones: How many zones are in it.
        threads: On how many threads.
        frames: How many frames of the default timeline.
        messages: How many log lines.
        bytes: The size of the file.
        dropped: Zones that are not in it, because they came faster than the disk took them (TRACYPY_BUFFER_MB,
            TRACYPY_BUFFER_POLICY).
        ended_by: What ended the recording: "stopped", a limit ("seconds", "max_size"), or "disk": it was full, or could
            not be written. "killed" when the program did not come so far; then the last moments are missing.
        functions: Those with the most self time, the most first; not all of them.
    """

    path: str
    span_ns: int
    zones: int
    threads: int
    frames: int
    messages: int
    bytes: int
    dropped: int
    ended_by: Literal["stopped", "seconds", "max_size", "disk", "killed"]
    functions: tuple[FunctionTotals, ...]


def summary_of(path: str, recorded: _core.Recorded) -> RecordingSummary:
    """The summary of what the native side has made.

    Args:
        path: The file.
        recorded: What is in it.
    """
    ended_by = recorded.end if recorded.is_complete or recorded.end == "disk" else "killed"
    return RecordingSummary(
        path=path,
        span_ns=recorded.span_ns,
        zones=recorded.zones,
        threads=recorded.threads,
        frames=recorded.frames,
        messages=recorded.messages,
        bytes=recorded.file_bytes,
        dropped=recorded.dropped_zones,
        ended_by=cast("Literal['stopped', 'seconds', 'max_size', 'disk', 'killed']", ended_by),
        functions=tuple(FunctionTotals(*row) for row in recorded.functions),
    )
