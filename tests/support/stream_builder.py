"""The program's side of small conversations, for testing the strict viewer: events by name, answers on request.

It takes event numbers and layouts from the viewer's tables, so it proves the viewer's rules but not its tables; those
are proved by the recordings and by real capture tools that are fed with these streams.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import lz4.block  # type: ignore[import-untyped]

from .viewer.queries import QUERY, Query
from .viewer.tables import (
    DATA_U32,
    DELAY_UNTIL,
    STRING_BIAS_SINCE,
    TAGGED_ADDRESS_SINCE,
    TEXT_U16,
    ZONE_TIME_FORMS_SINCE,
    dialect,
)

if TYPE_CHECKING:
    from .viewer.session import Session

#: The program's first tick; one tick is one nanosecond unless said otherwise.
FIRST_TICK = 1_000_000

type Location = tuple[str, str, str, int, int]


class StreamBuilder:
    """Gathers events into blocks. Ticks are absolute; the builder keeps the time references that the wire needs."""

    def __init__(
        self, protocol: int, *, flags: int = 0, exec_time: int = 0, timer_mul: float = 1.0, name: str = "built"
    ) -> None:
        self.protocol = protocol
        self.dialect = dialect(protocol)
        self.flags = flags
        self.exec_time = exec_time
        self.timer_mul = timer_mul
        self.name = name
        self.sampling_period = 0
        self.now = 0
        self.serial = 0
        self.switched = 0
        self.events = bytearray()
        self._history = b""

    # Wire

    def head(self, status: int = 1) -> bytes:
        """Status, welcome, and the on-demand payload where the flags ask for it."""
        delay = struct.pack("<Q", 0) if self.protocol <= DELAY_UNTIL else b""
        welcome = struct.pack("<dqq", self.timer_mul, FIRST_TICK, FIRST_TICK + 100) + delay
        welcome += struct.pack(
            "<QQQQqBB12sI", 1, 1_700_000_000, self.exec_time, 4711, self.sampling_period, self.flags, 2, b"test", 0
        )
        welcome += self.name.encode().ljust(64, b"\0") + b"a host".ljust(1024, b"\0")
        on_demand = struct.pack("<QQ", 5, FIRST_TICK + 200) if self.flags & 1 else b""
        return bytes([status]) + welcome + on_demand

    def block(self, *, linked: bool = False) -> bytes:
        """The events so far as one wire block; `linked` lets it refer back to the blocks before."""
        events = bytes(self.events)
        self.events.clear()
        if linked:
            packed: bytes = lz4.block.compress(events, store_size=False, dict=self._history)
        else:
            packed = lz4.block.compress(events, store_size=False)
        self._history = (self._history + events)[-65536:]
        return struct.pack("<I", len(packed)) + packed

    def event(self, name: str, *fields: float | bytes, tail: bytes = b"") -> None:
        """One event as it is, with the right length before its tail."""
        event = self.dialect.by_name[name]
        self.events += bytes([event.number]) + event.layout.pack(*fields)
        if event.follows == DATA_U32:
            self.events += struct.pack("<I", len(tail)) + tail
        elif event.follows == TEXT_U16:
            self.events += struct.pack("<H", len(tail)) + tail

    # Events with their references

    def thread(self, thread: int) -> None:
        self.event("ThreadContext", thread)
        self.now = 0

    def _delta(self, tick: int) -> int:
        delta, self.now = tick - self.now, tick
        return delta

    def _zone_event(self, name: str, tick: int, *fields: int) -> None:
        delta = self._delta(tick)
        if self.protocol < ZONE_TIME_FORMS_SINCE or delta < 0:
            self.event(name, delta, *fields)
        elif delta < 1 << 16:
            self.event(name + "16", delta, *fields)
        elif delta < (1 << 16) + (1 << 32):
            self.event(name + "32", delta - (1 << 16), *fields)
        else:
            self.event(name, delta - (1 << 16) - (1 << 32), *fields)

    def begin(self, location: int, tick: int) -> None:
        self._zone_event("ZoneBegin", tick, location)

    def end(self, tick: int) -> None:
        self._zone_event("ZoneEnd", tick)

    def begin_dynamic(self, tick: int, function: str, file: str = "dynamic.py", name: str = "", line: int = 1) -> None:
        content = struct.pack("<II", 0, line) + function.encode() + b"\0" + file.encode() + b"\0" + name.encode()
        self.event("SourceLocationPayload", 1, tail=content)
        self.event("ZoneBeginAllocSrcLoc", self._delta(tick))

    def single(self, text: str | bytes) -> None:
        """The text for the event that follows."""
        self._staged("SingleStringData", text)

    def second(self, text: str | bytes) -> None:
        """The second text for an event that takes two."""
        self._staged("SecondStringData", text)

    def _staged(self, name: str, text: str | bytes) -> None:
        raw = text.encode() if isinstance(text, str) else text
        if self.protocol < STRING_BIAS_SINCE:
            self.event(name, tail=raw)
        elif len(raw) < 256:
            self.events += bytes([self.dialect.by_name[name + "8"].number, len(raw)]) + raw
        else:
            self.events += bytes([self.dialect.by_name[name].number]) + struct.pack("<H", len(raw) - 256) + raw

    def zone_text(self, text: str) -> None:
        self.single(text)
        self.event("ZoneText")

    def zone_name(self, text: str) -> None:
        self.single(text)
        self.event("ZoneName")

    def zone_color(self, color: int) -> None:
        self.event("ZoneColor", color & 0xFF, color >> 8 & 0xFF, color >> 16)

    def message(
        self, tick: int, text: str, metadata: int = 0, *, color: int | None = None, callstack: bool = False
    ) -> None:
        self.single(text)
        name = ("Message" if color is None else "MessageColor") + ("Callstack" if callstack else "")
        self.event(name, tick, *_parts(color), *([metadata] if self.protocol >= TAGGED_ADDRESS_SINCE else []))

    def literal(
        self, tick: int, pointer: int, metadata: int = 0, *, color: int | None = None, callstack: bool = False
    ) -> None:
        tagged = self.protocol >= TAGGED_ADDRESS_SINCE
        name = ("MessageLiteral" if color is None else "MessageLiteralColor") + ("Callstack" if callstack else "")
        self.event(name, tick, *_parts(color), pointer << 8 | metadata if tagged else pointer)

    def stack_of_addresses(self, *addresses: int) -> None:
        """The payload of a call stack; `Callstack` or `CallstackSerial` has to follow."""
        self.event("CallstackPayload", 1, tail=struct.pack(f"<{len(addresses)}Q", *addresses))

    def stack_of_texts(self, *frames: tuple[str, str, int]) -> None:
        """Function, file and line of each frame, innermost first; `CallstackAlloc` has to follow."""
        raw = bytes([len(frames)])
        for function, file, line in frames:
            raw += struct.pack("<IH", line, len(function.encode())) + function.encode()
            raw += struct.pack("<H", len(file.encode())) + file.encode()
        self.event("CallstackAllocPayload", 1, tail=raw)

    def plot(self, name: int, tick: int, value: float) -> None:
        self.event("PlotDataDouble", name, self._delta(tick), value)

    def fiber_enter(self, fiber: int, thread: int, tick: int, group: int = 0) -> None:
        hint = [group] if "hint" in self.dialect.by_name["FiberEnter"].fields else []
        self.event("FiberEnter", self._delta(tick), fiber, thread, *hint)

    def fiber_leave(self, thread: int, tick: int) -> None:
        self.event("FiberLeave", self._delta(tick), thread)

    def section_enter(self, identity: int, text: str, tick: int, category: int = 0) -> None:
        self.single(text)
        self.event("SectionEnter", self._delta(tick), identity, category)

    def section_leave(self, identity: int, tick: int) -> None:
        self.event("SectionLeave", self._delta(tick), identity)

    def serial_event(self, name: str, tick: int, **fields: int | bytes) -> None:
        """A lock or memory event, its time taken from the serial reference."""
        delta, self.serial = tick - self.serial, tick
        self.event(name, *(delta if field == "time" else fields[field] for field in self.dialect.by_name[name].fields))

    def switch_event(self, name: str, tick: int, **fields: int) -> None:
        """A context switch, a wake-up or a sample, its time taken from the system's reference."""
        delta, self.switched = tick - self.switched, tick
        if name.startswith("CallstackSample") and self.protocol >= ZONE_TIME_FORMS_SINCE:
            assert 0 <= delta < 1 << 32
            name, delta = (name + "16", delta) if delta < 1 << 16 else (name + "32", delta - (1 << 16))
        self.event(
            name, *(delta if field == "time" else fields.get(field, 0) for field in self.dialect.by_name[name].fields)
        )


