"""Zones one by one, for those who do without columns."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROW = struct.Struct("<qqIIII")  # start, end, location, extra, children, depth: model/zones.hpp

type Extra = tuple[str | None, str | None, int]


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
    """

    start_ns: int
    end_ns: int
    location: int
    depth: int
    text: str | None
    name: str | None
    color: int


def rows(column: memoryview, extra_of: Callable[[int], Extra]) -> Iterator[ZoneRow]:
    """The zones in `column`, in the order in which they began."""
    for start_ns, end_ns, location, extra, _children, depth in _ROW.iter_unpack(column):
        if extra:
            yield ZoneRow(start_ns, end_ns, location, depth, *extra_of(extra))
        else:
            yield ZoneRow(start_ns, end_ns, location, depth, None, None, 0)
