"""Calls that end by an exception: raised deep inside, caught far above, rewrapped, and out of generators."""

from __future__ import annotations

from collections.abc import Generator

UNITS = 60


class NotFoundError(LookupError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def fetch(table: dict[str, int], key: str) -> int:
    try:
        return table[key]
    except KeyError:
        raise NotFoundError(key) from None


def through(levels: int, table: dict[str, int], key: str) -> int:
    return through(levels - 1, table, key) if levels else fetch(table, key)


def or_default(table: dict[str, int], key: str) -> int:
    try:
        return through(6, table, key)
    except NotFoundError as problem:
        return len(problem.key)


def tidied(log: list[str]) -> Generator[int, None, None]:
    try:
        yield 1
        yield 2
    except ValueError:
        log.append("thrown")
        yield 3
    finally:
        log.append("closed")


def throw_in(log: list[str]) -> int:
    steps = tidied(log)
    next(steps)
    result = steps.throw(ValueError("in"))
    steps.close()
    return result


def run(n: int) -> None:
    table = {"one": 1, "two": 2}
    log: list[str] = []
    for _ in range(n):
        for _ in range(100):
            assert or_default(table, "one") + or_default(table, "missing") == 8
            assert throw_in(log) == 3
    assert len(log) == 200 * n
