"""What the standard library's `pstats` reads: calls, times and callers of each function, counted as cProfile counts.

cProfile knows recursion by levels: a call of a function that is open already adds to the calls and to the time in
itself, but not to the primitive calls and not to the cumulative time. The same holds for each pair of caller and
function.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

from tracypy.errors import ExportError
from tracypy.exporters.names import function_name, one_line
from tracypy.exporters.tree import chosen_tree

if TYPE_CHECKING:
    from typing import BinaryIO

    from tracypy.exporters.choice import Choice
    from tracypy.exporters.tree import Tree
    from tracypy.trace import SourceLocation, Trace

_SECONDS = 1e-9

type _Key = tuple[str, int, str]  # file, line, function: what pstats tells functions apart by


class _Calls:
    """Calls of a function, or of a function by one caller."""

    __slots__ = ("calls", "open", "primitive", "self_ns", "total_ns")

    def __init__(self) -> None:
        self.calls = self.primitive = self.self_ns = self.total_ns = 0
        self.open = 0  # levels of recursion where we are

    def enter(self, tree: Tree, node: int) -> None:
        self.calls += tree.calls[node]
        self.self_ns += tree.self_ns[node]
        if self.open == 0:
            self.primitive += tree.calls[node]
            self.total_ns += tree.total_ns[node]
        self.open += 1


def write(trace: Trace, choice: Choice, out: BinaryIO) -> list[str]:
    """Write the statistics.

    Returns:
        Nothing that the user must be told.

    Raises:
        ExportError: There are no zones.
    """
    tree = chosen_tree(trace, choice)
    if not len(tree):
        raise ExportError("no_zones", trace=trace.path)
    keys = [_key(location) for location in trace.source_locations]
    out.write(marshal.dumps(statistics(tree, keys)))
    return []


def statistics(tree: Tree, keys: list[_Key]) -> dict[_Key, tuple[object, ...]]:
    """Return the dictionary that cProfile saves.

    Args:
        tree: The merged call tree.
        keys: What stands for each location.

    Returns:
        For each function primitive calls, calls, seconds in itself, seconds in all, and its callers. Of a caller, the
        first two stand the other way round: so it has been since Python 2.
    """
    functions: dict[_Key, _Calls] = {}
    callers: dict[_Key, dict[_Key, _Calls]] = {}
    path: list[tuple[_Key, list[_Calls]]] = []
    for node, depth in tree.walk():
        while len(path) > depth:
            for entered in path.pop()[1]:
                entered.open -= 1
        key = keys[tree.location[node]]
        counted = [functions.setdefault(key, _Calls())]
        by_caller = callers.setdefault(key, {})
        if depth:
            counted.append(by_caller.setdefault(path[-1][0], _Calls()))
        for calls in counted:
            calls.enter(tree, node)
        path.append((key, counted))
    return {
        key: (
            *(calls.primitive, calls.calls, calls.self_ns * _SECONDS, calls.total_ns * _SECONDS),
            {
                caller: (edge.calls, edge.primitive, edge.self_ns * _SECONDS, edge.total_ns * _SECONDS)
                for caller, edge in callers[key].items()
            },
        )
        for key, calls in functions.items()
    }


def _key(location: SourceLocation) -> _Key:
    return one_line(location.file) or "~", location.line, function_name(location)
