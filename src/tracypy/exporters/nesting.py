"""Zones with ends, properly nested: what formats want that know no zone without an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracypy.trace import Thread, ZoneRow


type NestedZone = tuple[int, int, int, ZoneRow]  # start and end that nest, depth among the exported, as recorded


def nested_zones(thread: Thread, is_kept: Sequence[bool], last_ns: int) -> Iterator[NestedZone]:
    """Yield a thread's zones in the order of their beginnings, parents first, in memory bounded by their depth.

    A zone that never ended ends with its parent, or with the recording. Zones that are not kept are left out, and what
    lies in them belongs to the zone around. Recordings of others may hold zones that overlap; those are shortened.

    Args:
        thread: The thread.
        is_kept: For each source location, whether its zones are wanted.
        last_ns: The last time of the recording.

    Yields:
        Start, end (never before the start), depth (how many of the exported zones it lies in), and the zone.
    """
    zones = thread.iter_zones()
    kept = ((zone.depth, zone) for zone in zones) if all(is_kept) else _kept(zones, is_kept)
    ends: list[int] = []  # depth by depth, of the zone that is open there
    floors = [0]  # depth by depth, the first time at which the next zone may begin
    for depth, zone in kept:
        start, end = zone.start_ns, zone.end_ns
        if start < floors[depth]:  # comparisons, as calls of min and max would be half of the time
            start = floors[depth]
        if end < 0:
            end = last_ns
        if depth:
            limit = ends[depth - 1]
            if start > limit:
                start = limit
            if end > limit:
                end = limit
        if end < start:
            end = start
        floors[depth] = end
        if depth == len(ends):
            ends.append(end)
            floors.append(start)
        else:
            ends[depth] = end
            floors[depth + 1] = start
        yield start, end, depth, zone


def _kept(zones: Iterator[ZoneRow], is_kept: Sequence[bool]) -> Iterator[tuple[int, ZoneRow]]:
    """Yield the zones that are kept, each with the number of kept zones around it."""
    around: list[bool] = []  # recorded depth by recorded depth, whether the zone that is open there is kept
    depth = 0  # how many of them are
    for zone in zones:
        while len(around) > zone.depth:
            depth -= around.pop()
        around.append(is_kept[zone.location])
        if is_kept[zone.location]:
            yield depth, zone
            depth += 1
