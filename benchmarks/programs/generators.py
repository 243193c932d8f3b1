"""Generators: a tree walked by `yield from`, a pipeline of generator functions, and generator expressions."""

from __future__ import annotations

from collections.abc import Generator, Iterator

UNITS = 16


class Tree:
    def __init__(self, low: int, high: int) -> None:
        middle = (low + high) // 2
        self.value = middle
        self.left = Tree(low, middle) if low < middle else None
        self.right = Tree(middle + 1, high) if middle + 1 < high else None

    def __iter__(self) -> Iterator[int]:
        if self.left is not None:
            yield from self.left
        yield self.value
        if self.right is not None:
            yield from self.right


def numbers(limit: int) -> Iterator[int]:
    yield from range(limit)


def odd(source: Iterator[int]) -> Iterator[int]:
    for number in source:
        if number & 1:
            yield number


def doubled(source: Iterator[int]) -> Iterator[int]:
    for number in source:
        yield number * 2


def pairs(source: Iterator[int]) -> Iterator[tuple[int, int]]:
    for first in source:
        yield first, next(source, 0)


def averages() -> Generator[float, float, None]:
    total, count, average = 0.0, 0, 0.0
    while True:
        total += yield average
        count += 1
        average = total / count


TREE = Tree(0, 400)


def run(n: int) -> None:
    for _ in range(n):
        assert sum(TREE) > 0
        assert sum(a * b for a, b in pairs(doubled(odd(numbers(2000))))) > 0
        running = averages()
        next(running)
        for number in range(500):
            running.send(number)
        running.close()
