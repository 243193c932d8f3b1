"""What `tracypy view` keeps of a large recording: the same answers, and none that are wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tracypy.view import index
from tracypy.view.answers import MOST_LEVELS, Answers, Part, read

from support.all_kinds import file_of_all_kinds
from support.recorded_program import record
from support.timeline_page import viewing
from support.trace_file import TraceFileBuilder
from support.vectors import RECORDINGS, Recording, needs_vectors


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, for recordings of any size."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(index, "LEAST_ZONES", 1)
    return tmp_path / "cache"


def keep(path: Path) -> Answers:
    """What is read from the recording, once it is kept."""
    answers = read(path, kept=True)
    assert answers.is_new
    thread = index.keep(str(path), answers.timeline, answers.zone_count)
    assert thread is not None
    thread.join(100)
    return answers


def everything(answers: Answers) -> dict[str, Any]:
    """Whatever a page may ask."""
    overview = answers.overview()
    lanes = answers.timeline.lanes
    parts = [Part("z", lane, band) for lane, rows in enumerate(lanes) for band in range(-(-len(rows) // 32))]
    parts += [Part("c", number) for number in range(len(answers.timeline.curves))]
    threads = list(range(answers.timeline.file.thread_count))
    span = answers.timeline.file.info.last_time_ns
    return {
        "title": (answers.title, answers.facts(), overview),
        "tiles": [answers.tile(level, 0, [*parts, Part("m")]) for level in range(0, MOST_LEVELS, 3)],
        "zones": [
            answers.zone(lane, row, zone)
            for lane in (*threads, *answers.more.gpus)
            for row, zones in enumerate(lanes[lane])
            for zone in {0, zones // 2, zones - 1}
        ],
        "steps": [answers.function(location) for location in range(len(answers.locations))],
        "samples": [answers.more.counted(lane, 0, span) for lane in answers.more.samples if lanes[lane]],
        "images": [answers.more.image(frame) for frame in answers.more.image_frames],
        "found": [answers.find("", time, (0, 0, 0), is_forward=True) for time in (0, span // 2)],
        "span": answers.span(span // 4, span // 2, threads),
        "tree": answers.tree(0, span, threads),
        "messages": answers.message(0, 10) if answers.timeline.file.message_count else None,
    }


def test_what_is_kept_answers_as_the_recording_does(tmp_path: Path) -> None:
    path = tmp_path / "all.tracy"
    path.write_bytes(file_of_all_kinds().to_bytes())
    first = keep(path)
    again = read(path, kept=True)
    assert not again.is_new
    assert everything(again) == everything(first)


@needs_vectors
@pytest.mark.parametrize("recording", RECORDINGS, ids="-".join)
def test_real_recordings_are_kept_whole(recording: Recording) -> None:
    path = recording.directory / "trace.tracy"
    first = keep(path)
    again = read(path, kept=True)
    assert not again.is_new
    assert everything(again) == everything(first)


def small(path: Path) -> Path:
    path.write_bytes(file_of_all_kinds().to_bytes())
    return path


def kept_files(cache: Path) -> list[Path]:
    return sorted((cache / "tracypy" / "timelines").iterdir())


def test_a_recording_that_has_changed_is_read_again(tmp_path: Path, cache: Path) -> None:
    path = small(tmp_path / "a.tracy")
    keep(path)
    os.utime(path, ns=(1, 1))
    assert read(path, kept=True).is_new
    keep(path)
    path.write_bytes(path.read_bytes()[:-1])
    os.utime(path, ns=(1, 1))
    with pytest.raises(ValueError, match=r"a\.tracy"):
        read(path, kept=True)
    assert len(kept_files(cache)) == 2


def test_what_is_damaged_is_not_used(tmp_path: Path, cache: Path) -> None:
    path = small(tmp_path / "a.tracy")
    expected = everything(keep(path))
    (kept,) = kept_files(cache)
    whole = kept.read_bytes()
    places = {*range(0, len(whole), max(1, len(whole) // 150)), len(whole) - 1}
    for place in places:
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        again = read(path, kept=True)
        assert again.is_new, place
        kept.write_bytes(whole[:place])
        assert read(path, kept=True).is_new, place
    kept.write_bytes(whole + b"\0")
    assert read(path, kept=True).is_new
    kept.write_bytes(whole)
    assert everything(read(path, kept=True)) == expected


def test_what_others_could_have_written_is_not_used(tmp_path: Path, cache: Path) -> None:
    path = small(tmp_path / "a.tracy")
    keep(path)
    (kept,) = kept_files(cache)
    assert kept.parent.stat().st_mode & 0o077 == 0
    kept.chmod(0o666)
    assert read(path, kept=True).is_new


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, cache: Path) -> None:
    path = small(tmp_path / "a.tracy")
    cache.write_text("a file in its place")
    keep(path)
    assert read(path, kept=True).is_new


def test_together_they_take_no_more_than_that(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [small(tmp_path / f"{number}.tracy") for number in range(4)]
    keep(paths[0])
    (first,) = kept_files(cache)
    monkeypatch.setattr(index, "MOST_BYTES", first.stat().st_size * 5 // 2)
    os.utime(first, ns=(3, 3))
    keep(paths[1])
    os.utime(next(place for place in kept_files(cache) if place != first), ns=(2, 2))
    left_behind = first.with_suffix(".1.part")
    left_behind.write_bytes(b"begun")
    os.utime(left_behind, ns=(1, 1))
    keep(paths[2])  # the second one was used before the first one
    assert [read(path, kept=True).is_new for path in paths] == [False, True, False, True]
    assert not left_behind.exists()


def test_small_recordings_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    path = tmp_path / "a.tracy"
    path.write_bytes(TraceFileBuilder().to_bytes())
    answers = read(path)
    assert index.keep(str(path), answers.timeline, answers.zone_count) is None


def test_the_command_keeps_and_uses_it(tmp_path: Path, cache: Path) -> None:
    record(tmp_path, program="def leaf(): pass\nfor _ in range(1_000_010): leaf()\n")
    path = tmp_path / "out.tracy"
    home = {"XDG_CACHE_HOME": str(cache)}
    with viewing(path, "--no-index", **home) as view:
        without = view.json("tree", **{"from": 0, "to": 10**12, "lanes": "0"})
    assert not cache.exists()
    with viewing(path, **home):
        while not list(cache.rglob("*.index")):
            pass  # a thread of it writes it when it is ready
    (kept,) = kept_files(cache)
    os.utime(kept, ns=(1, 1))
    with viewing(path, **home) as view:
        assert kept.stat().st_mtime_ns > 1  # it was used
        assert view.json("tree", **{"from": 0, "to": 10**12, "lanes": "0"}) == without
