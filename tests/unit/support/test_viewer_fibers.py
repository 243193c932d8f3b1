"""The strict viewer's rules for fibers, the groups of rows, and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.stream_builder import FIRST_TICK
from support.toy_conversations import THREAD, TICK, Refusal, assert_refused, converse, each_refusal, make_toy

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram

A, B = 0x99, 0x9A


def test_a_fiber_goes_from_thread_to_thread_with_its_open_zones(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.fiber_enter(A, THREAD, TICK)
    stream.begin(0x1000, TICK + 1)
    stream.fiber_leave(THREAD, TICK + 5)
    stream.begin(0x2000, TICK + 6)
    stream.end(TICK + 7)
    stream.thread(8)
    stream.fiber_enter(A, 8, TICK + 10)
    stream.end(TICK + 12)
    stream.fiber_leave(8, TICK + 15)
    trace = converse(toy).trace
    (fiber,) = trace.fibers
    assert fiber.name == "fiber 153"
    assert fiber.tree() == (("f", ()),)
    assert (fiber.roots[0].begin_ns, fiber.roots[0].end_ns) == (1001, 1012)
    assert [(run.thread.name, run.begin_tick - TICK, run.end_tick and run.end_tick - TICK) for run in fiber.runs] == [
        ("thread 7", 0, 5), ("thread 8", 10, 15),
    ]  # fmt: skip
    assert trace.thread("thread 7").tree() == (("g", ()),)


def test_a_fiber_may_give_way_to_another_without_leaving(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.fiber_enter(B, THREAD, TICK + 5)
    toy.stream.fiber_leave(THREAD, TICK + 9)
    fibers = converse(toy).trace.fibers
    assert [[(run.begin_tick - TICK, run.end_tick) for run in fiber.runs] for fiber in fibers] == [
        [(0, TICK + 5)], [(5, TICK + 9)],
    ]  # fmt: skip


def test_one_fiber_may_be_entered_again_on_its_thread(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.fiber_enter(A, THREAD, TICK + 5)
    toy.stream.fiber_leave(THREAD, TICK + 9)
    (fiber,) = converse(toy).trace.fibers
    assert [run.end_tick for run in fiber.runs] == [TICK + 5, TICK + 9]


def test_messages_and_plots_of_a_fiber(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.message(TICK + 1, "m")
    toy.stream.plot(0x31, TICK + 2, 1)
    toy.stream.fiber_leave(THREAD, TICK + 3)
    trace = converse(toy).trace
    assert [message.thread.name for message in trace.messages] == ["fiber 153"]
    assert trace.plots == {"thirty-one": [(1002, 1)]}


def test_groups_of_threads_and_fibers(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK, group=-3)
    toy.stream.fiber_leave(THREAD, TICK + 1)
    if toy.stream.protocol >= 67:
        toy.stream.event("ThreadGroupHint", THREAD, 5)
    trace = converse(toy).trace
    assert trace.thread("thread 7").group_hint == (5 if toy.stream.protocol >= 67 else 0)
    assert trace.fibers[0].group_hint == (-3 if toy.stream.protocol >= 68 else 0)


def test_the_goodbye_waits_for_the_zones_of_fibers(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.begin(0x1000, TICK + 1)
    toy.stream.fiber_leave(THREAD, TICK + 2)
    assert converse(toy).missing() == ["zone 'f' open on thread 'fiber 153' (4294967296)"]


def on_two_threads(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.thread(8)
    toy.stream.fiber_enter(A, 8, TICK + 5)


def left_before_its_zone(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.begin(0x1000, TICK + 5)
    toy.stream.fiber_leave(THREAD, TICK + 4)


def zone_before_entering(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.begin(0x1000, TICK - 1)


def entered_in_the_past(toy: ToyProgram, fiber: int) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    toy.stream.fiber_leave(THREAD, TICK + 5)
    toy.stream.fiber_enter(fiber, THREAD, TICK + 4)


def left_twice(toy: ToyProgram) -> None:
    toy.stream.fiber_enter(A, THREAD, TICK)
    for tick in (TICK + 1, TICK + 2):
        toy.stream.fiber_leave(THREAD, tick)


def end_on_the_wrong_row(toy: ToyProgram) -> None:
    toy.stream.begin(0x1000, TICK)
    toy.stream.fiber_enter(A, THREAD, TICK + 1)
    toy.stream.end(TICK + 2)


REFUSALS: dict[str, Refusal] = {
    "two threads": Refusal(on_two_threads, r"\(0x99\) enters thread 8 while it runs on thread 7"),
    "no name": Refusal(lambda toy: toy.stream.fiber_enter(0, THREAD, TICK), "with pointer 0 for a name"),
    "left before its zone": Refusal(left_before_its_zone, "stops at 1001004, before its last event"),
    "zone before entering": Refusal(zone_before_entering, "1 ticks before what came before it"),
    "entered in its past": Refusal(lambda toy: entered_in_the_past(toy, A), "enters at 1001004, before its last event"),
    "entered in its thread's past": Refusal(
        lambda toy: entered_in_the_past(toy, B), "enters at 1001004, before the last switch of its thread"
    ),
    "before the start": Refusal(lambda toy: toy.stream.fiber_enter(A, THREAD, FIRST_TICK - 5), "before its last event"),
    "end of a zone of the thread": Refusal(end_on_the_wrong_row, "a zone end with no zone open on thread"),
    "left twice": Refusal(left_twice, "which runs no fiber"),
    "left by a stranger": Refusal(lambda toy: toy.stream.fiber_leave(55, TICK), "thread 55, which runs no fiber"),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


# --- sections ---


@pytest.fixture
def newest() -> ToyProgram:
    return make_toy(82)


def enter(toy: ToyProgram, identity: int, text: str = "loading", tick: int = TICK, category: int = 1) -> None:
    toy.stream.section_enter(identity, text, tick, category)


def leave(toy: ToyProgram, identity: int, tick: int) -> None:
    toy.stream.section_leave(identity, tick)


def test_sections_overlap_and_have_categories(newest: ToyProgram) -> None:
    newest.stream.single("levels")
    newest.stream.event("SectionSetup", 1)
    enter(newest, 1)
    enter(newest, 2, "level 0", TICK + 5)
    leave(newest, 1, TICK + 10)
    enter(newest, 3, "for ever", TICK + 12, category=0)
    leave(newest, 2, TICK + 15)
    trace = converse(newest).trace
    assert [(each.text, each.category, each.begin_tick - TICK, each.end_tick) for each in trace.sections] == [
        ("loading", 1, 0, TICK + 10), ("level 0", 1, 5, TICK + 15), ("for ever", 0, 12, None),
    ]  # fmt: skip
    assert trace.section_categories == {1: "levels"}


def test_a_section_may_be_left_on_a_thread_that_is_heard_first(newest: ToyProgram) -> None:
    leave(newest, 1, TICK + 5)
    newest.stream.thread(8)
    enter(newest, 1)
    assert [(each.begin_tick, each.end_tick) for each in converse(newest).trace.sections] == [(TICK, TICK + 5)]


def leave_first(toy: ToyProgram, *ticks: int) -> None:
    for tick in ticks:
        leave(toy, 1, tick)


SECTIONS: dict[str, Refusal] = {
    "entered twice": Refusal(lambda toy: (enter(toy, 1), enter(toy, 1)), "section 1 is entered twice", since=82),
    "left twice": Refusal(lambda toy: leave_first(toy, TICK, TICK), "section 1 is left twice", since=82),
    "never entered": Refusal(lambda toy: leave_first(toy, TICK), r"sections \[1\] are left and were never", since=82),
    "number 0": Refusal(lambda toy: enter(toy, 0), "a section has the number 0", since=82),
    "backwards": Refusal(lambda toy: (enter(toy, 1), leave(toy, 1, TICK - 1)), "ends before it begins", since=82),
    "no text": Refusal(lambda toy: toy.stream.event("SectionEnter", TICK, 1, 0), "without SingleStringData", since=82),
    "before the start": Refusal(lambda toy: enter(toy, 1, tick=FIRST_TICK - 1), "ns after the start", since=82),
}


@each_refusal(SECTIONS)
def test_refuses_sections(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)
