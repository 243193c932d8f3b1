"""What a call of a C function costs with `c_calls=True` while it is recorded, over the cheapest handlers with a clock.

Plain Python, the floor and tracypy take turns in one process, round by round. A figure is the processor time of the
calling thread, less that of plain Python, divided by calls; the least of all rounds counts.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.floor import floor_folder

import tracypy

ROUNDS = 60
UNITS = 10_000
CALLS_PER_UNIT = 4


def work(units: int) -> None:
    """Call functions of a module, built-in ones, and methods."""
    sqrt, items = math.sqrt, [1]
    for _ in range(units):
        sqrt(2.0)
        abs(-1)
        len(items)
        items.count(2)


def nanoseconds() -> int:
    """One round, after a short one in which the interpreter puts its instructions in place."""
    work(100)
    begun = time.thread_time_ns()
    work(UNITS)
    return time.thread_time_ns() - begun


@contextmanager
def floor() -> Iterator[None]:
    """The cheapest handlers, with a clock."""
    import floor

    floor.start_of_c_with_clock()
    yield
    sys.monitoring.set_events(sys.monitoring.PROFILER_ID, 0)
    sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)


@contextmanager
def apart() -> Iterator[None]:
    """The calling thread has a core to itself: whatever starts in here keeps to the others."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if cores[1:]:
        os.sched_setaffinity(0, cores[1:])
    yield
    if cores[1:]:
        os.sched_setaffinity(0, cores[:1])


def recorded(path: str) -> int:
    """One round of tracypy."""
    with apart():
        tracypy.start_recording(path, overwrite=True, c_calls=True)
    taken = nanoseconds()
    with apart():
        tracypy.stop_recording()
    return taken


def counted(path: str) -> int:
    """How many calls of C functions that recording has, but for those of the short round."""
    names = {"math.sqrt", "abs", "len", "list.count"}
    return sum(row.calls for row in tracypy.open(path).functions() if row.name in names) - 100 * CALLS_PER_UNIT


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    sys.path.insert(0, str(floor_folder(sys.executable)))
    taken: dict[str, list[int]] = {"plain": [], "floor": [], "tracypy": []}
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "out.tracy")
        ways: dict[str, Callable[[], int]] = {"plain": nanoseconds, "tracypy": lambda: recorded(path)}
        for _ in range(rounds):
            for name, way in ways.items():
                taken[name].append(way())
            with floor():
                taken["floor"].append(nanoseconds())
        calls = counted(path)
    if calls != UNITS * CALLS_PER_UNIT:
        print(f"the recording has {calls:,} calls, not {UNITS * CALLS_PER_UNIT:,}")
        return 1
    least = {name: min(rounds) for name, rounds in taken.items()}
    floor_ns, ours_ns = ((least[name] - least["plain"]) / calls for name in ("floor", "tracypy"))
    print(f"calls of C functions, ns added per call: floor with a clock {floor_ns:.1f}, tracypy {ours_ns:.1f}: "
          f"{ours_ns / floor_ns:.2f} x; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
