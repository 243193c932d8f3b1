"""Trace files of known content, written from the format's facts (docs/tracefile.md) and not by the code under test.

Layout 0.11.0, LZ4. What a test builds here is the truth that the reader and its statistics are held against.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import lz4.block  # type: ignore[import-untyped]

from .trace_file_kinds import KindSections, Names

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTAINER = b"tr\xfdP\x00"  # of LZ4; then the number of streams
_BLOCK_BYTES = 65_536


@dataclass(frozen=True)
class Zone:
    """A zone and those inside it. An end of -1 is that of a zone that never ended."""

    location: int
    start_ns: int
    end_ns: int
    children: tuple[Zone, ...] = ()
    text: str | None = None
    name: str | None = None
    color: int = 0
    callstack: tuple[str, ...] = ()

    def all(self) -> Iterator[Zone]:
        """This zone and all inside it, in the order in which they begin."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(frozen=True)
class _Thread:
    id: int
    name: str
    zones: tuple[Zone, ...]
    is_fiber: bool


@dataclass(frozen=True)
class _Plot:
    name: str
    points: tuple[tuple[int, float], ...]


def zone(
    location: int,
    start_ns: int,
    end_ns: int,
    *children: Zone,
    text: str | None = None,
    name: str | None = None,
    color: int = 0,
    callstack: tuple[str, ...] = (),
) -> Zone:
    """A zone with its children; a call stack's lines read `function file:line`."""
    return Zone(location, start_ns, end_ns, children, text, name, color, callstack)


