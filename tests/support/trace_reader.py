"""What is in a trace file, read by the format's facts (docs/tracefile.md) and not by the code under test.

The counterpart of `trace_file`, which builds files. Every section is read, in every layout from 0.11.0 on; what no test asks for is
read over. `Worker::Write` of `server/TracyWorker.cpp`, at each release, is the source.
"""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .containers import contents

_LOCK_EVENTS = ("wait", "obtain", "release", "shared wait", "shared obtain", "shared release")
_PLOT_OF_USER = 0


class Block(NamedTuple):
    """One allocation: times in nanoseconds, -1 for what lives still; call stacks as lines of text."""

    address: int
    size: int
    begin_ns: int
    end_ns: int
    thread: int
    free_thread: int
    callstack: tuple[str, ...]
    free_callstack: tuple[str, ...]


class LockFacts(NamedTuple):
    """One lock and its events: what, when, and by which thread."""

    name: str
    location: str
    is_shared: bool
    announce_ns: int
    terminate_ns: int
    events: tuple[tuple[str, int, int], ...]


class MessageFacts(NamedTuple):
    """One message; `color` is 0xRRGGBB or None, source and severity are 0 and 2 where the layout has none."""

    text: str
    time_ns: int
    color: int | None
    callstack: tuple[str, ...]
    source: int = 0
    severity: int = 2


class GpuZoneFacts(NamedTuple):
    """One zone of the GPU, with the depth at which it lies."""

    name: str
    depth: int
    cpu_ns: tuple[int, int]
    gpu_ns: tuple[int, int]
    callstack: tuple[str, ...]


@dataclass
class FileFacts:
    """What a file tells. Call stacks are lines `function file:line`, innermost first.

    Attributes:
        frames: how many of each set; the viewer puts two or three of its own into the default one, which has no name.
        sections: category, text, begin and end.
        threads: how many zones each has, by its name.
        memory: blocks by the name of their pool; the default one has none.
        fiber_runs: begin, end and number of the thread.
        system: what machine and system told, under the names of its kinds: for comparing files with files.
    """

    version: tuple[int, int, int] = (0, 0, 0)
    program: str = ""
    frames: dict[str, int] = field(default_factory=dict)
    sections: list[tuple[int, str, int, int]] = field(default_factory=list)
    section_categories: dict[int, str] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)
    group_hints: dict[str, int] = field(default_factory=dict)
    fibers: set[str] = field(default_factory=set)
    zone_callstacks: Counter[tuple[str, ...]] = field(default_factory=Counter)
    locks: list[LockFacts] = field(default_factory=list)
    messages: list[MessageFacts] = field(default_factory=list)
    gpu: dict[str, list[GpuZoneFacts]] = field(default_factory=dict)
    gpu_notes: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    plots: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    memory: dict[str, list[Block]] = field(default_factory=dict)
    memory_usage: dict[str, int] = field(default_factory=dict)
    app_info: list[str] = field(default_factory=list)
    images: list[tuple[int, int, bool, bytes]] = field(default_factory=list)
    fiber_runs: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)
    system: dict[str, Any] = field(default_factory=dict)


def read_trace_file(file: bytes) -> FileFacts:
    """Everything in a file; the whole of it must make sense, to the last byte."""
    return _Reader(contents(file)).read()


