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
from tracypy.exporters.tree import merged
from tracypy.exporters.tree_columns import columns_of, least_total
from tracypy.formatting import counted, duration

if TYPE_CHECKING:
    from typing import TextIO

    from tracypy.exporters.choice import Choice
    from tracypy.trace import Trace

MOST_NODES = 30_000

_FOLDER = "exporters/page"
_SCRIPTS = tuple(f"{_FOLDER}/{name}.js" for name in ("words", "tree", "colors", "canvas", "graph", "table", "page"))


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
    least, folded = least_total([tree for _, tree in threads], most_nodes)
    locations: dict[int, int] = {}  # of the trace, to where they are in the page
    columns = [{"name": name, **columns_of(tree, least, locations)} for name, tree in threads]
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
