"""Recordings of any size: their zones are added up while the file is read, and not kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, override

from tracypy import _core
from tracypy.errors import TraceError, retold
from tracypy.trace.streamed import read_streamed
from tracypy.trace.threads import Thread
from tracypy.trace.trace import Trace, read

if TYPE_CHECKING:
    from collections.abc import Sequence


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
    def _tree_rows(self, thread: int | None) -> _core.CallTreeRows:
        if thread is None:
            raise ValueError("the calls of all threads were not added up")
        return self._summed.call_tree(thread)


def read_summed(
    path: str | os.PathLike[str], *, functions: bool = False, of_threads: bool = False, trees: bool = False
) -> Trace:
    """Do what `tracypy.open` does, for sums only: memory does not grow with the zones.

    A recording with fibers, or with zones that lie in parts, is read whole if functions are asked for, else twice.

    Args:
        path: The file.
        functions: Whether `functions()` will be asked for, of all threads.
        of_threads: Whether it will be asked for each thread.
        trees: Whether `call_tree()` of threads will be.

    Raises:
        OSError: The file cannot be opened or read.
        TraceError: It is damaged, or no trace.
        ValueError: There is a null character in the path.
    """
    name = os.fspath(path)
    if "\0" in name:
        raise ValueError("the path has a null character in it")
    try:
        summed = _core.read_summed(name, functions, of_threads, trees)
    except ValueError as problem:
        raise retold(TraceError, problem, f"{name}: {problem}") from None
    if summed is not None:
        return SummedTrace(summed, name)
    return read(name) if functions else read_streamed(name)
