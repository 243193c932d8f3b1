"""Files for speedscope, held against what its schema demands."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tracypy.errors import ExportError
from tracypy.exporters.choice import choose
from tracypy.exporters.speedscope import MOST_ZONES, write

from support.trace_file import TraceFileBuilder, zone

type Profile = dict[str, Any]


def _file(trace, most_zones: int = MOST_ZONES, **choice) -> tuple[Profile, list[str]]:
    out = io.StringIO()
    notes = write(trace, choose(trace, **choice), out, most_zones)
    document = json.loads(out.getvalue())
    _check_schema(document)
    return document, notes


def _check_schema(document: Profile) -> None:
    """What https://www.speedscope.app/file-format-schema.json wants, and what its importer checks beyond that."""
    assert document["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert set(document) <= {"$schema", "activeProfileIndex", "exporter", "name", "profiles", "shared"}
    frames = document["shared"]["frames"]
    for frame in frames:
        assert set(frame) <= {"name", "file", "line", "col"}
        assert isinstance(frame["name"], str)
        assert isinstance(frame.get("line", 1), int)
    assert document["profiles"]
    for profile in document["profiles"]:
        assert profile["unit"] in {"none", "nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"}
        shared = {"type", "name", "unit", "startValue", "endValue"}
        if profile["type"] == "evented":
            assert set(profile) == shared | {"events"}
            _check_events(profile, len(frames))
        else:
            assert profile["type"] == "sampled"
            assert set(profile) == shared | {"samples", "weights"}
            assert len(profile["samples"]) == len(profile["weights"])
            assert all(0 <= frame < len(frames) for stack in profile["samples"] for frame in stack)
            assert sum(profile["weights"]) == profile["endValue"]


def _check_events(profile: Profile, frames: int) -> None:
    stack: list[int] = []
    now = profile["startValue"]
    for event in profile["events"]:
        assert set(event) == {"type", "frame", "at"}
        assert now <= event["at"] <= profile["endValue"]
        now = event["at"]
        if event["type"] == "O":
            assert 0 <= event["frame"] < frames
            stack.append(event["frame"])
        else:
            assert event["type"] == "C"
            assert stack.pop() == event["frame"]
    assert not stack


def test_calls_of_each_thread_in_time(varied) -> None:
    document, notes = _file(varied)
    assert not notes
    names = [frame["name"] for frame in document["shared"]["frames"]]
    assert document["shared"]["frames"][0] == {"name": "outer", "file": "/app/one.py", "line": 10}
    main, worker, fiber = document["profiles"]
    assert [main["name"], worker["name"], fiber["name"]] == ["main", "worker, 1", "a fiber"]
    assert [(event["type"], names[event["frame"]], event["at"]) for event in main["events"]] == [
        ("O", "outer", 1_000),
        ("O", "inner", 2_000),
        ("O", "inner", 3_000),
        ("C", "inner", 4_500),
        ("C", "inner", 5_000),
        ("O", "a block", 6_000),
        ("C", "a block", 6_000),
        ("C", "outer", 900_001),
        ("O", "outer", 910_000),
        ("O", "inner", 920_000),
        ("C", "inner", 930_000),
        ("C", "outer", 1_000_000),
    ]
    assert (main["unit"], main["startValue"], main["endValue"]) == ("nanoseconds", 0, 1_000_000)


def test_too_many_zones_are_merged_and_that_is_said(varied) -> None:
    document, (note,) = _file(varied, most_zones=varied.zone_count - 1)
    assert "merged by call path" in note
    worker = document["profiles"][1]
    names = [frame["name"] for frame in document["shared"]["frames"]]
    stacks = {
        ";".join(names[frame] for frame in stack): weight
        for stack, weight in zip(worker["samples"], worker["weights"], strict=True)
    }
    assert stacks == {"inner": 7, "inner;outer": 3}


def test_choice(varied) -> None:
    document, _ = _file(varied, threads=["4712"], pattern="one.py")
    (profile,) = document["profiles"]
    assert [event["at"] for event in profile["events"]] == [12, 15]


def test_overlapping_zones_become_a_valid_file(read) -> None:
    builder = TraceFileBuilder(span_ns=100)
    one = builder.location("one")
    builder.thread(1, "", zone(one, 10, 50, zone(one, 5, 20), zone(one, 15, 80)), zone(one, 40, 60))
    document, _ = _file(read(builder))
    assert document["profiles"][0]["name"] == "thread 1"


def test_no_zones_is_said(read) -> None:
    builder = TraceFileBuilder()
    builder.thread(1, "main")
    with pytest.raises(ExportError, match="no zones"):
        _file(read(builder))
