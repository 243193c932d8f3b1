"""Which calls took the time of a test, in a recording that ends shortly after it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tracypy.summary import FunctionTotals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracypy.trace import Trace
    from tracypy.trace.threads import Thread
    from tracypy.trace.zones import ZoneRow

_CALLS = 5
_LEAST_SHARE = 0.01
_PHASE = "call"
_AT_ONCE = 4096
#: How far back a test is looked for: more takes seconds.
_MOST_ZONES = 4_000_000
#: How AnyIO's plugin waits for the task that runs the tests.
_WAITS = ("TestRunner._call_in_runner_task", "TestRunner._run_tests_and_fixtures")


class _Found(NamedTuple):
    zones: list[ZoneRow]
    start_ns: int
    end_ns: int


def slow_calls(trace: Trace, node_id: str, process: str) -> tuple[FunctionTotals, ...]:
    """Return the functions with the most self time in the call phase of a test, the most first.

    Args:
        trace: In which the test is one of the last.
        node_id: Of the test.
        process: What the names of its rows have in them; "" for the recorded process itself.
    """
    rows = [row for row in trace.threads if _is_of(row.name, process) and row.zone_count]
    found = next(filter(None, (_find(trace, row, node_id) for row in rows if not row.is_fiber)), None)
    if found is None:
        return ()
    totals: dict[int, list[int]] = {}
    # A test that is a coroutine runs on the row of its task, and on that of its thread there is only the loop.
    tasks = [zones for row in rows if row.is_fiber and (zones := _within(row, found))]
    for zones in tasks or [found.zones]:
        _add(totals, zones)
    most = sorted(totals.items(), key=lambda each: each[1][2], reverse=True)
    least_ns = (found.end_ns - found.start_ns) * _LEAST_SHARE
    calls = (_totals(trace, location, *numbers) for location, numbers in most if numbers[2] >= least_ns)
    return tuple(islice((call for call in calls if call.name not in _WAITS), _CALLS))


def _is_of(row: str, process: str) -> bool:
    return process in row if process else "): " not in row


def _find(trace: Trace, row: Thread, node_id: str) -> _Found | None:
    """Return what is in the last call phase of a test."""
    after: list[ZoneRow] = []
    for block in _backwards(row):
        for index in range(len(block) - 1, -1, -1):
            zone = block[index]
            if _name(trace, zone) == node_id:
                return _phase_of(trace, block[index + 1 :] + after, zone.depth + 1)
        after = block + after
    return None


def _backwards(row: Thread) -> Iterator[list[ZoneRow]]:
    for end in range(row.zone_count, max(0, row.zone_count - _MOST_ZONES), -_AT_ONCE):
        first = max(0, end - _AT_ONCE)
        yield list(islice(row.iter_zones(first), end - first))


def _phase_of(trace: Trace, zones: list[ZoneRow], depth: int) -> _Found | None:
    begin = None
    for index, zone in enumerate(zones):
        if begin is not None and zone.depth <= depth:
            return _Found(zones[begin + 1 : index], zones[begin].start_ns, zones[begin].end_ns)
        if begin is None and zone.depth == depth and _name(trace, zone) == _PHASE:
            begin = index
    if begin is None:
        return None
    return _Found(zones[begin + 1 :], zones[begin].start_ns, zones[begin].end_ns)


def _within(row: Thread, found: _Found) -> list[ZoneRow]:
    """Return the zones of a row that begin in that time: for a row that began in it, so all of them."""
    zones: list[ZoneRow] = []
    for zone in row.iter_zones():
        if not zones and zone.start_ns < found.start_ns:
            return []
        if zone.start_ns <= found.end_ns:
            zones.append(zone)
    return zones


def _name(trace: Trace, zone: ZoneRow) -> str:
    return zone.name or trace.source_locations[zone.location].label


def _add(totals: dict[int, list[int]], zones: Iterable[ZoneRow]) -> None:
    """Add calls, total and self time, by source location. Zones come in the order in which they began."""
    open_zones: list[ZoneRow] = []
    for zone in zones:
        while open_zones and open_zones[-1].depth >= zone.depth:
            open_zones.pop()
        length = _length(zone)
        numbers = totals.setdefault(zone.location, [0, 0, 0])
        numbers[0] += 1
        numbers[2] += length
        if all(outer.location != zone.location for outer in open_zones):
            numbers[1] += length
        if open_zones:
            totals[open_zones[-1].location][2] -= length
        open_zones.append(zone)


def _length(zone: ZoneRow) -> int:
    return max(0, zone.end_ns - zone.start_ns)


def _totals(trace: Trace, location: int, calls: int, total_ns: int, self_ns: int) -> FunctionTotals:
    place = trace.source_locations[location]
    return FunctionTotals(
        name=place.label, file=place.file, line=place.line, calls=calls, total_ns=total_ns, self_ns=self_ns
    )
