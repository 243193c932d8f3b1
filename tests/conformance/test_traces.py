"""`tracypy.open` against files of real captures: what the strict viewer received, and what the real csvexport says.

The recordings are not in this repository; see support/vectors.py.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.vectors import RECORDINGS, VECTORS, Recording, needs_vectors, replay

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tracypy.trace import Thread, Trace

    from support.viewer.trace import ThreadTrace

pytestmark = needs_vectors

ORIGINAL = Recording("0.13.1", "demand")
CONTAINERS = sorted((VECTORS / "0.13.1" / "containers").glob("*.tracy"))


@cache
def opened(path: Path) -> Trace:
    return tracypy.open(path)


@pytest.fixture(params=RECORDINGS, ids="-".join)
def recording(request: pytest.FixtureRequest) -> Recording:
    return request.param


@pytest.fixture
def trace(recording: Recording) -> Trace:
    return opened(recording.directory / "trace.tracy")


def zones_in_file(trace: Trace, thread: Thread) -> list[tuple[object, ...]]:
    locations = list(trace.source_locations)
    return [
        (
            zone.start_ns, zone.end_ns, zone.depth, locations[zone.location].label, locations[zone.location].function,
            locations[zone.location].file, locations[zone.location].line, zone.text, zone.name,
            zone.color or locations[zone.location].color,
        )
        for zone in thread.iter_zones()
    ]  # fmt: skip


def zones_received(thread: ThreadTrace) -> list[tuple[object, ...]]:
    found = []
    todo = [(0, root) for root in reversed(thread.roots)]
    while todo:
        depth, zone = todo.pop()
        found.append(
            (
                zone.begin_ns, zone.end_ns, depth, zone.location.name, zone.function, zone.file, zone.line,
                zone.shown_text, zone.extra.name if zone.extra else None, zone.color,
            )
        )  # fmt: skip
        todo.extend((depth + 1, child) for child in reversed(zone.children))
    return found


def test_every_zone_is_what_the_viewer_received(recording: Recording, trace: Trace) -> None:
    received = {thread.name: thread for thread in replay(recording).threads.values() if any(thread.zones())}
    threads = {thread.name: thread for thread in trace.threads if thread.zone_count}
    assert set(threads) == set(received)
    for name, thread in threads.items():
        assert thread.is_fiber == received[name].is_fiber
        assert zones_in_file(trace, thread) == zones_received(received[name])
    assert trace.zone_count == replay(recording).zone_count > 5_000


def test_frames_are_what_the_viewer_received(recording: Recording, trace: Trace) -> None:
    received = replay(recording).frames
    assert {frames.name or None: len(frames) for frames in trace.frames} == {
        name: len(marks) for name, marks in received.items()
    }
    for frames in trace.frames:
        marks = received[frames.name or None]
        assert [frame.start_ns for frame in frames.frames] == [mark.begin_ns for mark in marks]
        if not frames.is_continuous:
            assert [frame.end_ns for frame in frames.frames] == [mark.end_ns for mark in marks]


def test_messages_are_what_the_viewer_received(recording: Recording, trace: Trace) -> None:
    names = ("trace", "debug", "info", "warning", "error", "fatal")
    with_severity = recording.protocol >= 77
    assert Counter(
        (message.time_ns, message.text, trace.threads[message.thread or 0].name, message.color, message.severity)
        for message in trace.messages
    ) == Counter(
        (
            message.time_ns, message.text, message.thread.name, message.color or 0,
            names[message.severity] if with_severity else "info",
        )
        for message in replay(recording).messages
    )  # fmt: skip


def test_plots_are_what_the_viewer_received(recording: Recording, trace: Trace) -> None:
    plots = {plot.name: list(plot.iter_points()) for plot in trace.plots if plot.kind == "user"}
    assert plots == replay(recording).plots


def distances(numbers: Iterable[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(numbers)]


def test_frame_images_are_what_the_viewer_received(recording: Recording, trace: Trace) -> None:
    received = [image for image in replay(recording).frame_images if image.is_shown]
    assert received
    assert "frame images" not in {section.name for section in trace.skipped}
    assert [(image.width, image.height, image.is_flipped) for image in trace.frame_images] == [
        (image.width, image.height, image.flip) for image in received
    ]
    # A file leaves out what came before its first frame: as far apart they stay.
    assert distances(image.frame or 0 for image in trace.frame_images) == distances(image.index for image in received)
    for image, original in zip(trace.frame_images, received, strict=True):
        pixels = chain(*chain(*original.pixels()))
        # Captures compress them once more, with a loss.
        assert max(abs(one - other) for one, other in zip(image.rgb(), pixels, strict=True)) <= 16


def test_program_and_time_are_known(recording: Recording, trace: Trace) -> None:
    assert trace.info.program == "scene"
    assert trace.info.captured_at is not None
    assert trace.info.captured_at.year == 2026
    assert trace.info.is_on_demand == (recording.flavour == "demand")
    assert trace.version.rpartition(".")[0] == recording.release.rpartition(".")[0]
    assert any(lock.events for lock in trace.locks)


def test_functions_cost_what_csvexport_says(recording: Recording, trace: Trace) -> None:
    def rows(table: str) -> dict[tuple[str, str, int], dict[str, str]]:
        return {(row["name"], row["src_file"], int(row["src_line"])): row for row in recording.table(table)}

    functions = {(stats.name, stats.file, stats.line): stats for stats in trace.functions()}
    totals, selves = rows("zones"), rows("zones-self")
    assert set(functions) == set(totals) == set(selves)
    for place, stats in functions.items():
        row = totals[place]
        assert stats.calls == int(row["counts"])
        assert (stats.min_ns, stats.max_ns) == (int(row["min_ns"]), int(row["max_ns"]))
        assert round(stats.mean_ns * stats.calls) == int(row["total_ns"])  # recursive calls count again and again there
        assert stats.self_ns == int(selves[place]["total_ns"])
        if stats.calls > 1:  # csvexport takes whole nanoseconds of the mean
            cut = stats.mean_ns - int(stats.mean_ns)
            expected = math.sqrt(stats.std_ns**2 + stats.calls * cut**2 / (stats.calls - 1))
            assert math.isclose(expected, float(row["std_ns"]), rel_tol=1e-6, abs_tol=1e-5)
        if stats.calls == stats.primitive_calls:
            assert stats.total_ns == int(row["total_ns"])
        else:
            assert (place[0], stats.primitive_calls, stats.calls) == ("fib", 60, 60 * 41)
            assert stats.total_ns < int(row["total_ns"])


@pytest.mark.parametrize("path", CONTAINERS, ids=lambda path: path.stem)
def test_every_container_holds_the_same(path: Path) -> None:
    trace, original = opened(path), opened(ORIGINAL.directory / "trace.tracy")
    assert [zones_in_file(trace, thread) for thread in trace.threads] == [
        zones_in_file(original, thread) for thread in original.threads
    ]
    assert list(trace.messages) == list(original.messages)
    assert [list(frames.frames) for frames in trace.frames] == [list(frames.frames) for frames in original.frames]
    assert trace.functions() == original.functions()


@pytest.mark.parametrize("recording", [row for row in RECORDINGS if row.flavour == "always"], ids="-".join)
def test_report_of_a_real_file(recording: Recording) -> None:
    path = str(recording.directory / "trace.tracy")
    command = [sys.executable, "-m", "tracypy", "report", path]
    tables = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=200, check=True)
    assert tables.stdout.startswith("scene @ ")
    assert "messages, the last one at" in tables.stdout
    assert "\ntexts of 1 source file\n" in tables.stdout
    assert "in the file, not read: " not in tables.stdout
    document = json.loads(
        subprocess.run([*command, "--json"], capture_output=True, encoding="utf-8", timeout=200, check=True).stdout
    )
    assert document["functions"][0]["name"] == "frame"
    assert {frames["name"]: frames["frames"] for frames in document["frames"]} == {
        "": 60,
        "physics": 120,
        "io batch": 20,
    }
