"""Texts, locations and sources: what the program sends because the viewer asked, or ahead of an event."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ProtocolViolation
from .queries import Query
from .tables import CODE_TRANSFER_NEEDED_SINCE
from .trace import SourceLocation

if TYPE_CHECKING:
    from .decoder import Decoder, Handler

# The viewer keeps dynamic locations as negative 16-bit numbers.
DYNAMIC_LOCATION_LIMIT = 32767
# A file name travels to the program in parts of this many bytes, as the body of a query.
_PART = struct.Struct("<QI")

type LocationKey = tuple[str, str, str, int, int]


class AnswerHandlers:
    """Handlers of the events that carry texts, and the questions for source files."""

    def __init__(self, decoder: Decoder, local_sources: bool) -> None:
        self._decoder = decoder
        self._trace = decoder.trace
        self._queries = decoder.queries
        self._local_sources = local_sources
        # CacheSource of server/TracyWorker.cpp: 0.14.0 asks only a program that says it hands out code.
        welcome = self._trace.welcome
        self._may_ask = decoder.protocol < CODE_TRANSFER_NEEDED_SINCE or welcome.hands_out_code
        decoder.source_needed = self._source_of_frame
        self._dynamic: dict[LocationKey, SourceLocation] = {}
        # Files are known by pointer or by text, as the viewer knows them; one can be asked for in both ways.
        self._checked_files: set[int | str] = set()
        self._files_awaiting_name: set[int] = set()
        self._source_queries: dict[int, str] = {}
        self._next_source_query = 0
        self._external_threads: dict[int, str] = {}

    def handlers(self) -> dict[str, Handler]:
        return {
            "SingleStringData": self._single,
            "SingleStringData8": self._single,
            "SecondStringData": self._second,
            "SecondStringData8": self._second,
            "StringData": self._string,
            "ThreadName": self._thread_name,
            "ExternalName": self._external_name,
            "ExternalThreadName": self._external_thread_name,
            "SourceLocation": self._location,
            "SourceLocationPayload": self._location_payload,
            "SourceCode": self._source_code,
            "AckSourceCodeNotAvailable": self._no_source_code,
            "AckServerQueryNoop": self._queries.noop_answered,
        }

    def _single(self, raw: bytes) -> None:
        if self._decoder.single is not None:
            raise self._decoder.refuse(f"SingleStringData while {self._decoder.single!r} has not been used")
        self._decoder.single = self._decoder.text(raw, "SingleStringData")

    def _second(self, raw: bytes) -> None:
        if self._decoder.second is not None:
            raise self._decoder.refuse(f"SecondStringData while {self._decoder.second!r} has not been used")
        self._decoder.second = self._decoder.text(raw, "SecondStringData")

    def _string(self, pointer: int, raw: bytes) -> None:
        self._queries.answered(Query.STRING, pointer, "StringData")
        self._decoder.remember(pointer, self._decoder.text(raw, "StringData"))
        if pointer in self._files_awaiting_name:
            self._files_awaiting_name.discard(pointer)
            self._ask_source(pointer)

    def _thread_name(self, thread: int, raw: bytes) -> None:
        self._queries.answered(Query.THREAD_STRING, thread, "ThreadName")
        self._trace.thread_names[thread] = self._decoder.text(raw, "ThreadName")

    def _external_thread_name(self, pointer: int, raw: bytes) -> None:
        # W::AddExternalThreadName: one of the two answers to a query; the other one counts.
        if not self._queries.is_asked(Query.EXTERNAL_NAME, pointer):
            raise self._decoder.refuse(f"the name of thread 0x{pointer:x}, which is not asked for")
        self._external_threads[pointer] = self._decoder.text(raw, "ExternalThreadName")

    def _external_name(self, pointer: int, raw: bytes) -> None:
        self._queries.answered(Query.EXTERNAL_NAME, pointer, "ExternalName")
        if pointer not in self._external_threads:
            raise self._decoder.refuse(f"the program of thread 0x{pointer:x} before the name of the thread")
        program = self._decoder.text(raw, "ExternalName")
        self._trace.foreign_names[pointer] = program, self._external_threads[pointer]

    # Source locations

    def _location(self, name: int, function: int, file: int, line: int, blue: int, green: int, red: int) -> None:
        location = self._trace.locations[self._queries.location_answered()]
        self._decoder.string(name)
        if self._decoder.string(file):
            known = file in self._trace.strings
            if file and known and file not in self._checked_files:
                self._ask_source(file)
            elif file and not known:
                self._files_awaiting_name.add(file)
        else:
            self._files_awaiting_name.add(file)
        self._decoder.string(function)
        location.fill(name, function, file, line, red << 16 | green << 8 | blue)

    def _location_payload(self, _pointer: int, raw: bytes) -> None:
        decoder = self._decoder
        if decoder.payload is not None:
            raise decoder.refuse("SourceLocationPayload while the one before it has not been used")
        if len(raw) < 10:
            raise decoder.refuse(f"SourceLocationPayload of {len(raw)} bytes is too short")
        color, line = struct.unpack_from("<II", raw)
        parts = raw[8:].split(b"\0", 2)
        if len(parts) != 3:
            raise decoder.refuse("SourceLocationPayload without a zero after its function and its file")
        function, file, name = (decoder.text(part, "SourceLocationPayload") for part in parts)
        key = (name, function, file, line, color & 0xFFFFFF)
        location = self._dynamic.get(key)
        if location is None:
            if len(self._dynamic) >= DYNAMIC_LOCATION_LIMIT:
                raise decoder.refuse(f"more than {DYNAMIC_LOCATION_LIMIT} dynamic source locations")
            location = self._dynamic[key] = SourceLocation(self._trace, -1 - len(self._dynamic))
            location.fill(name or 0, function, file, line, color & 0xFFFFFF)
            self._trace.dynamic_locations.append(location)
            if file not in self._checked_files:
                self._ask_source(file)
        decoder.payload = location

    # Source files

    def _ask_source(self, reference: int | str, image: str | None = None) -> None:
        """Ask for a file's content, unless the viewer opens it itself or the program has no executable time."""
        self._checked_files.add(reference)
        file = self._trace.strings[reference] if isinstance(reference, int) else reference
        if self._trace.sources.get(file) is not None:
            return
        welcome = self._trace.welcome
        if self._local_sources and _is_older(file, welcome.exec_time or welcome.epoch):
            self._trace.sources[file] = Path(file).read_bytes()
        elif welcome.exec_time != 0 and self._may_ask:
            # QuerySourceFile of server/TracyWorker.cpp: the name of the binary first, where a call stack has one.
            for text in (file,) if image is None else (image, file):
                self._transfer(text)
            self._queries.ask(Query.SOURCE_CODE, self._next_source_query)
            self._source_queries[self._next_source_query] = file
            self._next_source_query += 1

    def _transfer(self, text: str) -> None:
        data = text.encode() + b"\0"
        self._queries.ask(Query.DATA_TRANSFER, len(data))
        for start in range(0, len(data), _PART.size):
            part = data[start : start + _PART.size].ljust(_PART.size, b"\0")
            self._queries.ask(Query.DATA_TRANSFER_PART, *_PART.unpack(part))

    def _source_of_frame(self, file: str, image: str) -> None:
        if file not in self._checked_files:
            self._ask_source(file, image)

    def _source_code(self, identity: int, content: bytes) -> None:
        self._queries.answered(Query.SOURCE_CODE, identity, "SourceCode")
        file = self._source_queries.pop(identity)
        if self._trace.sources.get(file) is None:
            self._trace.sources[file] = content

    def _no_source_code(self, identity: int) -> None:
        self._queries.answered(Query.SOURCE_CODE, identity, "AckSourceCodeNotAvailable")
        self._trace.sources.setdefault(self._source_queries.pop(identity), None)


def _is_older(file: str, moment: int) -> bool:
    try:
        path = Path(file)
        return path.is_file() and int(path.stat().st_mtime) < moment
    except (OSError, ValueError) as error:
        raise ProtocolViolation(f"the file name {file!r} cannot be looked up: {error}") from None
