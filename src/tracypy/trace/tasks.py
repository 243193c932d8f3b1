"""What tasks cost: those of one name together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracypy import _core
from tracypy.trace import columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracypy._core import TraceFile
    from tracypy.trace.threads import Thread

_ZONE = columns.struct_of(_core.ZONE_LAYOUT)
_START, _END, _DEPTH = (
    [name for name, _code in _core.ZONE_LAYOUT].index(field) for field in ("start_ns", "end_ns", "depth")
)


@dataclass(frozen=True, slots=True)
class TaskStats:
    """The tasks, or greenlets, whose rows have one name. Times are nanoseconds.

    The latency of a task is the time from its begin to its end; while it waits it is not busy. One that never ended
    lasts until the trace does.

    Attributes:
        name: That of the rows.
        count: How many tasks: outermost zones.
        busy_ns: How long they ran, all together.
        latency_ns: How long they lasted, all together.
        mean_ns: The mean latency.
        median_ns: The median; as the other quantiles, between neighbours in proportion.
        p95_ns: What 95 of 100 do not exceed.
        max_ns: The longest one.
    """

    name: str
    count: int
    busy_ns: int
    latency_ns: int
    mean_ns: float
    median_ns: float
    p95_ns: float
    max_ns: int


def task_stats(file: TraceFile, threads: Iterable[Thread], trace_end_ns: int) -> list[TaskStats]:
    """Return those of all names, the busiest first."""
    latencies: dict[str, list[int]] = {}
    busy: dict[str, int] = {}
    for thread in threads:
        if not thread.is_fiber:
            continue
        found = latencies.setdefault(thread.name, [])
        for zone in _ZONE.iter_unpack(file.zones(thread.index)):
            if zone[_DEPTH] == 0:
                end = zone[_END] if zone[_END] >= 0 else trace_end_ns
                found.append(max(0, end - zone[_START]))
        runs = ((trace_end_ns if run.end_ns < 0 else run.end_ns) - run.start_ns for run in thread.runs)
        busy[thread.name] = busy.get(thread.name, 0) + sum(runs)
    stats = [_stats(name, sorted(found), busy[name]) for name, found in latencies.items() if found]
    return sorted(stats, key=lambda one: one.busy_ns, reverse=True)


def _stats(name: str, latencies: list[int], busy_ns: int) -> TaskStats:
    return TaskStats(
        name=name,
        count=len(latencies),
        busy_ns=busy_ns,
        latency_ns=sum(latencies),
        mean_ns=sum(latencies) / len(latencies),
        median_ns=_quantile(latencies, 0.5),
        p95_ns=_quantile(latencies, 0.95),
        max_ns=latencies[-1],
    )


def _quantile(latencies: list[int], share: float) -> float:
    place = (len(latencies) - 1) * share
    below = int(place)
    above = min(below + 1, len(latencies) - 1)
    return latencies[below] + (latencies[above] - latencies[below]) * (place - below)
