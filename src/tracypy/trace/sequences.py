"""Sequences whose items are made when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload


class LazySequence[T](Sequence[T]):
    """`count` items, each made by `make(index)` whenever it is asked for; none is kept."""

    __slots__ = ("_count", "_make")

    def __init__(self, count: int, make: Callable[[int], T]) -> None:
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self._make(place) for place in range(*index.indices(self._count))]
        try:
            place = range(self._count)[index]
        except IndexError:
            raise IndexError(f"index {index} of {self._count} items") from None
        return self._make(place)

    def __repr__(self) -> str:
        return f"<{self._count} items, made when looked at>"
