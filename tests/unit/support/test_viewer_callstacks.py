"""The strict viewer's rules for call stacks, frames, symbols, and the sources of frames."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from support.toy_conversations import (
    CODE_TRANSFER,
    SIZE,
    THREAD,
    TICK,
    Refusal,
    assert_refused,
    converse,
    each_refusal,
    make_toy,
    serial,
)  # fmt: skip
from support.viewer import Query
from support.viewer.kinds.callstacks import StackFrame

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram

INNER, OUTER = ("inner", "app.py", 12), ("outer", "app.py", 40)


def texts(toy: ToyProgram, *frames: tuple[str, str, int]) -> None:
    """A stack of texts for the thread's next event."""
    toy.stream.stack_of_texts(*frames)
    toy.stream.event("CallstackAlloc")


def addresses(toy: ToyProgram, *frames: int) -> None:
    toy.stream.stack_of_addresses(*frames)
    toy.stream.event("Callstack")


def begin_with_stack(toy: ToyProgram, tick: int = TICK) -> None:
    forms = "ZoneBeginCallstack32" in toy.stream.dialect.by_name
    toy.stream.event("ZoneBeginCallstack32" if forms else "ZoneBeginCallstack", tick - (1 << 16) * forms, 0x1000)
    toy.stream.now = tick


def test_a_zone_has_the_stack_of_texts_that_came_before_it(toy: ToyProgram) -> None:
    texts(toy, INNER, OUTER)
    begin_with_stack(toy)
    toy.stream.begin(0x2000, TICK + 1)
    toy.stream.end(TICK + 2)
    toy.stream.end(TICK + 3)
    trace = converse(toy).trace
    (root,) = trace.thread("thread 7").roots
    assert root.callstack is not None
    assert root.callstack.frames == [StackFrame(*INNER), StackFrame(*OUTER)]
    assert root.children[0].callstack is None
    assert trace.callstacks == [root.callstack]


def test_a_zone_of_a_dynamic_location_too(toy: ToyProgram) -> None:
    texts(toy, INNER)
    content = struct.pack("<II", 0, 3) + b"function\0file.py\0"
    toy.stream.event("SourceLocationPayload", 1, tail=content)
    toy.stream.event("ZoneBeginAllocSrcLocCallstack", TICK)
    toy.stream.now = TICK
    toy.stream.end(TICK + 1)
    (root,) = converse(toy).trace.thread("thread 7").roots
    assert (root.name, root.callstack and len(root.callstack.frames)) == ("function", 1)


def test_each_thread_and_fiber_has_a_stack_of_its_own(toy: ToyProgram) -> None:
    texts(toy, INNER)
    toy.stream.thread(8)
    texts(toy, OUTER)
    toy.stream.message(TICK, "eight", callstack=True)
    toy.stream.thread(THREAD)
    toy.stream.fiber_enter(0x99, THREAD, TICK)
    texts(toy, OUTER)
    toy.stream.message(TICK, "fiber", callstack=True)
    toy.stream.fiber_leave(THREAD, TICK + 1)
    toy.stream.message(TICK, "seven", callstack=True)
    stacks = {message.text: message.callstack for message in converse(toy).trace.messages}
    functions = {text: stack and stack.frames[0].function for text, stack in stacks.items()}
    assert functions == {"eight": "outer", "fiber": "outer", "seven": "inner"}


def test_frames_of_addresses_are_asked_for(toy: ToyProgram) -> None:
    toy.frames[0x4000] = [("inlined", "a.c", 1, 0, 0), ("caller", "a.c", 2, 0, 0)]
    toy.frames[0x5000] = [("main", "b.c", 3, 0, 0)]
    addresses(toy, 0x4000, 0x5000, 0x4000)
    toy.stream.message(TICK, "m", callstack=True)
    trace = converse(toy).trace
    (stack,) = trace.callstacks
    assert [(frame.function, frame.line) for frame in stack.frames] == [
        ("inlined", 1), ("caller", 2), ("main", 3), ("inlined", 1), ("caller", 2),
    ]  # fmt: skip
    assert trace.image_names == {0x4000: "a binary", 0x5000: "a binary"}
    asked = [pointer for kind, pointer, _ in toy.asked if kind is Query.CALLSTACK_FRAME]
    # Until 0.12.2 the viewer asks again as long as the first answer has not come.
    assert asked == ([0x4000, 0x5000] if toy.stream.protocol >= 76 else [0x4000, 0x5000, 0x4000])


