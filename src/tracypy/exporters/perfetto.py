"""Perfetto's own format: binary tracks, some twenty times smaller than Chrome's events.

Written piece by piece, so that memory does not grow with the trace. Each thread is a track, and a sequence of packets:
zones are slices, with the file and line of their place; what a zone has beside is in its arguments. Frames are slices
of a track for each set, messages instants, plots counters, locks a track that shows who had them.

The numbers of fields are those of the .proto files of Perfetto 50; their names are said beside.
"""

from __future__ import annotations

import math
import zlib
from functools import partial
from typing import TYPE_CHECKING

import tracypy
from tracypy._core import PerfettoZones
from tracypy.exporters.names import (
    color_text,
    function_name,
    not_finite,
    one_line,
    plot_name,
    thread_name,
    thread_numbers,
)
from tracypy.exporters.protobuf import double, message, number, string
from tracypy.trace.trace import native_file, zone_supply

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from tracypy.exporters.choice import Choice
    from tracypy.trace import FrameSet, Plot, SourceLocation, Thread, Trace
    from tracypy.trace.locks import Lock

_PIECE_BYTES = 1 << 19  # of packets that are compressed together
_LEVEL = 4
_BYTES_OF_ZONE = 3  # compressed, measured: docs/export.md

_CLOCK, _OWN_CLOCK = 6, 64  # BOOTTIME; the first number that a sequence may give a clock of its own
_BEGIN, _END, _INSTANT, _COUNTER = 1, 2, 3, 4  # TrackEvent.Type
_TEXT, _LOCATION, _COLOR = 1, 2, 3  # names of arguments, as each sequence numbers them
_ARGUMENTS = {_TEXT: "text", _LOCATION: "location", _COLOR: "color"}

_PROCESS_TRACK = 1
_MAIN_SEQUENCE = 1  # of all but zones
_FIRST_OF_THREADS = 2

_packet = partial(message, 1)  # Trace.packet
_event = partial(message, 11)  # TracePacket.track_event


def write(trace: Trace, choice: Choice, out: BinaryIO) -> list[str]:
    """Write a trace.

    Returns:
        What the user should be told: values that no curve can show.

    Raises:
        ExportError: There is nothing to show.
    """
    choice.require_anything(trace)
    writer = _Writer(trace, choice)
    out.writelines(
        _packet(message(50, zlib.compress(piece, _LEVEL)))  # TracePacket.compressed_packets
        for piece in _pieces(writer.packets())
    )
    return not_finite(writer.unwritable)


def expected_bytes(trace: Trace, choice: Choice) -> int:
    """Estimate the size of the file."""
    return choice.expected_bytes(trace, [_BYTES_OF_ZONE] * len(trace.source_locations))


