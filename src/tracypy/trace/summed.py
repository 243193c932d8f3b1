"""Recordings of any size: their zones are added up while the file is read, and not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, override

from tracypy import _core
from tracypy.trace.threads import Thread
from tracypy.trace.trace import Trace, read_part

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence


class SummedThread(Thread):
    """A thread whose zones are gone, but for their number and sum."""

    __slots__ = ("_summed",)

    def __init__(self, summed: _core.SummedFile, index: int) -> None:
        super().__init__(summed.file, index)
        self._summed = summed
        self.zone_count: int = summed.zone_count(index)

    @property
    @override
    def busy_ns(self) -> int:
        """How many nanoseconds some zone was open on it."""
        return self._summed.busy_ns(self.index)


class SummedTrace(Trace):
    """A trace that knows what its functions cost, and the calls of each thread by path, but has no zones to look at."""

    def __init__(self, summed: _core.SummedFile, path: str) -> None:
        super().__init__(summed.file, path)
        self._summed = summed
        self.threads: tuple[Thread, ...] = tuple(SummedThread(summed, index) for index in range(len(self.threads)))

    @override
    def _function_rows(self, thread: int | None) -> Sequence[_core.FunctionRow]:
        return self._summed.function_stats(thread)

    @override
    def _task_rows(self) -> Iterable[tuple[str, int, int, int, float, float, float, int]]:
        return self._summed.task_stats()

    @override
    def _tree_rows(self, thread: int | None) -> _core.CallTreeRows:
        if thread is None:
            raise ValueError("the calls of all threads were not added up")
        return self._summed.call_tree(thread)


def read_summed(
    path: str | os.PathLike[str],
    from_ns: int = 0,
    until_ns: int | None = None,
    min_duration_ns: int = 0,
    *,
    functions: bool = False,
    of_threads: bool = False,
    trees: bool = False,
) -> Trace:
    """Do what `tracypy.open` does, for sums only: memory does not grow with the zones.

    The file is read once where that will do: the zones of fibers are read twice if functions are asked for, and all of
    them where zones lie in parts, or where trees of a part are asked for.

    Args:
        path: The file.
        from_ns: As there, and so are the next two.
        until_ns: As there.
        min_duration_ns: As there.
        functions: Whether `functions()` will be asked for, of all threads.
        of_threads: Whether it will be asked for each thread.
        trees: Whether `call_tree()` of threads will be.

    Raises:
        OSError: The file cannot be opened or read.
        TraceError: It is damaged, or no trace.
        ValueError: The times make no sense, or there is a null character in the path.
    """

    def native(name: str, *part: int) -> _core.SummedFile:
        return _core.read_summed(name, functions, of_threads, trees, *part)

    name, summed = read_part(native, path, from_ns, until_ns, min_duration_ns)
    return SummedTrace(summed, name)
