"""The reader of trace files finds what the builder has put in."""

from __future__ import annotations

import struct

import pytest

from support.all_kinds import KINDS, STACK, file_of_all_kinds, small_file
from support.trace_file import in_container
from support.trace_reader import MessageFacts, read_trace_file


def test_reads_what_was_built() -> None:
    facts = read_trace_file(small_file().to_bytes())
    assert (facts.version, facts.program) == ((0, 11, 0), "a program")
    assert (facts.threads, facts.fibers) == ({"main": 4, "a task": 1}, {"a task"})
    assert facts.messages == [MessageFacts("hello", 5, 0x102030, ()), MessageFacts("plain", 6, None, ())]
    assert facts.plots == {"curve": [(1, 2.5), (3, -1.0)]}
    assert facts.frames == {"": 4, "frames": 1}
    assert (facts.memory, facts.memory_usage) == ({"": []}, {"": 0})


def test_reads_every_kind() -> None:
    facts = read_trace_file(file_of_all_kinds().to_bytes())
    assert {name: getattr(facts, name) for name in KINDS} == KINDS
    assert facts.fiber_runs == {"a task": [(10, 20, 7), (30, 40, 8)]}
    assert facts.memory_usage == {"": (1 << 47) - 1, "arena": 0}
    assert facts.zone_callstacks == {STACK: 1}
    assert [message.callstack for message in facts.messages] == [(), (), STACK]


@pytest.mark.parametrize("cut", [1, 8, 100])
def test_refuses_a_file_that_is_cut(cut: int) -> None:
    with pytest.raises((AssertionError, struct.error)):
        read_trace_file(in_container(small_file().data()[:-cut]))


def test_refuses_bytes_behind_the_end() -> None:
    with pytest.raises(AssertionError, match="2 bytes behind the last section"):
        read_trace_file(in_container(small_file().data() + b"xx"))
