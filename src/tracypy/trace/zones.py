"""Zones one by one, for those who do without columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracypy._core import TraceFile

_ROWS_AT_ONCE = 4096


class ZoneRow(NamedTuple):
    """One zone.

    Attributes:
        start_ns: When it began.
        end_ns: When it ended; -1 if the recording ended first.
        location: Where it comes from: an index into `Trace.source_locations`.
        depth: How many zones of its thread it lies in.
        text: Its texts and values, a line each; None without any.
        name: Its own name in place of the location's; None without one.
        color: Its own colour, 0xRRGGBB; 0 without one.
        callstack: The calls that ran when it began: an index into `Trace.callstacks`, 0 without any.
    """

    start_ns: int
    end_ns: int
    location: int
    depth: int
    text: str | None
    name: str | None
    color: int
    callstack: int = 0


def rows(file: TraceFile, thread: int, zone_count: int, first: int = 0) -> Iterator[ZoneRow]:
    """Yield the zones of a thread from the `first` on, in the order in which they began."""
    for begin in range(first, zone_count, _ROWS_AT_ONCE):
        yield from file.zone_rows(ZoneRow, thread, begin, _ROWS_AT_ONCE)
