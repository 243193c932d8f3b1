"""The file format of speedscope: for each thread its calls in the order of time.

A viewer in a browser holds all of it, so that a recording with very many zones is merged instead: one stack for each
path, with the time that was spent at its end. Then the order of time is lost, and the user is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tracypy
from tracypy.errors import ExportError
from tracypy.exporters.json_list import to_json, write_items
from tracypy.exporters.names import function_name, one_line, thread_name
from tracypy.exporters.nesting import nested_zones
from tracypy.exporters.tree import merged
from tracypy.trace.trace import zone_supply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from tracypy._core import ZoneSupply
    from tracypy.exporters.choice import Choice
    from tracypy.trace import SourceLocation, Thread, Trace

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
MOST_ZONES = 2_000_000


def write(trace: Trace, choice: Choice, out: TextIO, most_zones: int = MOST_ZONES) -> list[str]:
    """Write a profile for each thread that has zones.

    Args:
        trace: The recording.
        choice: What of it.
        out: Where to.
        most_zones: With more zones than this, they are merged.

    Returns:
        What the user should be told: that they were merged.

    Raises:
        ExportError: There are no zones.
    """
    threads = [thread for thread in choice.threads if thread.zone_count]
    if not threads:
        raise ExportError("no_zones", trace=trace.path)
    count = sum(thread.zone_count for thread in threads)
    is_merged = count > most_zones
    frames = [_frame(location) for location in trace.source_locations]
    exporter = f"tracypy {tracypy.__version__}"
    head = {"$schema": SCHEMA, "exporter": exporter, "name": trace.info.name or trace.path, "activeProfileIndex": 0}
    out.write(f'{to_json(head)[:-1]},"shared":{{"frames":[')
    write_items(out, map(to_json, frames))
    out.write(']},\n"profiles":[')
    zones = zone_supply(trace)
    for index, thread in enumerate(threads):
        out.write(",\n" if index else "\n")
        if is_merged:
            _write_merged(trace, choice, thread, out)
        else:
            _write_events(trace, choice, zones, thread, out)
    out.write("\n]}\n")
    if not is_merged:
        return []
    told = f"{count:,} zones are more than a browser likes ({most_zones:,}): they are merged by call path"
    return [f"{told}, and their order in time is not in the file; --thread makes it smaller"]


def _write_events(trace: Trace, choice: Choice, zones: ZoneSupply, thread: Thread, out: TextIO) -> None:
    head = {"type": "evented", "name": thread_name(thread), "unit": "nanoseconds", "startValue": 0}
    out.write(f'{to_json(head)[:-1]},"endValue":{trace.span_ns},"events":[')
    write_items(out, _events(choice, zones, thread))
    out.write("]}")


def _events(choice: Choice, zones: ZoneSupply, thread: Thread) -> Iterator[str]:
    ends: list[str] = []  # of the zones that are open
    for start, end, depth, zone in nested_zones(zones, thread, choice.is_kept):
        while len(ends) > depth:
            yield ends.pop()
        event = f'","frame":{zone.location},"at":'
        yield f'{{"type":"O{event}{start}}}'
        ends.append(f'{{"type":"C{event}{end}}}')
    while ends:
        yield ends.pop()


def _write_merged(trace: Trace, choice: Choice, thread: Thread, out: TextIO) -> None:
    tree = merged([trace.call_tree(thread.index)], choice.is_kept)
    head = {"type": "sampled", "name": thread_name(thread), "unit": "nanoseconds", "startValue": 0}
    weights: list[int] = []

    def samples() -> Iterator[str]:
        path: list[int] = []
        for node, depth in tree.walk():
            del path[depth:]
            path.append(tree.location[node])
            if tree.self_ns[node] > 0:
                weights.append(tree.self_ns[node])
                yield to_json(path)

    out.write(f'{to_json(head)[:-1]},"samples":[')
    write_items(out, samples())
    out.write('],"weights":[')
    write_items(out, map(str, weights))
    out.write(f'],"endValue":{sum(weights)}}}')


def _frame(location: SourceLocation) -> dict[str, object]:
    frame: dict[str, object] = {"name": function_name(location)}
    if location.file:
        frame["file"] = one_line(location.file)
    if location.line > 0:
        frame["line"] = location.line
    return frame
