"""What an `await` that suspends and resumes costs, with tasks as rows and with tasks as slices.

    benchmarks/awaits.py [--rounds 15]

One task, whose innermost coroutine suspends; nothing but a loop drives it. Processor time of the thread, nanoseconds per
suspension, the least of the rounds. The bound: rows may cost 150 ns more than slices.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Coroutine, Generator

AWAITS = 20_000
BOUND_NS = 150


class Pause:
    """Suspends once."""

    __slots__ = ()

    def __await__(self) -> Generator[None]:
        yield


async def innermost(count: int) -> None:
    pause = Pause()
    for _ in range(count):
        await pause


async def around(depth: int, count: int) -> None:
    if depth > 1:
        await around(depth - 1, count)
    else:
        await innermost(count)


def drive(task: Coroutine[None, None, None]) -> float:
    """Return the nanoseconds per suspension."""
    send = task.send
    start = time.thread_time_ns()
    try:
        while True:
            send(None)
    except StopIteration:
        pass
    return (time.thread_time_ns() - start) / AWAITS


def measure(depth: int) -> float:
    return drive(innermost(AWAITS) if depth == 1 else around(depth - 1, AWAITS))


def main() -> int:
    os.environ["TRACYPY_ANNOUNCE"] = "0"
    import tracypy

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(f"{'coroutines':>10} {'plain':>8} {'slices':>8} {'rows':>8} {'rows - slices':>14}   bound {BOUND_NS} ns")
    met = True
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out.tracy")
        for depth in (1, 2, 4):
            plain, slices, rows = [], [], []
            for _ in range(rounds):
                plain.append(measure(depth))
                for figures, as_slices in ((slices, True), (rows, False)):
                    with tracypy.record(path, overwrite=True, tasks_as_slices=as_slices):
                        figures.append(measure(depth))
            more = min(rows) - min(slices)
            met = met and more <= BOUND_NS
            print(f"{depth:>10} {min(plain):>8.0f} {min(slices):>8.0f} {min(rows):>8.0f} {more:>14.0f}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
