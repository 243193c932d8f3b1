"""Call stacks: of addresses, of texts, and both in one; their frames and symbols.

A stack is sent ahead of the event that uses it: a payload, then an event that says where it belongs. `Callstack` and
`CallstackAlloc` give it to the current thread's (or fiber's) next event, `CallstackSerial` to the next memory or GPU event.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.queries import Query
from support.viewer.trace import UNKNOWN

if TYPE_CHECKING:
    from support.viewer.decoder import Decoder, Handler
    from support.viewer.trace import ThreadTrace, Trace

# W::AddCallstackAllocPayload has room for so many frames.
_TEXT_FRAME_LIMIT = 64
# Until 74 the viewer asks for a frame again while its answer is under way; 76 asks for frames of text too, by their number.
_ASKS_ONCE_SINCE = 76
_ASKS_FOR_TEXT_FRAMES = (76,)
_CODE_LIMIT = 128 * 1024


@dataclass(frozen=True)
class StackFrame:
    """One line of a call stack. `symbol` is the address of its function, 0 for a frame of text."""

    function: str
    file: str
    line: int
    symbol: int = 0


class Callstack:
    """One call stack, innermost frame first: text frames, and addresses whose frames the viewer asks for."""

    def __init__(self, trace: Trace, entries: tuple[int | StackFrame, ...]) -> None:
        self._trace = trace
        self.entries = entries

    @property
    def addresses(self) -> list[int]:
        return [entry for entry in self.entries if isinstance(entry, int)]

    @property
    def frames(self) -> list[StackFrame]:
        """All frames as the viewer lists them; one address may stand for several, of inlined functions."""
        frames: list[StackFrame] = []
        for entry in self.entries:
            if isinstance(entry, int):
                frames += self._trace.callstack_frames.get(entry, [StackFrame(UNKNOWN, UNKNOWN, 0, entry)])
            else:
                frames.append(entry)
        return frames

    def __repr__(self) -> str:
        return f"<Callstack {' < '.join(frame.function for frame in self.frames)}>"


class CallstackKind(Kind):
    """Handlers of call stacks, and the stacks that wait for their event."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__(decoder)
        self._pending: tuple[int | StackFrame, ...] | None = None
        self._serial: Callstack | None = None
        self._of_thread: dict[ThreadTrace, Callstack] = {}
        self._known: dict[tuple[int | StackFrame, ...], Callstack] = {}
        self._seen: set[tuple[int | StackFrame, ...]] = set()
        self._asked: set[int] = set()
        self._text_frames: dict[StackFrame, int] = {}
        # The frame whose parts come now: its address, and how many are still to come.
        self._address = 0
        self._parts_left = 0
        self._parts: list[StackFrame] = []
        # Of each symbol that was asked for: its length, and the binary that it is in.
        self._symbols: dict[int, tuple[int, str]] = {}

    def handlers(self) -> dict[str, Handler]:
        return {
            "CallstackPayload": self._payload,
            "CallstackAllocPayload": self._text_payload,
            "Callstack": self._for_thread,
            "CallstackAlloc": self._for_thread,
            "CallstackSerial": self._for_serial,
            "CallstackFrameSize": self._frame_size,
            "CallstackFrame": self._frame,
            "SymbolInformation": self._symbol,
            "SymbolCode": self._symbol_code,
            "AckSymbolCodeNotAvailable": self._no_symbol_code,
        }

    # What other kinds take

    def take(self, needed_by: str) -> Callstack:
        """The stack that was sent for the current thread's next event."""
        stack = self._of_thread.pop(self._decoder.current(needed_by), None)
        if stack is None:
            raise self._decoder.refuse(f"{needed_by} without Callstack before it on its thread")
        return stack

    def take_serial(self, needed_by: str) -> Callstack:
        """The stack that was sent for the next event of the serial queue."""
        stack, self._serial = self._serial, None
        if stack is None:
            raise self._decoder.refuse(f"{needed_by} without CallstackSerial before it")
        return stack

    def take_if_any(self, needed_by: str) -> Callstack | None:
        """The stack that was sent for the current thread's next event, if one was."""
        return self._of_thread.pop(self._decoder.current(needed_by), None)

    # Payloads

    def _payload(self, _pointer: int, raw: bytes) -> None:
        # W::AddCallstackPayload.
        if self._pending is not None:
            raise self._decoder.refuse("CallstackPayload while the one before it has not been used")
        if len(raw) == 0 or len(raw) % 8:
            raise self._decoder.refuse(f"CallstackPayload of {len(raw)} bytes, which are no addresses of 8")
        addresses = struct.unpack(f"<{len(raw) // 8}Q", raw)
        for address in addresses:
            # W::PackPointer keeps 62 bits, which must give all 64 back.
            if (address & 0x3000_0000_0000_0000) << 2 != address & 0xC000_0000_0000_0000:
                raise self._decoder.refuse(f"address 0x{address:x} of a call stack, which the viewer cannot keep")
        self._pending = addresses
        self._ask(addresses)

    def _text_payload(self, _pointer: int, raw: bytes) -> None:
        # W::AddCallstackAllocPayload: a count, then line, function and file of each; addresses follow what is text.
        frames: list[StackFrame] = []
        if not raw or raw[0] > _TEXT_FRAME_LIMIT:
            raise self._decoder.refuse(f"CallstackAllocPayload with no or more than {_TEXT_FRAME_LIMIT} frames")
        position = 1
        try:
            for _ in range(raw[0]):
                line, length = struct.unpack_from("<IH", raw, position)
                function, position = self._cut(raw, position + 6, length)
                (length,) = struct.unpack_from("<H", raw, position)
                file, position = self._cut(raw, position + 2, length)
                frames.append(StackFrame(function, file, line))
        except struct.error:
            raise self._decoder.refuse("CallstackAllocPayload ends in the middle of a frame") from None
        if position != len(raw):
            raise self._decoder.refuse(f"CallstackAllocPayload has {len(raw) - position} bytes too many")
        if not frames and self._pending is None:
            raise self._decoder.refuse("a call stack without a frame")
        self._pending = (*frames, *(self._pending or ()))
        numbers = [self._text_frames.setdefault(frame, len(self._text_frames)) for frame in frames]
        asked_numbers = numbers if self._decoder.protocol in _ASKS_FOR_TEXT_FRAMES else []
        self._ask((*asked_numbers, *(entry for entry in self._pending if isinstance(entry, int))))

    def _cut(self, raw: bytes, position: int, length: int) -> tuple[str, int]:
        end = position + length
        if end > len(raw):
            raise self._decoder.refuse("CallstackAllocPayload ends in the middle of a text")
        return self._decoder.text(raw[position:end], "CallstackAllocPayload"), end

    def _ask(self, addresses: tuple[int, ...]) -> None:
        # W::AddCallstackPayload, QueryCallstackFrame (0.13.1): a stack that was there before asks for nothing.
        if self._pending is None or self._pending in self._seen:
            return
        self._seen.add(self._pending)
        asks_once = self._decoder.protocol >= _ASKS_ONCE_SINCE
        for address in addresses:
            if address not in (self._asked if asks_once else self._trace.callstack_frames):
                self._asked.add(address)
                self._queries.ask(Query.CALLSTACK_FRAME, address)

    # Where a stack belongs

    def take_payload(self, needed_by: str) -> Callstack:
        """The stack that was sent last, and belongs to nothing yet."""
        entries, self._pending = self._pending, None
        if entries is None:
            raise self._decoder.refuse(f"{needed_by} without CallstackPayload before it")
        stack = self._known.get(entries)
        if stack is None:
            stack = self._known[entries] = Callstack(self._trace, entries)
            self._trace.callstacks.append(stack)
        return stack

    def _for_thread(self) -> None:
        # W::ProcessCallstack.
        thread = self._decoder.current("a call stack")
        if thread in self._of_thread:
            raise self._decoder.refuse(f"Callstack while the one before it on thread {thread.name!r} is not used")
        self._of_thread[thread] = self.take_payload("Callstack")

    def _for_serial(self) -> None:
        # W::ProcessCallstackSerial.
        if self._serial is not None:
            raise self._decoder.refuse("CallstackSerial while the one before it is not used")
        self._serial = self.take_payload("CallstackSerial")

    # Answers

    def _frame_size(self, address: int, size: int) -> None:
        # W::ProcessCallstackFrameSize: so many parts follow, each with two texts before it.
        if self._parts_left:
            raise self._decoder.refuse(f"CallstackFrameSize while {self._parts_left} parts of a frame are to come")
        if size == 0:
            raise self._decoder.refuse("CallstackFrameSize of 0: the viewer waits for parts that do not come")
        self._queries.answered(Query.CALLSTACK_FRAME, address, "CallstackFrameSize")
        self._trace.image_names[address] = self._decoder.take_single("CallstackFrameSize")
        self._address, self._parts_left, self._parts = address, size, []

    def _frame(self, line: int, symbol: int, length: int) -> None:
        # W::ProcessCallstackFrame.
        if self._parts_left == 0:
            raise self._decoder.refuse("CallstackFrame without CallstackFrameSize before it")
        function = self._decoder.take_single("CallstackFrame")
        file = self._decoder.take_second("CallstackFrame")
        self._parts.append(StackFrame(function, file, line, symbol))
        self._parts_left -= 1
        is_new = self._address not in self._trace.callstack_frames
        if is_new and symbol and symbol not in self._symbols:
            self._symbols[symbol] = (length, self._trace.image_names[self._address])
            self._queries.ask(Query.SYMBOL, symbol)
        if is_new:
            self._decoder.source_needed(file, self._trace.image_names[self._address])
        if self._parts_left == 0 and is_new:
            self._trace.callstack_frames[self._address] = self._parts

    def _symbol(self, _line: int, symbol: int) -> None:
        # W::ProcessSymbolInformation.
        self._queries.answered(Query.SYMBOL, symbol, "SymbolInformation")
        file = self._decoder.take_single("SymbolInformation")
        self._trace.symbol_files[symbol] = file
        length, image = self._symbols[symbol]
        if self._trace.welcome.hands_out_code and 0 < length <= _CODE_LIMIT:
            self._queries.ask(Query.SYMBOL_CODE, symbol, length)
        self._decoder.source_needed(file, image)

    def _no_symbol_code(self) -> None:
        self._queries.symbol_code_answered("AckSymbolCodeNotAvailable")

    def _symbol_code(self, pointer: int, raw: bytes) -> None:
        # W::AddSymbolCode takes it to pieces and asks for the frame of each instruction: here, of the second byte.
        self._queries.answered(Query.SYMBOL_CODE, pointer, "SymbolCode")
        self._trace.symbol_codes[pointer] = raw
        inside = pointer + 1
        if len(raw) > 1 and inside not in self._asked and inside not in self._trace.callstack_frames:
            self._asked.add(inside)
            self._queries.ask(Query.CALLSTACK_FRAME, inside)

    def missing(self) -> list[str]:
        words = [f"{self._parts_left} parts of frame 0x{self._address:x}"] if self._parts_left else []
        return words + (["the event that says whose CallstackPayload it is"] if self._pending is not None else [])

    def at_terminate(self) -> None:
        if self._serial is not None:
            raise self._decoder.refuse("the event that uses CallstackSerial never came")
        for thread in self._of_thread:
            raise self._decoder.refuse(f"the event on thread {thread.name!r} that uses Callstack never came")
