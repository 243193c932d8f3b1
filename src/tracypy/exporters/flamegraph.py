"""A flame graph as one HTML page that needs nothing else: no network, no other file.

The page's parts lie in the folder `page`. They are put together here with the merged call trees as JSON; the browser
draws.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tracypy.errors import ExportError
from tracypy.exporters.names import function_name, one_line, short_files, thread_name
from tracypy.exporters.pages import assembled
from tracypy.exporters.tree import TOP, merged
from tracypy.formatting import counted, duration

if TYPE_CHECKING:
    from typing import TextIO

    from tracypy.exporters.choice import Choice
    from tracypy.exporters.tree import Tree
    from tracypy.trace import Trace

MOST_NODES = 200_000

_FOLDER = "exporters/page"
_SCRIPTS = tuple(f"{_FOLDER}/{name}.js" for name in ("words", "tree", "colors", "graph", "table", "page"))
_FOLDED = -2  # as in tree.js


def write(
    trace: Trace, choice: Choice, out: TextIO, *, title: str | None = None, most_nodes: int = MOST_NODES
) -> list[str]:
    """Write the page.

    Args:
        trace: The recording.
        choice: What of it.
        out: Where to.
        title: The heading; without one, the program's name.
        most_nodes: With more paths than this, the smallest ones are folded into one box per caller.

    Returns:
        What the user should be told: how much was folded.

    Raises:
        ExportError: There are no zones.
    """
    if most_nodes < 1:
        raise ExportError("no_paths", paths=most_nodes)
    threads = [
        (thread_name(thread), merged([trace.call_tree(thread.index)], choice.is_kept)) for thread in choice.threads
    ]
    threads = [(name, tree) for name, tree in threads if len(tree)]
    if not threads:
        raise ExportError("no_chosen_zones", trace=trace.path)
    least, folded = _least_total([tree for _, tree in threads], most_nodes)
    locations: dict[int, int] = {}  # of the trace, to where they are in the page
    columns = [{"name": name, **_columns(tree, least, locations)} for name, tree in threads]
    data = {"threads": columns, **_location_columns(trace, locations)}
    notes = []
    if folded:
        notes = [f"the {folded:,} paths of less than {duration(least)} are folded (--max-nodes {most_nodes})"]
        data["folded"] = notes[0]
    out.write(page(title or _title(trace), _facts(trace, choice), data))
    return notes


def page(title: str, facts: list[str], data: dict[str, object]) -> str:
    """Return the page as text.

    Args:
        title: The heading.
        facts: What stands below it.
        data: What the scripts draw; see `tree.js`.
    """
    return assembled(f"{_FOLDER}/page.html", [f"{_FOLDER}/page.css"], _SCRIPTS, title, facts, data)


def _title(trace: Trace) -> str:
    return trace.info.program or os.path.basename(trace.path)


def _facts(trace: Trace, choice: Choice) -> list[str]:
    zones = sum(thread.zone_count for thread in choice.threads)
    facts = [duration(trace.span_ns), counted(zones, "zone"), counted(len(choice.threads), "thread")]
    if trace.info.captured_at is not None:
        facts.insert(0, f"{trace.info.captured_at:%Y-%m-%d %H:%M} UTC")
    if not (choice.has_all_threads and all(choice.is_kept)):
        facts.append("a part of the recording")
    return [*facts, os.path.basename(trace.path)]


def _least_total(trees: list[Tree], most_nodes: int) -> tuple[int, int]:
    """Return the total time below which nodes are folded, and how many those are."""
    totals = sorted((total for tree in trees for total in tree.total_ns), reverse=True)
    if len(totals) <= most_nodes:
        return 0, 0
    least = totals[most_nodes] + 1  # what is as short as the first that has no room goes with it
    return least, sum(total < least for total in totals)


class _Columns:
    """The nodes of one thread, depth first, as tree.js reads them."""

    def __init__(self) -> None:
        self.depths: list[int] = []
        self.locations: list[int] = []
        self.calls: list[int] = []
        self.selfs: list[int] = []

    def add(self, depth: int, location: int, calls: int, self_ns: int) -> None:
        self.depths.append(depth)
        self.locations.append(location)
        self.calls.append(calls)
        self.selfs.append(self_ns)


def _columns(tree: Tree, least: int, locations: dict[int, int]) -> dict[str, list[int]]:
    """Return one thread's nodes; those shorter than `least` are one node for each caller."""
    folded_nodes, folded_ns = _folded(tree, least)
    columns = _Columns()
    if folded_nodes[TOP]:
        columns.add(0, _FOLDED, folded_nodes[TOP], folded_ns[TOP])
    for node, depth in tree.walk():
        if tree.total_ns[node] < least:
            continue
        location = locations.setdefault(tree.location[node], len(locations))
        columns.add(depth, location, tree.calls[node], tree.self_ns[node])
        if folded_nodes[node]:
            columns.add(depth + 1, _FOLDED, folded_nodes[node], folded_ns[node])
    return vars(columns)


def _folded(tree: Tree, least: int) -> tuple[list[int], list[int]]:
    """Return, for each node that stays and for the top, the number and time of folded nodes below it."""
    nodes = [0] * (len(tree) + 1)
    times = [0] * (len(tree) + 1)
    for node in range(len(tree) - 1, -1, -1):  # children before their parents
        if tree.total_ns[node] < least:
            parent = tree.parent[node]
            nodes[parent] += nodes[node] + 1
            times[parent] += tree.self_ns[node] + times[node]
    return nodes, times


def _location_columns(trace: Trace, locations: dict[int, int]) -> dict[str, object]:
    """Return names and places of the functions that nodes refer to, in the order of their first use."""
    paths: dict[str, int] = {}
    names, places, lines = [], [], []
    for index in locations:
        location = trace.source_locations[index]
        names.append(function_name(location))
        places.append(paths.setdefault(one_line(location.file), len(paths)))
        lines.append(location.line)
    short = short_files(list(paths))
    columns = {"names": names, "files": places, "lines": lines}
    return {"files": list(paths), "short_files": [short[path] for path in paths], "locations": columns}
