"""Recordings whose zones are only added up: the same figures as when they are read whole."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

import tracypy
from tracypy.trace import Trace
from tracypy.trace.summed import SummedTrace, read_summed

from support.trace_file import TraceFileBuilder, Zone, zone


def _zones(numbers: random.Random, locations: list[int], start: int, depth: int = 0) -> tuple[list[Zone], int]:
    """Some zones beside each other, with others in them; some take no time."""
    found, now = [], start
    for _ in range(numbers.randrange(1, 9)):
        begin = now + numbers.randrange(3)
        inside, now = (
            _zones(numbers, locations, begin, depth + 1) if depth < 4 and numbers.randrange(3) == 0 else ([], begin)
        )
        now += numbers.choice((0, 1, 7, 500, 70_000))
        found.append(zone(numbers.choice(locations), begin, now, *inside))
    return found, now


PARTS: list[dict[str, int]] = [
    {},
    {"min_duration_ns": 100},
    {"from_ns": 1_000_000, "until_ns": 50_000_000},
    {"from_ns": 1_000_000, "until_ns": 50_000_000, "min_duration_ns": 1_000},
]


def _built(path: Path, *, has_fiber: bool = False, part: str = "") -> Path:
    numbers = random.Random(3)
    builder = TraceFileBuilder()
    locations = [builder.location(f"f{number}", "/app/a.py", number) for number in range(6)]
    if part:
        locations.append(builder.location(part, "/app/a.py", 0))
    now = 0
    for thread in (1, 2, 3):
        zones: list[Zone] = []
        for _ in range(40):
            more, now = _zones(numbers, locations, now)
            zones += more
        fiber = has_fiber and thread in (2, 3)
        number = 2**32 + thread if fiber else thread
        builder.thread(number, "task" if fiber else f"thread {thread}", *zones, is_fiber=fiber)
        if fiber:
            builder.kinds.runs[number] = [(begin, begin + 60_000, 1) for begin in range(0, now, 200_000)]
    builder.thread(4, "open", zone(locations[0], 5, -1))
    builder.thread(2**32 + 5, "open task", zone(locations[0], 5, -1), is_fiber=has_fiber)
    path.write_bytes(builder.to_bytes())
    return path


def _same_functions(one: Trace, other: Trace, thread: int | None) -> None:
    for first, second in zip(one.functions(thread), other.functions(thread), strict=True):
        assert second.std_ns == pytest.approx(first.std_ns, rel=1e-9)
        assert dataclasses.replace(second, std_ns=first.std_ns) == first


def _assert_same(path: Path, part: dict[str, int]) -> SummedTrace:
    whole = tracypy.open(path, **part)
    summed = read_summed(path, **part, functions=True, of_threads=True, trees=True)
    without_trees = read_summed(path, **part, functions=True, of_threads=True)
    assert isinstance(summed, SummedTrace)
    assert summed.zone_count == without_trees.zone_count == whole.zone_count > 50
    assert summed.thread_count == whole.thread_count
    assert summed.tasks() == without_trees.tasks() == whole.tasks()
    _same_functions(whole, summed, None)
    _same_functions(whole, without_trees, None)
    for one, other in zip(whole.threads, summed.threads, strict=True):
        facts = ("id", "name", "zone_count", "short_number", "busy_ns", "is_fiber", "thread_count", "runs")
        assert [getattr(one, fact) for fact in facts] == [getattr(other, fact) for fact in facts]
        _same_functions(whole, summed, one.index)
        _same_functions(whole, without_trees, one.index)
        for column in ("parent", "location", "calls", "total_ns", "self_ns"):
            assert list(getattr(whole.call_tree(one.index), column)) == list(getattr(summed.call_tree(other), column))
    return summed


@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize("kinds", [{}, {"has_fiber": True}, {"part": "f0 (continued)"}], ids=str)
def test_sums_are_those_of_the_whole_trace(tmp_path: Path, kinds: dict[str, Any], part: dict[str, int]) -> None:
    summed = _assert_same(_built(tmp_path / "a.tracy", **kinds), part)
    assert summed.functions(filter="f3") == [row for row in summed.functions() if row.name == "f3"]
    assert len(summed.tasks()) == (2 if kinds.get("has_fiber") else 0)
    with pytest.raises(IndexError):
        summed.functions(99)


def test_zones_that_outlast_the_one_around_are_added_up_as_well(tmp_path: Path) -> None:
    """As in a damaged file: of what is wanted, some lies in what is not."""
    builder = TraceFileBuilder()
    outer, inner = builder.location("outer"), builder.location("inner")
    rows = [zone(outer, at, at + 5, zone(inner, at + 1, at + 2_000), zone(outer, at, at)) for at in range(0, 900, 9)]
    builder.thread(1, "main", *rows)
    builder.thread(2**32 + 2, "task", *rows, is_fiber=True)
    builder.kinds.runs[2**32 + 2] = [(0, 300, 1), (1_000, 1_100, 1)]
    (tmp_path / "a.tracy").write_bytes(builder.to_bytes())
    for part in PARTS[:2]:
        _assert_same(tmp_path / "a.tracy", part)


def test_times_that_make_no_sense_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not before from_ns"):
        read_summed(_built(tmp_path / "a.tracy"), 5, 3, functions=True)


def test_what_is_no_trace_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.tracy").write_text("hello")
    with pytest.raises(tracypy.TraceError, match=r"text\.tracy"):
        read_summed(tmp_path / "text.tracy")
    with pytest.raises(FileNotFoundError):
        read_summed(tmp_path / "no.tracy")
    with pytest.raises(ValueError, match="null character"):
        read_summed("a\0b")
