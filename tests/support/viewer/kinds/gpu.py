"""GPU contexts and their zones, whose times on the GPU come later, as answers to numbered queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .kind import Kind

if TYPE_CHECKING:
    from .callstacks import Callstack
    from support.viewer.decoder import Decoder, Handler
    from support.viewer.trace import SourceLocation

#: The last GpuContextType of each protocol (TracyQueue.hpp); the viewer takes its name from a table without a check.
LAST_KIND = {66: 5, 69: 5, 72: 5, 74: 8, 76: 9, 82: 10}
_CALIBRATED = 1
_OVERFLOW = 1 << 31


@dataclass(eq=False)
class GpuZone:
    """One zone: when it was given to the GPU, and when the GPU ran it, in nanoseconds of the trace."""

    location: SourceLocation
    thread: int
    begin_tick: int
    begin_query: int
    end_tick: int | None = None
    gpu_begin_ns: int | None = None
    gpu_end_ns: int | None = None
    children: list[GpuZone] = field(default_factory=list)
    callstack: Callstack | None = None
    notes: dict[str, float] = field(default_factory=dict)
    previous: GpuZone | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return self.location.name


@dataclass
class GpuContext:
    """One context. `roots` are its outermost zones by thread; by 0 where the context belongs to one thread."""

    id: int
    kind: int
    thread: int
    period: float
    is_calibrated: bool
    time_difference: float
    calibrated_gpu: float
    calibrated_cpu: int
    name: str | None = None
    calibration: float = 1.0
    last_time: int = 0
    roots: dict[int, list[GpuZone]] = field(default_factory=dict)
    stacks: dict[int, list[GpuZone]] = field(default_factory=dict)
    waiting: dict[int, GpuZone] = field(default_factory=dict)
    of_query: dict[int, GpuZone] = field(default_factory=dict)
    note_names: dict[int, str] = field(default_factory=dict)

    def scaled(self, time: int) -> float:
        """The GPU's own time in nanoseconds of the GPU."""
        return time if self.period == 1 else int(self.period * time)

    def zones(self) -> list[GpuZone]:
        """All zones, thread by thread, parents first."""
        found: list[GpuZone] = []
        todo = [zone for roots in reversed(self.roots.values()) for zone in reversed(roots)]
        while todo:
            zone = todo.pop()
            found.append(zone)
            todo.extend(reversed(zone.children))
        return found


