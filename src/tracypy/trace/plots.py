"""Curves of numbers over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracypy._core import POINT_LAYOUT
from tracypy.trace import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from tracypy._core import TraceFile

KINDS = ("user", "memory", "cpu", "power")
FORMATS = ("number", "memory", "percentage", "watt")
_POINT = columns.struct_of(POINT_LAYOUT)


class Plot:
    """One curve.

    Attributes:
        name: Its name; empty for those that Tracy makes itself.
        kind: user, or what Tracy made it of: memory, cpu, power.
        format: How a viewer writes its values: number, memory (bytes), percentage, watt.
        shows_steps: Whether a value holds until the next one.
        is_filled: Whether a viewer fills what is below it.
        color: 0xRRGGBB; 0 for the viewer's choice.
    """

    __slots__ = ("_column", "color", "format", "is_filled", "kind", "name", "shows_steps")

    def __init__(self, file: TraceFile, index: int) -> None:
        row = file.plot(index)
        self.name: str = row.name
        self.kind: str = _word(KINDS, row.kind)
        self.format: str = _word(FORMATS, row.format)
        self.shows_steps: bool = row.shows_steps
        self.is_filled: bool = row.is_filled
        self.color: int = row.color
        self._column = row.points

    def __len__(self) -> int:
        return len(self._column) // _POINT.size

    def __repr__(self) -> str:
        return f"<Plot {self.name!r}: {len(self)} points>"

    @property
    def points(self) -> npt.NDArray[np.void]:
        """The points, by time, as a read-only structured array: `time_ns` (int64), `value` (float64). Not copied.

        Raises:
            ImportError: NumPy is not installed.
        """
        return columns.in_place(self._column, columns.point_dtype())

    def iter_points(self) -> Iterator[tuple[int, float]]:
        """Yield the points, by time, one by one: nanoseconds and value. Needs no NumPy."""
        return _POINT.iter_unpack(self._column)


def _word(words: tuple[str, ...], number: int) -> str:
    return words[number] if number < len(words) else str(number)
