"""What gathered clients tell of GPUs, machine and machine code: in our recording as in a capture of the client alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import tracypy

from support.stream_builder import ToyProgram
from support.system_talk import KERNEL, OTHER, THREAD, TICK, tell_of_gpus, tell_of_the_system
from support.target import running
from support.toy_conversations import CODE_TRANSFER
from support.toy_server import answering, playing, saying
from support.trace_reader import FileFacts, read_trace_file
from support.viewer import PROTOCOLS
from support.viewer.queries import Query

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

type Tell = Callable[[ToyProgram], None]

#: A toy's tick is a nanosecond, ours is not: times are rounded twice.
ROUNDING_NS = 2


def toy_of(protocol: int, *tells: Tell) -> ToyProgram:
    toy = ToyProgram(protocol, exec_time=5, flags=CODE_TRANSFER)
    toy.location(0x1000, "f")
    toy.location(0x2000, "g")
    toy.sources["b.c"] = b"int main() {}\n"
    toy.stream.thread(THREAD)
    for tell in tells:
        tell(toy)
    toy.stream.event("Terminate")
    return toy


def both(tmp_path: Path, protocol: int, *tells: Tell) -> tuple[FileFacts, FileFacts]:
    """The recording that gathers the client, and a capture of the client alone."""
    ours, alone = tmp_path / "ours.tracy", tmp_path / "alone.tracy"
    with (
        tracypy.record(ours, include="nothing", gc=False),
        answering(playing(toy_of(protocol, *tells))) as port,
    ):
        tracypy.gather(port)
    tracypy.stop_gathering(port)
    with answering(playing(toy_of(protocol, *tells))) as port:
        tracypy.capture(alone, port=port, connect_timeout=60)
    return read_trace_file(ours.read_bytes()), read_trace_file(alone.read_bytes())


def parts(value: Any) -> Iterator[Any]:
    """Whatever is in there, in order."""
    if isinstance(value, dict):
        for key in sorted(value):
            yield key
            yield from parts(value[key])
    elif isinstance(value, (list, tuple)):
        yield len(value)
        for each in value:
            yield from parts(each)
    else:
        yield value


def same(ours: Any, alone: Any, offset_ns: int) -> bool:
    """Whether they are equal, but for the begin of the trace."""

    def fits(one: Any, other: Any) -> bool:
        if one == other:
            return True
        is_time = isinstance(one, int) and isinstance(other, int) and other > 0
        return is_time and min(abs(one - offset_ns - other), abs(one - other)) <= ROUNDING_NS

    left, right = list(parts(ours)), list(parts(alone))
    return len(left) == len(right) and all(map(fits, left, right))


def gathering(port: int) -> str:
    """A program that takes in the client there, for a viewer that comes, and ends with its input.

    It listens last: a viewer may come at once, and is told only of clients that are gathered already.
    """
    return f"""
        import sys, tracypy
        tracypy.gather({port})
        tracypy.listen()
        assert tracypy.wait_connected(100)
        sys.stdin.read()
    """


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_the_system_tells_is_recorded(tmp_path: Path, protocol: int) -> None:
    ours, alone = both(tmp_path, protocol, tell_of_the_system)
    system = ours.system
    offset_ns = system["samples"][THREAD][1][0][0] - alone.system["samples"][THREAD][1][0][0]
    for part, value in alone.system.items():
        assert same(system[part], value, offset_ns), (part, system[part], value)
    assert system["samples"][THREAD][0] == 1
    assert system["codes"] == [(0x40_5000, b"\xc3")]
    assert system["crash"][2] == "segmentation fault"
    assert ours.sources["b.c"] == b"int main() {}\n"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_gpu_zones_are_recorded(tmp_path: Path, protocol: int) -> None:
    ours, alone = both(tmp_path, protocol, tell_of_gpus)
    assert len(ours.gpu) == 4
    first = next(iter(alone.gpu))
    offset_ns = ours.gpu[first][0].cpu_ns[0] - alone.gpu[first][0].cpu_ns[0]
    for gpu in (ours.gpu, alone.gpu):
        del gpu["turns"]  # its clock is set back within its zones, and no zone ends before it begins
    assert same(ours.gpu, alone.gpu, offset_ns), (ours.gpu, alone.gpu)
    assert ours.gpu_notes == alone.gpu_notes


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_samples_from_before_the_begin_are_samples(tmp_path: Path, protocol: int) -> None:
    """As those of a client whose system samples by another clock than it reads."""

    def tell(toy: ToyProgram) -> None:
        toy.frames[0x40_5000] = [("main", "b.c", 3, 0x40_5000, 32)]
        for number in range(20):
            toy.stream.stack_of_addresses(0x40_5000)
            toy.stream.switch_event("CallstackSample", 10 + number, thread=THREAD)

    ours, alone = both(tmp_path, protocol, tell)
    for facts in (ours, alone):
        ((_kernel, _at_switches, samples),) = facts.system["samples"].values()
        assert [len(stack) for _, stack in samples] == [1] * 20


def tell_of_frames(toy: ToyProgram) -> None:
    """Ten frames, and pictures of two of them."""
    stream = toy.stream
    for number in range(10):
        stream.event("FrameMarkMsg", TICK + 100 * number, 0)
    for frame, byte in ((3, 1), (5, 2)):
        stream.event("FrameImageData", 1, tail=bytes([byte]) * 32)
        stream.event("FrameImage", frame, 8, 8, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pictures_are_of_the_frames_of_the_trace(tmp_path: Path, protocol: int) -> None:
    ours, alone = both(tmp_path, protocol, tell_of_frames)
    assert ours.frames[""] == alone.frames[""] == 12
    assert ours.images == alone.images
    trace, same_trace = (tracypy.open(tmp_path / f"{name}.tracy") for name in ("ours", "alone"))
    frames = [[image.frame for image in each.frame_images] for each in (trace, same_trace)]
    assert frames[0] == frames[1] != []


def tell_of_a_frame_too_early(toy: ToyProgram) -> None:
    """Pictures of the fourth and the fifth frame of three, and then there are five."""
    stream = toy.stream
    for number in range(3):
        stream.event("FrameMarkMsg", TICK + 100 * number, 0)
    for frame in (5, 4):
        stream.event("FrameImageData", 1, tail=bytes([frame]) * 32)
        stream.event("FrameImage", frame, 8, 8, 0)
    for number in range(3, 5):
        stream.event("FrameMarkMsg", TICK + 100 * number, 0)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_picture_may_come_before_its_frame(tmp_path: Path, protocol: int) -> None:
    ours, alone = both(tmp_path, protocol, tell_of_a_frame_too_early)
    assert len(ours.images) == 2
    assert sorted(ours.images) == sorted(alone.images)
    (first, second), same = (
        [image.frame for image in tracypy.open(tmp_path / f"{name}.tracy").frame_images] for name in ("ours", "alone")
    )
    assert sorted([first, second]) == sorted(same)


def test_a_program_with_frames_of_its_own_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    with (
        tracypy.record(path, include="nothing", gc=False),
        answering(playing(toy_of(76, tell_of_frames))) as port,
    ):
        tracypy.frame_mark()
        tracypy.gather(port)
    tracypy.stop_gathering(port)
    facts = read_trace_file(path.read_bytes())
    assert facts.frames[""] == 3
    assert facts.frames["built (4711): frames"] == 10
    assert facts.images == []


def two_clients(tmp_path: Path) -> FileFacts:
    path = tmp_path / "out.tracy"
    with (
        tracypy.record(path, include="nothing", gc=False),
        answering(playing(toy_of(76, tell_of_the_system))) as one,
        answering(playing(toy_of(82, tell_of_the_system))) as other,
    ):
        for port in (one, other):
            tracypy.gather(port)
    for port in (one, other):
        tracypy.stop_gathering(port)
    return read_trace_file(path.read_bytes())


def test_addresses_of_two_programs_are_told_apart(tmp_path: Path) -> None:
    system = two_clients(tmp_path).system
    codes = sorted(address for address, _ in system["codes"])
    assert len(codes) == 2
    assert {address & 0xFFFF_FFFF_FFFF for address in codes} == {0x40_5000}
    symbols = [symbol[0] for symbol in system["symbols"]]
    assert len(symbols) == len(set(symbols)) == 7  # three of each program, and one of the kernel that they share
    assert sum(address == KERNEL - 16 for address in symbols) == 1


def test_the_system_is_told_by_one_client(tmp_path: Path) -> None:
    system = two_clients(tmp_path).system
    assert sum(map(len, system["processors"])) == 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_gets_all_of_it(tmp_path: Path, protocol: int) -> None:
    toy = toy_of(82, tell_of_gpus, tell_of_frames, tell_of_the_system)
    with answering(playing(toy)) as port, running(tmp_path, gathering(port)) as target:
        viewer = target.viewer(protocol)
        viewer.receive_until(lambda trace: trace.crash is not None and len(trace.frame_images) == 2)
        target.end_input()
        trace = viewer.run()
        assert target.finish()[0] == 0  # and a line about the clock
    assert [
        [frame.function for frame in sample.callstack.frames] for sample in trace.samples if sample.thread == OTHER
    ] == [["main"]]
    assert {sample.thread for sample in trace.samples} == {THREAD, OTHER}
    assert sum(sample.is_at_switch for sample in trace.samples) == 1
    assert [frame.function for frame in trace.samples[0].callstack.frames] == ["inlined", "caller", "main"]
    assert {address: set(told) for address, told in trace.hardware_samples.items()} == {
        0x40_5000: {"CpuCycle", "InstructionRetired", "CacheReference", "CacheMiss", "BranchRetired", "BranchMiss"}
    }
    assert [(switch.before, switch.after, switch.processor) for switch in trace.switches] == [
        (0, THREAD, 1), (0, OTHER, 2), (THREAD, 900, 1), (900, THREAD, 1), (THREAD, 0, 1), (0, THREAD, 3),
    ]  # fmt: skip
    assert trace.foreign_names[900] == ("a program 900", "a thread 900")
    assert trace.processes == {900: 4}
    assert trace.symbol_codes == {0x40_5000: b"\xc3"}
    assert trace.symbol_files[0x40_5000] == "symbol.c"
    assert trace.source_code("b.c") == "int main() {}\n"
    assert trace.crash is not None
    assert trace.strings[trace.crash[1]] == "segmentation fault"
    contexts = {context.name: context for context in trace.gpu_contexts.values()}
    assert set(contexts) == {"period", "calibrated", "of one thread", "turns"}
    for context in contexts.values():
        outer, inner = context.zones()
        assert (outer.name, inner.name) == ("f", "g")
        assert inner.callstack is not None
        assert [frame.function for frame in inner.callstack.frames] == ["main"]
    assert contexts["of one thread"].thread == THREAD
    assert len(trace.frame_images) == 2


def test_what_is_in_the_code_is_asked_of_the_program(tmp_path: Path) -> None:
    def tell(toy: ToyProgram) -> None:
        toy.frames[0x40_5000] = [("main", "b.c", 3, 0x40_5000, 32)]
        toy.frames[0x40_5001] = [("inlined", "b.h", 9, 0x40_4FF0, 4), ("main", "b.c", 4, 0x40_5000, 32)]
        toy.codes[0x40_5000] = b"\x90\xc3"
        toy.stream.stack_of_addresses(0x40_5000)
        toy.stream.switch_event("CallstackSample", TICK, thread=THREAD)

    toy = ToyProgram(76, exec_time=5, flags=CODE_TRANSFER)
    tell(toy)
    with answering(playing(toy)) as port, running(tmp_path, gathering(port)) as target:
        viewer = target.viewer(76)
        viewer.receive_until(lambda trace: 0x40_5001 in trace.callstack_frames)
        target.end_input()
        trace = viewer.run()
        assert target.finish()[0] == 0  # and a line about the clock
    assert [(frame.function, frame.line) for frame in trace.callstack_frames[0x40_5001]] == [
        ("inlined", 9),
        ("main", 4),
    ]


def test_parameters_go_both_ways(tmp_path: Path) -> None:
    def tell(toy: ToyProgram) -> None:
        toy.strings[0x31] = "speed"
        toy.stream.event("ParamSetup", 3, 0x31, 0, 42)
        toy.stream.begin(0x1000, TICK)
        toy.stream.end(TICK + 100)

    toy = ToyProgram(76)
    toy.location(0x1000, "f")
    toy.stream.thread(THREAD)
    tell(toy)
    with answering(playing(toy)) as port, running(tmp_path, gathering(port)) as target:
        viewer = target.viewer(76)
        viewer.receive_until(lambda trace: "built (4711): speed" in trace.strings.values())
        assert viewer.trace.parameter("built (4711): speed").value == 42
        viewer.set_parameter("built (4711): speed", -7)
        viewer.receive_until(lambda _trace: not viewer.session.queries.missing())
        target.end_input()
        viewer.run()
        assert target.finish()[0] == 0  # and a line about the clock
    (told,) = [query for query in toy.asked if query[0].name == "PARAMETER"]
    assert told[1] == 3 << 32 | 0xFFFF_FFF9


class SlowWithMachineCode(ToyProgram):
    """Has not looked up any address yet, as clients that look into large programs."""

    def answer(self, kind: Query, pointer: int, extra: int) -> None:
        if kind is not Query.CALLSTACK_FRAME:
            super().answer(kind, pointer, extra)


def test_parameters_do_not_wait_for_the_names_of_machine_code(tmp_path: Path) -> None:
    toy = SlowWithMachineCode(76)
    toy.stream.thread(THREAD)
    toy.stream.stack_of_addresses(0x40_5000)
    toy.stream.switch_event("CallstackSample", TICK, thread=THREAD)
    toy.strings[0x31] = "speed"
    toy.stream.event("ParamSetup", 3, 0x31, 0, 42)
    with answering(playing(toy)) as port, running(tmp_path, gathering(port)) as target:
        viewer = target.viewer(76)
        viewer.receive_until(lambda trace: "built (4711): speed" in trace.strings.values())
        viewer.set_parameter("built (4711): speed", 7)
        viewer.receive_until(lambda _trace: not viewer.session.queries.missing())
        target.end_input()
        viewer.run()
        assert target.finish()[0] == 0
    assert [query[1] for query in toy.asked if query[0].name == "PARAMETER"] == [3 << 32 | 7]


def sampled_each(period_ns: int) -> ToyProgram:
    toy = toy_of(76, tell_of_the_system)
    toy.stream.sampling_period = period_ns
    return toy


def test_the_period_of_samples_is_recorded(tmp_path: Path) -> None:
    with (
        tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False),
        answering(playing(sampled_each(125_000))) as port,
    ):
        tracypy.gather(port)
    tracypy.stop_gathering(port)
    assert tracypy.open(tmp_path / "out.tracy").info.sampling_period_ns == 125_000


def test_a_viewer_is_told_the_period_of_samples(tmp_path: Path) -> None:
    with answering(playing(sampled_each(125_000))) as port, running(tmp_path, gathering(port)) as target:
        viewer = target.viewer(76)
        assert viewer.welcome.sampling_period == 125_000
        target.end_input()
        viewer.run()
        assert target.finish()[0] == 0


#: For one viewer after the other. It listens last: the first may come at once, and leave before it has begun to gather.
SEVERAL_VIEWERS = """
import sys, time, tracypy
tracypy.gather({port})
tracypy.listen()
for _ in sys.stdin:
    while tracypy.is_connected():
        time.sleep(0.001)
    print("alone", flush=True)
"""


def test_who_did_not_answer_is_not_waited_for_again(tmp_path: Path) -> None:
    """A client that somebody else watches takes a connection, and says nothing. Then that viewer leaves it."""
    answers = [ToyProgram(76), ToyProgram(76)]
    for toy in answers:
        toy.stream.sampling_period = 125_000
        toy.stream.thread(THREAD)
        toy.stream.single("hello")
        toy.stream.event("Message", TICK)
    talks = [saying(b"", stay=True), *(playing(toy) for toy in answers)]

    def talk(connection: socket.socket, protocol: int) -> bool:
        if talks[0](connection, protocol):
            talks.pop(0)
        return not talks

    periods = []
    with answering(talk) as port, running(tmp_path, SEVERAL_VIEWERS.format(port=port)) as target:
        for has_answer in (False, True, True):
            viewer = target.viewer(76)
            periods.append(viewer.welcome.sampling_period)
            if has_answer:
                viewer.receive_until(lambda trace: bool(trace.messages))
            viewer.leave()
            target.say()
            assert target.hear() == "alone"
        target.end_input()
        assert target.finish()[0] == 0  # and a line about the clock
    assert periods == [0, 0, 125_000]
