"""Memory: what a program has allocated, pool by pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tracypy._core import ALLOCATION_LAYOUT
from tracypy.trace import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from tracypy._core import TraceFile

_ALLOCATION = columns.struct_of(ALLOCATION_LAYOUT)
_NO_THREAD = 0xFFFF_FFFF


class Allocation(NamedTuple):
    """One block.

    Attributes:
        begin_ns: When it was allocated.
        end_ns: When it was freed; None if it lives at the end.
        address: Where it is.
        size: How many bytes.
        thread: Which thread allocated it: an index into `Trace.threads`, None if unknown.
        end_thread: Which thread freed it; None if it lives.
        callstack: The calls that ran when it was allocated: an index into `Trace.callstacks`, 0 without any.
        end_callstack: The same of when it was freed.
    """

    begin_ns: int
    end_ns: int | None
    address: int
    size: int
    thread: int | None
    end_thread: int | None
    callstack: int = 0
    end_callstack: int = 0


class MemoryPool:
    """The blocks of one name.

    Attributes:
        name: Its name; empty for the default pool.
        bytes: The sum of all blocks.
        in_use: The sum of those that live at the end.
        peak: The most that was in use at a time.
        blocks: How many live at the end.
    """

    __slots__ = ("_column", "blocks", "bytes", "in_use", "name", "peak")

    def __init__(self, file: TraceFile, index: int) -> None:
        row = file.memory_pool(index)
        self.name: str = row.name
        self.bytes: int = row.bytes
        self.in_use: int = row.in_use
        self.peak: int = row.peak
        self.blocks: int = row.blocks
        self._column = row.allocations

    def __len__(self) -> int:
        return len(self._column) // _ALLOCATION.size

    def __repr__(self) -> str:
        return f"<MemoryPool {self.name!r}: {len(self)} allocations, {self.in_use} bytes in use>"

    @property
    def allocations(self) -> npt.NDArray[np.void]:
        """The blocks, by time, as a read-only structured array. Not copied.

        Its fields are `begin_ns`, `end_ns` (int64; -1 while it lives), `address`, `size` (uint64), `begin_thread`,
        `end_thread` (uint32; 4294967295 for none), `begin_callstack`, `end_callstack` (uint32; 0 for none).

        Raises:
            ImportError: NumPy is not installed.
        """
        return columns.in_place(self._column, columns.allocation_dtype())

    def iter_allocations(self) -> Iterator[Allocation]:
        """Yield the blocks, by time, one by one. Needs no NumPy."""
        for begin_ns, end_ns, address, size, thread, end_thread, *callstacks in _ALLOCATION.iter_unpack(self._column):
            yield Allocation(
                begin_ns, None if end_ns < 0 else end_ns, address, size, _index(thread), _index(end_thread), *callstacks
            )


def _index(thread: int) -> int | None:
    return None if thread == _NO_THREAD else thread
