"""Perfetto's own format, read back with Perfetto's own messages."""

from __future__ import annotations

from pathlib import Path

from tracypy.exporters import export
from tracypy.trace import Trace

from .conftest import Read
from support.perfetto_reader import Track, packets_of, read_tracks
from support.trace_file import TraceFileBuilder, zone


def rows(track: Track) -> list[tuple[int, int | None, int, str]]:
    return [(found.start, found.end, found.depth, found.name) for found in track.slices]


def test_zones_are_slices_of_their_threads(varied: Trace, tmp_path: Path) -> None:
    path = tmp_path / "out.pftrace"
    notes = export(varied, path)
    assert notes == ["1 points of plots are no finite numbers, and are left out"]
    tracks = {track.name: track for track in read_tracks(path).values()}
    main = tracks["main"]
    assert (main.descriptor.thread.tid, main.descriptor.thread.pid) == (4711, varied.info.process_id or 1)
    zones = [found for found in main.slices if found.place]
    assert [(found.start, found.end, found.depth, found.name) for found in zones] == [
        (1_000, 900_001, 0, "outer"),
        (2_000, 5_000, 1, "inner"),
        (3_000, 4_500, 2, "inner"),
        (6_000, 6_000, 1, "a block"),
        (910_000, 1_000_000, 0, "outer"),
        (920_000, 930_000, 1, "renamed"),
    ]
    assert zones[0].place == ("outer", "/app/one.py", 10)
    assert zones[3].place == ("outer", "/app/one.py", 12)
    assert zones[5].arguments == {"location": "inner", "text": 'say "hi"\n77', "color": "#0a0b0c"}
    assert all(not found.arguments for found in zones[:5])
    assert rows(tracks["worker, 1"]) == [(10, 20, 0, "inner"), (12, 15, 1, "outer")]
    fiber = tracks["a fiber"]
    assert not fiber.descriptor.HasField("thread")
    assert rows(fiber) == [(100, 300, 0, "a block")]


def test_frames_messages_and_plots(varied: Trace, tmp_path: Path) -> None:
    path = tmp_path / "out.pftrace"
    export(varied, path)
    tracks = {track.name: track for track in read_tracks(path).values()}
    assert rows(tracks["frames: io"]) == [(5, 9, 0, "frame 1"), (20, 1_000_000, 0, "frame 2")]
    assert [found.start for found in tracks["frames: frame"].slices] == [start for start, _ in varied.frames[0].frames]
    (hello,) = [found for found in tracks["main"].slices if found.place is None]
    assert (hello.start, hello.end, hello.name) == (2_500, 2_500, "hello, world")
    assert hello.arguments == {"text": "hello, world", "severity": "info", "color": "#112233"}
    (nobody,) = tracks["varied"].slices
    assert (nobody.start, nobody.name) == (3_000, "from nobody")
    assert tracks["heap"].points == [(7, 0.5), (2_007, -3.0)]


def test_frames_of_a_set_that_overlap_lie_beside_each_other(read: Read, tmp_path: Path) -> None:
    builder = TraceFileBuilder(program="overlap", span_ns=1_000)
    builder.thread(1, "main", zone(builder.location("f", "/f.py", 1), 0, 1_000))
    builder.frame_set("request", [(0, 100), (50, 150), (100, 200)])
    path = tmp_path / "out.pftrace"
    export(read(builder), path)
    shown = [rows(track) for track in read_tracks(path).values() if track.name == "frames: request"]
    assert shown == [[(0, 100, 0, "frame 1"), (100, 200, 0, "frame 3")], [(50, 150, 0, "frame 2")]]


def test_choice_of_threads_and_functions(varied: Trace, tmp_path: Path) -> None:
    path = tmp_path / "out.pftrace"
    export(varied, path, threads=["main"], filter="inner")
    tracks = {track.name: track for track in read_tracks(path).values()}
    assert "worker, 1" not in tracks
    assert [found.name for found in tracks["main"].slices if found.place] == ["inner", "inner", "renamed"]
    assert [found.depth for found in tracks["main"].slices if found.place] == [0, 1, 0]


def test_many_zones_in_pieces_are_all_there_and_small(read: Read, tmp_path: Path) -> None:
    count = 60_000
    builder = TraceFileBuilder(program="many", span_ns=count * 1_000)
    places = [builder.location(f"function_{number}", "/app/module.py", number + 1) for number in range(20)]
    builder.thread(
        7, "main", *(zone(places[i % 20], i * 1_000, i * 1_000 + 900, zone(places[0], i * 1_000 + 7, i * 1_000 + 13)) for i in range(count))
    )  # fmt: skip
    trace = read(builder)
    path, chrome = tmp_path / "out.pftrace", tmp_path / "out.json"
    export(trace, path)
    export(trace, chrome)
    (main,) = [track for track in read_tracks(path).values() if track.name == "main"]
    assert rows(main) == [
        row
        for i in range(count)
        for row in (
            (i * 1_000, i * 1_000 + 900, 0, f"function_{i % 20}"),
            (i * 1_000 + 7, i * 1_000 + 13, 1, "function_0"),
        )
    ]
    assert sum(1 for _ in packets_of(path)) > 4 * count
    assert path.stat().st_size * 20 < chrome.stat().st_size
