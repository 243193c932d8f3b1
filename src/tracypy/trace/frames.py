"""Frames: the rhythm of the program, as it was marked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tracypy._core import FRAME_LAYOUT
from tracypy.trace import columns
from tracypy.trace.sequences import LazySequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracypy._core import TraceFile

_FRAME = columns.struct_of(FRAME_LAYOUT)


class Frame(NamedTuple):
    """One frame.

    Attributes:
        start_ns: When it began.
        end_ns: When it ended; -1 if the recording ended first.
    """

    start_ns: int
    end_ns: int

    @property
    def duration_ns(self) -> int | None:
        """How long it took; None if the recording ended first."""
        return None if self.end_ns < 0 else self.end_ns - self.start_ns


@dataclass(frozen=True, slots=True)
class FrameStats:
    """How long the frames of a set took, in nanoseconds. Frames that have no end do not count.

    Attributes:
        count: How many frames have an end.
        mean_ns: The mean.
        median_ns: The median; as the other quantiles, between neighbours in proportion.
        p95_ns: What 95 of 100 frames do not exceed.
        p99_ns: What 99 of 100 frames do not exceed.
        slowest: The frame that took longest.
    """

    count: int
    mean_ns: float
    median_ns: float
    p95_ns: float
    p99_ns: float
    slowest: Frame


class FrameSet:
    """The frames of one name.

    In a continuous set a mark ends one frame and begins the next, so as many frames are listed as there were marks,
    and the last one has no end. In the unnamed set that every trace has, files begin with two frames that nobody
    marked, one at time 0 and one at the end of the program's initialisation, and with a third one at the viewer's
    connection if the program waited for it (`TraceInfo.is_on_demand`). They are left out here, as they are no frames of
    the program; Tracy's viewer shows them, and counts them.

    Attributes:
        name: The set's name; empty for the one that every trace has.
        is_continuous: Whether a frame ends where the next one begins.
        frames: The frames in the order of their beginnings, made when looked at.
    """

    __slots__ = ("_column", "frames", "is_continuous", "name")

    def __init__(self, file: TraceFile, index: int) -> None:
        row = file.frame_set(index)
        self.name: str = row.name
        self.is_continuous: bool = row.is_continuous
        self._column = row.frames
        self.frames: Sequence[Frame] = LazySequence(len(self._column) // _FRAME.size, self._frame)

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        return f"<FrameSet {self.name!r}: {len(self)} frames>"

    def durations(self) -> list[int]:
        """Return how many nanoseconds each frame took, without those that have no end."""
        frames = list(_FRAME.iter_unpack(self._column))
        if self.is_continuous:
            frames = [(start, following) for (start, _end), (following, _) in pairwise(frames)]
        return [end - start for start, end in frames if end >= 0]

    def stats(self) -> FrameStats | None:
        """Return how long the frames took; None if none has an end."""
        spans = self.durations()
        if not spans:
            return None
        longest = max(spans)
        slowest = next(frame for frame in self.frames if frame.duration_ns == longest)
        spans.sort()
        median, p95, p99 = (_quantile(spans, fraction) for fraction in (0.5, 0.95, 0.99))
        return FrameStats(len(spans), sum(spans) / len(spans), median, p95, p99, slowest)

    def _frame(self, index: int) -> Frame:
        start, end = _FRAME.unpack_from(self._column, index * _FRAME.size)
        if self.is_continuous and index + 1 < len(self.frames):
            end, _ = _FRAME.unpack_from(self._column, (index + 1) * _FRAME.size)
        return Frame(start, end)


def _quantile(values: list[int], fraction: float) -> float:
    place = fraction * (len(values) - 1)
    index = int(place)
    above = values[min(index + 1, len(values) - 1)]
    return values[index] + (place - index) * (above - values[index])
