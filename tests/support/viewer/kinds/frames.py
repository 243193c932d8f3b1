"""Frame marks and frame images."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.queries import Query
from support.viewer.trace import FrameSet

if TYPE_CHECKING:
    from support.viewer.decoder import Decoder, Handler

#: A picture of 4 x 4 pixels in 8 bytes: two colours of 565, then two bits for each pixel, row by row.
_BLOCK = struct.Struct("<HHI")

type Pixel = tuple[int, int, int]


@dataclass
class FrameImage:
    """One picture.

    Attributes:
        frame: the program's number of its frame; the frame before the first mark is 0.
        index: where the viewer puts it, among its frames.
        data: what came, in the client's form of DXT1.
        is_shown: whether the viewer keeps it; on demand it drops those of frames before the connection.
    """

    frame: int
    index: int
    width: int
    height: int
    flip: bool
    data: bytes
    is_shown: bool = True

    def pixels(self) -> list[list[Pixel]]:
        """The rows of pixels as the viewer draws them, red, green and blue from 0 to 255; not flipped.

        The wire counts a block's pixels from the second colour (0) to the first (3), and not as DXT1 does:
        TextureCompression::FixOrder of the viewer turns one into the other.
        """
        rows: list[list[Pixel]] = [[(0, 0, 0)] * self.width for _ in range(self.height)]
        for number, (first, second, bits) in enumerate(_BLOCK.iter_unpack(self.data)):
            top, left = divmod(number * 4, self.width)
            palette = _palette(first, second)
            for pixel in range(16):
                rows[top * 4 + pixel // 4][left + pixel % 4] = palette[bits >> 2 * pixel & 3]
        return rows


def _palette(first: int, second: int) -> list[Pixel]:
    one, other = _from_565(first), _from_565(second)

    def mix(share: int, of: int) -> Pixel:
        red, green, blue = ((one[part] * share + other[part] * (of - share)) // of for part in range(3))
        return (red, green, blue)

    # DXT1: where the first colour is not the greater one, its index 2 is half and half, and 3 is black.
    return [other, mix(1, 3), mix(2, 3), one] if first > second else [other, (0, 0, 0), mix(1, 2), one]


def _from_565(color: int) -> Pixel:
    red, green, blue = color >> 11, color >> 5 & 63, color & 31
    return (red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2)


class FrameKind(Kind):
    """Handlers of frame marks, whose times are absolute, and of images."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        # The viewer creates the default set itself.
        self._trace.frame_sets[0] = FrameSet(0, continuous=True)
        # The viewer puts marks of its own into it: the initialisation, and the moment of an on-demand connection.
        on_demand = self._trace.on_demand
        self._first_mark = on_demand.current_time if on_demand else self._trace.welcome.init_end
        self._taken: set[int] = set()
        self._data: bytes | None = None

    def handlers(self) -> dict[str, Handler]:
        return {
            "FrameMarkMsg": self._mark,
            "FrameMarkMsgStart": self._start,
            "FrameMarkMsgEnd": self._end,
            "FrameName": self._name,
            "FrameImageData": self._image_data,
            "FrameImage": self._image,
        }

    def _set(self, name: int, continuous: bool) -> FrameSet:
        frames = self._trace.frame_sets.get(name)
        if frames is None:
            frames = self._trace.frame_sets[name] = FrameSet(name, continuous)
            self._queries.ask(Query.FRAME_NAME, name)
        if frames.continuous != continuous:
            raise self._decoder.refuse(f"frame set 0x{name:x} is used both with single marks and with start and end")
        return frames

    def _name(self, pointer: int, raw: bytes) -> None:
        self._queries.answered(Query.FRAME_NAME, pointer, "FrameName")
        self._decoder.remember(pointer, self._decoder.text(raw, "FrameName"))

    def _mark(self, time: int, name: int) -> None:
        frames = self._set(name, continuous=True)
        before = frames.ticks[-1][0] if frames.ticks else self._first_mark if name == 0 else time
        if time < before:
            raise self._decoder.refuse(f"a mark of frame set 0x{name:x} lies before the one that came before it")
        frames.ticks.append((time, None))

    def _start(self, time: int, name: int) -> None:
        frames = self._set(name, continuous=False)
        if frames.ticks:
            end = frames.ticks[-1][1]
            if end is None:
                raise self._decoder.refuse(f"a frame of set 0x{name:x} starts while one is open")
            if end > time:
                raise self._decoder.refuse(f"a frame of set 0x{name:x} starts before the last one's end")
        frames.ticks.append((time, None))

    def _end(self, time: int, name: int) -> None:
        frames = self._trace.frame_sets.get(name)
        if frames is None:
            # On demand the viewer may have come in the middle of a frame: it ignores the end then.
            if not self._trace.welcome.is_on_demand:
                raise self._decoder.refuse(f"a frame of set 0x{name:x} ends that never started")
            return
        if frames.continuous or not frames.ticks or frames.ticks[-1][1] is not None:
            raise self._decoder.refuse(f"a frame of set 0x{name:x} ends that has not started")
        if frames.ticks[-1][0] > time:
            raise self._decoder.refuse(f"a frame of set 0x{name:x} ends before its start")
        frames.ticks[-1] = (frames.ticks[-1][0], time)

    # Images

    def _image_data(self, _pointer: int, raw: bytes) -> None:
        # W::AddFrameImageData.
        if self._data is not None or len(raw) == 0 or len(raw) % _BLOCK.size:
            raise self._decoder.refuse("FrameImageData twice, or of a length that is no multiple of 8")
        self._data = raw

    def _image(self, frame: int, width: int, height: int, flip: int) -> None:
        data, self._data = self._data, None
        refuse = self._decoder.refuse
        if data is None:
            raise refuse("FrameImage without FrameImageData before it")
        if width == 0 or height == 0 or width % 4 or height % 4 or flip > 1:
            # Profiler::SendFrameImage and CompressImageDxt1 know blocks of 4 x 4 pixels only.
            raise refuse(f"a frame image of {width} x {height} pixels, flip {flip}; the viewer draws blocks of 4 x 4")
        if len(data) != width * height // 2:
            # View::UnpackImage reads as many bytes as the size asks for.
            raise refuse(f"a frame image of {width} x {height} pixels in {len(data)} bytes")
        self._count("FrameImage")
        # W::ProcessFrameImage.
        on_demand = self._trace.on_demand
        index = frame - (on_demand.frames if on_demand else 0) + 1
        image = FrameImage(frame, index, width, height, bool(flip), data)
        self._trace.frame_images.append(image)
        if on_demand and index <= 1:
            image.is_shown = False
        elif index <= 0 or index in self._taken:
            raise refuse(f"frame {frame} has no place for an image, or has one already")
        self._taken.add(index)

    def missing(self) -> list[str]:
        return [] if self._data is None else ["the event that uses FrameImageData"]

    def at_terminate(self) -> None:
        # W::ProcessFrameImage keeps an image for a frame to come; if none comes, nobody sees it.
        for image in self._trace.frame_images:
            if image.index >= self._trace.shown_frame_count:
                raise self._decoder.refuse(f"an image of frame {image.frame}, which never came")
