"""A part of a trace: what `tracypy.open` leaves out, and that the rest is as it was."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import tracypy
from tracypy.trace import Trace

from support.trace_file import TraceFileBuilder, Zone, zone

SPAN = 1_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A thread with a random tree of zones, one that never ended, and something of the other kinds."""
    builder = TraceFileBuilder(program="excerpt", span_ns=SPAN)
    numbers = random.Random(7)
    places = [builder.location(f"f{number}", "/app/f.py", number + 1) for number in range(4)]

    def tree(begin: int, end: int, depth: int) -> list[Zone]:
        cuts = sorted(numbers.randint(begin, end) for _ in range(6))
        pairs = [pair for pair in zip(cuts[::2], cuts[1::2], strict=True) if pair[0] < pair[1]]
        return [
            zone(places[numbers.randrange(4)], start, stop, *(tree(start, stop, depth - 1) if depth else []))
            for start, stop in pairs
        ]

    roots = tree(0, 900, 5)
    assert len(roots) > 1
    builder.thread(1, "main", *roots, zone(places[0], 950, -1, zone(places[1], 960, 970, text="late")))
    builder.thread(2, "worker", zone(places[2], 10, 20))
    builder.frame_marks(100, 200, 300, 400)
    builder.frame_set("io", [(5, 150), (350, 360)])
    builder.message(50, "early", 1)
    builder.message(250, "middle", 1)
    builder.plot("level", [(number * 100, float(number)) for number in range(10)])
    made = tmp_path / "excerpt.tracy"
    made.write_bytes(builder.to_bytes())
    return made


type Row = tuple[int, int, int, int, str | None]


def rows(trace: Trace) -> list[list[Row]]:
    return [
        [(zone.start_ns, zone.end_ns, zone.location, zone.depth, zone.text) for zone in thread.iter_zones()]
        for thread in trace.threads
    ]


def chosen(thread: list[Row], first: int, last: int, least: int) -> list[Row]:
    """The same, the slow way."""
    found = []
    around: list[bool] = []
    for start, end, location, depth, text in thread:
        del around[depth:]
        stop = SPAN if end < 0 else end
        is_wanted = stop >= first and start <= last and stop - start >= least
        if is_wanted:
            found.append((start, end, location, sum(around), text))
        around.append(is_wanted)
    return found


@pytest.mark.parametrize(
    ("first", "last", "least"), [(0, None, 0), (150, 320, 0), (0, 0, 0), (951, None, 0), (0, None, 12), (100, 800, 5)]
)
def test_zones_are_those_of_the_time_and_so_long(path: Path, first: int, last: int | None, least: int) -> None:
    whole = rows(tracypy.open(path))
    assert max(depth for thread in whole for _, _, _, depth, _ in thread) > 2
    part = tracypy.open(path, from_ns=first, until_ns=last, min_duration_ns=least)
    expected = [chosen(thread, first, SPAN if last is None else last, least) for thread in whole]
    assert rows(part) == expected
    assert [thread.zone_count for thread in part.threads] == [len(thread) for thread in expected]
    assert part.span_ns == SPAN


def test_tree_and_statistics_are_those_of_the_part(path: Path) -> None:
    part = tracypy.open(path, from_ns=100, until_ns=800, min_duration_ns=5)
    children = part.threads[0].zones["children"]
    parents: list[int] = []
    counted = [0] * len(children)
    for index, found in enumerate(part.threads[0].iter_zones()):
        del parents[found.depth :]
        if parents:
            counted[parents[-1]] += 1
        parents.append(index)
    assert children.tolist() == counted
    assert sum(function.calls for function in part.functions()) == sum(len(thread) for thread in rows(part))
    assert len(part.call_tree().calls) > 1


def test_other_kinds_of_the_time(path: Path) -> None:
    part = tracypy.open(path, from_ns=150, until_ns=320)
    assert [message.text for message in part.messages] == ["middle"]
    assert list(part.plots[0].iter_points()) == [(200, 2.0), (300, 3.0)]
    frames = {found.name: [tuple(frame) for frame in found.frames] for found in part.frames}
    assert frames == {"": [(100, 200), (200, 300), (300, 400)], "io": [(5, 150)]}


@pytest.mark.parametrize(
    "options", [{"from_ns": -1}, {"until_ns": -5}, {"min_duration_ns": -1}, {"from_ns": 10, "until_ns": 9}], ids=str
)
def test_impossible_times_are_refused(path: Path, options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="times are not negative, and until_ns is not before from_ns"):
        tracypy.open(path, **options)  # type: ignore[arg-type]


def test_times_beyond_everything_are_taken(path: Path) -> None:
    assert rows(tracypy.open(path, until_ns=10**30)) == rows(tracypy.open(path))
    assert rows(tracypy.open(path, from_ns=10**30)) == [[], []]
