"""What is in a recording: read back by tracypy's own reader, in the terms in which the strict viewer tells it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tracypy

if TYPE_CHECKING:
    from pathlib import Path

    from .target import Tree
    from .viewer import Trace


@dataclass(frozen=True)
class ZoneFacts:
    """All that must be the same in a recording and in what a viewer receives; of the times, only their order."""

    depth: int
    name: str
    function: str
    file: str
    line: int
    color: int
    text: str | None


type Facts = dict[str, list[ZoneFacts]]


def facts_of_recording(path: Path) -> Facts:
    """Every zone by the name of its thread, in the order of their beginnings."""
    trace = tracypy.open(path)
    found: Facts = {}
    for thread in trace.threads:
        zones = found.setdefault(thread.name, [])
        for row in thread.iter_zones():
            assert row.end_ns >= row.start_ns >= 0
            place = trace.source_locations[row.location]
            zones.append(
                ZoneFacts(
                    row.depth,
                    row.name or place.label,
                    place.function,
                    place.file,
                    place.line,
                    row.color or place.color,
                    row.text,
                )
            )
    return found


def facts_of_viewer(trace: Trace) -> Facts:
    """The same of what a viewer has received."""
    found: Facts = {}
    for thread in trace.threads.values():
        zones = found.setdefault(thread.name, [])
        todo = [(0, root) for root in reversed(thread.roots)]
        while todo:
            depth, zone = todo.pop()
            zones.append(ZoneFacts(depth, zone.name, zone.function, zone.file, zone.line, zone.color, zone.shown_text))
            todo.extend((depth + 1, child) for child in reversed(zone.children))
    return found


def below(zones: list[ZoneFacts], name: str) -> list[ZoneFacts]:
    """The outermost zone of that name, of which there must be one, and all inside it."""
    found = [index for index, zone in enumerate(zones) if zone.name == name]
    outermost = min(zones[index].depth for index in found)
    (start,) = [index for index in found if zones[index].depth == outermost]
    end = start + 1
    while end < len(zones) and zones[end].depth > zones[start].depth:
        end += 1
    return zones[start:end]


def tree_of(path: Path, name: str, thread: str = "Main thread") -> Tree:
    """The names of the outermost zone called `name` and of all inside it."""
    zones = below(facts_of_recording(path)[thread], name)
    stack: list[tuple[str, list[Tree]]] = []
    for zone in reversed(zones):  # children come before their parent
        depth = zone.depth - zones[0].depth
        while len(stack) <= depth + 1:
            stack.append(("", []))
        children = stack[depth + 1][1][::-1]
        stack[depth + 1] = ("", [])
        stack[depth][1].append((zone.name, tuple(children)))
    return stack[0][1][0]


def calls_of(path: Path) -> Counter[str]:
    """How many zones there are of each name."""
    return Counter(zone.name for zones in facts_of_recording(path).values() for zone in zones)


def files_in(folder: Path, name: str = "out.tracy") -> list[str]:
    """What there is of a recording's three files."""
    return sorted(entry for entry in os.listdir(folder) if entry.startswith(name))
