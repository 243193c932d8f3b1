"""The strict viewer's rules for messages, plots, application info and parameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from support.stream_builder import FIRST_TICK, ToyProgram
from support.toy_conversations import THREAD, TICK, Refusal, assert_refused, converse, each_refusal
from support.viewer import ProtocolViolation, Query

if TYPE_CHECKING:
    from support.viewer import Session

STACK = ("run", "app.py", 12)


# --- messages ---


def test_messages_of_every_form(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.message(TICK, "plain")
    stream.message(TICK + 1, "red", color=0xFF0010)
    stream.literal(TICK + 2, 0x31)
    stream.literal(TICK + 3, 0x32, color=0x00FF20)
    stream.message(TICK + 4, "")
    messages = converse(toy).trace.messages
    assert [(message.text, message.color, message.time_ns) for message in messages] == [
        ("plain", None, 1000), ("red", 0xFF0010, 1001), ("thirty-one", None, 1002), ("thirty-two", 0x00FF20, 1003),
        ("", None, 1004),
    ]  # fmt: skip
    assert {message.thread.name for message in messages} == {"thread 7"}


@pytest.mark.parametrize("color", [None, 0x102030])
def test_every_form_of_a_message_takes_its_call_stack(toy: ToyProgram, color: int | None) -> None:
    stream = toy.stream
    for number, send in enumerate((stream.message, stream.literal)):
        stream.stack_of_texts(STACK, ("main", "app.py", 40 + number))
        stream.event("CallstackAlloc")
        send(TICK + number, *(["text"] if number == 0 else [0x31]), color=color, callstack=True)
        stream.message(TICK + number, "without")
    stacks = [message.callstack for message in converse(toy).trace.messages]
    lines = [stack and [(frame.function, frame.line) for frame in stack.frames] for stack in stacks]
    assert lines == [[("run", 12), ("main", 40)], None, [("run", 12), ("main", 41)], None]


def test_severity_and_source_come_with_protocol_77(toy: ToyProgram) -> None:
    toy.stream.message(TICK, "m", 0x41)
    toy.stream.literal(TICK + 1, 0x31, 0x50)
    levels = [(message.severity, message.source) for message in converse(toy).trace.messages]
    assert levels == ([(4, 1), (5, 0)] if toy.stream.protocol >= 77 else [(0, 0), (0, 0)])


def test_messages_of_a_thread_may_come_in_any_order(toy: ToyProgram) -> None:
    for tick in (TICK + 5, TICK):
        toy.stream.message(tick, "m")
    assert converse(toy).is_done


def with_stack_before_another(toy: ToyProgram) -> None:
    toy.stream.message(TICK + 5, "later")
    toy.stream.stack_of_texts(STACK)
    toy.stream.event("CallstackAlloc")
    toy.stream.message(TICK, "earlier", callstack=True)


MESSAGES: dict[str, Refusal] = {
    "no call stack": Refusal(
        lambda toy: toy.stream.message(TICK, "m", callstack=True), "MessageCallstack without Callstack before it"
    ),
    "call stack of another": Refusal(with_stack_before_another, "lies before another message of its thread"),
    "before the start": Refusal(lambda toy: toy.stream.message(FIRST_TICK - 5, "m"), "ns after the start"),
    "literal with severity 7": Refusal(
        lambda toy: toy.stream.literal(TICK, 0x31, 0x70), "severity 0x70", since=79
    ),
    "unknown source": Refusal(lambda toy: toy.stream.message(TICK, "m", 2), "source and severity 0x2", since=77),
}  # fmt: skip


@each_refusal(MESSAGES)
def test_refuses_messages(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


# --- plots ---


def test_plots_of_every_type(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.event("PlotConfig", 0x31, 1, 1, 0, 0xFF112233)
    stream.event("PlotDataInt", 0x31, TICK, -(1 << 63))
    stream.event("PlotDataFloat", 0x31, 5, 0.5)
    stream.event("PlotDataDouble", 0x32, 5, 1e300)
    trace = converse(toy).trace
    assert trace.plots == {"thirty-one": [(1000, -(1 << 63)), (1005, 0.5)], "thirty-two": [(1010, 1e300)]}
    config = trace.plot_configs["thirty-one"]
    assert (config.kind, config.step, config.fill, config.color) == (1, True, False, 0x332211)
    assert [pointer for kind, pointer, _ in toy.asked if kind is Query.PLOT_NAME] == [0x31, 0x32]


def two_pointers(toy: ToyProgram) -> None:
    toy.strings[0x33] = "thirty-one"
    toy.stream.plot(0x31, TICK, 1)
    toy.stream.plot(0x33, TICK, 1)


PLOTS: dict[str, Refusal] = {
    "nothing": Refusal(lambda toy: toy.stream.event("PlotDataFloat", 0x31, TICK, math.nan), "is nan"),
    "no name": Refusal(lambda toy: toy.stream.plot(0, TICK, 1), "a plot whose name is pointer 0"),
    "format": Refusal(lambda toy: toy.stream.event("PlotConfig", 0x31, 4, 0, 0, 0), "the unknown format 4"),
    "step": Refusal(lambda toy: toy.stream.event("PlotConfig", 0x31, 0, 2, 0, 0), "step 2 and fill 0"),
    "before the start": Refusal(lambda toy: toy.stream.plot(0x31, FIRST_TICK - 1, 1), "ns after the start"),
    "one name, two pointers": Refusal(two_pointers, "plot 'thirty-one' has two pointers: 0x31 and 0x33"),
}


@each_refusal(PLOTS)
def test_refuses_plots(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


# --- the program ---


def test_application_info_needs_no_thread(protocol: int) -> None:
    toy = ToyProgram(protocol)
    for text in ("one line", "and\nanother"):
        toy.stream.single(text)
        toy.stream.event("MessageAppInfo", TICK, *([0] if "metadata" in fields(toy, "MessageAppInfo") else []))
    assert converse(toy).trace.app_info == ["one line", "and\nanother"]


def fields(toy: ToyProgram, name: str) -> tuple[str, ...]:
    return toy.stream.dialect.by_name[name].fields


def changed(toy: ToyProgram, session: Session, key: int | str, value: int) -> tuple[Query, int, int]:
    """Change a parameter; what the program is asked."""
    session.set_parameter(key, value)
    # In protocol 82 the query waits for a block.
    toy.stream.event("KeepAlive")
    session.feed(toy.stream.block())
    toy.go_on(session)
    assert session.queries.is_idle
    return toy.asked[-1]


def test_parameters_are_set_by_number_or_name(toy: ToyProgram) -> None:
    toy.stream.event("ParamSetup", 3, 0x31, 0, 42)
    toy.stream.event("ParamSetup", 4, 0x32, 1, 1)
    session = converse(toy, terminate=False)
    assert changed(toy, session, "thirty-one", -(1 << 31)) == (Query.PARAMETER, 3 << 32 | 0x8000_0000, 0)
    assert changed(toy, session, 4, 0) == (Query.PARAMETER, 4 << 32, 0)
    assert [parameter.value for parameter in session.trace.parameters] == [-(1 << 31), 0]
    with pytest.raises(LookupError, match="parameter 9 is not set up"):
        session.set_parameter(9, 1)
    with pytest.raises(LookupError, match="0 parameters are named 'speed'"):
        session.set_parameter("speed", 1)


def test_a_parameter_must_be_acknowledged(toy: ToyProgram) -> None:
    toy.stream.event("ParamSetup", 3, 0x31, 0, 42)
    session = converse(toy, terminate=False)
    session.set_parameter(3, 1)
    toy.stream.event("Terminate")
    session.feed(toy.stream.block())
    with pytest.raises(ProtocolViolation, match="acknowledgement of PARAMETER"):
        session.end_of_stream()


PROGRAM: dict[str, Refusal] = {
    "parameter twice": Refusal(
        lambda toy: [toy.stream.event("ParamSetup", 3, name, 0, 1) for name in (0x31, 0x32)],
        "parameter 3 is set up twice",
    ),
    "unnamed": Refusal(lambda toy: toy.stream.event("ParamSetup", 3, 0, 0, 1), "has pointer 0 for a name"),
    "switch": Refusal(lambda toy: toy.stream.event("ParamSetup", 3, 0x31, 1, 2), "is a switch and has the value 2"),
    "kind": Refusal(lambda toy: toy.stream.event("ParamSetup", 3, 0x31, 3, 0), "is of the unknown kind 3"),
    "info without text": Refusal(lambda toy: toy.stream.event("MessageAppInfo", TICK), "without SingleStringData"),
    "thread unnamed": Refusal(
        lambda toy: toy.stream.event("ThreadName", THREAD, tail=b"t"), "ThreadName answers 0x7, which is not asked for"
    ),
}


@each_refusal(PROGRAM)
def test_refuses_of_the_program(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


def test_triggers_come_with_protocol_82(protocol: int) -> None:
    trigger = Refusal(lambda toy: toy.stream.event("ParamSetup", 3, 0x31, 2, 0), "is of the unknown kind 2")
    if protocol < 82:
        assert_refused(protocol, trigger)
        return
    toy = ToyProgram(protocol)
    toy.strings[0x31] = "reset"
    trigger.act(toy)
    assert converse(toy).trace.parameter("reset").kind == 2