def _parts(color: int | None) -> list[int]:
    return [] if color is None else [color & 0xFF, color >> 8 & 0xFF, color >> 16]


class ToyProgram:
    """A program that answers what it is asked. `stream` builds its events; `strings` and `locations` are its tables."""

    def __init__(self, protocol: int, *, flags: int = 0, exec_time: int = 0) -> None:
        self.stream = StreamBuilder(protocol, flags=flags, exec_time=exec_time)
        self.strings: dict[int, str] = {}
        self.locations: dict[int, Location] = {}
        self.sources: dict[str, bytes] = {}
        #: The functions of an address, each with its file, line, symbol and the symbol's length.
        self.frames: dict[int, list[tuple[str, str, int, int, int]]] = {}
        #: The machine code of a symbol; what has none is not available.
        self.codes: dict[int, bytes] = {}
        self.asked: list[tuple[Query, int, int]] = []
        self.is_terminated = False
        self._transfer = b""

    def location(self, pointer: int, name: str, file: str = "toy.py", line: int = 1, color: int = 0) -> int:
        """Define a static location whose function is `name`; its texts get pointers beside its own."""
        self.strings[pointer + 1] = name
        self.strings[pointer + 2] = file
        self.locations[pointer] = ("", name, file, line, color)
        return pointer

    def answer(self, kind: Query, pointer: int, extra: int) -> None:
        """Put the answer to one query into the stream."""
        self.asked.append((kind, pointer, extra))
        stream = self.stream
        texts = {Query.STRING: "StringData", Query.PLOT_NAME: "PlotName", Query.FRAME_NAME: "FrameName"}
        if kind in texts:
            stream.event(texts[kind], pointer, tail=self.strings[pointer].encode())
        elif kind is Query.THREAD_STRING:
            stream.event("ThreadName", pointer, tail=f"thread {pointer}".encode())
        elif kind is Query.FIBER_NAME:
            stream.event("FiberName", pointer, tail=f"fiber {pointer}".encode())
        elif kind is Query.SOURCE_LOCATION:
            _, _, _, line, color = self.locations[pointer]
            stream.event(
                "SourceLocation", 0, pointer + 1, pointer + 2, line, color & 0xFF, color >> 8 & 0xFF, color >> 16
            )
        elif kind is Query.SOURCE_CODE:
            content = self.sources.get(self._transfer.rstrip(b"\0").decode())
            if content is None:
                stream.event("AckSourceCodeNotAvailable", pointer)
            else:
                stream.event("SourceCode", pointer, tail=content)
        elif kind is Query.CALLSTACK_FRAME:
            self._answer_frame(pointer)
        elif kind is Query.SYMBOL:
            stream.single("symbol.c")
            stream.event("SymbolInformation", 1, pointer)
        elif kind is Query.SYMBOL_CODE and pointer in self.codes:
            stream.event("SymbolCode", pointer, tail=self.codes[pointer])
        elif kind is Query.SYMBOL_CODE:
            stream.event("AckSymbolCodeNotAvailable")
        elif kind is Query.EXTERNAL_NAME:
            stream.event("ExternalThreadName", pointer, tail=f"a thread {pointer}".encode())
            stream.event("ExternalName", pointer, tail=f"a program {pointer}".encode())
        elif kind is Query.DISCONNECT:
            stream.event("Terminate")
        elif kind is Query.TERMINATE:
            self.is_terminated = True
        else:
            part = struct.pack("<QI", pointer, extra)
            self._transfer = self._transfer + part if kind is Query.DATA_TRANSFER_PART else b""
            stream.event("AckServerQueryNoop")

    def _answer_frame(self, address: int) -> None:
        parts = self.frames.get(address, [("unknown", "unknown.c", 0, 0, 0)])
        self.stream.single("a binary")
        self.stream.event("CallstackFrameSize", address, len(parts))
        for function, file, line, symbol, length in parts:
            self.stream.single(function)
            self.stream.second(file)
            self.stream.event("CallstackFrame", line, symbol, length)

    def read(self, queries: bytes) -> bytes:
        """Answer queries; the block to send, if there is anything in it."""
        for query in QUERY.iter_unpack(queries):
            self.answer(Query(query[0]), query[1], query[2])
        return self.stream.block() if self.stream.events else b""

    def converse(self, session: Session, *, terminate: bool = True) -> None:
        """Send everything built so far, and answer until the viewer asks nothing more."""
        session.take_outgoing()
        if terminate:
            self.stream.event("Terminate")
        session.feed(self.stream.head() + self.stream.block())
        self.go_on(session)

    def go_on(self, session: Session) -> None:
        """Send what is built since, and answer until the viewer asks nothing more."""
        while data := self.read(session.take_outgoing()):
            session.feed(data)
