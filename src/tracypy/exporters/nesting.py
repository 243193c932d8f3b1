"""The zones of threads one by one, as the formats want them that have a row for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracypy._core import NestedZones
from tracypy.trace import ZoneRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracypy._core import ZoneSupply
    from tracypy.trace import Thread

_ROWS_AT_ONCE = 4096

type NestedZone = tuple[int, int, int, ZoneRow]  # start and end that nest, depth among the exported, as recorded


def nested_zones(zones: ZoneSupply, thread: Thread, is_kept: Sequence[bool]) -> Iterator[NestedZone]:
    """Yield a thread's zones in the order of their beginnings, parents first, in memory bounded by their depth.

    A zone that never ended ends with its parent, or with the recording. Zones that are not kept are left out, and what
    lies in them belongs to the zone around. Recordings of others may hold zones that overlap; those are shortened.

    Args:
        zones: Of the trace.
        thread: The thread.
        is_kept: For each source location, whether its zones are wanted.

    Yields:
        Start, end (never before the start), depth (how many of the exported zones it lies in), and the zone.
    """
    zones.start(thread.index)
    nested = NestedZones(zones, is_kept)
    while rows := nested.rows(ZoneRow, _ROWS_AT_ONCE):
        yield from rows


def timed_zones(zones: ZoneSupply, thread: Thread) -> Iterator[tuple[ZoneRow, int]]:
    """Yield a thread's zones as they were recorded, each with the time in its direct children.

    Args:
        zones: Of the trace.
        thread: The thread.
    """
    zones.start(thread.index, with_children=True)
    while rows := zones.timed_rows(ZoneRow, _ROWS_AT_ONCE):
        yield from rows