def test_a_stack_may_be_texts_above_addresses(toy: ToyProgram) -> None:
    toy.frames[0x4000] = [("native", "a.c", 1, 0, 0)]
    toy.stream.stack_of_addresses(0x4000)
    texts(toy, INNER)
    toy.stream.message(TICK, "m", callstack=True)
    (stack,) = converse(toy).trace.callstacks
    assert [frame.function for frame in stack.frames] == ["inner", "native"]


def test_protocol_76_asks_for_frames_of_text_by_their_number(toy: ToyProgram) -> None:
    for number, frames in enumerate(((INNER, OUTER), (OUTER,), (INNER,))):
        texts(toy, *frames)
        toy.stream.message(TICK + number, "m", callstack=True)
    converse(toy)
    asked = [pointer for kind, pointer, _ in toy.asked if kind is Query.CALLSTACK_FRAME]
    assert asked == ([0, 1] if toy.stream.protocol == 76 else [])


def test_symbols_and_their_code_are_asked_for(protocol: int) -> None:
    toy = make_toy(protocol, flags=CODE_TRANSFER)
    toy.frames[0x4000] = [("f", "a.c", 1, 0x3FF0, 100)]
    toy.frames[0x5000] = [("f", "a.c", 2, 0x3FF0, 100)]
    toy.frames[0x6000] = [("g", "a.c", 2, 0x6000, 0)]
    addresses(toy, 0x4000, 0x5000, 0x6000)
    toy.stream.message(TICK, "m", callstack=True)
    assert converse(toy).is_done
    assert [pointer for kind, pointer, _ in toy.asked if kind is Query.SYMBOL] == [0x3FF0, 0x6000]
    assert [query for query in toy.asked if query[0] is Query.SYMBOL_CODE] == [(Query.SYMBOL_CODE, 0x3FF0, 100)]


def test_the_sources_of_frames_are_asked_for_with_their_binary(protocol: int) -> None:
    toy = make_toy(protocol, flags=CODE_TRANSFER, exec_time=1)
    toy.frames[0x4000] = [("f", "frame.c", 1, 0, 0)]
    toy.sources["frame.c"] = b"int f;\n"
    addresses(toy, 0x4000)
    toy.stream.message(TICK, "m", callstack=True)
    trace = converse(toy).trace
    assert trace.source_code("frame.c") == "int f;\n"
    assert sum(kind is Query.DATA_TRANSFER for kind, _, _ in toy.asked) == 2


def test_memory_takes_the_serial_stack(toy: ToyProgram) -> None:
    toy.stream.stack_of_texts(INNER)
    toy.stream.event("CallstackSerial")
    serial(toy, "MemAllocCallstack", thread=THREAD, address=5, size=SIZE)
    (allocation,) = converse(toy).trace.memory_pools[None].allocations
    assert allocation.callstack is not None
    assert allocation.callstack.frames == [StackFrame(*INNER)]


def frame(toy: ToyProgram, *events: str) -> None:
    """An answer for address 0x4000 that has not been asked for as it comes."""
    addresses(toy, 0x4000)
    toy.stream.message(TICK, "m", callstack=True)
    for name in events:
        toy.stream.single("text")
        toy.stream.event(name, *((0x4000, 1) if name == "CallstackFrameSize" else (1, 0, 0)))


