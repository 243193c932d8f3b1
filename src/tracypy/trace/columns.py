"""Native tables as NumPy arrays, in place. The only part of tracypy that needs NumPy, and only when it is used."""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING, Any

from tracypy._core import ALLOCATION_LAYOUT, POINT_LAYOUT, ZONE_LAYOUT

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt

    type Layout = tuple[tuple[str, str], ...]

_STRUCT_CODES = {"<i8": "q", "<u4": "I", "<u8": "Q", "<f8": "d"}


def struct_of(layout: Layout) -> struct.Struct:
    """Return a struct that unpacks rows of a layout without NumPy."""
    return struct.Struct("<" + "".join(_STRUCT_CODES[code] for _name, code in layout))


@cache
def zone_dtype() -> np.dtype[np.void]:
    """Return the type of a row of `Thread.zones`; `Trace.zones` has one field more, `thread`."""
    return _dtype(ZONE_LAYOUT)


@cache
def zone_with_thread_dtype() -> np.dtype[np.void]:
    """Return the type of a row of `Trace.zones`: 40 bytes, so that times stay aligned."""
    return _dtype((*ZONE_LAYOUT, ("thread", "<u4")), align=True)


@cache
def point_dtype() -> np.dtype[np.void]:
    """Return the type of a row of `Plot.points`."""
    return _dtype(POINT_LAYOUT)


@cache
def allocation_dtype() -> np.dtype[np.void]:
    """Return the type of a row of `MemoryPool.allocations`."""
    return _dtype(ALLOCATION_LAYOUT)


def in_place(column: memoryview, dtype: np.dtype[np.void]) -> npt.NDArray[np.void]:
    """Return a read-only array over `column`, which it keeps alive."""
    numpy = _numpy()
    rows: npt.NDArray[np.void]
    if len(column) == 0:  # which frombuffer refuses
        rows = numpy.empty(0, dtype)
        rows.flags.writeable = False
        return rows
    rows = numpy.frombuffer(column, dtype)
    return rows


def joined(tables: Iterable[npt.NDArray[np.void]]) -> npt.NDArray[np.void]:
    """Join the zones of all threads, one thread after the other, each with its thread's index. Read-only."""
    tables = tuple(tables)
    rows: npt.NDArray[np.void] = _numpy().empty(sum(map(len, tables)), zone_with_thread_dtype())
    first = 0
    for thread, table in enumerate(tables):
        part = rows[first : first + len(table)]
        for field, _code in ZONE_LAYOUT:
            part[field] = table[field]
        part["thread"] = thread
        first += len(table)
    rows.flags.writeable = False
    return rows


def _dtype(fields: Layout, *, align: bool = False) -> np.dtype[np.void]:
    made: np.dtype[np.void] = _numpy().dtype(list(fields), align=align)
    return made


def _numpy() -> Any:  # noqa: ANN401  # a module; mypy would want its types wherever it is used
    try:
        import numpy as np
    except ImportError as problem:
        raise ImportError(
            "columns need NumPy: install it, as by `pip install tracypy[numpy]`, or use "
            "iter_zones(), iter_points(), iter_allocations()",
            name=problem.name,
        ) from problem
    return np
