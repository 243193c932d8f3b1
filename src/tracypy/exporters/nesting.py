"""Zones with ends, properly nested: what formats want that know no zone without an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracypy.trace import Thread, ZoneRow


class NestedZone(NamedTuple):
    """A zone that lies in its parent and after the sibling before it.

    Attributes:
        start_ns: When it begins.
        end_ns: When it ends; never before it begins.
        depth: How many of the exported zones it lies in.
        zone: As it was recorded.
    """

    start_ns: int
    end_ns: int
    depth: int
    zone: ZoneRow


def nested_zones(thread: Thread, is_kept: Sequence[bool], last_ns: int) -> Iterator[NestedZone]:
    """A thread's zones in the order of their beginnings, parents first, in memory that depends on their depth only.

    A zone that never ended ends with its parent, or with the recording. Zones that are not kept are left out, and what
    lies in them belongs to the zone around. Recordings of others may hold zones that overlap; those are shortened.

    Args:
        thread: The thread.
        is_kept: For each source location, whether its zones are wanted.
        last_ns: The last time of the recording.
    """
    dropped: list[bool] = []  # of the zones around, recorded depth by recorded depth: whether they are left out
    missing = 0  # how many of them are
    ends: list[int] = []  # of the kept zones around
    floors = [0]  # depth by depth, the first time at which the next zone may begin
    for zone in thread.iter_zones():
        recorded_depth = zone.depth
        while len(dropped) > recorded_depth:
            missing -= dropped.pop()
        if not is_kept[zone.location]:
            dropped.append(True)
            missing += 1
            continue
        dropped.append(False)
        depth = recorded_depth - missing
        start, end = zone.start_ns, zone.end_ns
        if end < 0:
            end = last_ns
        start = max(start, floors[depth])
        if depth:
            limit = ends[depth - 1]
            start, end = min(start, limit), min(end, limit)
        end = max(end, start)
        del ends[depth:], floors[depth + 1 :]
        ends.append(end)
        floors[depth] = end
        floors.append(start)
        yield NestedZone(start, end, depth, zone)