def unused(toy: ToyProgram, name: str) -> None:
    for _ in range(2):
        toy.stream.stack_of_texts(INNER)
        toy.stream.event(name)


def text_payload(toy: ToyProgram, raw: bytes) -> None:
    toy.stream.event("CallstackAllocPayload", 1, tail=raw)


ONE_FRAME = b"\x01" + struct.pack("<IH", 1, 1) + b"f" + struct.pack("<H", 1) + b"p"

REFUSALS: dict[str, Refusal] = {
    "zone without": Refusal(begin_with_stack, r"ZoneBeginCallstack\w* without Callstack before it"),
    "memory without": Refusal(
        lambda toy: serial(toy, "MemAllocCallstack", thread=THREAD, address=5, size=SIZE), "without CallstackSerial"
    ),
    "owner without payload": Refusal(
        lambda toy: toy.stream.event("Callstack"), "Callstack without CallstackPayload before it"
    ),
    "payload twice": Refusal(
        lambda toy: [toy.stream.stack_of_addresses(1) for _ in range(2)], "the one before it has not been used"
    ),
    "unused": Refusal(lambda toy: unused(toy, "CallstackAlloc"), "on thread '.*' is not used"),
    "unused serial": Refusal(lambda toy: unused(toy, "CallstackSerial"), "the one before it is not used"),
    "never used": Refusal(lambda toy: texts(toy, INNER), "the event on thread '.*' that uses Callstack never came"),
    "odd payload": Refusal(
        lambda toy: toy.stream.event("CallstackPayload", 1, tail=b"1234567"), "of 7 bytes, which are no addresses"
    ),
    "not canonical": Refusal(lambda toy: toy.stream.stack_of_addresses(1 << 63), "which the viewer cannot keep"),
    "65 frames": Refusal(lambda toy: toy.stream.stack_of_texts(*[INNER] * 65), "more than 64 frames"),
    "no frames": Refusal(lambda toy: toy.stream.stack_of_texts(), "a call stack without a frame"),
    "frame cut": Refusal(lambda toy: text_payload(toy, ONE_FRAME[:5]), "in the middle of a frame"),
    "text cut": Refusal(lambda toy: text_payload(toy, ONE_FRAME[:-1]), "in the middle of a text"),
    "too long": Refusal(lambda toy: text_payload(toy, ONE_FRAME + b"x"), "has 1 bytes too many"),
    "not utf-8": Refusal(lambda toy: text_payload(toy, ONE_FRAME[:-1] + b"\xff"), "CallstackAllocPayload is not UTF-8"),
    "frame not asked": Refusal(
        lambda toy: toy.answer(Query.CALLSTACK_FRAME, 0x4000, 0), "CallstackFrameSize answers 0x4000, which is not"
    ),
    "part alone": Refusal(lambda toy: frame(toy, "CallstackFrame"), "CallstackFrame without CallstackFrameSize"),
    "parts missing": Refusal(
        lambda toy: frame(toy, "CallstackFrameSize", "CallstackFrameSize"), "while 1 parts of a frame are to come"
    ),
    "part without file": Refusal(
        lambda toy: frame(toy, "CallstackFrameSize", "CallstackFrame"), "CallstackFrame without SecondStringData"
    ),
    "frame of nothing": Refusal(
        lambda toy: (frame(toy), toy.stream.event("CallstackFrameSize", 0x4000, 0)), "CallstackFrameSize of 0"
    ),
    "symbol not asked": Refusal(lambda toy: toy.answer(Query.SYMBOL, 0x4000, 0), "SymbolInformation answers 0x4000"),
    "code not asked": Refusal(
        lambda toy: toy.stream.event("AckSymbolCodeNotAvailable"), "but no symbol code is asked for"
    ),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


def test_the_goodbye_waits_for_the_owner_of_a_stack(toy: ToyProgram) -> None:
    toy.stream.stack_of_texts(INNER)
    assert converse(toy).missing() == ["the event that says whose CallstackPayload it is"]
