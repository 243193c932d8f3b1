"""What `tracypy.open` shows of files whose content is known, and what it says of files that are none."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import tracypy
from tracypy import _core
from tracypy.trace import Frame, Message, SourceLocation, Trace, ZoneRow

from support.trace_file import TraceFileBuilder, in_container, zone


@pytest.fixture
def builder() -> TraceFileBuilder:
    """Two threads and a fiber, with everything that is modelled."""
    built = TraceFileBuilder(program="prog", span_ns=5_000)
    outer = built.location("outer", "app/main.py", 3, color=0x112233)
    inner = built.location("inner", "app/main.py", 9, name="Inner")
    built.thread(
        11,
        "main",
        zone(outer, 100, 900, zone(inner, 110, 120, text="one\n42 [0x2a]"), zone(inner, 130, 140, name="renamed")),
        zone(inner, 1000, 1001, color=0xFF8000),
    )
    built.thread(12, "worker", zone(outer, 50, -1, zone(inner, 60, 70)))
    built.thread(13, "fiber ü", is_fiber=True)
    built.frame_marks(200, 300, 450)
    built.frame_set("physics", [(1, 0), (5, 0), (11, 0)], is_continuous=True)
    built.frame_set("io", [(10, 20), (30, 45), (50, -1)])
    built.message(70, "plain", 12)
    built.message(80, "orange", 11, 0xFF8000)
    built.plot("heap", [(1, 0.5), (9, -2.0)])
    return built


@pytest.fixture
def trace(builder: TraceFileBuilder, tmp_path: Path) -> Trace:
    path = tmp_path / "known.tracy"
    path.write_bytes(builder.to_bytes())
    return tracypy.open(path)


def test_what_is_known_about_the_recording(trace: Trace) -> None:
    assert trace.path.endswith("known.tracy")
    assert (trace.version, trace.span_ns, trace.zone_count) == ("0.11.0", 5_000, 6)
    info = trace.info
    assert (info.program, info.name, info.host, info.process_id) == ("prog", "prog @ then", "OS: a host\n", 4711)
    assert info.captured_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert info.program_built_at is None
    assert (info.ns_per_tick, info.resolution_ns, info.is_on_demand) == (0.5, 7, False)


def test_threads_and_fibers_are_listed(trace: Trace) -> None:
    assert [(thread.index, thread.id, thread.name, thread.is_fiber, thread.zone_count) for thread in trace.threads] == [
        (0, 11, "main", False, 4),
        (1, 12, "worker", False, 2),
        (2, 13, "fiber ü", True, 0),
    ]


def test_zones_one_by_one(trace: Trace) -> None:
    assert list(trace.threads[0].iter_zones()) == [
        ZoneRow(100, 900, 0, 0, None, None, 0),
        ZoneRow(110, 120, 1, 1, "one\n42 [0x2a]", None, 0),
        ZoneRow(130, 140, 1, 1, None, "renamed", 0),
        ZoneRow(1000, 1001, 1, 0, None, None, 0xFF8000),
    ]
    assert [row.end_ns for row in trace.threads[1].iter_zones()] == [-1, 70]


def test_zones_from_the_middle_on(trace: Trace) -> None:
    rows = list(trace.threads[0].iter_zones())
    assert [list(trace.threads[0].iter_zones(first)) for first in range(6)] == [rows[first:] for first in range(6)]
    with pytest.raises(ValueError, match="first: -1 zones"):
        trace.threads[0].iter_zones(-1)


def test_rows_of_zones_are_made_of_nothing_but_a_tuple_with_their_fields(trace: Trace) -> None:
    class Shuffled(NamedTuple):
        end_ns: int
        start_ns: int

    for kind in (tuple, Shuffled, int):
        with pytest.raises(TypeError, match="fields of a zone"):
            trace._file.zone_rows(kind, 0, 0, 1)


def test_layouts_come_from_the_native_module(trace: Trace) -> None:
    assert trace.threads[0].zones.dtype == np.dtype(list(_core.ZONE_LAYOUT))
    assert trace.plots[0].points.dtype == np.dtype(list(_core.POINT_LAYOUT))
    assert [name for name, _code in _core.FRAME_LAYOUT] == list(Frame._fields)


def test_columns_are_the_zones_in_place(trace: Trace) -> None:
    zones = trace.threads[0].zones
    assert zones["start_ns"].tolist() == [100, 110, 130, 1000]
    assert zones["end_ns"].tolist() == [900, 120, 140, 1001]
    assert zones["location"].tolist() == [0, 1, 1, 1]
    assert zones["depth"].tolist() == [0, 1, 1, 0]
    assert zones["children"].tolist() == [2, 0, 0, 0]
    assert [trace.zone_text(extra) for extra in zones["extra"].tolist()] == [None, "one\n42 [0x2a]", None, None]
    assert [trace.zone_name(extra) for extra in zones["extra"].tolist()] == [None, None, "renamed", None]
    assert [trace.zone_color(extra) for extra in zones["extra"].tolist()] == [0, 0, 0, 0xFF8000]
    address, _ = zones.__array_interface__["data"]
    assert trace.threads[0].zones.__array_interface__["data"] == (address, True)  # nothing was copied


def test_columns_cannot_be_written(trace: Trace) -> None:
    for table in (trace.threads[0].zones, trace.threads[2].zones, trace.zones, trace.plots[0].points):
        with pytest.raises(ValueError, match="read-only"):
            table["start_ns" if "start_ns" in (table.dtype.names or ()) else "time_ns"] = 0


def test_columns_outlive_their_trace(builder: TraceFileBuilder, tmp_path: Path) -> None:
    path = tmp_path / "gone.tracy"
    path.write_bytes(builder.to_bytes())
    zones = tracypy.open(str(path)).threads[0].zones
    starts = zones["start_ns"]
    path.unlink()
    assert starts.tolist() == [100, 110, 130, 1000]


def test_zones_of_all_threads_know_theirs(trace: Trace) -> None:
    zones = trace.zones
    assert zones["thread"].tolist() == [0, 0, 0, 0, 1, 1]
    assert zones["start_ns"].tolist() == [100, 110, 130, 1000, 50, 60]
    assert zones.dtype.names == (*(trace.threads[0].zones.dtype.names or ()), "thread")
    assert trace.zones is zones


def test_trace_without_zones_has_empty_columns(tmp_path: Path) -> None:
    path = tmp_path / "empty.tracy"
    path.write_bytes(TraceFileBuilder().to_bytes())
    trace = tracypy.open(path)
    assert (len(trace.zones), trace.threads, len(trace.messages), trace.plots) == (0, (), 0, ())
    assert [len(frames) for frames in trace.frames] == [0]


def test_source_locations(trace: Trace) -> None:
    assert list(trace.source_locations) == [
        SourceLocation("", "outer", "app/main.py", 3, 0x112233),
        SourceLocation("Inner", "inner", "app/main.py", 9, 0),
    ]
    assert [location.label for location in trace.source_locations] == ["outer", "Inner"]
    assert trace.source_locations[-1] == trace.source_locations[1]
    assert trace.source_locations[:1] == [trace.source_locations[0]]
    with pytest.raises(IndexError, match="2"):
        trace.source_locations[2]


def test_frames_are_those_that_were_marked(trace: Trace) -> None:
    assert [(frames.name, frames.is_continuous, len(frames)) for frames in trace.frames] == [
        ("", True, 3),
        ("physics", True, 3),
        ("io", False, 3),
    ]
    unnamed, physics, io = trace.frames
    assert list(unnamed.frames) == [Frame(200, 300), Frame(300, 450), Frame(450, -1)]
    assert unnamed.frames[-1].duration_ns is None
    assert unnamed.durations() == [100, 150]
    assert physics.durations() == [4, 6]
    assert list(io.frames) == [Frame(10, 20), Frame(30, 45), Frame(50, -1)]
    assert io.durations() == [10, 15]


def test_frame_of_the_connection_is_no_mark_either(builder: TraceFileBuilder, tmp_path: Path) -> None:
    builder.is_on_demand = True
    path = tmp_path / "on_demand.tracy"
    path.write_bytes(builder.to_bytes())
    trace = tracypy.open(path)
    assert trace.info.is_on_demand
    assert [frame.start_ns for frame in trace.frames[0].frames] == [200, 300, 450]


def test_messages(trace: Trace) -> None:
    assert list(trace.messages) == [
        Message(70, "plain", 1, 0, "info"),
        Message(80, "orange", 0, 0xFF8000, "info"),
    ]


def test_plots(trace: Trace) -> None:
    (plot,) = trace.plots
    # The file has 0x123456: the colours of plots stand there, and in viewers, the other way round.
    assert (plot.name, plot.kind, plot.format, plot.shows_steps, plot.is_filled, plot.color) == (
        ("heap", "user", "memory", True, False, 0x563412)
    )
    assert list(plot.iter_points()) == [(1, 0.5), (9, -2.0)]
    assert plot.points["time_ns"].tolist() == [1, 9]
    assert plot.points["value"].dtype == np.dtype("float64")


def test_text_that_is_no_utf8_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    builder.location("caf\udce9")
    path = tmp_path / "latin.tracy"
    path.write_bytes(builder.to_bytes())
    assert tracypy.open(path).source_locations[0].function == "caf\ufffd"


def test_a_hundred_thousand_zones_in_many_blocks(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    location = builder.location("step")
    times = [(start, start + start % 7) for start in range(0, 1_000_000, 10)]
    builder.thread(1, "main", *itertools.starmap(lambda start, end: zone(location, start, end), times))
    path = tmp_path / "long.tracy"
    path.write_bytes(builder.to_bytes())
    zones = tracypy.open(path).threads[0].zones
    assert list(zip(zones["start_ns"].tolist(), zones["end_ns"].tolist(), strict=True)) == times


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty or too short"),
        (b"PK\x03\x04" + bytes(100), "not a Tracy trace"),
        (in_container(b"something else entirely"), "not a Tracy trace"),
        (TraceFileBuilder(version=(0, 15, 0)).to_bytes(), "0.15.0, newer than 0.14.0"),
        (TraceFileBuilder(version=(0, 8, 2)).to_bytes(), "0.8.2: only 0.9.0 and later"),
        (TraceFileBuilder().to_bytes()[:-30], "damaged|ends"),
        (in_container(TraceFileBuilder().data() + b"!"), "goes on after its last section"),
    ],
    ids=["empty", "zip", "foreign", "newer", "older", "cut", "longer"],
)
def test_file_that_cannot_be_read_is_told_in_one_line(content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.tracy"
    path.write_bytes(content)
    with pytest.raises(tracypy.TraceError, match=complaint) as caught:
        tracypy.open(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_file_that_cannot_be_opened_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        tracypy.open(tmp_path / "nowhere.tracy")
    with pytest.raises(IsADirectoryError):
        tracypy.open(tmp_path)
    with pytest.raises(ValueError, match="null"):
        tracypy.open("a\0b")