class _Reader:
    """Reads one section after the other; what later ones need of earlier ones stays here."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._facts = FileFacts()
        self._texts: list[str] = []
        self._by_number: dict[int, str] = {}
        self._strings: dict[int, str] = {}
        # Frame sets and sections come before the texts that they name.
        self._raw_frames: dict[int, int] = {}
        self._raw_sections: list[tuple[int, int, int, int]] = []
        self._raw_categories: dict[int, int] = {}
        self._thread_names: dict[int, str] = {}
        self._thread_numbers: list[int] = []
        self._static: list[int] = []
        self._locations: dict[int, str] = {}
        self._dynamic: list[str] = []
        self._stacks: list[tuple[str, ...]] = [()]
        # What refers to call stacks comes before them in the file.
        self._zone_stacks: list[int] = []
        self._messages: list[tuple[MessageFacts, int]] = []
        self._gpu: dict[str, list[tuple[GpuZoneFacts, int]]] = {}
        self._memory: dict[str, list[tuple[Block, int, int]]] = {}
        self._samples: dict[int, tuple[int, list[tuple[int, int]], list[tuple[int, int]]]] = {}
        self._crash_text = self._crash_stack = 0
        self._foreign_numbers: list[int] = []

    # Values

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _one(self, layout: str) -> Any:
        return self._take(layout)[0]

    def _count(self) -> int:
        number: int = self._one("Q")
        assert number <= len(self._data), f"a list of {number} at byte {self._at}"
        return number

    def _bytes(self, size: int) -> bytes:
        assert self._at + size <= len(self._data)
        self._at += size
        return self._data[self._at - size : self._at]

    def _index24(self) -> int:
        return int.from_bytes(self._bytes(3), "little")

    def _int48(self) -> int:
        return int.from_bytes(self._bytes(6), "little", signed=True)

    def _short_text(self) -> str:
        """A text by 24 bits: its index plus one, 0 for none."""
        return self._text_by_index24(self._index24())

    def _text_by_index24(self, index: int) -> str:
        return self._texts[index - 1] if index else ""

    def _reference(self) -> str:
        number, flags = self._take("QB")
        if not flags & 2:
            return ""
        return self._texts[number] if flags & 1 else self._strings[number]

    def _location(self, number: int) -> str:
        return self._dynamic[-number - 1] if number < 0 else self._locations.get(self._static[number], "")

    # The file

    def read(self) -> FileFacts:
        self._header()
        self._frames()
        self._sections()
        self._tables_of_texts()
        self._source_locations()
        for section in (
            self._locks, self._read_messages, self._zones, self._gpu_contexts, self._plots, self._memory_pools,
            self._call_stacks, self._application_info, self._images, self._switches, self._processes, self._symbols,
            self._source_files,
        ):  # fmt: skip
            section()
        assert self._at == len(self._data), f"{len(self._data) - self._at} bytes behind the last section"
        return self._with_stacks()

    def _with_stacks(self) -> FileFacts:
        facts, stacks = self._facts, self._stacks
        facts.messages = [message._replace(callstack=stacks[stack]) for message, stack in self._messages]
        facts.zone_callstacks = Counter(stacks[stack] for stack in self._zone_stacks)
        facts.gpu = {
            name: [zone._replace(callstack=stacks[stack]) for zone, stack in zones] for name, zones in self._gpu.items()
        }
        facts.system["samples"] = {
            thread: (kernel, *([(time, stacks[stack]) for time, stack in samples] for samples in lists))
            for thread, (kernel, *lists) in self._samples.items()
            if lists[1]
        }
        facts.system["crash"] += (stacks[self._crash_stack],)
        facts.memory = {
            name: [block._replace(callstack=stacks[one], free_callstack=stacks[two]) for block, one, two in blocks]
            for name, blocks in self._memory.items()
        }
        return facts

    def _header(self) -> None:
        assert self._bytes(5) == b"tracy"
        version = self._facts.version = self._take("3B")
        self._take("qdqQQq" if version >= (0, 12, 3) else "qqdqQQq")
        self._take("BI12sB")
        self._bytes(self._count())
        self._facts.program = self._bytes(self._count()).decode()
        self._take("QQ")
        self._bytes(self._count())
        places = self._topology(3 if version >= (0, 11, 2) else 2)
        self._facts.system["topology"] = sorted(places)
        thread, time, self._crash_text, self._crash_stack = self._take("QqQI")
        self._facts.system["crash"] = (thread, time)

    def _topology(self, depth: int) -> list[tuple[int, ...]]:
        numbers: list[tuple[int, ...]] = []
        for _ in range(self._count()):
            number = self._one("I")
            numbers += [(number, *below) for below in (self._topology(depth - 1) if depth else [()])]
        return numbers

    def _frames(self) -> None:
        for _ in range(self._count()):
            pointer, is_continuous, count = self._take("QBQ")
            self._raw_frames[pointer] = count
            for _ in range(count):
                self._take("qi" if is_continuous else "qqi")

    def _sections(self) -> None:
        # Layout 0.13.4, which no release has, is another one.
        if self._facts.version < (0, 13, 5):
            return
        for _ in range(self._count()):
            category, count = self._take("HQ")
            for _ in range(count):
                begin, end = self._int48(), self._int48()
                self._raw_sections.append((category, self._index24(), begin, end))
        for _ in range(self._count()):
            category = self._one("H")
            self._raw_categories[category] = self._index24()

    def _name_sections(self) -> None:
        self._facts.sections = [
            (category, self._text_by_index24(text), begin, end) for category, text, begin, end in self._raw_sections
        ]
        self._facts.section_categories = {
            category: self._text_by_index24(text) for category, text in self._raw_categories.items()
        }

    def _tables_of_texts(self) -> None:
        for _ in range(self._count()):
            number, size = self._take("QQ")
            text = self._bytes(size).decode("utf-8", "surrogateescape")
            self._texts.append(text)
            self._by_number[number] = text
        self._strings = {pointer: self._by_number[number] for pointer, number in self._pairs()}
        self._thread_names = {thread: self._by_number[number] for thread, number in self._pairs()}
        names = (self._take("QQQ") for _ in range(self._count()))
        self._facts.system["foreign names"] = {
            thread: (self._by_number[program], self._by_number[name]) for thread, program, name in names
        }
        self._thread_numbers = [self._one("Q") for _ in range(self._count())]
        self._foreign_numbers = [self._one("Q") for _ in range(self._count())]
        self._facts.system["crash"] += (self._strings[self._crash_text] if self._crash_text else "",)
        self._facts.frames = {
            self._strings[pointer] if pointer else "": count for pointer, count in self._raw_frames.items()
        }
        self._name_sections()

    def _pairs(self) -> list[tuple[int, int]]:
        return [(pair[0], pair[1]) for pair in (self._take("QQ") for _ in range(self._count()))]

    def _source_locations(self) -> None:
        for _ in range(self._count()):
            pointer = self._one("Q")
            self._locations[pointer] = self._source_location()
        self._static = [self._one("Q") for _ in range(self._count())]
        self._dynamic = [self._source_location() for _ in range(self._count())]
        for _ in range(2):
            for _ in range(self._count()):
                self._take("hQ")

    def _source_location(self) -> str:
        name, function, _file = self._reference(), self._reference(), self._reference()
        self._take("II")
        return name or function

    def _locks(self) -> None:
        for _ in range(self._count()):
            self._one("I")
            name = self._short_text()
            location, kind, _valid, announced, terminated = self._take("hBBqq")
            threads = [self._one("Q") for _ in range(self._count())]
            time, events = announced, []
            for _ in range(self._count()):
                delta, _mark, thread, event = self._take("qhBB")
                time += delta
                events.append((_LOCK_EVENTS[event], time, threads[thread]))
            self._facts.locks.append(
                LockFacts(name, self._location(location), kind == 1, announced, terminated, tuple(events))
            )

    def _read_messages(self) -> None:
        time = 0
        for _ in range(self._count()):
            _number, delta = self._take("Qq")
            time += delta
            text, color, stack = self._reference(), self._one("I"), self._index24()
            extra = self._take("BB") if self._facts.version >= (0, 13, 2) else ()
            shown = None if color == 0xFFFF_FFFF else _swapped(color)
            self._messages.append((MessageFacts(text, time, shown, (), *extra), stack))

    # Zones

    def _zones(self) -> None:
        extras = []
        for _ in range(self._count()):
            extras.append(self._index24())
            self._bytes(9)
        total, _parents = self._count(), self._count()
        seen = 0
        for _ in range(self._count()):
            thread, count, kernel_samples, is_fiber = self._take("QQQB")
            hint = self._one("i") if self._facts.version >= (0, 11, 1) else 0
            name = self._thread_names.get(thread, str(thread))
            self._facts.threads[name] = count
            self._facts.group_hints[name] = hint
            if is_fiber:
                self._facts.fibers.add(name)
            seen += self._zone_list(extras)
            for _ in range(self._count()):
                self._one("Q")
            self._samples[thread] = (kernel_samples, self._sample_list(), self._sample_list())
        assert seen == total

    def _sample_list(self) -> list[tuple[int, int]]:
        time, samples = 0, []
        for _ in range(self._count()):
            time += self._one("q")
            samples.append((time, self._index24()))
        return samples

    def _zone_list(self, extras: list[int]) -> int:
        """Read over the zones of a thread; they nest as deep as they like."""
        seen, left = 0, [self._one("I")]
        while left:
            if left[-1] == 0:
                left.pop()
                if left:
                    self._one("q")
                continue
            left[-1] -= 1
            _location, _time, extra, children = self._take("hqII")
            seen += 1
            if extras[extra]:
                self._zone_stacks.append(extras[extra])
            left.append(children)
        return seen

    def _gpu_contexts(self) -> None:
        has_notes = self._facts.version >= (0, 12, 4)
        self._take("QQ")
        for _ in range(self._count()):
            self._take("QBQfB")
            name = self._short_text()
            self._one("Q")
            note_names = {}
            for _ in range(self._count() if has_notes else 0):
                number = self._one("q")
                note_names[number] = self._short_text()
            zones = self._gpu[name] = []
            for _ in range(self._count()):
                self._one("Q")
                self._gpu_list(zones, [0, 0], 0, has_notes)
            notes = self._facts.gpu_notes[name] = []
            for _ in range(self._count() if has_notes else 0):
                _query, count = self._take("HQ")
                notes.append({note_names[number]: value for number, value in (self._take("qd") for _ in range(count))})

    def _gpu_list(
        self, zones: list[tuple[GpuZoneFacts, int]], reference: list[int], depth: int, has_query: bool
    ) -> None:
        for _ in range(self._count()):
            begin = self._gpu_times(reference)
            location = self._location(self._one("h"))
            stack = self._index24()
            self._one("H")
            place = len(zones)
            self._gpu_list(zones, reference, depth + 1, has_query)
            end = self._gpu_times(reference)
            if has_query:
                self._one("H")
            facts = GpuZoneFacts(location, depth, (begin[0], end[0]), (begin[1], end[1]), ())
            zones.insert(place, (facts, stack))

    def _gpu_times(self, reference: list[int]) -> tuple[int, int]:
        for number in range(2):
            reference[number] += self._one("q")
        return reference[0], reference[1]

    def _plots(self) -> None:
        for _ in range(self._count()):
            kind, _format, _steps, _fill, _color, pointer = self._take("BBBBIQ")
            self._bytes(24)
            time, points = 0, []
            for _ in range(self._count()):
                delta, value = self._take("qd")
                time += delta
                points.append((time, value))
            if kind == _PLOT_OF_USER:
                self._facts.plots[self._strings[pointer]] = points

    # Memory, stacks, and the rest

    def _memory_pools(self) -> None:
        pools, total = self._count(), self._count()
        for _ in range(pools):
            pointer = self._one("Q")
            count, _active, frees = self._count(), self._count(), self._count()
            total -= count
            name = self._strings[pointer] if pointer else ""
            blocks, time = self._memory.setdefault(name, []), 0
            for _ in range(count):
                block, time = self._block(time)
                blocks.append(block)
            assert sum(block.end_ns >= 0 for block, _, _ in blocks) == frees
            _high, _low, usage, _name = self._take("QQQQ")
            self._facts.memory_usage[name] = usage
        assert total == 0

    def _block(self, reference: int) -> tuple[tuple[Block, int, int], int]:
        address, size = self._take("QQ")
        stack, free_stack = self._index24(), self._index24()
        delta, length, thread, free_thread = self._take("qqHH")
        begin = reference + delta
        threads = self._thread_numbers
        end, freed_by = (-1, 0) if length < 0 else (begin + length, threads[free_thread])
        return (Block(address, size, begin, end, threads[thread], freed_by, (), ()), stack, free_stack), begin

    def _call_stacks(self) -> None:
        stacks = [self._take(f"{self._one('H')}Q") for _ in range(self._count())]
        frames: dict[int, list[str]] = {}
        for _ in range(self._count()):
            identity, size = self._take("QB")
            self._short_text()
            frames[identity] = [self._frame() for _ in range(size)]
        self._stacks += [tuple(line for frame in stack for line in frames.get(frame, ["?"])) for stack in stacks]

    def _frame(self) -> str:
        function, file = self._short_text(), self._short_text()
        line, _symbol = self._take("IQ")
        return f"{function} {file}:{line}"

    def _application_info(self) -> None:
        self._facts.app_info = [self._reference() for _ in range(self._count())]

    def _images(self) -> None:
        self._bytes(self._one("I"))
        for _ in range(self._count()):
            width, height, flip = self._take("HHB")
            self._facts.images.append((width, height, bool(flip), self._bytes(width * height // 2)))

    def _switches(self) -> None:
        has_wakeup_cpu = self._facts.version >= (0, 11, 3)
        switches = self._facts.system["switches"] = {}
        for _ in range(self._count()):
            number = self._one("Q")
            time, runs, told = 0, [], []
            for _ in range(self._count()):
                wakeup, start, end = self._take("qqq")
                woken, begin = time + wakeup, time + wakeup + start
                time = begin + end
                cpu, reason, state, thread = self._take("BbbQ")
                woken_cpu = self._one("B") if has_wakeup_cpu else 0
                runs.append((begin, time, thread))
                told.append((woken, begin, time, cpu, woken_cpu, reason, state))
            name = self._thread_names.get(number, "?")
            if name in self._facts.fibers:
                self._facts.fiber_runs[name] = runs
            else:
                switches[number] = told
        total = self._count()
        processors = self._facts.system["processors"] = [self._processor() for _ in range(256)]
        assert total == sum(map(len, processors))

    def _processor(self) -> list[tuple[int, int, int]]:
        time, runs = 0, []
        for _ in range(self._count()):
            start, length, thread = self._take("qqH")
            begin = time + start
            time = begin + length
            runs.append((begin, time, self._foreign_numbers[thread]))
        return runs

    def _processes(self) -> None:
        for name, layout in (("processes", "QQ"), ("times", "QqII")):
            self._facts.system[name] = sorted(self._take(layout) for _ in range(self._count()))

    def _symbols(self) -> None:
        system = self._facts.system
        self._take("QQ")
        system["symbols"] = sorted(self._symbol() for _ in range(self._count()))
        codes = (self._take("QI") for _ in range(self._count()))
        system["codes"] = sorted((address, self._bytes(size)) for address, size in codes)
        system["code addresses"] = sorted(self._take("QQ") for _ in range(self._count()))
        system["hardware samples"] = {self._one("Q"): [self._times() for _ in range(6)] for _ in range(self._count())}

    def _symbol(self) -> tuple[int | str | bool, ...]:
        address, name, file = self._one("Q"), self._short_text(), self._short_text()
        line, image, call_file = self._one("I"), self._short_text(), self._short_text()
        call_line, is_inlined = self._take("IB")
        return address, name, file, line, image, call_file, call_line, bool(is_inlined), self._index24()

    def _times(self) -> list[int]:
        time, times = 0, []
        for _ in range(self._count()):
            time += self._one("q")
            times.append(time)
        return times

    def _source_files(self) -> None:
        for _ in range(self._count()):
            name = self._bytes(self._one("I")).decode()
            self._facts.sources[name] = self._bytes(self._one("I"))


def _swapped(color: int) -> int:
    return (color & 0xFF) << 16 | color & 0xFF00 | color >> 16 & 0xFF
