"""Timelines of damaged recordings: an error of one line, or a timeline that can be looked at; never a crash."""

from __future__ import annotations

import random
from pathlib import Path

import tracypy
from tracypy.trace.summed import read_summed
from tracypy.view.answers import Answers, Part, read
from tracypy.view.single import page

from support.trace_file import TraceFileBuilder, in_container, zone
from support.trace_reader import Block, LockFacts

ROUNDS = 400


def _varied() -> bytes:
    builder = TraceFileBuilder(span_ns=10_000)
    outer, inner = builder.location("outer", "/app/a.py", 1), builder.location("inner", "/app/b.py", 2)
    zones = [
        zone(outer, at, at + 90, zone(inner, at + 5, at + 60, zone(inner, at + 10, at + 20), text="a text"))
        for at in range(0, 9000, 100)
    ]
    builder.thread(1, "main", *zones)
    builder.thread(2, "task", zone(inner, 50, -1, name="own", color=0x123456), is_fiber=True)
    builder.frame_marks(100, 200, 900)
    builder.frame_set("steps", [(10, 20), (30, 90)])
    builder.message(500, "a message", 1)
    builder.plot("curve", [(at, float(at % 7)) for at in range(0, 9000, 30)])
    builder.kinds.locks.append(
        LockFacts("", "outer", False, 0, 0, (("wait", 10, 1), ("obtain", 20, 1), ("release", 30, 1)))
    )
    builder.kinds.memory["pool"] = [Block(1, 100, 10, 50, 1, 1, (), ()), Block(2, 50, 30, -1, 1, 0, (), ())]
    return builder.data()


def _damaged(data: bytes, numbers: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(numbers.randrange(1, 4)):
        at = numbers.randrange(8, len(changed))
        changed[at] = numbers.choice((0, 1, 0x7F, 0x80, 0xFF, numbers.randrange(256)))
    return bytes(changed)


def _look(answers: Answers) -> None:
    overview = answers.overview()
    lanes = overview["lanes"]
    assert isinstance(lanes, list)
    parts = [
        Part({"plot": "c", "memory": "c", "messages": "m"}.get(lane["kind"], "z"), lane["number"]) for lane in lanes
    ]
    for level, number in ((0, 0), (3, 1), (20, 0), (52, 0)):
        answers.tile(level, number, parts)
    for lane in lanes:
        if lane["kind"] in ("thread", "fiber"):
            answers.zone(lane["number"], len(lane["rows"]) - 1, lane["rows"][-1] - 1)
            answers.span(0, 1 << 60, [lane["number"]])
            answers.tree(10, 5000, [lane["number"]])
    answers.find("inner", -1, [0, 0, 0], is_forward=True)
    answers.find("inner", 1 << 60, [0, 0, 0], is_forward=False)
    page(answers, 50)


def test_damaged_recordings_are_errors_or_shown(tmp_path: Path) -> None:
    data, numbers = _varied(), random.Random(12)
    path = tmp_path / "damaged.tracy"
    shown = 0
    for turn in range(ROUNDS):
        path.write_bytes(in_container(data if turn == 0 else _damaged(data, numbers)))
        try:
            answers = read(path)
        except tracypy.TraceError:
            continue
        _look(answers)
        summed = read_summed(path, functions=True, trees=True)
        assert summed.zone_count == answers.zone_count
        shown += 1
    assert shown > ROUNDS // 4
