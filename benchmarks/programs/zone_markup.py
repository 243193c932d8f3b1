"""Zones of the program's own: `with tracypy.zone(…)` around almost nothing. One zone is one call of the other tables."""

from __future__ import annotations

from typing import Any

UNITS = 60
MARKUP = True
FLOOR = True
PER_UNIT = 3 * 1000

zone: Any = None


def prepare(tracypy: Any) -> None:
    """Without tracypy the blocks are there as well, with nothing around them."""
    global zone
    zone = tracypy.zone if tracypy is not None else None


def bare() -> int:
    total = 0
    for number in range(1000):
        total += number
        total ^= 1
        total -= 3
    return total


def marked() -> int:
    total = 0
    for number in range(1000):
        with zone("add"):
            total += number
        with zone("flip"):
            total ^= 1
        with zone("take"):
            total -= 3
    return total


def run(n: int) -> None:
    once = bare if zone is None else marked
    for _ in range(n):
        once()
