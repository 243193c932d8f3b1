"""Fibers: rows of their own, which take the events of the thread that they run on. And the groups of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.queries import Query

if TYPE_CHECKING:
    from support.viewer.decoder import Decoder, Handler
    from support.viewer.trace import ThreadTrace

# The viewer's id of the first fiber; they are threads beyond the 32 bits of the real ones (W::ProcessFiberEnter).
_FIRST_FIBER = 1 << 32


@dataclass
class FiberRun:
    """One piece of a fiber's time on a thread; it has no end while it lasts."""

    thread: ThreadTrace
    begin_tick: int
    end_tick: int | None = None


class FiberKind(Kind):
    """Handlers of fibers. Enter and leave run on the clock of the current thread context."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        self._fibers: dict[int, ThreadTrace] = {}
        self._carriers: dict[ThreadTrace, ThreadTrace] = {}
        self._last_switch: dict[ThreadTrace, int] = {}

    def handlers(self) -> dict[str, Handler]:
        return {"FiberEnter": self._enter, "FiberLeave": self._leave, "ThreadGroupHint": self._group_hint,
                "FiberName": self._name}  # fmt: skip

    def _group_hint(self, thread: int, hint: int) -> None:
        # W::ProcessThreadGroupHint.
        known = self._trace.threads.get(thread)
        if known is None:
            raise self._decoder.refuse(f"ThreadGroupHint for thread {thread}, which the viewer has not seen yet")
        known.group_hint = hint

    def _name(self, fiber: int, raw: bytes) -> None:
        self._queries.answered(Query.FIBER_NAME, fiber, "FiberName")
        self._trace.fiber_names[fiber] = self._decoder.text(raw, "FiberName")

    def _enter(self, time: int, fiber: int, thread: int, hint: int = 0) -> None:
        # W::ProcessFiberEnter: one row for each pointer; a fiber that runs gives way to the new one.
        tick = self._decoder.advance(time)
        if fiber == 0:
            raise self._decoder.refuse("FiberEnter with pointer 0 for a name")
        known = self._fibers.get(fiber)
        if known is None:
            identity = _FIRST_FIBER | len(self._fibers)
            known = self._fibers[fiber] = self._decoder.new_timeline(identity, fiber)
            known.group_hint = hint
            self._queries.ask(Query.FIBER_NAME, fiber)
        carrier = self._decoder.notice(thread)
        other = self._carriers.get(known)
        if other is not None and other is not carrier:
            raise self._decoder.refuse(f"{self._word(known)} enters thread {thread} while it runs on thread {other.id}")
        if carrier.fiber is not None:
            self._end_run(carrier, carrier.fiber, tick)
        self._check_order(carrier, known, tick)
        carrier.fiber = known
        self._carriers[known] = carrier
        self._last_switch[carrier] = known.last_tick = tick
        known.runs.append(FiberRun(carrier, tick))
        if thread == self._decoder.thread_id:
            self._decoder.timeline = known
        self._count("FiberEnter")

    def _leave(self, time: int, thread: int) -> None:
        # W::ProcessFiberLeave; it looks the thread up without a check that it knows it.
        tick = self._decoder.advance(time)
        carrier = self._trace.threads.get(thread)
        if carrier is None or carrier.fiber is None:
            raise self._decoder.refuse(f"FiberLeave on thread {thread}, which runs no fiber")
        self._end_run(carrier, carrier.fiber, tick)
        carrier.fiber = None
        if thread == self._decoder.thread_id:
            self._decoder.timeline = carrier
        self._count("FiberLeave")

    def _end_run(self, carrier: ThreadTrace, fiber: ThreadTrace, tick: int) -> None:
        if tick < fiber.last_tick:
            # The row of a fiber is drawn from its runs; a zone beyond them lies in a time in which it did not run.
            raise self._decoder.refuse(f"{self._word(fiber)} stops at {tick}, before its last event")
        fiber.runs[-1].end_tick = self._last_switch[carrier] = fiber.last_tick = tick
        del self._carriers[fiber]

    def _check_order(self, carrier: ThreadTrace, fiber: ThreadTrace, tick: int) -> None:
        # The runs of a fiber are searched by their time (TracyView, DrawContextSwitches), and so must be in order.
        if tick < fiber.last_tick:
            raise self._decoder.refuse(f"{self._word(fiber)} enters at {tick}, before its last event")
        if tick < self._last_switch.get(carrier, tick):
            raise self._decoder.refuse(f"{self._word(fiber)} enters at {tick}, before the last switch of its thread")
        self._decoder.check_range(tick)

    @staticmethod
    def _word(fiber: ThreadTrace) -> str:
        return f"fiber {fiber.name!r} (0x{fiber.fiber_id:x})"
