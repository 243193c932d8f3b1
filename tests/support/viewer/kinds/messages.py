"""Messages: plain, coloured, literal, with a call stack; from protocol 77 on with source and severity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.tables import TAGGED_ADDRESS_SINCE
from support.viewer.trace import Message

if TYPE_CHECKING:
    from support.viewer.decoder import Decoder, Handler
    from support.viewer.trace import ThreadTrace

# MessageSourceType::COUNT and MessageSeverity::COUNT of TracyQueue.hpp.
_SOURCES = 2
_SEVERITIES = 6


class MessageKind(Kind):
    """Handlers of messages. Their times are absolute, their thread is that of the current context."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        self._newest: dict[ThreadTrace, int] = {}

    def handlers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {}
        for name, handle in (
            ("Message", self._message),
            ("MessageColor", self._colored),
            ("MessageLiteral", self._literal),
            ("MessageLiteralColor", self._colored_literal),
        ):
            handlers[name] = handle
            handlers[name + "Callstack"] = self._with_callstack(name + "Callstack", handle)
        return handlers

    def _with_callstack(self, name: str, handle: Handler) -> Handler:
        def handle_both(*fields: int) -> None:
            handle(*fields)
            message = self._trace.messages[-1]
            # W::ProcessMessageCallstack gives the stack to the thread's last message in time, whichever that is.
            if self._newest[message.thread] > message.tick:
                raise self._decoder.refuse(f"{name} lies before another message of its thread, which gets its stack")
            message.callstack = self._decoder.callstacks.take(name)

        return handle_both

    def _add(self, tick: int, text: str | int, color: int | None, metadata: int) -> None:
        decoder = self._decoder
        # W: MessageSourceFromMetadata, MessageSeverityFromMetadata; both index tables of the view.
        if metadata & 15 >= _SOURCES or metadata >> 4 >= _SEVERITIES:
            raise decoder.refuse(f"a message with source and severity 0x{metadata:x}")
        thread = decoder.current("a message")
        decoder.check_range(tick)
        if isinstance(text, int):
            if text == 0:
                raise decoder.refuse("a literal message whose text is pointer 0")
            decoder.string(text)
        self._newest[thread] = max(tick, self._newest.get(thread, tick))
        self._trace.messages.append(Message(thread, tick, text, color, metadata))

    def _message(self, tick: int, metadata: int = 0) -> None:
        self._add(tick, self._decoder.take_single("Message"), None, metadata)

    def _colored(self, tick: int, blue: int, green: int, red: int, metadata: int = 0) -> None:
        self._add(tick, self._decoder.take_single("MessageColor"), red << 16 | green << 8 | blue, metadata)

    def _untag(self, text: int) -> tuple[int, int]:
        # TaggedUserlandAddress of TracyQueue.hpp: the address above, the metadata in the lowest byte.
        return (text >> 8, text & 0xFF) if self._decoder.protocol >= TAGGED_ADDRESS_SINCE else (text, 0)

    def _literal(self, tick: int, text: int) -> None:
        pointer, metadata = self._untag(text)
        self._add(tick, pointer, None, metadata)

    def _colored_literal(self, tick: int, blue: int, green: int, red: int, text: int) -> None:
        pointer, metadata = self._untag(text)
        self._add(tick, pointer, red << 16 | green << 8 | blue, metadata)
