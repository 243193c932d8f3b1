"""Deep stacks: hundreds of calls open at once, then all of them return."""

from __future__ import annotations

UNITS = 25


def dive(depth: int) -> int:
    return dive(depth - 1) + 1 if depth else 0


def even(number: int) -> bool:
    return number == 0 or odd(number - 1)


def odd(number: int) -> bool:
    return number != 0 and even(number - 1)


def nested(depth: int) -> list[object]:
    return [nested(depth - 1)] if depth else []


def depth_of(value: list[object]) -> int:
    return 1 + max((depth_of(item) for item in value if isinstance(item, list)), default=0)


def run(n: int) -> None:
    for _ in range(n):
        assert dive(700) == 700
        assert even(600)
        assert depth_of(nested(150)) == 151
