"""A program before and after a change that made it slower: docs/questions/two-versions.md lets CI notice.

python examples/two_versions.py             as it was
python examples/two_versions.py --changed   as it is now
"""

from __future__ import annotations

import random
import sys

CHANGED = "--changed" in sys.argv
NAMES = [f"fruit {number}" for number in range(20_000)]
PRICES = {name: number / 100 for number, name in enumerate(NAMES)}


def price_of(name: str) -> float:
    if CHANGED:
        return NAMES.index(name) / 100  # "no need for a second table"
    return PRICES[name]


def total(order: list[str]) -> float:
    return sum(price_of(name) for name in order)


def receipt(order: list[str]) -> str:
    lines = [f"{name:20}" for name in order]
    return "\n".join([*lines, f"{total(order):.2f}"])


def main() -> None:
    chosen = random.Random(1)
    for _ in range(100):
        receipt(chosen.choices(NAMES, k=20))


if __name__ == "__main__":
    main()
