"""Collapsed stacks, a line for each path: what flamegraph.pl and inferno draw.

`outer (a.py:1);inner (b.py:7) 1234`: the functions from the outermost one on, and the nanoseconds spent in the last one
itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracypy.errors import ExportError
from tracypy.exporters.names import placed_names, thread_name
from tracypy.exporters.tree import chosen_tree, merged

if TYPE_CHECKING:
    from typing import TextIO

    from tracypy.exporters.choice import Choice
    from tracypy.exporters.tree import Tree
    from tracypy.trace import Trace

_LINES_AT_ONCE = 1000


def write(trace: Trace, choice: Choice, out: TextIO, *, thread_roots: bool = False) -> list[str]:
    """Write the stacks.

    Args:
        trace: The recording.
        choice: What of it.
        out: Where to.
        thread_roots: Whether stacks begin with the name of their thread, instead of being merged over threads.

    Returns:
        Nothing that the user must be told.

    Raises:
        ExportError: There are no zones.
    """
    names = [_frame(name) for name in placed_names(trace.source_locations)]
    lines = 0
    if thread_roots:
        for thread in choice.threads:
            tree = merged([trace.call_tree(thread.index)], choice.is_kept)
            lines += _write_tree(tree, names, [_frame(thread_name(thread))], out)
    else:
        lines = _write_tree(chosen_tree(trace, choice), names, [], out)
    if not lines:
        raise ExportError("no_time", trace=trace.path)
    return []


def _write_tree(tree: Tree, names: list[str], root: list[str], out: TextIO) -> int:
    path = list(root)
    piece: list[str] = []
    lines = 0
    for node, depth in tree.walk():
        del path[len(root) + depth :]
        path.append(names[tree.location[node]])
        if tree.self_ns[node] > 0:
            piece.append(f"{';'.join(path)} {tree.self_ns[node]}\n")
            lines += 1
        if len(piece) == _LINES_AT_ONCE:
            out.write("".join(piece))
            piece.clear()
    out.write("".join(piece))
    return lines


def _frame(name: str) -> str:
    """Replace semicolons, which would begin the next function and cannot be escaped."""
    return name.replace(";", ":")
