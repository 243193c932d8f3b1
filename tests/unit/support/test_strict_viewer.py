"""The strict viewer accepts small sound conversations and refuses each thing that a real viewer refuses."""

from __future__ import annotations

import math
import struct

import pytest

from support.stream_builder import FIRST_TICK, ToyProgram
from support.toy_conversations import (
    CODE_TRANSFER,
    IGNORE_MEMORY_FAULTS,
    ON_DEMAND,
    SIZE,
    THREAD,
    TICK,
    Refusal,
    assert_refused,
    converse,
    each_refusal,
    make_toy,
    serial,
    zone,
)  # fmt: skip
from support.viewer import PROTOCOLS, HandshakeRefused, ProtocolViolation, Query, Session
from support.viewer.decoder import STATIC_LOCATION_LIMIT, TIME_LIMIT_NS
from support.viewer.handshake import welcome_size
from support.viewer.queries import QUERY, QueryBook
from support.viewer.tables import dialect

# --- what is accepted ---


def test_zones_nest_and_carry_what_they_are_given(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.begin(0x1000, TICK)
    stream.begin(0x2000, TICK + 5)
    stream.zone_text("one")
    stream.event("ZoneValue", 77)
    stream.zone_text("two")
    stream.end(TICK + 6)
    stream.begin(0x2000, TICK + 7)
    stream.zone_name("renamed")
    stream.zone_color(0x123456)
    stream.end(TICK + 8)
    stream.end(TICK + 9)
    session = converse(toy)
    assert session.is_done
    assert toy.is_terminated
    thread = session.trace.thread("thread 7")
    assert thread.tree() == (("f", (("g", ()), ("renamed", ()))),)
    root = thread.roots[0]
    first, second = root.children
    assert (root.function, root.file, root.line, root.text, root.value) == ("f", "toy.py", 10, None, None)
    assert (root.begin_ns, root.end_ns, root.begin_tick) == (1000, 1009, TICK)
    assert (first.text, first.texts, first.value) == ("one\ntwo", ["one", "two"], 77)
    assert first.shown_text == ("one\n77 [0x4d]\ntwo" if toy.stream.protocol >= 74 else "one\n77\ntwo")
    assert (first.color, second.color) == (0xAA5533, 0x123456)
    assert session.trace.counts() == {"f": 1, "g": 2}
    assert session.trace.zone_count == 3


def test_deep_nesting_is_no_recursion(toy: ToyProgram) -> None:
    for depth in range(2000):
        toy.stream.begin(0x1000, TICK + depth)
    for depth in range(2000):
        toy.stream.end(TICK + 2000 + depth)
    (tree,) = converse(toy).trace.thread("thread 7").tree()
    depth = 0
    while tree[1]:
        tree, depth = tree[1][0], depth + 1
    assert depth == 1999


@pytest.mark.parametrize("step", [0, 0xFFFF, 0x10000, 0x1000FFFF, 0x1_0000_FFFF, 0x1_0001_0000, 1 << 40])
def test_every_form_of_a_time_is_understood(toy: ToyProgram, step: int) -> None:
    toy.stream.begin(0x1000, TICK)
    toy.stream.begin(0x2000, TICK + step)
    toy.stream.end(TICK + 2 * step)
    toy.stream.end(TICK + 3 * step)
    (root,) = converse(toy).trace.thread("thread 7").roots
    ticks = [root.begin_tick, root.children[0].begin_tick, root.children[0].end_tick, root.end_tick]
    assert ticks == [TICK + number * step for number in range(4)]


def test_threads_keep_their_own_zones(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.begin(0x1000, TICK + 50)
    stream.thread(8)
    stream.begin(0x2000, TICK)
    stream.thread(THREAD)
    stream.end(TICK + 60)
    stream.thread(8)
    stream.end(TICK + 10)
    trace = converse(toy).trace
    assert trace.thread("thread 7").tree() == (("f", ()),)
    assert trace.thread("thread 8").tree() == (("g", ()),)
    with pytest.raises(LookupError, match="0 threads are named 'nobody'"):
        trace.thread("nobody")


def test_fibers_take_the_zones_of_their_thread(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.begin(0x1000, TICK)
    stream.fiber_enter(0x99, THREAD, TICK + 1)
    stream.begin(0x2000, TICK + 2)
    stream.fiber_leave(THREAD, TICK + 3)
    stream.end(TICK + 4)
    stream.fiber_enter(0x99, THREAD, TICK + 5)
    stream.end(TICK + 6)
    trace = converse(toy).trace
    assert trace.thread("thread 7").tree() == (("f", ()),)
    assert trace.thread("fiber 153").tree() == (("g", ()),)
    assert trace.thread("fiber 153").is_fiber


def test_dynamic_locations_are_merged_by_content(toy: ToyProgram) -> None:
    for number, name in enumerate(("", "", "named")):
        toy.stream.begin_dynamic(TICK + number * 10, "function", "file.py", name, 3)
        toy.stream.end(TICK + number * 10 + 1)
    trace = converse(toy).trace
    assert [location.name for location in trace.dynamic_locations] == ["function", "named"]
    assert [zone.srcloc for zone in trace.zones()] == [-1, -1, -2]


def test_marks_messages_and_plots(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.message(TICK, "free text")
    stream.literal(TICK + 1, 0x31)
    stream.plot(0x32, TICK + 2, 1.5)
    stream.event("FrameMarkMsg", TICK, 0)
    stream.event("FrameMarkMsgStart", TICK, 0x31)
    stream.event("FrameMarkMsgEnd", TICK + 5, 0x31)
    trace = converse(toy).trace
    assert [(message.text, message.time_ns, message.thread.name) for message in trace.messages] == [
        ("free text", 1000, "thread 7"),
        ("thirty-one", 1001, "thread 7"),
    ]
    assert trace.plots == {"thirty-two": [(1002, 1.5)]}
    frames = trace.frames
    assert [(frame.begin_ns, frame.end_ns) for frame in frames[None]] == [(1000, None)]
    assert [(frame.begin_ns, frame.end_ns) for frame in frames["thirty-one"]] == [(1000, 1005)]


def test_sources_are_asked_for_when_the_program_has_a_time(protocol: int) -> None:
    toy = make_toy(protocol, exec_time=1, flags=CODE_TRANSFER)
    toy.sources["toy.py"] = b"x = 1\n"
    zone(toy)
    toy.stream.begin_dynamic(TICK + 20, "function", "a file name longer than one part.py")
    toy.stream.end(TICK + 30)
    assert converse(toy).trace.sources == {"toy.py": b"x = 1\n", "a file name longer than one part.py": None}
    # 0.14.0 asks only a program that says it hands out code; before, the flag is about machine code alone.
    for silent in (make_toy(protocol), *([make_toy(82, exec_time=1)] if protocol == 82 else [])):
        zone(silent)
        converse(silent)
        assert not any(kind is Query.SOURCE_CODE for kind, _, _ in silent.asked)


def test_blocks_may_refer_to_blocks_before_them(toy: ToyProgram) -> None:
    session = Session(toy.stream.protocol)
    session.take_outgoing()
    session.feed(toy.stream.head())
    for number in range(200):
        for repeat in range(40):
            toy.stream.message(TICK + number * 40 + repeat, f"a text that comes again {repeat % 7}")
        session.feed(toy.stream.block(linked=True))
    toy.stream.event("Terminate")
    session.feed(toy.stream.block(linked=True))
    toy.go_on(session)
    assert session.is_done
    assert len(session.trace.messages) == 8000


def test_goodbye_waits_for_the_last_zone_end(toy: ToyProgram) -> None:
    toy.stream.begin(0x1000, TICK)
    session = converse(toy)
    assert session.missing() == ["zone 'f' open on thread 'thread 7' (7)"]
    with pytest.raises(ProtocolViolation, match="zone 'f' open on thread"):
        session.end_of_stream()
    toy.stream.end(TICK + 5)
    session.feed(toy.stream.block())
    toy.go_on(session)
    assert toy.is_terminated


def test_goodbye_waits_for_answers(toy: ToyProgram) -> None:
    zone(toy)
    toy.stream.event("Terminate")
    session = Session(toy.stream.protocol)
    session.feed(toy.stream.head() + toy.stream.block())
    assert session.missing() == ["THREAD_STRING 0x7", "SOURCE_LOCATION 0x1000"]
    with pytest.raises(ProtocolViolation, match="THREAD_STRING 0x7"):
        session.end_of_stream()


def test_disconnect_does_not_wait_for_zones(toy: ToyProgram) -> None:
    toy.stream.begin(0x1000, TICK)
    session = converse(toy, terminate=False)
    session.disconnect()
    toy.go_on(session)
    assert session.is_done
    assert toy.is_terminated


def test_parameters_are_acknowledged(toy: ToyProgram) -> None:
    toy.stream.event("ParamSetup", 3, 0x31, 0, 42)
    session = converse(toy, terminate=False)
    session.set_parameter(3, -1)
    # In protocol 82 the query waits for a block.
    toy.stream.event("KeepAlive")
    session.feed(toy.stream.block())
    toy.go_on(session)
    assert toy.asked[-1] == (Query.PARAMETER, 3 << 32 | 0xFFFFFFFF, 0)
    assert session.queries.is_idle


@pytest.mark.parametrize("status", [2, 3, 4, 9])
def test_refused_handshakes(status: int) -> None:
    session = Session(76)
    with pytest.raises(HandshakeRefused) as refusal:
        session.feed(bytes([status]))
    assert refusal.value.status == status


def test_no_answer_to_the_handshake() -> None:
    with pytest.raises(HandshakeRefused, match="no answer"):
        Session(76).end_of_stream()


def test_welcome_sizes(protocol: int) -> None:
    assert welcome_size(protocol) == (1178 if protocol <= 74 else 1170)
    assert len(ToyProgram(protocol).stream.head()) == 1 + welcome_size(protocol)


def test_on_demand_payload(protocol: int) -> None:
    trace = converse(make_toy(protocol, flags=ON_DEMAND)).trace
    assert trace.on_demand is not None
    assert (trace.on_demand.frames, trace.on_demand.current_time) == (5, FIRST_TICK + 200)


def test_numbers_of_events_differ_as_the_protocols_do() -> None:
    assert [len(dialect(number).by_number) for number in PROTOCOLS] == [112, 113, 115, 115, 117, 132]
    assert [dialect(number).number("ZoneEnd") for number in PROTOCOLS] == [17, 17, 17, 17, 17, 25]
    assert [dialect(number).number("Terminate") for number in PROTOCOLS] == [57, 57, 59, 59, 60, 73]


def test_queries_wait_for_space_and_urgent_ones_overtake() -> None:
    book = QueryBook(82, limit=2)
    for kind, pointer in ((Query.DATA_TRANSFER, 1), (Query.STRING, 2), (Query.STRING, 3), (Query.STRING, 4)):
        book.ask(kind, pointer)
    assert book.take_outgoing() == b""
    sent = []
    for _ in range(3):
        book.end_of_block()
        sent.append([pointer for _, pointer, _ in QUERY.iter_unpack(book.take_outgoing())])
        for pointer in sent[-1]:
            if pointer != 1:
                book.answered(Query.STRING, pointer, "StringData")
    assert sent == [[2, 3], [4, 1], []]


def test_queries_leave_at_once_before_protocol_82() -> None:
    book = QueryBook(76, limit=1)
    book.ask(Query.STRING, 1)
    book.ask(Query.STRING, 2)
    assert [pointer for _, pointer, _ in QUERY.iter_unpack(book.take_outgoing())] == [1]


# --- what is refused ---


def answer_twice(toy: ToyProgram, kind: Query, pointer: int) -> None:
    toy.stream.message(TICK, "notice the thread")
    toy.answer(kind, pointer, 0)
    toy.answer(kind, pointer, 0)


def backwards(toy: ToyProgram) -> None:
    zone(toy, TICK)
    zone(toy, TICK - 5)


def allocate(toy: ToyProgram, address: int, tick: int = TICK) -> None:
    serial(toy, "MemAlloc", tick, thread=THREAD, address=address, size=SIZE)


def lock(toy: ToyProgram, *events: str, kind: int = 0) -> None:
    toy.stream.event("LockAnnounce", 1, TICK, 0x1000, kind)
    for event in events:
        serial(toy, event, id=1, thread=THREAD)


def frames(toy: ToyProgram, *marks: tuple[str, int, int]) -> None:
    for kind, tick, name in marks:
        toy.stream.event("FrameMarkMsg" + kind, tick, name)


def open_zone(toy: ToyProgram) -> ToyProgram:
    toy.stream.begin(0x1000, TICK)
    return toy


def validated(toy: ToyProgram, begin: int, end: int, tick: int = TICK) -> None:
    toy.stream.event("ZoneValidation", begin)
    toy.stream.begin(0x1000, tick)
    toy.stream.event("ZoneValidation", end)
    toy.stream.end(tick + 1)


def validated_rightly_then_wrongly(toy: ToyProgram) -> None:
    validated(toy, 5, 5)
    validated(toy, 6, 7, TICK + 5)


def same_pointer_two_texts(toy: ToyProgram) -> None:
    toy.stream.literal(TICK, 0x31)
    toy.stream.plot(0x31, TICK, 1.0)
    toy.stream.event("ThreadName", THREAD, tail=b"t")
    toy.stream.event("StringData", 0x31, tail=b"a text")
    toy.stream.event("PlotName", 0x31, tail=b"another text")


REFUSALS: dict[str, Refusal] = {
    "end without begin": Refusal(lambda toy: toy.stream.end(TICK), "a zone end with no zone open on thread"),
    "second end": Refusal(lambda toy: (zone(toy), toy.stream.end(TICK + 50)), "a zone end with no zone open"),
    "text outside": Refusal(lambda toy: toy.stream.zone_text("t"), "a zone text with no zone open on thread 7"),
    "name outside": Refusal(lambda toy: (zone(toy), toy.stream.zone_name("n")), "a zone name with no zone open"),
    "value outside": Refusal(lambda toy: toy.stream.event("ZoneValue", 1), "a zone value with no zone open"),
    "colour outside": Refusal(lambda toy: toy.stream.zone_color(1), "a zone colour with no zone open"),
    "text missing": Refusal(lambda toy: open_zone(toy).stream.event("ZoneText"), "ZoneText without SingleStringData"),
    "message without text": Refusal(
        lambda toy: toy.stream.event("Message", TICK, *([0] if toy.stream.protocol >= 77 else [])), "without SingleStr"
    ),
    "text twice": Refusal(lambda toy: (toy.stream.single("a"), toy.stream.single("b")), "'a' has not been used"),
    "unknown event": Refusal(lambda toy: toy.stream.events.append(250), "unknown event number 250"),
    "internal event": Refusal(lambda toy: toy.stream.event("SourceCodeMetadata"), "never goes over the wire"),
    "not utf-8": Refusal(lambda toy: toy.stream.single(b"\xff"), "is not UTF-8"),
    "zero byte": Refusal(lambda toy: toy.stream.single("a\0b"), "holds a zero byte"),
    "backwards": Refusal(backwards, "begins at 1000995, 15 ticks before what came before it"),
    "end before begin": Refusal(lambda toy: open_zone(toy).stream.end(TICK - 1), "ends at 1000999, 1 ticks before"),
    "before the start": Refusal(lambda toy: zone(toy, FIRST_TICK - 50), "begins at 999950"),
    "beyond 47 bits": Refusal(lambda toy: zone(toy, FIRST_TICK + TIME_LIMIT_NS), r"the viewer keeps 0\.\.2\^47"),
    "location zero": Refusal(lambda toy: zone(toy, location=0), "source location 0"),
    "wrong validation": Refusal(lambda toy: validated(toy, 5, 6), "a zone end is validated as 6"),
    "later wrong validation": Refusal(validated_rightly_then_wrongly, "a zone end is validated as 7"),
    "dynamic zone without location": Refusal(
        lambda toy: toy.stream.event("ZoneBeginAllocSrcLoc", TICK), "without SourceLocationPayload"
    ),
    "location payload cut": Refusal(
        lambda toy: toy.stream.event("SourceLocationPayload", 1, tail=struct.pack("<II", 0, 1) + b"f\0file"),
        "without a zero after its function and its file",
    ),
    "string not asked": Refusal(
        lambda toy: toy.stream.event("StringData", 0x31, tail=b"x"), "StringData answers 0x31, which is not asked for"
    ),
    "thread named twice": Refusal(
        lambda toy: answer_twice(toy, Query.THREAD_STRING, THREAD), "ThreadName answers 0x7, which is not asked for"
    ),
    "frame not asked": Refusal(lambda toy: toy.stream.event("FrameName", 1, tail=b"x"), "FrameName answers 0x1"),
    "plot not asked": Refusal(lambda toy: toy.stream.event("PlotName", 1, tail=b"x"), "PlotName answers 0x1"),
    "fiber not asked": Refusal(lambda toy: toy.stream.event("FiberName", 1, tail=b"x"), "FiberName answers 0x1"),
    "location not asked": Refusal(
        lambda toy: toy.answer(Query.SOURCE_LOCATION, 0x1000, 0), "SourceLocation answers a question that was not"
    ),
    "source not asked": Refusal(lambda toy: toy.stream.event("SourceCode", 0, tail=b"x"), "SourceCode answers 0x0"),
    "no source not asked": Refusal(
        lambda toy: toy.stream.event("AckSourceCodeNotAvailable", 4), "AckSourceCodeNotAvailable answers 0x4"
    ),
    "noop not asked": Refusal(lambda toy: toy.stream.event("AckServerQueryNoop"), "acknowledges nothing"),
    "two texts": Refusal(same_pointer_two_texts, "pointer 0x31 was 'a text' and is now 'another text'"),
    "frame end alone": Refusal(lambda toy: frames(toy, ("End", TICK, 0x31)), "ends that never started"),
    "frame started twice": Refusal(
        lambda toy: frames(toy, ("Start", TICK, 0x31), ("Start", TICK + 1, 0x31)), "starts while one is open"
    ),
    "frame ended twice": Refusal(
        lambda toy: frames(toy, ("Start", TICK, 0x31), ("End", TICK, 0x31), ("End", TICK, 0x31)), "has not started"
    ),
    "default frame started": Refusal(lambda toy: frames(toy, ("Start", TICK, 0)), "both with single marks"),
    "frames of both kinds": Refusal(
        lambda toy: frames(toy, ("", TICK, 0x31), ("Start", TICK, 0x31)), "both with single marks"
    ),
    "frames backwards": Refusal(lambda toy: frames(toy, ("", TICK, 0), ("", TICK - 1, 0)), "before the one that came"),
    "frame before the start": Refusal(lambda toy: frames(toy, ("", FIRST_TICK + 99, 0)), "before the one that came"),
    "frame before the connection": Refusal(
        lambda toy: frames(toy, ("", FIRST_TICK + 199, 0)), "before the one that came", flags=ON_DEMAND
    ),
    "plot of nothing": Refusal(lambda toy: toy.stream.plot(0x32, TICK, math.nan), "a point of plot 0x32 is nan"),
    "plot of infinity": Refusal(lambda toy: toy.stream.plot(0x32, TICK, math.inf), "a point of plot 0x32 is inf"),
    "plot without a name": Refusal(lambda toy: toy.stream.event("PlotConfig", 0, 0, 0, 0, 0), "name is pointer 0"),
    "unknown format of a plot": Refusal(
        lambda toy: toy.stream.event("PlotConfig", 0x32, 4, 0, 0, 0), "the unknown format 4"
    ),
    "application information without text": Refusal(
        lambda toy: toy.stream.event("MessageAppInfo", TICK), "MessageAppInfo without SingleStringData"
    ),
    "application information before the start": Refusal(
        lambda toy: (toy.stream.single("line"), toy.stream.event("MessageAppInfo", FIRST_TICK - 10**6)),
        "ns after the start",
    ),
    "literal zero": Refusal(lambda toy: toy.stream.literal(TICK, 0), "whose text is pointer 0"),
    "unknown severity": Refusal(lambda toy: toy.stream.message(TICK, "m", 0x70), "source and severity 0x70", since=77),
    "hint for a stranger": Refusal(lambda toy: toy.stream.event("ThreadGroupHint", 9, 1), "not seen yet", since=67),
    "fiber leave": Refusal(lambda toy: toy.stream.fiber_leave(THREAD, TICK), "which runs no fiber"),
    "unknown lock": Refusal(lambda toy: serial(toy, "LockWait", id=1, thread=THREAD), "lock 1 was not announced"),
    "lock announced twice": Refusal(lambda toy: (lock(toy), lock(toy)), "announced twice"),
    "lock released": Refusal(lambda toy: lock(toy, "LockRelease"), "nobody holds it"),
    "plain lock shared": Refusal(lambda toy: lock(toy, "LockSharedWait"), "is not a shared lock"),
    "share released": Refusal(lambda toy: lock(toy, "LockSharedRelease", kind=1), "does not share lock 1"),
    "allocated twice": Refusal(lambda toy: (allocate(toy, 5), allocate(toy, 5)), "0x5 is allocated twice"),
    "allocations backwards": Refusal(
        lambda toy: (allocate(toy, 5), allocate(toy, 6, TICK - 1)), "an allocation lies before"
    ),
    "freed alone": Refusal(lambda toy: serial(toy, "MemFree", thread=THREAD, address=5), "without an allocation"),
    "pool missing": Refusal(
        lambda toy: serial(toy, "MemAllocNamed", thread=THREAD, address=5, size=SIZE), "do not go together"
    ),
    "pool unused": Refusal(
        lambda toy: (toy.stream.event("MemNamePayload", 0x31), allocate(toy, 5)), "do not go together"
    ),
    "unknown pool discarded": Refusal(
        lambda toy: serial(toy, "MemDiscard", thread=THREAD, pool=0x31), "which the viewer does not know", since=72
    ),
    "section without text": Refusal(
        lambda toy: toy.stream.event("SectionSetup", 1), "SectionSetup without SingleStringData", since=82
    ),
    "image without data": Refusal(lambda toy: toy.stream.event("FrameImage", 1, 4, 4, 0), "without FrameImageData"),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


@pytest.mark.parametrize("name", ["ZoneBegin", "ZoneEnd", "ThreadContext", "PlotConfig", "StringData"])
def test_refuses_a_block_that_ends_in_an_event(toy: ToyProgram, name: str) -> None:
    event = toy.stream.dialect.by_name[name]
    toy.stream.begin(0x1000, TICK)
    toy.stream.events += bytes([event.number]) + bytes(event.layout.size - 1)
    with pytest.raises(ProtocolViolation, match="the block ends in the middle of an event"):
        converse(toy, terminate=False)


def test_refuses_a_text_past_its_block(toy: ToyProgram) -> None:
    toy.stream.event("StringData", 0x31, tail=b"abcdef")
    del toy.stream.events[-1:]
    with pytest.raises(ProtocolViolation, match="StringData of 6 bytes goes past the end of the block"):
        converse(toy, terminate=False)


def test_refuses_a_text_that_overflows_the_viewer() -> None:
    toy = make_toy(82)
    toy.stream.single("x" * 65535)
    toy.stream.event("SectionSetup", 0)
    assert converse(toy).is_done
    toy.stream.single("x" * 65536)
    with pytest.raises(
        ProtocolViolation, match="SingleStringData of 65536 bytes; the viewer's 16-bit length overflows"
    ):
        converse(toy)


def test_refuses_a_zone_before_any_thread(protocol: int) -> None:
    toy = ToyProgram(protocol)
    toy.location(0x1000, "f")
    toy.stream.begin(0x1000, TICK)
    with pytest.raises(ProtocolViolation, match="before any ThreadContext"):
        converse(toy)


@pytest.mark.parametrize(("raw", "match"), [
    (struct.pack("<I", 0), "compressed length 0"),
    (struct.pack("<I", 1 << 20), "compressed length 1048576"),
    (struct.pack("<I", 4) + b"\xff\xff\xff\xff", "not an LZ4 block"),
])  # fmt: skip
def test_refuses_broken_blocks(toy: ToyProgram, raw: bytes, match: str) -> None:
    session = Session(toy.stream.protocol)
    with pytest.raises(ProtocolViolation, match=match):
        session.feed(toy.stream.head() + raw)


def test_refuses_a_block_above_256_kib(toy: ToyProgram) -> None:
    toy.stream.events += bytes([toy.stream.dialect.by_name["KeepAlive"].number]) * (256 * 1024 + 1)
    with pytest.raises(ProtocolViolation, match="at most 262144 bytes"):
        converse(toy)


def test_refuses_too_many_static_locations(toy: ToyProgram) -> None:
    session = Session(toy.stream.protocol)
    session.feed(toy.stream.head())
    for number in range(STATIC_LOCATION_LIMIT):
        zone(toy, TICK + number * 20, 0x10000 + number)
        if number % 1000 == 0:
            session.feed(toy.stream.block())
    session.feed(toy.stream.block())
    zone(toy, TICK + STATIC_LOCATION_LIMIT * 20, 0x10)
    with pytest.raises(ProtocolViolation, match="more than 32765 static source locations"):
        session.feed(toy.stream.block())


@pytest.mark.parametrize("protocol", [66, 82])
def test_refuses_too_many_dynamic_locations(toy: ToyProgram) -> None:
    session = Session(toy.stream.protocol)
    session.feed(toy.stream.head())
    for number in range(32767):
        toy.stream.begin_dynamic(TICK + number * 20, f"f{number}")
        toy.stream.end(TICK + number * 20 + 10)
        if number % 1000 == 0:
            session.feed(toy.stream.block())
    session.feed(toy.stream.block())
    toy.stream.begin_dynamic(TICK + 32767 * 20, "one more")
    with pytest.raises(ProtocolViolation, match="more than 32767 dynamic source locations"):
        session.feed(toy.stream.block())


def test_memory_faults_are_overlooked_where_the_viewer_overlooks_them(protocol: int) -> None:
    for flags in (ON_DEMAND, IGNORE_MEMORY_FAULTS):
        toy = make_toy(protocol, flags=flags)
        serial(toy, "MemFree", thread=THREAD, address=5)
        assert converse(toy).is_done
    toy = make_toy(protocol, flags=IGNORE_MEMORY_FAULTS)
    allocate(toy, 5)
    allocate(toy, 5)
    if protocol >= 82:
        assert converse(toy).is_done
    else:
        with pytest.raises(ProtocolViolation, match="allocated twice"):
            converse(toy)


def test_a_frame_end_alone_is_overlooked_on_demand(protocol: int) -> None:
    toy = make_toy(protocol, flags=ON_DEMAND)
    frames(toy, ("End", TICK, 0x31))
    assert converse(toy).is_done
