"""A Perfetto trace, read with Perfetto's own message types: what its trace processor makes of packets, as rows."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as messages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Slice:
    """A slice, or an instant, whose end is its start; `end` is None while it is open."""

    start: int
    end: int | None
    depth: int
    name: str
    place: tuple[str, str, int] | None
    arguments: dict[str, str]


@dataclass
class Track:
    """A track: what its descriptor says, and what is on it."""

    descriptor: Any
    slices: list[Slice] = field(default_factory=list)
    points: list[tuple[int, float]] = field(default_factory=list)

    @property
    def name(self) -> str:
        told = self.descriptor
        return str(told.thread.thread_name or told.process.process_name or told.name)


class _Sequence:
    """What packets of a sequence refer to."""

    def __init__(self) -> None:
        self.clocks: dict[int, tuple[int, bool]] = {}
        self.clock = 6
        self.track = 0
        self.names: dict[str, dict[int, Any]] = {
            "event_names": {},
            "debug_annotation_names": {},
            "source_locations": {},
        }

    def take(self, packet: Any) -> None:
        for name, table in self.names.items():
            for entry in getattr(packet.interned_data, name):
                assert entry.iid not in table
                table[entry.iid] = entry
        for clock in packet.clock_snapshot.clocks:
            self.clocks[clock.clock_id] = (clock.timestamp, clock.is_incremental)
        if packet.HasField("trace_packet_defaults"):
            self.clock = packet.trace_packet_defaults.timestamp_clock_id
            self.track = packet.trace_packet_defaults.track_event_defaults.track_uuid

    def time_of(self, packet: Any) -> int:
        clock = packet.timestamp_clock_id or self.clock
        now, is_incremental = self.clocks.get(clock, (0, False))
        if not is_incremental:
            return int(packet.timestamp)
        self.clocks[clock] = (now + packet.timestamp, True)
        return int(now + packet.timestamp)


def packets_of(path: Path) -> Iterator[Any]:
    """Yield all packets, those that are compressed too."""
    trace = messages.Trace.FromString(path.read_bytes())
    for packet in trace.packet:
        if packet.compressed_packets:
            yield from messages.Trace.FromString(zlib.decompress(packet.compressed_packets)).packet
        else:
            yield packet


def read_tracks(path: Path) -> dict[int, Track]:
    """Return the tracks by number; slices that are open at the end have no end."""
    tracks: dict[int, Track] = {}
    sequences: dict[int, _Sequence] = {}
    open_slices: dict[int, list[Slice]] = {}
    for packet in packets_of(path):
        assert packet.trusted_packet_sequence_id > 0
        if packet.sequence_flags & messages.TracePacket.SEQ_INCREMENTAL_STATE_CLEARED:
            sequences[packet.trusted_packet_sequence_id] = _Sequence()
        sequence = sequences[packet.trusted_packet_sequence_id]
        sequence.take(packet)
        if packet.HasField("track_descriptor"):
            assert packet.track_descriptor.uuid not in tracks
            tracks[packet.track_descriptor.uuid] = Track(packet.track_descriptor)
        if not packet.HasField("track_event"):
            continue
        event, time = packet.track_event, sequence.time_of(packet)
        uuid = event.track_uuid or sequence.track
        track, around = tracks[uuid], open_slices.setdefault(uuid, [])
        if event.type == messages.TrackEvent.TYPE_COUNTER:
            track.points.append((time, event.double_counter_value))
        elif event.type == messages.TrackEvent.TYPE_SLICE_END:
            around.pop().end = time
        else:
            found = _slice(event, time, len(around), sequence)
            track.slices.append(found)
            if event.type == messages.TrackEvent.TYPE_INSTANT:
                found.end = time
            else:
                around.append(found)
    return tracks


def _slice(event: Any, time: int, depth: int, sequence: _Sequence) -> Slice:
    name = event.name if event.HasField("name") else sequence.names["event_names"][event.name_iid].name
    place = None
    if event.source_location_iid:
        told = sequence.names["source_locations"][event.source_location_iid]
        place = (told.function_name, told.file_name, told.line_number)
    arguments = {}
    for argument in event.debug_annotations:
        known = sequence.names["debug_annotation_names"]
        arguments[argument.name or known[argument.name_iid].name] = argument.string_value
    return Slice(time, None, depth, name, place, arguments)
