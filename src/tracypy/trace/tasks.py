"""What tasks cost: those of one name together."""

from __future__ import annotations

from dataclasses import dataclass


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