class GpuKind(Kind):
    """Handlers of the GPU. Zones run on the clock of their thread or of the serial queue, GPU times on one of their own."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        # One for all contexts (m_refTimeGpu of W).
        self._gpu_time = 0

    def handlers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {
            "GpuNewContext": self._new_context,
            "GpuContextName": self._context_name,
            "GpuTime": self._time,
            "GpuCalibration": self._calibrate,
            "GpuTimeSync": self._synchronise,
            "GpuAnnotationName": self._note_name,
            "GpuZoneAnnotation": self._annotate,
        }
        for lane in ("", "Serial"):
            handlers[f"GpuZoneEnd{lane}"] = self._end_handler(lane)
            for form in ("", "Callstack", "AllocSrcLoc", "AllocSrcLocCallstack"):
                name = f"GpuZoneBegin{form}{lane}"
                handlers[name] = self._begin_handler(name, bool(lane))
        return handlers

    def _context(self, identity: int) -> GpuContext:
        context = self._trace.gpu_contexts.get(identity)
        if context is None:
            raise self._decoder.refuse(f"GPU context {identity} is not known")
        return context

    def _new_context(
        self, cpu: int, gpu: int, thread: int, period: float, identity: int, flags: int, kind: int
    ) -> None:
        # W::ProcessGpuNewContext.
        refuse = self._decoder.refuse
        if identity in self._trace.gpu_contexts:
            raise refuse(f"GPU context {identity} is made twice")
        if not 1 <= kind <= LAST_KIND[self._decoder.protocol]:
            raise refuse(f"GPU context {identity} is of kind {kind}, which this release has no name for")
        if not 0 < period < float("inf"):
            raise refuse(f"GPU context {identity} has a period of {period}")
        self._decoder.check_range(cpu)
        cpu_ns = self._trace.nanoseconds(cpu)
        context = GpuContext(identity, kind, thread, period, bool(flags & _CALIBRATED), 0, 0, cpu_ns)
        context.calibrated_gpu = context.scaled(gpu)
        context.time_difference = cpu_ns - context.calibrated_gpu
        self._trace.gpu_contexts[identity] = context

    def _context_name(self, identity: int) -> None:
        self._context(identity).name = self._decoder.take_single("GpuContextName")

    # Zones

    def _begin_handler(self, name: str, is_serial: bool) -> Handler:
        def begin(time: int, thread: int, query: int, context: int, location: int = 0) -> None:
            decoder = self._decoder
            place = decoder.take_payload(name) if "AllocSrcLoc" in name else decoder.location(location)
            zone = GpuZone(place, thread, self._tick(time, is_serial), query)
            self._begin(self._context(context), zone)
            if "Callstack" in name:
                stacks = decoder.callstacks
                zone.callstack = stacks.take_serial(name) if is_serial else stacks.take(name)
            self._count(name)

        return begin

    def _tick(self, delta: int, is_serial: bool) -> int:
        tick = self._decoder.advance_serial(delta) if is_serial else self._decoder.advance(delta)
        self._decoder.check_range(tick)
        return tick

    def _begin(self, context: GpuContext, zone: GpuZone) -> None:
        # W::ProcessGpuZoneBeginImplCommon: a context with a thread has one row, others one for each thread.
        key = 0 if context.thread else zone.thread
        stack = context.stacks.setdefault(key, [])
        row = stack[-1].children if stack else context.roots.setdefault(key, [])
        if row and zone.begin_tick < row[-1].begin_tick:
            raise self._decoder.refuse(f"GPU zone {zone.name!r} begins before the one that came before it")
        zone.previous = row[-1] if row else None
        row.append(zone)
        stack.append(zone)
        self._wait(context, zone.begin_query, zone)
        context.of_query[zone.begin_query] = zone

    def _wait(self, context: GpuContext, query: int, zone: GpuZone) -> None:
        if query in context.waiting:
            raise self._decoder.refuse(f"query {query} of GPU context {context.id} is used again without its time")
        context.waiting[query] = zone

    def _end_handler(self, lane: str) -> Handler:
        def end(time: int, thread: int, query: int, identity: int) -> None:
            # W::ProcessGpuZoneEnd takes the thread as it is: 0 where the context belongs to one thread.
            context = self._context(identity)
            stack = context.stacks.get(thread)
            if not stack:
                raise self._decoder.refuse(f"a GPU zone ends on thread {thread} of context {identity}, with none open")
            zone = stack.pop()
            self._wait(context, query, zone)
            zone.end_tick = self._tick(time, bool(lane))
            if zone.end_tick < zone.begin_tick:
                raise self._decoder.refuse(f"GPU zone {zone.name!r} ends before it begins")
            self._count(f"GpuZoneEnd{lane}")

        return end

    # Times

    def _time(self, delta: int, query: int, identity: int) -> None:
        # W::ProcessGpuTime.
        context = self._context(identity)
        self._gpu_time += delta
        time, zone = self._gpu_time, context.waiting.pop(query, None)
        if zone is None:
            raise self._decoder.refuse(f"a time for query {query} of GPU context {identity}, which waits for none")
        if time < context.last_time - _OVERFLOW:
            raise self._decoder.refuse(f"the time of GPU context {identity} goes back, which reads as an overflow")
        context.last_time = time
        moment = self._nanoseconds(context, time)
        if zone.gpu_begin_ns is None:
            zone.gpu_begin_ns = moment
            self._check_order(zone)
        elif moment < zone.gpu_begin_ns:
            raise self._decoder.refuse(f"GPU zone {zone.name!r} ends on the GPU before it begins there")
        else:
            zone.gpu_end_ns = moment
        self._count("GpuTime")

    def _nanoseconds(self, context: GpuContext, time: int) -> int:
        if not context.is_calibrated:
            return int(context.scaled(time) + context.time_difference)
        since = (time if context.period == 1 else context.period * time) - context.calibrated_gpu
        return int(since * context.calibration + context.calibrated_cpu)

    def _check_order(self, zone: GpuZone) -> None:
        # The zones of a row are searched by their time on the GPU (TracyTimelineItemGpu).
        before = zone.previous.gpu_begin_ns if zone.previous else None
        if before is not None and zone.gpu_begin_ns is not None and zone.gpu_begin_ns < before:
            raise self._decoder.refuse(f"GPU zone {zone.name!r} begins on the GPU before the zone before it")

    def _calibrate(self, gpu: int, cpu: int, cpu_delta: int, identity: int) -> None:
        # W::ProcessGpuCalibration.
        context = self._context(identity)
        if not context.is_calibrated:
            raise self._decoder.refuse(f"GPU context {identity} was made without calibration")
        now = context.scaled(gpu)
        if now == context.calibrated_gpu or cpu_delta <= 0:
            raise self._decoder.refuse(f"GPU context {identity} is calibrated over no time")
        context.calibration = cpu_delta / (now - context.calibrated_gpu)
        context.calibrated_gpu, context.calibrated_cpu = now, self._trace.nanoseconds(cpu)
        self._count("GpuCalibration")

    def _synchronise(self, gpu: int, cpu: int, identity: int) -> None:
        # W::ProcessGpuTimeSync.
        context = self._context(identity)
        context.time_difference = self._trace.nanoseconds(cpu) - context.scaled(gpu)
        context.last_time = 0
        self._count("GpuTimeSync")

    # Notes

    def _note_name(self, note: int, identity: int) -> None:
        self._context(identity).note_names[note] = self._decoder.take_single("GpuAnnotationName")

    def _annotate(self, note: int, value: float, _thread: int, query: int, identity: int) -> None:
        # W::ProcessGpuZoneAnnotation; the view skips a note without a name, and shows it at the zone of the query.
        context = self._context(identity)
        name, zone = context.note_names.get(note), context.of_query.get(query)
        if name is None or zone is None:
            raise self._decoder.refuse(f"note {note} for query {query} of GPU context {identity}, one of them unknown")
        zone.notes[name] = value
        self._count("GpuZoneAnnotation")
