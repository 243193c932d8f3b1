"""The strict viewer's rules for GPU contexts and their zones."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from support.toy_conversations import THREAD, TICK, Refusal, assert_refused, converse, each_refusal, make_toy
from support.viewer.kinds.gpu import LAST_KIND

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram

#: What the GPU's clock shows when the context is made, which is at `TICK`.
GPU = 500_000
CALIBRATED = 1


class Gpu:
    """Sends what a program sends of one context."""

    def __init__(self, toy: ToyProgram, *, thread: int = 0, period: float = 1, flags: int = 0, kind: int = 2) -> None:
        self.stream = toy.stream
        self.reference = 0
        self.stream.event("GpuNewContext", TICK, GPU, thread, period, 0, flags, kind)

    def begin(self, query: int, tick: int, location: int = 0x1000, thread: int = THREAD, form: str = "Serial") -> Gpu:
        self._zone(f"GpuZoneBegin{form}", query, tick, thread, location)
        return self

    def end(self, query: int, tick: int, thread: int = THREAD, form: str = "Serial") -> Gpu:
        self._zone(f"GpuZoneEnd{form}", query, tick, thread)
        return self

    def _zone(self, name: str, query: int, tick: int, thread: int, location: int = 0) -> None:
        fields = {"thread": thread, "query": query, "context": 0, "location": location}
        if name.endswith("Serial"):
            self.stream.serial_event(name, tick, **fields)
        else:
            delta, self.stream.now = tick - self.stream.now, tick
            names = self.stream.dialect.by_name[name].fields
            self.stream.event(name, *(delta if field == "time" else fields[field] for field in names))

    def time(self, query: int, time: int) -> Gpu:
        self.stream.event("GpuTime", time - self.reference, query, 0)
        self.reference = time
        return self

    def zone(self, query: int, tick: int, start: int, end: int) -> Gpu:
        """A whole zone of 10 ticks, and when the GPU ran it."""
        self.begin(query, tick).end(query + 1, tick + 10)
        return self.time(query, GPU + start).time(query + 1, GPU + end)


def test_zones_nest_and_get_their_times_later(toy: ToyProgram) -> None:
    gpu = Gpu(toy).begin(0, TICK).begin(1, TICK + 5, 0x2000).end(2, TICK + 10).end(3, TICK + 20)
    for query, time in enumerate((100, 120, 130, 150)):
        gpu.time(query, GPU + time)
    gpu.zone(0, TICK + 30, 200, 210)
    toy.stream.single("queue")
    toy.stream.event("GpuContextName", 0)
    (context,) = converse(toy).trace.gpu_contexts.values()
    assert context.name == "queue"
    facts = [
        (zone.name, zone.begin_tick, zone.end_tick, zone.gpu_begin_ns, zone.gpu_end_ns) for zone in context.zones()
    ]
    assert facts == [
        ("f", TICK, TICK + 20, 1100, 1150), ("g", TICK + 5, TICK + 10, 1120, 1130),
        ("f", TICK + 30, TICK + 40, 1200, 1210),
    ]  # fmt: skip
    assert [child.name for child in context.roots[THREAD][0].children] == ["g"]


def test_zones_of_a_thread_run_on_its_clock(toy: ToyProgram) -> None:
    toy.stream.begin(0x2000, TICK)
    Gpu(toy).begin(0, TICK + 5, form="").end(1, TICK + 6, form="")
    toy.stream.end(TICK + 9)
    trace = converse(toy).trace
    (zone,) = trace.gpu_contexts[0].zones()
    assert (zone.begin_tick, zone.end_tick, zone.gpu_begin_ns) == (TICK + 5, TICK + 6, None)
    assert trace.thread("thread 7").roots[0].end_tick == TICK + 9


@pytest.mark.parametrize("form", ["Callstack", "CallstackSerial", "AllocSrcLocCallstack", "AllocSrcLocCallstackSerial"])
def test_zones_have_call_stacks_and_dynamic_locations(toy: ToyProgram, form: str) -> None:
    toy.stream.stack_of_texts(("run", "app.py", 1))
    toy.stream.event("CallstackSerial" if form.endswith("Serial") else "Callstack")
    if "AllocSrcLoc" in form:
        toy.stream.event("SourceLocationPayload", 1, tail=struct.pack("<II", 0, 3) + b"kernel\0file.py\0")
    Gpu(toy).begin(0, TICK, form=form).end(1, TICK + 1, form="Serial" if form.endswith("Serial") else "")
    (zone,) = converse(toy).trace.gpu_contexts[0].zones()
    assert zone.name == ("kernel" if "AllocSrcLoc" in form else "f")
    assert zone.callstack is not None
    assert zone.callstack.frames[0].function == "run"


def test_a_context_of_one_thread_has_one_row(toy: ToyProgram) -> None:
    Gpu(toy, thread=THREAD).begin(0, TICK).begin(1, TICK + 1, thread=8).end(2, TICK + 2, 0).end(3, TICK + 3, 0)
    (context,) = converse(toy).trace.gpu_contexts.values()
    assert [(zone.name, len(zone.children)) for zone in context.roots[0]] == [("f", 1)]


def test_periods_and_calibration(toy: ToyProgram) -> None:
    gpu = Gpu(toy, period=0.5, flags=CALIBRATED)
    gpu.begin(0, TICK).end(1, TICK + 1).time(0, GPU + 200)
    # In 2000 of its ticks, which are 1000 ns to itself, 1500 ns have passed.
    toy.stream.event("GpuCalibration", GPU + 2000, TICK + 1500, 1500, 0)
    gpu.time(1, GPU + 2200)
    (zone,) = converse(toy).trace.gpu_contexts[0].zones()
    assert (zone.gpu_begin_ns, zone.gpu_end_ns) == (1000 + 100, 1000 + 1500 + 150)


def test_clocks_can_be_set_anew(toy: ToyProgram) -> None:
    gpu = Gpu(toy)
    toy.stream.event("GpuTimeSync", 100, TICK + 1000, 0)
    gpu.begin(0, TICK).time(0, 150)
    (zone,) = converse(toy).trace.gpu_contexts[0].zones()
    assert zone.gpu_begin_ns == 2050


def test_notes_on_zones_come_with_protocol_76(protocol: int) -> None:
    toy = make_toy(protocol)
    if protocol < 76:
        assert "GpuZoneAnnotation" not in toy.stream.dialect.by_name
        return
    Gpu(toy).zone(0, TICK, 1, 2)
    toy.stream.single("waves")
    toy.stream.event("GpuAnnotationName", 9, 0)
    toy.stream.event("GpuZoneAnnotation", 9, 2.5, THREAD, 0, 0)
    (zone,) = converse(toy).trace.gpu_contexts[0].zones()
    assert zone.notes == {"waves": 2.5}


def again(toy: ToyProgram) -> None:
    for _ in range(2):
        Gpu(toy)


REFUSALS: dict[str, Refusal] = {
    "made twice": Refusal(again, "GPU context 0 is made twice"),
    "kind 0": Refusal(lambda toy: Gpu(toy, kind=0), "is of kind 0, which this release has no name for"),
    "unknown kind": Refusal(
        lambda toy: Gpu(toy, kind=LAST_KIND[toy.stream.protocol] + 1), "which this release has no name for"
    ),
    "period": Refusal(lambda toy: Gpu(toy, period=0), "has a period of 0"),
    "unknown context": Refusal(lambda toy: toy.stream.event("GpuTime", 0, 0, 3), "GPU context 3 is not known"),
    "end alone": Refusal(lambda toy: Gpu(toy).end(0, TICK), "ends on thread 7 of context 0, with none open"),
    "end on another thread": Refusal(
        lambda toy: Gpu(toy).begin(0, TICK).end(1, TICK, thread=8), "ends on thread 8 of context 0, with none open"
    ),
    "end with a thread where the context has one": Refusal(
        lambda toy: Gpu(toy, thread=THREAD).begin(0, TICK).end(1, TICK), "ends on thread 7 of context 0"
    ),
    "query used twice": Refusal(
        lambda toy: Gpu(toy).begin(0, TICK).end(0, TICK + 1), "query 0 of GPU context 0 is used again without its time"
    ),
    "time not asked for": Refusal(lambda toy: Gpu(toy).time(5, GPU), "a time for query 5 of GPU context 0"),
    "time twice": Refusal(lambda toy: Gpu(toy).zone(0, TICK, 1, 2).time(1, GPU), "a time for query 1"),
    "end before begin": Refusal(lambda toy: Gpu(toy).begin(0, TICK).end(1, TICK - 1), "ends before it begins"),
    "end before begin on the GPU": Refusal(
        lambda toy: Gpu(toy).zone(0, TICK, 5, 4), "ends on the GPU before it begins there"
    ),
    "zones backwards": Refusal(
        lambda toy: Gpu(toy).zone(0, TICK, 1, 2).begin(2, TICK - 1), "begins before the one that came before it"
    ),
    "zones backwards on the GPU": Refusal(
        lambda toy: Gpu(toy).zone(0, TICK, 5, 6).zone(2, TICK + 20, 4, 7), "begins on the GPU before the zone before it"
    ),
    "clock far back": Refusal(
        lambda toy: Gpu(toy).begin(0, TICK).time(0, 1 << 40).end(1, TICK + 1).time(1, 0), "reads as an overflow"
    ),
    "calibrated without notice": Refusal(
        lambda toy: (Gpu(toy), toy.stream.event("GpuCalibration", GPU + 1, TICK, 1, 0)), "was made without calibration"
    ),
    "calibrated over nothing": Refusal(
        lambda toy: (Gpu(toy, flags=CALIBRATED), toy.stream.event("GpuCalibration", GPU, TICK, 1, 0)), "over no time"
    ),
    "no location": Refusal(lambda toy: Gpu(toy).begin(0, TICK, 0), "source location 0"),
    "no dynamic location": Refusal(
        lambda toy: Gpu(toy).begin(0, TICK, form="AllocSrcLocSerial"), "without SourceLocationPayload before it"
    ),
    "no stack": Refusal(lambda toy: Gpu(toy).begin(0, TICK, form="CallstackSerial"), "without CallstackSerial"),
    "unnamed note": Refusal(
        lambda toy: (Gpu(toy).zone(0, TICK, 1, 2), toy.stream.event("GpuZoneAnnotation", 9, 1.0, THREAD, 0, 0)),
        "note 9 for query 0 of GPU context 0, one of them unknown",
        since=76,
    ),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)
