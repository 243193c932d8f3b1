"""Events to trace: the loop over a block, and the events of zones.

The decoder owns the two running time references that several kinds need (`now` for the current thread context,
`serial` for the serial queue). Other modules hold the handlers of the other events; each is a method
that gets the event's fields, and the bytes that follow where there are any.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from .blocks import BLOCK_LIMIT
from .errors import ProtocolViolation
from .kinds.callstacks import CallstackKind
from .queries import Query, QueryBook
from .tables import (
    DATA_U32,
    INTERNAL,
    NOTHING,
    STRING_BIAS_SINCE,
    TEXT_U8,
    ZONE_TIME_FORMS_SINCE,
    Event,
    dialect,
)
from .trace import SourceLocation, ThreadTrace, Trace, Zone, ZoneExtra

if TYPE_CHECKING:
    from .handshake import OnDemandPayload, Welcome

type Handler = Callable[..., None]

# The viewer keeps static locations in 16 bits, with 0 and 32767 taken: the next one is shown without a name.
STATIC_LOCATION_LIMIT = 32765
# Threads and fibers have 16-bit numbers in the viewer, 0 taken (and cost it 64 KiB each).
THREAD_LIMIT = 65535
# Above this many nanoseconds after the start (39 hours) the viewer's 47 bits of time overflow.
TIME_LIMIT_NS = 1 << 47

_BIAS_16 = 1 << 16
_BIAS_32 = (1 << 16) + (1 << 32)
_BIASED_TEXTS = frozenset({"SingleStringData", "SecondStringData"})


class Decoder:
    """The state of one conversation after the welcome. Feed whole blocks; queries gather in `queries`."""

    def __init__(self, protocol: int, welcome: Welcome, on_demand: OnDemandPayload | None, queries: QueryBook) -> None:
        self.protocol = protocol
        self.dialect = dialect(protocol)
        self.queries = queries
        self.trace = Trace(protocol, welcome, on_demand)
        self.thread_id: int | None = None
        self.timeline: ThreadTrace | None = None
        self.now = 0
        self.serial = 0
        self.single: str | None = None
        self.second: str | None = None
        self.payload: SourceLocation | None = None
        self.offset = 0
        #: What waits for the events that use a call stack.
        self.callstacks = CallstackKind(self)
        #: Set by the answers: a frame named a file, which the viewer may have to ask for, and a binary.
        self.source_needed: Callable[[str, str], None] = lambda _file, _image: None
        forms = protocol >= ZONE_TIME_FORMS_SINCE
        self._hot_begin = self.dialect.by_name["ZoneBegin16" if forms else "ZoneBegin"]
        self._hot_end = self.dialect.by_name["ZoneEnd16" if forms else "ZoneEnd"]
        self._wide_bias = _BIAS_32 if forms else 0
        self._table: list[tuple[Event, Handler]] = []

    def register(self, handlers: dict[str, Handler]) -> None:
        """Install handlers by event name; what has none is counted."""
        known = {**self._zone_handlers(), **self.callstacks.handlers(), **handlers}
        self._table = [(event, known.get(event.name, self._counter(event.name))) for event in self.dialect.by_number]

    def _counter(self, name: str) -> Handler:
        def count(*_fields: object) -> None:
            self.trace.other[name] += 1

        return count

    def refuse(self, sentence: str) -> ProtocolViolation:
        """The error to raise, with the place in the stream."""
        return ProtocolViolation(f"{sentence} (protocol {self.protocol}, byte {self.offset} of the block)")

    # The loop

    def block(self, data: bytes) -> None:
        """Process one decompressed block."""
        if len(data) > BLOCK_LIMIT:
            raise ProtocolViolation(f"a block of {len(data)} bytes; the limit is {BLOCK_LIMIT}")
        position = 0
        try:
            while position < len(data):
                position = self._zones(data, position)
                if position < len(data):
                    self.offset = position
                    position = self._event(data, position)
        except struct.error:
            raise self.refuse("the block ends in the middle of an event") from None
        if self.timeline is not None:
            self.check_range(self.timeline.last_tick)
        self.queries.end_of_block()

    def _zones(self, data: bytes, position: int) -> int:
        """Process a run of plain zone begins and ends on one timeline: nearly all events of a trace."""
        timeline = self.timeline
        if timeline is None or timeline.validations is not None:
            return position
        begin, end = self._hot_begin.number, self._hot_end.number
        begin_size, end_size = self._hot_begin.size, self._hot_end.size
        unpack_begin, unpack_end = self._hot_begin.layout.unpack_from, self._hot_end.layout.unpack_from
        known = self.trace.locations.get
        stack = timeline.stack
        now, last, begun, limit = self.now, timeline.last_tick, 0, len(data)
        # Whatever is wrong with an event leaves the loop: its own handler takes it again and says what.
        while position < limit:
            kind = data[position]
            if kind == begin:
                delta, pointer = unpack_begin(data, position + 1)
                tick = now + delta
                if tick < last:
                    break
                now = last = tick
                zone = Zone(known(pointer) or self.location(pointer), tick)
                stack[-1].children.append(zone)
                stack.append(zone)
                begun += 1
                position += begin_size
            elif kind == end and len(stack) > 1:
                (delta,) = unpack_end(data, position + 1)
                tick = now + delta
                if tick < last:
                    break
                stack.pop().end_tick = now = last = tick
                position += end_size
            else:
                break
        self.now, timeline.last_tick = now, last
        self.trace.zone_count += begun
        return position

    def _event(self, data: bytes, position: int) -> int:
        """Process one event of any kind; the position after it."""
        number = data[position]
        if number >= len(self._table):
            raise self.refuse(f"unknown event number {number}")
        event, handler = self._table[number]
        fields = event.layout.unpack_from(data, position + 1)
        position += event.size
        if event.follows == NOTHING:
            handler(*fields)
            return position
        if event.follows == INTERNAL:
            raise self.refuse(f"{event.name} never goes over the wire")
        length: int
        if event.follows == DATA_U32:
            (length,) = struct.unpack_from("<I", data, position)
            position += 4
        elif event.follows == TEXT_U8:
            length = data[position] if position < len(data) else -1
            position += 1
        else:
            (length,) = struct.unpack_from("<H", data, position)
            position += 2
            if event.name in _BIASED_TEXTS and self.protocol >= STRING_BIAS_SINCE:
                length += 256
                if length > 0xFFFF:
                    raise self.refuse(f"{event.name} of {length} bytes; the viewer's 16-bit length overflows")
        if not 0 <= length <= len(data) - position:
            raise self.refuse(f"{event.name} of {length} bytes goes past the end of the block")
        handler(*fields, data[position : position + length])
        return position + length

    # Helpers for all handlers

    def text(self, raw: bytes, what: str) -> str:
        """A text that the viewer can keep and show."""
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.refuse(f"{what} is not UTF-8: {error}") from None
        if "\0" in text:
            raise self.refuse(f"{what} holds a zero byte, where the viewer stops reading: {text!r}")
        return text

    def take_single(self, needed_by: str) -> str:
        """The string that was sent ahead of the event that uses it."""
        text, self.single = self.single, None
        if text is None:
            raise self.refuse(f"{needed_by} without SingleStringData before it")
        return text

    def take_second(self, needed_by: str) -> str:
        """The second string that was sent ahead of the event that uses two."""
        text, self.second = self.second, None
        if text is None:
            raise self.refuse(f"{needed_by} without SecondStringData before it")
        return text

    def take_payload(self, needed_by: str) -> SourceLocation:
        """The source location that was sent ahead of the event that uses it."""
        location, self.payload = self.payload, None
        if location is None:
            raise self.refuse(f"{needed_by} without SourceLocationPayload before it")
        return location

    def remember(self, pointer: int, text: str) -> None:
        """Strings, plot names and frame names are one space of pointers in the viewer."""
        before = self.trace.strings.setdefault(pointer, text)
        if before != text:
            raise self.refuse(f"pointer 0x{pointer:x} was {before!r} and is now {text!r}")

    def notice(self, thread: int) -> ThreadTrace:
        """The thread's record; a thread not seen before is asked for its name."""
        known = self.trace.threads.get(thread)
        if known is None:
            self.queries.ask(Query.THREAD_STRING, thread)
            known = self.new_timeline(thread)
            if thread == self.thread_id:
                self.timeline = known
        return known

    def new_timeline(self, identity: int, fiber: int | None = None) -> ThreadTrace:
        """A thread or fiber seen for the first time."""
        if len(self.trace.threads) >= THREAD_LIMIT:
            raise self.refuse(f"more than {THREAD_LIMIT} threads and fibers")
        timeline = self.trace.threads[identity] = ThreadTrace(self.trace, identity, fiber)
        return timeline

    def current(self, needed_by: str) -> ThreadTrace:
        """The timeline that events of the current thread context go to."""
        if self.timeline is not None:
            return self.timeline
        if self.thread_id is None:
            raise self.refuse(f"{needed_by} before any ThreadContext")
        thread = self.notice(self.thread_id)
        self.timeline = thread.fiber or thread
        return self.timeline

    def location(self, pointer: int) -> SourceLocation:
        """A static source location; one not seen before is asked for."""
        location = self.trace.locations.get(pointer)
        if location is None:
            if pointer == 0:
                raise self.refuse("source location 0, which the viewer keeps for itself")
            if len(self.trace.locations) >= STATIC_LOCATION_LIMIT:
                raise self.refuse(f"more than {STATIC_LOCATION_LIMIT} static source locations")
            location = self.trace.locations[pointer] = SourceLocation(self.trace, pointer)
            self.queries.ask(Query.SOURCE_LOCATION, pointer)
        return location

    def string(self, pointer: int) -> bool:
        """Ask for a string once. Whether its text (or its question) was there already."""
        if pointer == 0 or pointer in self.trace.strings or self.queries.is_asked(Query.STRING, pointer):
            return True
        self.queries.ask(Query.STRING, pointer)
        return False

    def advance(self, delta: int) -> int:
        """Move the current thread context's time reference."""
        self.now += delta
        return self.now

    def advance_serial(self, delta: int) -> int:
        """Move the serial queue's time reference."""
        self.serial += delta
        self.check_range(self.serial)
        return self.serial

    def check_range(self, tick: int) -> None:
        """Refuse a moment that the viewer's 48 bits cannot keep."""
        elapsed = self.trace.nanoseconds(tick)
        if not 0 <= elapsed < TIME_LIMIT_NS:
            raise self.refuse(f"tick {tick} is {elapsed} ns after the start; the viewer keeps 0..2^47")

    # Zones

    def _zone_handlers(self) -> dict[str, Handler]:
        begins: dict[str, Handler] = {
            "ZoneBegin": self._begin_wide,
            "ZoneBegin32": self._begin_32,
            "ZoneBegin16": self._begin,
            "ZoneBeginAllocSrcLoc": self._begin_dynamic,
        }
        handlers: dict[str, Handler] = {
            "ThreadContext": self._thread_context,
            "ZoneEnd": self._end_wide,
            "ZoneEnd32": self._end_32,
            "ZoneEnd16": self._end,
            "ZoneValidation": self._zone_validation,
            "ZoneText": self._zone_text,
            "ZoneName": self._zone_name,
            "ZoneColor": self._zone_color,
            "ZoneValue": self._zone_value,
        }
        for name, begin in begins.items():
            form = name[-2:] if name[-2:].isdigit() else ""
            handlers[name] = begin
            with_stack = name.removesuffix(form) + "Callstack" + form
            handlers[with_stack] = self._with_callstack(with_stack, begin)
        return handlers

    def _thread_context(self, thread: int) -> None:
        if self.timeline is not None:
            self.check_range(self.timeline.last_tick)
        self.thread_id = thread
        self.now = 0
        known = self.trace.threads.get(thread)
        self.timeline = None if known is None else known.fiber or known

    def _begin_wide(self, delta: int, pointer: int) -> None:
        self._begin(delta + self._wide_bias if delta >= 0 else delta, pointer)

    def _begin_32(self, delta: int, pointer: int) -> None:
        self._begin(delta + _BIAS_16, pointer)

    def _begin(self, delta: int, pointer: int) -> None:
        self._begin_at(delta, self.location(pointer))

    def _begin_dynamic(self, delta: int) -> None:
        self._begin_at(delta, self.take_payload("ZoneBeginAllocSrcLoc"))

    def _with_callstack(self, name: str, begin: Handler) -> Handler:
        def handle(*fields: int) -> None:
            # ProcessZoneBeginCallstack of server/TracyWorker.cpp.
            begin(*fields)
            zone = self.current(name).stack[-1]
            zone.extra = ZoneExtra()
            zone.extra.callstack = self.callstacks.take(name)

        return handle

    def _begin_at(self, delta: int, location: SourceLocation) -> None:
        tick = self.advance(delta)
        timeline = self.current("a zone begin")
        if tick < timeline.last_tick:
            raise self.refuse(
                f"a zone of {location.name!r} on thread {timeline.name!r} begins at {tick}, "
                f"{timeline.last_tick - tick} ticks before what came before it"
            )
        timeline.last_tick = tick
        zone = Zone(location, tick)
        timeline.stack[-1].children.append(zone)
        timeline.stack.append(zone)
        if timeline.validations is not None:
            timeline.validations.append(timeline.next_validation)
            timeline.next_validation = 0
        self.trace.zone_count += 1

    def _end_wide(self, delta: int) -> None:
        self._end(delta + self._wide_bias if delta >= 0 else delta)

    def _end_32(self, delta: int) -> None:
        self._end(delta + _BIAS_16)

    def _end(self, delta: int) -> None:
        timeline = self.current("a zone end")
        if len(timeline.stack) == 1:
            raise self.refuse(f"a zone end with no zone open on thread {timeline.name!r} ({timeline.id})")
        self._check_validation(timeline, "a zone end")
        zone = timeline.stack.pop()
        if timeline.validations is not None:
            timeline.validations.pop()
        zone.end_tick = self.advance(delta)
        if zone.end_tick < timeline.last_tick:
            raise self.refuse(
                f"zone {zone.name!r} on thread {timeline.name!r} ends at {zone.end_tick}, "
                f"{timeline.last_tick - zone.end_tick} ticks before what came before it"
            )
        timeline.last_tick = zone.end_tick

    def _zone_validation(self, identity: int) -> None:
        timeline = self.current("a zone validation")
        if timeline.validations is None:
            timeline.validations = [0] * len(timeline.open)
        timeline.next_validation = identity

    def _check_validation(self, timeline: ThreadTrace, what: str) -> None:
        if timeline.validations is None:
            return
        named, timeline.next_validation = timeline.next_validation, 0
        if not timeline.validations or named != timeline.validations[-1]:
            raise self.refuse(f"{what} is validated as {named}, which is not the innermost open zone")

    def _innermost(self, what: str) -> ZoneExtra:
        timeline = self.timeline
        if timeline is None or len(timeline.stack) == 1:
            where = self.thread_id if timeline is None else f"{timeline.name!r} ({timeline.id})"
            raise self.refuse(f"{what} with no zone open on thread {where}")
        self._check_validation(timeline, what)
        zone = timeline.stack[-1]
        if zone.extra is None:
            zone.extra = ZoneExtra()
        return zone.extra

    def _zone_text(self) -> None:
        self._innermost("a zone text").parts.append(self.take_single("ZoneText"))

    def _zone_name(self) -> None:
        self._innermost("a zone name").name = self.take_single("ZoneName")

    def _zone_color(self, blue: int, green: int, red: int) -> None:
        self._innermost("a zone colour").color = red << 16 | green << 8 | blue

    def _zone_value(self, value: int) -> None:
        self._innermost("a zone value").parts.append(value)
