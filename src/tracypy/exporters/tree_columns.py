"""Call trees as the page's `tree.js` reads them: columns, depth first, the smallest nodes folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracypy.exporters.tree import TOP

if TYPE_CHECKING:
    from tracypy.exporters.tree import Tree

FOLDED = -2  # as in tree.js


def least_total(trees: list[Tree], most_nodes: int) -> tuple[int, int]:
    """Return the total time below which nodes are folded, and how many those are.

    Args:
        trees: All that share the limit.
        most_nodes: With more of them than this, the smallest are folded.
    """
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


def columns_of(tree: Tree, least: int, locations: dict[int, int]) -> dict[str, list[int]]:
    """Return one thread's nodes; those shorter than `least` are one node for each caller.

    Args:
        tree: The thread's calls by path.
        least: Of how much total time a node is one of its own.
        locations: Of the trace, to where they are in the page; gets those that are new.
    """
    folded_nodes, folded_ns = _folded(tree, least)
    columns = _Columns()
    if folded_nodes[TOP]:
        columns.add(0, FOLDED, folded_nodes[TOP], folded_ns[TOP])
    for node, depth in tree.walk():
        if tree.total_ns[node] < least:
            continue
        location = locations.setdefault(tree.location[node], len(locations))
        columns.add(depth, location, tree.calls[node], tree.self_ns[node])
        if folded_nodes[node]:
            columns.add(depth + 1, FOLDED, folded_nodes[node], folded_ns[node])
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