class _Writer:
    """Makes the packets.

    Attributes:
        unwritable: How many points of plots were left out.
    """

    def __init__(self, trace: Trace, choice: Choice) -> None:
        self._trace = trace
        self._choice = choice
        self._native = native_file(trace)
        self._process = trace.info.process_id or 1  # 0 stands for no process
        self._tracks = len(trace.threads) + _FIRST_OF_THREADS  # the first number that is free
        interned = [_interned(number, place) for number, place in enumerate(trace.source_locations, start=1)]
        self._zones_of_threads = zone_supply(trace)
        self._native_zones = PerfettoZones(self._native, choice.is_kept, interned)
        self.unwritable = 0

    def packets(self) -> Iterator[bytes]:
        """Yield all of them, those that say what a track is before the others."""
        yield _packet(number(10, _MAIN_SEQUENCE), number(13, 1), message(12, *_argument_names()))
        yield self._process_track()
        numbers = thread_numbers(self._trace.threads)
        for thread in self._choice.threads:
            yield self._thread_track(thread, numbers[thread.index])
        for thread in self._choice.threads:
            if thread.zone_count:
                yield from self._zones(thread)
        for frames in self._trace.frames:
            yield from self._frames(frames)
        yield from self._messages()
        for plot in self._trace.plots:
            yield from self._points(plot)
        for lock in self._trace.locks:
            yield from self._lock(lock)

    def _process_track(self) -> bytes:
        info = self._trace.info
        name = string(6, one_line(info.program or info.name))  # ProcessDescriptor.process_name
        said = string(14, f"exported by tracypy {tracypy.__version__}")  # TrackDescriptor.description
        return _track(_PROCESS_TRACK, message(3, number(1, self._process), name), said)

    def _thread_track(self, thread: Thread, of_system: int) -> bytes:
        track = _track_of(thread)
        if thread.is_fiber:
            return _track(track, number(5, _PROCESS_TRACK), string(2, thread_name(thread)))
        name = string(5, thread_name(thread))  # ThreadDescriptor.thread_name
        return _track(track, message(4, number(1, self._process), number(2, of_system), name))

    def _zones(self, thread: Thread) -> Iterator[bytes]:
        sequence = track = _track_of(thread)
        yield _packet(
            number(8, 0),  # timestamp, by
            number(58, _CLOCK),
            number(10, sequence),
            number(13, 1),  # SEQ_INCREMENTAL_STATE_CLEARED
            message(6, _clock(_CLOCK), _clock(_OWN_CLOCK, is_incremental=True)),
            message(59, number(58, _OWN_CLOCK), message(11, number(11, track))),  # trace_packet_defaults
            message(12, *_argument_names()),
        )  # fmt: skip
        self._zones_of_threads.start(thread.index)
        self._native_zones.start(self._zones_of_threads, sequence)
        while piece := self._native_zones.more(_PIECE_BYTES, self._described):
            yield piece

    def _described(self, location: int, extra: int) -> tuple[bytes, bool]:
        """Return what a zone has beside its place, as fields of its event, and whether that has a name."""
        more = self._native.zone_extra(extra)
        fields = []
        if more.name:
            fields += [
                string(23, one_line(more.name)),
                _argument(_LOCATION, function_name(self._trace.source_locations[location])),
            ]
        if more.text is not None:
            fields.append(_argument(_TEXT, more.text))
        if more.color:
            fields.append(_argument(_COLOR, color_text(more.color)))
        return b"".join(fields), bool(more.name)

    def _frames(self, frames: FrameSet) -> Iterator[bytes]:
        """Yield slices; sets whose frames overlap get more tracks of the same name, which viewers show together."""
        name = f"frames: {frames.name or 'frame'}"
        tracks: list[tuple[int, int]] = []  # each with the end of its last frame
        for index, (start, recorded_end) in enumerate(frames.frames, start=1):
            end = self._trace.span_ns if recorded_end < 0 else recorded_end
            free = next((at for at, (_, busy_until) in enumerate(tracks) if busy_until <= start), len(tracks))
            if free == len(tracks):
                tracks.append((self._new_track(), 0))
                yield _track(tracks[free][0], number(5, _PROCESS_TRACK), string(2, name))
            track, _ = tracks[free]
            tracks[free] = (track, end)
            yield _at(start, track, _BEGIN, string(23, f"frame {index}"))
            yield _at(end, track, _END)

    def _messages(self) -> Iterator[bytes]:
        for told in self._trace.messages:
            if not self._choice.has_message_of(told.thread):
                continue
            track = _PROCESS_TRACK if told.thread is None else told.thread + _FIRST_OF_THREADS
            arguments = [_argument(_TEXT, told.text), message(4, string(10, "severity"), string(6, told.severity))]
            if told.color:
                arguments.append(_argument(_COLOR, color_text(told.color)))
            yield _at(told.time_ns, track, _INSTANT, string(23, one_line(told.text) or "(empty)"), *arguments)

    def _points(self, plot: Plot) -> Iterator[bytes]:
        track = self._new_track()
        name = plot_name(plot)
        unit = {"memory": number(3, 3), "percentage": string(6, "%"), "watt": string(6, "W")}.get(plot.format, b"")
        yield _track(track, number(5, _PROCESS_TRACK), string(2, name), message(8, unit))  # CounterDescriptor
        for time_ns, value in plot.iter_points():
            if not math.isfinite(value):
                self.unwritable += 1
            else:
                yield _at(time_ns, track, _COUNTER, double(44, value))

    def _lock(self, lock: Lock) -> Iterator[bytes]:
        """Yield who had the lock, a slice for each time; of one that several may have, a track for each of them."""
        name = f"lock: {function_name(self._trace.source_locations[lock.location])}"
        tracks: dict[int | None, int] = {}
        has: set[int | None] = set()
        for event in lock.events:
            gets = event.kind.endswith("obtain")
            if not gets and not event.kind.endswith("release"):
                continue
            holder = event.thread if lock.is_shared else None
            if holder not in tracks:
                tracks[holder] = self._new_track()
                yield _track(tracks[holder], number(5, _PROCESS_TRACK), string(2, name))
            if gets:
                who = "a thread" if event.thread is None else thread_name(self._trace.threads[event.thread])
                yield _at(event.time_ns, tracks[holder], _BEGIN, string(23, who))
                has.add(holder)
            elif holder in has:
                yield _at(event.time_ns, tracks[holder], _END)

    def _new_track(self) -> int:
        self._tracks += 1
        return self._tracks


def _pieces(packets: Iterable[bytes]) -> Iterator[bytes]:
    """Yield them together, so many as are worth to be compressed."""
    held: list[bytes] = []
    size = 0
    for packet in packets:
        held.append(packet)
        size += len(packet)
        if size >= _PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _track_of(thread: Thread) -> int:
    return thread.index + _FIRST_OF_THREADS


def _track(track: int, *fields: bytes) -> bytes:
    """Return what says what a track is."""
    return _packet(number(10, _MAIN_SEQUENCE), message(60, number(1, track), *fields))  # track_descriptor


def _at(time_ns: int, track: int, kind: int, *fields: bytes) -> bytes:
    """Return an event of a track that is no zone."""
    time = number(8, max(time_ns, 0)) + number(58, _CLOCK) + number(10, _MAIN_SEQUENCE)
    return _packet(time, _event(number(9, kind), number(11, track), *fields))


def _clock(clock: int, *, is_incremental: bool = False) -> bytes:
    """Return a clock of a ClockSnapshot: they all stand at 0."""
    return message(1, number(1, clock), number(2, 0), number(3, is_incremental))


def _interned(iid: int, place: SourceLocation) -> bytes:
    """Return the InternedData by which a place's name, and where it is, have a number."""
    where = [number(1, iid)]
    if place.file:
        where.append(string(2, place.file))
    if place.function:
        where.append(string(3, place.function))
    if place.line > 0:
        where.append(number(4, place.line))
    return message(2, number(1, iid), string(2, function_name(place))) + message(4, *where)


def _argument_names() -> Sequence[bytes]:
    return [message(3, number(1, iid), string(2, name)) for iid, name in _ARGUMENTS.items()]


def _argument(iid: int, text: str) -> bytes:
    return message(4, number(1, iid), string(6, text))  # TrackEvent.debug_annotations: name_iid, string_value
