"""Recordings of any size: their zones are read from the file once more whenever somebody wants to see them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, override

from tracypy import _core
from tracypy.trace.threads import Thread
from tracypy.trace.trace import Trace, read_part
from tracypy.trace.zones import ZoneRow

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

_ROWS_AT_ONCE = 4096


class StreamedThread(Thread):
    """A thread whose zones can be gone through one by one, and lie in no table."""

    __slots__ = ("_streamed",)

    def __init__(self, streamed: _core.StreamedFile, index: int) -> None:
        super().__init__(streamed.file, index)
        self._streamed = streamed
        self.zone_count: int = streamed.zone_count(index)

    @property
    @override
    def zones(self) -> npt.NDArray[np.void]:
        """None are in a table."""
        raise ValueError("the zones are read one by one: iter_zones()")

    @property
    @override
    def busy_ns(self) -> int:
        """Nobody has added it up."""
        raise ValueError("the zones were not added up")

    @override
    def iter_zones(self, first: int = 0) -> Iterator[ZoneRow]:
        """Yield the zones one by one; reads what lies before them in the file, too.

        Args:
            first: How many to leave out at the begin.
        """
        supply = self._streamed.zones()
        supply.start(self.index)
        while rows := supply.rows(ZoneRow, _ROWS_AT_ONCE):
            yield from rows[first:]
            first = max(first - len(rows), 0)


class StreamedTrace(Trace):
    """A trace for those who look at its zones in their order. Functions and edges are not computed."""

    def __init__(self, streamed: _core.StreamedFile, path: str) -> None:
        super().__init__(streamed.file, path)
        self._streamed = streamed
        self.threads: tuple[Thread, ...] = tuple(StreamedThread(streamed, index) for index in range(len(self.threads)))

    @override
    def _function_rows(self, thread: int | None) -> Sequence[_core.FunctionRow]:
        raise ValueError("the functions were not added up")

    @override
    def _task_rows(self) -> Iterable[tuple[str, int, int, int, float, float, float, int]]:
        raise ValueError("the tasks were not added up")

    @override
    def _tree_rows(self, thread: int | None) -> _core.CallTreeRows:
        return self._streamed.call_tree(thread)

    @override
    def _zone_supply(self) -> _core.ZoneSupply:
        return self._streamed.zones()

    @override
    def _call_counts(self, thread: int | None) -> Iterable[tuple[int, int]]:
        threads = range(len(self.threads)) if thread is None else (thread,)
        return chain.from_iterable(map(self._streamed.calls, threads))


def read_streamed(
    path: str | os.PathLike[str], from_ns: int = 0, until_ns: int | None = None, min_duration_ns: int = 0
) -> Trace:
    """Do what `tracypy.open` does, for those who go through the zones: memory does not grow with them.

    The file must stay what it is as long as its zones are asked for.

    Args:
        path: The file.
        from_ns: As there, and so are the others.
        until_ns: As there.
        min_duration_ns: As there.

    Raises:
        OSError: The file cannot be opened or read.
        TraceError: It is damaged, or no trace.
        ValueError: The times make no sense, or there is a null character in the path.
    """
    name, streamed = read_part(_core.read_streamed, path, from_ns, until_ns, min_duration_ns)
    return StreamedTrace(streamed, name)
