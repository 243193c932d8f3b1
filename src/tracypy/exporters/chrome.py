"""The trace event format of Chrome, which Perfetto opens.

Written piece by piece, so that memory does not grow with the trace. Times are microseconds with three decimals: no
nanosecond is lost (a double has room for those of 52 days). Zones are complete ("X") events, properly nested; frames
asynchronous events, a track for each set; messages instants; plots counters.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

import tracypy
from tracypy.exporters.json_list import to_json, write_items
from tracypy.exporters.names import (
    color_text,
    function_name,
    not_finite,
    one_line,
    plot_name,
    thread_name,
    thread_numbers,
)
from tracypy.exporters.nesting import nested_zones
from tracypy.trace.trace import zone_supply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from tracypy.exporters.choice import Choice
    from tracypy.trace import FrameSet, Plot, SourceLocation, Thread, Trace, ZoneRow

_BYTES_OF_TIMES = 65  # of an event beside what it describes: process, thread, begin and duration

type _Event = dict[str, object]


def write(trace: Trace, choice: Choice, out: TextIO) -> list[str]:
    """Write the events of a trace.

    Returns:
        What the user should be told: values that JSON has no numbers for.

    Raises:
        ExportError: There is nothing to show.
    """
    choice.require_anything(trace)
    writer = _Writer(trace, choice)
    out.write(f'{{"displayTimeUnit":"ns","otherData":{to_json(_facts(trace))},"traceEvents":[')
    write_items(out, writer.events())
    out.write("]}\n")
    return not_finite(writer.unwritable)


def expected_bytes(trace: Trace, choice: Choice) -> int:
    """Estimate the size of the file."""
    plain = [len(_described(location)) + _BYTES_OF_TIMES for location in trace.source_locations]
    return choice.expected_bytes(trace, plain)


class _Writer:
    """Makes the events, one JSON object each.

    Attributes:
        unwritable: How many points of plots were left out.
    """

    def __init__(self, trace: Trace, choice: Choice) -> None:
        self._trace = trace
        self._choice = choice
        self._native_zones = zone_supply(trace)
        self._process = trace.info.process_id or 1  # 0 stands for no process
        self._numbers = thread_numbers(trace.threads)
        self.unwritable = 0

    def events(self) -> Iterator[str]:
        return chain(
            self._names(),
            chain.from_iterable(map(self._zones, self._choice.threads)),
            chain.from_iterable(self._frames(number, frames) for number, frames in enumerate(self._trace.frames)),
            self._messages(),
            chain.from_iterable(map(self._points, self._trace.plots)),
        )

    def _names(self) -> Iterator[str]:
        name = self._trace.info.program or self._trace.info.name
        yield to_json(self._named("process_name", 0, {"name": name}))
        for thread in self._choice.threads:
            number = self._numbers[thread.index]
            yield to_json(self._named("thread_name", number, {"name": thread_name(thread)}))
            yield to_json(self._named("thread_sort_index", number, {"sort_index": thread.index}))

    def _named(self, what: str, thread: int, value: _Event) -> _Event:
        return {"ph": "M", "name": what, "pid": self._process, "tid": thread, "args": value}

    def _zones(self, thread: Thread) -> Iterator[str]:
        begin = f'{{"ph":"X","pid":{self._process},"tid":{self._numbers[thread.index]},'
        plain = [begin + _described(location) for location in self._trace.source_locations]
        for start, end, _depth, zone in nested_zones(self._native_zones, thread, self._choice.is_kept):
            location, text, name, color = zone.location, zone.text, zone.name, zone.color
            if text is None and name is None and not color:
                event = plain[location]
            else:
                event = begin + _described(self._trace.source_locations[location], zone)
            yield f'{event},"ts":{start / 1000:.3f},"dur":{(end - start) / 1000:.3f}}}'

    def _frames(self, number: int, frames: FrameSet) -> Iterator[str]:
        name = frames.name or "frame"
        shared = {"cat": "frame", "id": number + 1, "pid": self._process, "tid": 0, "name": name}
        for index, (start, end) in enumerate(frames.frames, start=1):
            yield _at(start, {"ph": "b", **shared, "args": {"frame": index}})
            yield _at(self._trace.span_ns if end < 0 else end, {"ph": "e", **shared})

    def _messages(self) -> Iterator[str]:
        for message in self._trace.messages:
            if not self._choice.has_message_of(message.thread):
                continue
            where: _Event = {"s": "p", "pid": self._process, "tid": 0}
            if message.thread is not None:
                where = {"s": "t", "pid": self._process, "tid": self._numbers[message.thread]}
            told: _Event = {"text": message.text, "severity": message.severity}
            if message.color:
                told["color"] = color_text(message.color)
            event: _Event = {
                "ph": "i",
                **where,
                "cat": "message",
                "name": one_line(message.text) or "(empty)",
                "args": told,
            }
            yield _at(message.time_ns, event)

    def _points(self, plot: Plot) -> Iterator[str]:
        name = plot_name(plot)
        for time_ns, value in plot.iter_points():
            if not math.isfinite(value):
                self.unwritable += 1
                continue
            yield _at(time_ns, {"ph": "C", "pid": self._process, "tid": 0, "name": name, "args": {"value": value}})


def _described(location: SourceLocation, zone: ZoneRow | None = None) -> str:
    """Return what a zone has beside its times, as the inside of a JSON object."""
    told: _Event = {}
    if location.file:
        told["at"] = f"{location.file}:{location.line}" if location.line > 0 else location.file
    if location.function and location.function != location.label:
        told["function"] = location.function
    name = function_name(location)
    if zone is not None:
        if zone.name:
            told["location"] = name
            name = zone.name
        if zone.text is not None:
            told["text"] = zone.text
        if zone.color:
            told["color"] = color_text(zone.color)
    return to_json({"name": name, "args": told})[1:-1]


def _at(time_ns: int, event: _Event) -> str:
    return f'{to_json(event)[:-1]},"ts":{time_ns / 1000:.3f}}}'


def _facts(trace: Trace) -> _Event:
    info = trace.info
    facts = {"program": info.program, "recording": info.name, "exporter": f"tracypy {tracypy.__version__}"}
    if info.captured_at is not None:
        facts["captured_at"] = info.captured_at.isoformat()
    return {name: text for name, text in facts.items() if text}
