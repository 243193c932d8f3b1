"""`@tracypy.profiled` on small functions: single functions become zones, and nothing else does."""

from __future__ import annotations

from typing import Any

UNITS = 12
MARKUP = True
PER_UNIT = 2 * 1000


def prepare(tracypy: Any) -> None:
    if tracypy is not None:
        tracypy.profiled(add)
        tracypy.profiled(name="step", color="tomato")(Counter.step)


def add(one: int, other: int) -> int:
    return one + other


def unmarked(number: int) -> int:
    return number


class Counter:
    def __init__(self) -> None:
        self.value = 0

    def step(self) -> None:
        self.value += 1


def run(n: int) -> None:
    for _ in range(n):
        counter = Counter()
        total = 0
        for number in range(1000):
            total = add(total, unmarked(number))
            counter.step()
        assert counter.value == 1000
