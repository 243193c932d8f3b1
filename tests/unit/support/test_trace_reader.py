"""The reader of trace files finds what the builder has put in."""

from __future__ import annotations

import struct

import pytest

from support.trace_file import TraceFileBuilder, in_container, zone
from support.trace_reader import MessageFacts, read_trace_file


def built() -> TraceFileBuilder:
    file = TraceFileBuilder(program="a program")
    outer, inner = file.location("outer"), file.location("inner")
    file.thread(
        7, "main", zone(outer, 10, 100, zone(inner, 20, 30), zone(inner, 40, 50, text="t")), zone(inner, 110, 120)
    )
    file.thread(1 << 32, "a task", zone(inner, 10, 20), is_fiber=True)
    file.frame_marks(30, 40)
    file.frame_set("frames", [(1, 2)])
    file.message(5, "hello", 7, 0x102030)
    file.message(6, "plain", 7)
    file.plot("curve", [(1, 2.5), (3, -1.0)])
    return file


def test_reads_what_was_built() -> None:
    facts = read_trace_file(built().to_bytes())
    assert (facts.version, facts.program) == ((0, 11, 0), "a program")
    assert (facts.threads, facts.fibers) == ({"main": 4, "a task": 1}, {"a task"})
    assert facts.messages == [MessageFacts("hello", 5, 0x102030, ()), MessageFacts("plain", 6, None, ())]
    assert facts.plots == {"curve": [(1, 2.5), (3, -1.0)]}
    assert facts.frames == {"": 4, "frames": 1}
    assert (facts.memory, facts.memory_usage) == ({"": []}, {"": 0})


@pytest.mark.parametrize("cut", [1, 8, 100])
def test_refuses_a_file_that_is_cut(cut: int) -> None:
    with pytest.raises((AssertionError, struct.error)):
        read_trace_file(in_container(built().data()[:-cut]))


def test_refuses_bytes_behind_the_end() -> None:
    with pytest.raises(AssertionError, match="2 bytes behind the last section"):
        read_trace_file(in_container(built().data() + b"xx"))
