"""The rows of a viewer: threads, and fibers, which are listed as threads are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tracypy import _core
from tracypy.trace import columns
from tracypy.trace.zones import ZoneRow, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from tracypy._core import TraceFile


_RUN = columns.struct_of(_core.RUN_LAYOUT)


class Run(NamedTuple):
    """A time in which a fiber ran.

    Attributes:
        start_ns: When it began to run, or went on.
        end_ns: When it began to wait, or ended; -1 where the recording ended first.
        carrier: The id of the thread that it ran on.
    """

    start_ns: int
    end_ns: int
    carrier: int


class Thread:
    """One thread or fiber.

    Attributes:
        index: Its place in `Trace.threads`.
        id: The system's number of it, or what the program gave a fiber.
        name: Its name; empty if it has none.
        is_fiber: Whether it is a fiber: greenlets, tasks and the like.
        zone_count: How many zones it has.
        thread_count: How many threads it stands for, one after the other: 1, but for rows that threads share when
            more than 50,000 run in one recording, and 0 for the row on which tracypy itself speaks.
        short_number: How viewers of the file number it, and tables of tracy-csvexport; 0 if it has no zones.
    """

    __slots__ = ("_file", "id", "index", "is_fiber", "name", "short_number", "thread_count", "zone_count")

    def __init__(self, file: TraceFile, index: int) -> None:
        self._file = file
        self.index: int = index
        row = file.thread(index)
        self.id: int = row.id
        self.name: str = row.name
        self.is_fiber: bool = row.is_fiber
        self.zone_count: int = row.zone_count
        self.short_number: int = row.short_number
        self.thread_count: int = row.thread_count

    def __repr__(self) -> str:
        return f"<Thread {self.index} {self.name!r}: {self.zone_count} zones>"

    @property
    def zones(self) -> npt.NDArray[np.void]:
        """The zones in the order in which they began, as a read-only structured array. Not copied.

        The columns: `start_ns` and `end_ns` (int64; end -1: the recording ended first), `location` (index into
        `Trace.source_locations`), `extra` (what `Trace.zone_text` and its like take; 0: nothing), `children` (how many,
        direct ones), `depth` (0 at the top), each uint32. A zone's descendants follow it directly.

        Raises:
            ImportError: NumPy is not installed; `iter_zones` needs none.
        """
        return columns.in_place(self._file.zones(self.index), columns.zone_dtype())

    @property
    def busy_ns(self) -> int:
        """How many nanoseconds some zone was open on it. Computed at each call."""
        return _core.busy_ns(self._file, self.index)

    @property
    def runs(self) -> list[Run]:
        """When a fiber ran, by time: between two runs it waited. Empty for a thread."""
        return [Run._make(row) for row in _RUN.iter_unpack(self._file.runs(self.index))]

    def iter_zones(self, first: int = 0) -> Iterator[ZoneRow]:
        """Yield the zones one by one, in the order in which they began. Needs no NumPy.

        Args:
            first: How many to leave out at the begin.

        Raises:
            ValueError: That is less than 0.
        """
        if first < 0:
            raise ValueError(f"first: {first} zones cannot be left out")
        return rows(self._file, self.index, self.zone_count, first)
