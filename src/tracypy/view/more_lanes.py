"""What a page is told of GPUs, sections of the program, samples of threads, and images of frames."""

from __future__ import annotations

import base64
import struct
import zlib
from collections import Counter
from typing import TYPE_CHECKING

from tracypy._core import decode_dxt1
from tracypy.exporters.names import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracypy._core import FrameImageRow, Timeline, TraceFile

_MOST_SECTIONS = 20_000  # that a page has the names of
_MOST_STACKS = 50
_BOX = struct.Struct("<ddIIIIII")

type _Lane = dict[str, object]


class MoreLanes:
    """The lanes behind those of threads, frames and locks: which there are, and what is in them.

    Attributes:
        gpus: The lanes of GPUs.
        sections: The lane of the sections.
        samples: The lanes of samples, a thread's each.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._file: TraceFile = timeline.file
        rows = timeline.gpu_rows
        first = self._file.thread_count + self._file.frame_set_count + self._file.lock_count
        self.gpus: range = range(first, first + len(rows))
        self.sections: int = self.gpus.stop
        self.samples: range = range(self.sections + 1, self.sections + 1 + self._file.thread_count)
        self._gpu_rows = rows
        self._rows = timeline.lanes

    def of_sections(self) -> Iterator[_Lane]:
        """Yield the lane of sections, if there are any."""
        if not self._rows[self.sections]:
            return
        told = [self._file.section(index) for index in range(min(self._file.section_count, _MOST_SECTIONS))]
        names = [[one_line(row.name), one_line(row.category)] for row in told]
        yield {"kind": "sections", "number": self.sections, "name": "Sections", "rows": self._rows[self.sections],
               "sections": names}  # fmt: skip

    def of_gpus(self) -> Iterator[_Lane]:
        """Yield those of GPUs that have zones."""
        for number, (name, thread, is_alone) in zip(self.gpus, self._gpu_rows, strict=True):
            own = one_line(name).strip() or "GPU"
            if not is_alone and thread is not None:
                row = self._file.thread(thread)
                own = f"{own}, {one_line(row.name) or f'thread {row.id}'}"
            if self._rows[number]:
                yield {"kind": "gpu", "number": number, "name": own, "rows": self._rows[number]}

    def of_samples(self, thread: int, name: str) -> Iterator[_Lane]:
        """Yield that of a thread, if it has any.

        Args:
            thread: Its place among the threads.
            name: What it is called.
        """
        number = self.samples[thread]
        if self._rows[number]:
            yield {"kind": "samples", "number": number, "name": f"{name}: samples", "rows": self._rows[number]}

    def gpu_times(self, lane: int, row: int, zone: int) -> tuple[dict[str, int], list[str]]:
        """Return the times of a zone of a GPU, -1 where they were not told, and the calls that have begun it."""
        begin, end, gpu_begin, gpu_end, stack = self._timeline.look_at_gpu(lane - self.gpus.start, row, zone)
        return {"begin": begin, "end": end, "gpu_begin": gpu_begin, "gpu_end": gpu_end}, self.stack(stack)

    def stack(self, number: int) -> list[str]:
        """Return the lines of a call stack, innermost first."""
        return [f"{function} ({file}:{line})" for function, file, line in self._file.callstack(number)]

    def labels(self, boxes: bytes) -> dict[int, str]:
        """Return the innermost functions of the call stacks of samples.

        Args:
            boxes: What is drawn of a lane of samples.
        """
        stacks = {box[2] for box in _BOX.iter_unpack(boxes)}
        return {number: self.innermost(number) for number in stacks}

    def used_stacks(self) -> set[int]:
        """Return the call stacks that samples have."""
        span = self._file.info.last_time_ns
        drawn = (self._timeline.draw(lane, 0, 1, -1, span + 1, 0)[1] for lane in self.samples)
        return {box[2] for boxes in drawn for box in _BOX.iter_unpack(boxes)}

    def innermost(self, number: int) -> str:
        """Return the innermost function of a call stack."""
        lines = self._file.callstack(number)
        return (one_line(lines[0][0]) if lines else "") or "(unknown)"

    def counted(self, lane: int, from_ns: int, to_ns: int) -> dict[str, object]:
        """Return how many samples of a lane begin in a time, and their call stacks, the most frequent first.

        Raises:
            IndexError: The lane is none of samples.
        """
        if lane not in self.samples:
            raise IndexError("there is no such lane")
        counts: Counter[int] = Counter()
        _, boxes, _ = self._timeline.draw(lane, 0, 1, from_ns - 1, to_ns + 1, 0)
        for start, _end, stack, count, *_ in _BOX.iter_unpack(boxes):
            if start >= from_ns:
                counts[stack] += count
        stacks = [[count, self.stack(stack)] for stack, count in counts.most_common(_MOST_STACKS)]
        return {"count": counts.total(), "others": max(len(counts) - _MOST_STACKS, 0), "stacks": stacks}

    @property
    def image_frames(self) -> Mapping[int, int]:
        """The images, by the frames of the unnamed set that they are of."""
        return self._timeline.image_frames

    def image(self, frame: int) -> dict[str, object]:
        """Return what a frame looked like.

        Raises:
            IndexError: It has no image.
        """
        if frame not in self.image_frames:
            raise IndexError("that frame has no image")
        row = self._file.frame_image(self.image_frames[frame])
        return {"image": f"data:image/png;base64,{base64.b64encode(_png(row)).decode()}", "width": row.width,
                "height": row.height}  # fmt: skip


def _png(image: FrameImageRow) -> bytes:
    """Return an image as a PNG file."""
    pixels = decode_dxt1(image.data, image.width, image.height)
    lines: Iterable[bytes] = (
        b"\0" + pixels[at : at + 3 * image.width] for at in range(0, len(pixels), 3 * image.width)
    )
    if image.is_flipped:
        lines = reversed(list(lines))
    head = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(lines), 1)), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)
