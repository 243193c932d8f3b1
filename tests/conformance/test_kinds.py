"""Every kind of event, as the strict viewer sees it and as real programs do.

Real capture tools take a program of all kinds, ask what the strict viewer asks, and refuse nothing that it lets pass;
and the recorded scene has what it is known to have.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from support.all_kinds import program_of_all_kinds
from support.captures import capture_program, capture_protocols, run_capture
from support.stream_builder import FIRST_TICK, ToyProgram
from support.toy_conversations import SIZE, converse
from support.toy_server import answering, playing
from support.vectors import RECORDINGS, needs_vectors, replay
from support.viewer import ProtocolViolation, Query

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.viewer.trace import Trace

TICK = FIRST_TICK + 1000
THREAD, FIBER = 7, 0x99


def assert_understood(trace: Trace) -> None:
    """What the strict viewer has made of it."""
    assert trace.app_info == ["about the program"]
    assert [message.text for message in trace.messages] == [
        "plain", "speed", "with texts", "with addresses", "with both",
    ]  # fmt: skip
    stacks = [
        message.callstack and [frame.function for frame in message.callstack.frames] for message in trace.messages
    ]
    assert stacks[2:] == [
        ["inner", "outer"], ["inlined", "caller", "main", "inlined", "caller"], ["outer", "main"],
    ]  # fmt: skip
    assert [fiber.name for fiber in trace.fibers] == ["fiber 153", "fiber 154"]
    assert {name: pool.frees for name, pool in trace.memory_pools.items()} == {
        None: 1, "arena": 1 if trace.protocol >= 72 else 0,
    }  # fmt: skip
    assert (trace.lock("lock 1").is_contended, trace.lock("lock 2").count("shared obtain")) == (True, 1)
    assert [(zone.name, zone.gpu_end_ns) for zone in trace.gpu_contexts[3].zones()] == [("g", 1150)]
    assert [image.frame for image in trace.frame_images] == [1]
    assert [section.text for section in trace.sections] == (["level 0"] if trace.protocol >= 82 else [])


@pytest.mark.parametrize("protocol", capture_protocols())
def test_a_real_capture_tool_takes_all_kinds_and_asks_what_the_strict_viewer_asks(
    protocol: int, tmp_path: Path
) -> None:
    strict, real = program_of_all_kinds(protocol), program_of_all_kinds(protocol)
    assert_understood(converse(strict).trace)
    real.stream.event("Terminate")
    program = capture_program(protocol)
    with answering(playing(real)) as port, run_capture(program, port, tmp_path / "all.tracy") as capture:
        result = capture.wait()
    assert (result.zones, result.frames, result.failure) == (2, 5, None)
    assert questions(real) == questions(strict)


def questions(toy: ToyProgram) -> Counter[tuple[Query, int, int]]:
    return Counter(query for query in toy.asked if query[0] is not Query.TERMINATE)


# What the real tools refuse aloud, the strict viewer refuses too


def allocate_twice(toy: ToyProgram) -> None:
    for number in range(2):
        toy.stream.serial_event("MemAlloc", TICK + number, thread=THREAD, address=5, size=SIZE)


def free_alone(toy: ToyProgram) -> None:
    toy.stream.serial_event("MemFree", TICK, thread=THREAD, address=5)


def leave_no_fiber(toy: ToyProgram) -> None:
    toy.stream.message(TICK, "notice the thread")
    toy.stream.fiber_leave(THREAD, TICK + 1)


def two_images_of_a_frame(toy: ToyProgram) -> None:
    for _ in range(2):
        toy.stream.event("FrameImageData", 1, tail=bytes(8))
        toy.stream.event("FrameImage", 0, 4, 4, 0)


def end_on_a_fiber(toy: ToyProgram) -> None:
    toy.stream.begin(0x1000, TICK)
    toy.stream.fiber_enter(FIBER, THREAD, TICK + 1)
    toy.stream.end(TICK + 2)


@pytest.mark.parametrize("act", [allocate_twice, free_alone, leave_no_fiber, two_images_of_a_frame, end_on_a_fiber])
@pytest.mark.parametrize("protocol", capture_protocols())
def test_what_a_real_capture_tool_refuses_is_refused(
    protocol: int, act: Callable[[ToyProgram], None], tmp_path: Path
) -> None:
    with pytest.raises(ProtocolViolation):
        converse(wrong_program(protocol, act))
    toy = wrong_program(protocol, act)
    toy.stream.event("Terminate")
    program = capture_program(protocol)
    with answering(playing(toy)) as port, run_capture(program, port, tmp_path / "wrong.tracy") as capture:
        result = capture.wait()
    assert result.failure is not None


def wrong_program(protocol: int, act: Callable[[ToyProgram], None]) -> ToyProgram:
    toy = ToyProgram(protocol)
    toy.location(0x1000, "f")
    toy.stream.thread(THREAD)
    act(toy)
    return toy


# The recorded scene


@pytest.fixture(params=RECORDINGS, ids="-".join)
def scene(request: pytest.FixtureRequest) -> Trace:
    return replay(request.param)


@needs_vectors
def test_memory_is_the_scene_s(scene: Trace) -> None:
    facts = {
        name: (len(pool.allocations), pool.frees, len(pool.active), pool.usage)
        for name, pool in scene.memory_pools.items()
    }
    expected: dict[str | None, tuple[int, int, int, int]] = {None: (110, 80, 30, 53115), "arena": (51, 46, 5, 240000)}
    if scene.protocol >= 72:
        expected["scratch"] = (15, 12, 3, 768)
    assert facts == expected
    assert scene.memory_pools["arena"].peak > 4 << 30


@needs_vectors
def test_locks_are_the_scene_s(scene: Trace) -> None:
    ledger, catalogue, brief = scene.lock("ledger lock ü"), scene.lock("catalogue"), scene.lock("std::mutex brief")
    counts = [(lock.count("wait"), lock.count("obtain"), lock.count("release")) for lock in (ledger, catalogue, brief)]
    assert counts == [(100, 100, 100), (6, 6, 6), (4, 9, 9)]
    assert [catalogue.count(f"shared {word}") for word in ("wait", "obtain", "release")] == [20, 20, 20]
    assert sum(event.mark is not None for event in ledger.events) == 10
    assert ledger.is_contended
    assert (ledger.held, ledger.waiting, catalogue.sharing, brief.held) == (0, set(), set(), 0)
    assert all(lock.terminate_tick for lock in scene.locks.values())


@needs_vectors
def test_fibers_are_the_scene_s(scene: Trace) -> None:
    runs = {fiber.name: fiber.runs for fiber in scene.fibers}
    assert {name: len(found) for name, found in runs.items()} in ({"fiber A": 45, "fiber B": 45}, {})
    assert all(run.thread.name == "fiber runner" for found in runs.values() for run in found)
    assert all(run.end_tick is not None for found in runs.values() for run in found)


@needs_vectors
def test_images_and_sections_are_the_scene_s(scene: Trace) -> None:
    # The viewer's first frame is that of the initialisation; the second image names the frame before.
    assert [(image.index - 1, image.flip) for image in scene.frame_images] == [
        (5, False), (14, False), (25, True), (35, False), (45, False), (55, False),
    ]  # fmt: skip
    assert {(image.width, image.height, len(image.data)) for image in scene.frame_images} == {(64, 32, 1024)}
    sections = [(section.text, section.category, section.end_tick is not None) for section in scene.sections]
    levels = [("whole run", 0, True), *((f"level {number}", 1, True) for number in range(3))]
    assert sections == (levels if scene.protocol >= 82 else [])
