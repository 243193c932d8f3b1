"""Recordings whose zones are only added up: the same figures as when they are read whole."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path

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
        builder.thread(thread, f"thread {thread}", *zones, is_fiber=has_fiber and thread == 2)
    builder.thread(4, "open", zone(locations[0], 5, -1))
    path.write_bytes(builder.to_bytes())
    return path


def _same(one: Trace, other: Trace, thread: int | None) -> None:
    for first, second in zip(one.functions(thread), other.functions(thread), strict=True):
        assert second.std_ns == pytest.approx(first.std_ns, rel=1e-9)
        assert dataclasses.replace(second, std_ns=first.std_ns) == first


def test_sums_are_those_of_the_whole_trace(tmp_path: Path) -> None:
    path = _built(tmp_path / "a.tracy")
    whole = tracypy.open(path)
    summed = read_summed(path, functions=True, of_threads=True, trees=True)
    assert isinstance(summed, SummedTrace)
    assert whole.zone_count > 2000
    assert summed.zone_count == whole.zone_count
    assert summed.thread_count == whole.thread_count
    _same(whole, summed, None)
    for one, other in zip(whole.threads, summed.threads, strict=True):
        facts = ("id", "name", "zone_count", "short_number", "busy_ns", "is_fiber", "thread_count")
        assert [getattr(one, fact) for fact in facts] == [getattr(other, fact) for fact in facts]
        _same(whole, summed, one.index)
        for column in ("parent", "location", "calls", "total_ns", "self_ns"):
            assert list(getattr(whole.call_tree(one.index), column)) == list(getattr(summed.call_tree(other), column))
    assert summed.functions(filter="f3") == [row for row in summed.functions() if row.name == "f3"]
    assert summed.tasks() == []
    with pytest.raises(IndexError):
        summed.functions(99)


def test_what_cannot_be_added_up_is_read_whole(tmp_path: Path) -> None:
    for path in (_built(tmp_path / "a.tracy", has_fiber=True), _built(tmp_path / "b.tracy", part="f0 (continued)")):
        summed = read_summed(path, functions=True)
        assert not isinstance(summed, SummedTrace)
        assert summed.functions() == tracypy.open(path).functions()


def test_what_is_no_trace_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.tracy").write_text("hello")
    with pytest.raises(tracypy.TraceError, match=r"text\.tracy"):
        read_summed(tmp_path / "text.tracy")
    with pytest.raises(FileNotFoundError):
        read_summed(tmp_path / "no.tracy")
    with pytest.raises(ValueError, match="null character"):
        read_summed("a\0b")
