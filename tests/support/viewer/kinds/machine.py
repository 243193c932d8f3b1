"""What system and processor tell: samples, context switches, wake-ups, counters, and whose threads there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.queries import Query
from support.viewer.tables import ZONE_TIME_FORMS_SINCE

if TYPE_CHECKING:
    from .callstacks import Callstack
    from support.viewer.decoder import Decoder, Handler

_BIAS_16 = 1 << 16
_BIAS_32 = (1 << 16) + (1 << 32)
_COUNTERS = ("CpuCycle", "InstructionRetired", "CacheReference", "CacheMiss", "BranchRetired", "BranchMiss")


@dataclass(frozen=True)
class Sample:
    """Where a thread was, at a moment that it did not choose."""

    thread: int
    tick: int
    callstack: Callstack
    is_at_switch: bool


@dataclass(frozen=True)
class Switch:
    """A processor goes on with another thread; 0 is none."""

    tick: int
    processor: int
    before: int
    after: int
    reason: int
    state: int


class MachineKind(Kind):
    """Handlers of the events that run on the system's time reference, and of those that go with them."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        self._now = 0
        self._running: dict[int, int] = {}
        self._known: set[int] = set()
        self._owned: set[int] = set()

    def handlers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {
            "ContextSwitch": self._context_switch,
            "ThreadWakeup": self._wakeup,
            "TidToPid": self._thread_of,
            "SysPowerReport": self._power,
        }
        for name in ("CallstackSample", "CallstackSampleContextSwitch"):
            for form in ("", "32", "16"):
                handlers[name + form] = self._sampler(name + form)
        for counter in _COUNTERS:
            handlers[f"HwSample{counter}"] = self._counted(counter)
        return handlers

    def _advance(self, delta: int) -> int:
        self._now += delta
        self._decoder.check_range(self._now)
        return self._now

    def _sampler(self, name: str) -> Handler:
        event = self._decoder.dialect.by_name.get(name)

        def handle(*fields: int) -> None:
            # W::ProcessCallstackSample.
            assert event is not None
            told = dict(zip(event.fields, fields, strict=True))
            delta = told["time"]
            if name.endswith("32"):
                delta += _BIAS_16
            elif not name.endswith("16") and self._decoder.protocol >= ZONE_TIME_FORMS_SINCE and delta >= 0:
                delta += _BIAS_32
            tick = self._advance(delta)
            stack = self._decoder.callstacks.take_payload(name)
            self._decoder.notice(told["thread"])
            self._trace.samples.append(Sample(told["thread"], tick, stack, "Switch" in name))
            self._count("CallstackSample")

        return handle

    def _context_switch(
        self, delta: int, before: int, after: int, processor: int, reason: int, state: int, *_more: int
    ) -> None:
        # W::ProcessContextSwitch.
        tick = self._advance(delta)
        self._trace.switches.append(Switch(tick, processor, before, after, reason, state))
        self._running[processor] = after
        if after and after not in self._known and after not in self._trace.threads:
            self._known.add(after)
            self._queries.ask(Query.EXTERNAL_NAME, after)
        self._count("ContextSwitch")

    def _wakeup(self, delta: int, _thread: int, *_more: int) -> None:
        self._advance(delta)
        self._count("ThreadWakeup")

    def _counted(self, counter: str) -> Handler:
        def handle(address: int, time: int) -> None:
            self._decoder.check_range(time)
            self._trace.hardware_samples.setdefault(address, {}).setdefault(counter, []).append(time)
            self._count(f"HwSample{counter}")

        return handle

    def _thread_of(self, thread: int, process: int) -> None:
        if thread in self._owned:
            raise self._decoder.refuse(f"TidToPid names thread {thread} twice")
        self._owned.add(thread)
        self._trace.processes[thread] = process
        self._count("TidToPid")

    def _power(self, time: int, _energy: int, name: int) -> None:
        self._decoder.check_range(time)
        self._decoder.string(name)
        self._count("SysPowerReport")