@dataclass
class TraceFileBuilder:
    """Gathers what shall be in the file; `to_bytes` writes it. `kinds` holds memory, locks, GPU zones and the like."""

    program: str = "built"
    is_on_demand: bool = False
    version: tuple[int, int, int] = (0, 11, 0)
    captured_s: int = 1_700_000_000
    span_ns: int | None = None
    sampling_period_ns: int = 0
    _locations: list[tuple[str, str, str, int, int]] = field(default_factory=list)
    _threads: list[_Thread] = field(default_factory=list)
    _marks: list[int] = field(default_factory=list)
    _frame_sets: list[tuple[str, bool, tuple[tuple[int, int], ...]]] = field(default_factory=list)
    kinds: KindSections = field(default_factory=KindSections)
    _messages: list[tuple[int, str, int, int, tuple[str, ...]]] = field(default_factory=list)
    _plots: list[_Plot] = field(default_factory=list)
    _texts: dict[str, int] = field(default_factory=dict)

    def location(self, function: str, file: str = "built.py", line: int = 1, *, name: str = "", color: int = 0) -> int:
        """A new source location; returns its index."""
        self._locations.append((name, function, file, line, color))
        return len(self._locations) - 1

    def thread(self, number: int, name: str, *zones: Zone, is_fiber: bool = False) -> None:
        """A thread with its outermost zones; `number` is the system's."""
        self._threads.append(_Thread(number, name, zones, is_fiber))

    def frame_marks(self, *times: int) -> None:
        """Marks of the unnamed set."""
        self._marks.extend(times)

    def frame_set(self, name: str, frames: list[tuple[int, int]], *, is_continuous: bool = False) -> None:
        """A set of frames of its own; of a continuous one only the starts count."""
        self._frame_sets.append((name, is_continuous, tuple(frames)))

    def message(self, time_ns: int, text: str, thread_id: int, color: int = 0, callstack: tuple[str, ...] = ()) -> None:
        """A message; to be given in the order of their times."""
        self._messages.append((time_ns, text, thread_id, color, callstack))

    def plot(self, name: str, points: list[tuple[int, float]]) -> None:
        """A curve."""
        self._plots.append(_Plot(name, tuple(points)))

    def to_bytes(self) -> bytes:
        """The file."""
        return in_container(self.data())

    def data(self) -> bytes:
        """What is inside the container."""
        self._texts.clear()
        # What comes after the texts is made before them, so that they are all known.
        locations, messages = self._location_section(), self._message_section()
        zones, plots, frames = self._zone_section(), self._plot_section(), self._frame_section()
        names = Names(self._index24, self._reference, self._pointer, self._location_number, self._thread_number)
        locks, gpu, memory = (
            make(names) for make in (self.kinds.lock_section, self.kinds.gpu_section, self.kinds.memory_section)
        )
        rest = self.kinds.rest(names)
        texts = self._text_section()
        return b"".join([self._header(), frames, texts, locations, locks, messages, zones, gpu, plots, memory, rest])

    def _location_number(self, label: str) -> int:
        for index, (name, function, _file, _line, _color) in enumerate(self._locations):
            if (name or function) == label:
                return -1 - index
        raise LookupError(f"there is no source location {label!r}")

    def _thread_number(self, thread: int) -> int:
        return 1 + [each.id for each in self._threads].index(thread)

    def _zones(self) -> Iterator[Zone]:
        return (zone for thread in self._threads for outer in thread.zones for zone in outer.all())

    def _text(self, text: str) -> int:
        """Its number, from 0."""
        return self._texts.setdefault(text, len(self._texts))

    def _reference(self, text: str) -> bytes:
        return struct.pack("<QB", self._text(text), 3) if text else struct.pack("<QB", 0, 0)

    def _index24(self, text: str | None) -> bytes:
        return struct.pack("<I", 0 if text is None else self._text(text) + 1)[:3]

    def _pointer(self, text: str) -> int:
        """Names of frames and plots go by way of a table; here a text's number there is its number plus one."""
        return self._text(text) + 1

    def _last_time(self) -> int:
        if self.span_ns is not None:
            return self.span_ns
        ends = [zone.end_ns for thread in self._threads for zone in thread.zones]
        return max([0, *ends, *self._marks, *(message[0] for message in self._messages)])

    def _header(self) -> bytes:
        name, host = f"{self.program} @ then".encode(), b"OS: a host\n"
        head = b"tracy" + bytes(self.version)
        head += struct.pack("<qqdqQQq", 0, 7, 0.5, self._last_time(), 3, 4711, self.sampling_period_ns)
        head += struct.pack("<BI12sB", 2, 0, b"test", self.is_on_demand)
        head += _sized(name) + _sized(self.program.encode())
        head += struct.pack("<QQ", self.captured_s, 0) + _sized(host)
        return head + _count(0) + bytes(28)  # topology, crash

    def _frame_section(self) -> bytes:
        start = [0, 10, 20][: 3 if self.is_on_demand else 2]
        sets = [(0, True, [(time, -1) for time in [*start, *self._marks]])]
        sets += [(self._pointer(name), continuous, list(frames)) for name, continuous, frames in self._frame_sets]
        data = _count(len(sets))
        for pointer, is_continuous, frames in sets:
            data += struct.pack("<QBQ", pointer, is_continuous, len(frames))
            reference = 0
            for begin, end in frames:
                for time in (begin,) if is_continuous else (begin, end):
                    data += struct.pack("<q", time - reference)
                    reference = time
                data += struct.pack("<i", -1)
        return data

    def _text_section(self) -> bytes:
        for thread in self._threads:
            self._text(thread.name)
        data = _count(len(self._texts))
        for text, number in self._texts.items():
            data += struct.pack("<Q", 1000 + number) + _sized(text.encode("utf-8", "surrogateescape"))
        data += _count(len(self._texts))
        data += b"".join(struct.pack("<QQ", number + 1, 1000 + number) for number in self._texts.values())
        data += _count(len(self._threads))
        data += b"".join(struct.pack("<QQ", thread.id, 1000 + self._texts[thread.name]) for thread in self._threads)
        data += _count(0) + _count(len(self._threads) + 1) + _count(0)
        data += b"".join(_count(thread.id) for thread in self._threads)
        return data + _count(0)

    def _location_section(self) -> bytes:
        data = _count(0) + _count(1) + _count(0) + _count(len(self._locations))
        for name, function, file, line, color in self._locations:
            data += self._reference(name) + self._reference(function) + self._reference(file)
            data += struct.pack("<II", line, _swapped(color))
        used = Counter(zone.location for zone in self._zones())
        data += _count(len(used)) + b"".join(struct.pack("<hQ", -1 - index, count) for index, count in used.items())
        return data + _count(0)  # the same of GPU zones

    def _message_section(self) -> bytes:
        data = _count(len(self._messages))
        reference = 0
        for number, (time, text, _thread, color, stack) in enumerate(self._messages):
            data += struct.pack("<Qq", number + 1, time - reference) + self._reference(text)
            data += struct.pack("<I", 0xFF00_0000 | _swapped(color) if color else 0xFFFF_FFFF) + self.kinds.stack(stack)
            reference = time
        return data

    def _zone_section(self) -> bytes:
        extras: list[bytes] = [bytes(12)]
        threads = b"".join(self._thread(thread, extras) for thread in self._threads)
        total, parents = sum(1 for _ in self._zones()), sum(1 for zone in self._zones() if zone.children)
        data = _count(len(extras)) + b"".join(extras) + _count(total) + _count(parents) + _count(len(self._threads))
        return data + threads

    def _thread(self, thread: _Thread, extras: list[bytes]) -> bytes:
        data = bytearray()
        data += struct.pack(
            "<QQQB", thread.id, len([zone for outer in thread.zones for zone in outer.all()]), 0, thread.is_fiber
        )
        data += struct.pack("<I", len(thread.zones))
        reference = 0
        # Beginnings and ends in the order of the file: a zone, its children, its end.
        steps: list[Zone | int] = list(reversed(thread.zones))
        while steps:
            step = steps.pop()
            time = step if isinstance(step, int) else step.start_ns
            delta = struct.pack("<Q", (time - reference) % 2**64)
            reference = time
            if isinstance(step, int):
                data += delta
                continue
            extra = 0
            if step.text is not None or step.name is not None or step.color or step.callstack:
                extra = len(extras)
                color = struct.pack("<I", _swapped(step.color))[:3]
                stack = self.kinds.stack(step.callstack)
                extras.append(stack + self._index24(step.text) + self._index24(step.name) + color)
            data += struct.pack("<h", -1 - step.location) + delta + struct.pack("<II", extra, len(step.children))
            steps.append(step.end_ns)
            steps.extend(reversed(step.children))
        numbers = [number + 1 for number, message in enumerate(self._messages) if message[2] == thread.id]
        data += _count(len(numbers)) + b"".join(map(_count, numbers))
        return (
            bytes(data) + _count(0) + self.kinds.sample_list(thread.id)
        )  # those at context switches, then those by time

    def _plot_section(self) -> bytes:
        data = _count(len(self._plots))
        for plot in self._plots:
            data += struct.pack("<BBBBIQ", 0, 1, True, False, 0x123456, self._pointer(plot.name)) + bytes(24)
            data += _count(len(plot.points))
            reference = 0
            for time, value in plot.points:
                data += struct.pack("<qd", time - reference, value)
                reference = time
        return data


def in_container(data: bytes) -> bytes:
    """Blocks of LZ4, one stream. Each is compressed for itself, which readers cannot tell from the other way."""
    out = _CONTAINER + b"\x01"
    for start in range(0, len(data), _BLOCK_BYTES):
        block = lz4.block.compress(data[start : start + _BLOCK_BYTES], store_size=False)
        out += struct.pack("<I", len(block)) + block
    return out


def _count(number: int) -> bytes:
    return struct.pack("<Q", number)


def _sized(text: bytes) -> bytes:
    return _count(len(text)) + text


def _swapped(color: int) -> int:
    return (color & 0xFF) << 16 | color & 0xFF00 | color >> 16
