"""What frames looked like."""

from __future__ import annotations

from typing import NamedTuple

from tracypy._core import decode_dxt1


class FrameImage(NamedTuple):
    """The image of one frame.

    Attributes:
        frame: The index of its frame in the unnamed set, `Trace.frames[0]`; None before the first mark.
        width: In pixels; a multiple of 4.
        height: In pixels; a multiple of 4.
        is_flipped: Whether its first row is the lowest.
        data: The pixels as the file has them, in DXT1.
    """

    frame: int | None
    width: int
    height: int
    is_flipped: bool
    data: bytes

    def rgb(self) -> bytes:
        """Return the pixels, row by row: a byte each for red, green and blue."""
        return decode_dxt1(self.data, self.width, self.height)
