"""The merged call tree of what is exported, on which several formats stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracypy.exporters.choice import Choice
    from tracypy.trace import CallTree, Trace

TOP = -1


@dataclass(slots=True)
class Tree:
    """Calls by path, in columns; a parent comes before its children.

    Attributes:
        parent: Index of the node around; -1 at the top.
        location: The function: an index into `Trace.source_locations`.
        calls: How often it was called on this path.
        self_ns: Time in it less the time in what it called.
        total_ns: Time in it.
    """

    parent: list[int] = field(default_factory=list)
    location: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    self_ns: list[int] = field(default_factory=list)
    total_ns: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.parent)

    def walk(self) -> Iterator[tuple[int, int]]:
        """Yield nodes with their depths, depth first: a node's descendants follow it directly."""
        children: list[list[int]] = [[] for _ in range(len(self) + 1)]
        for node in range(len(self) - 1, -1, -1):
            children[self.parent[node]].append(node)  # of the top: the last list
        waiting = [(node, 0) for node in children[TOP]]
        while waiting:
            node, depth = waiting.pop()
            yield node, depth
            waiting += [(child, depth + 1) for child in children[node]]


def chosen_tree(trace: Trace, choice: Choice) -> Tree:
    """Return the tree of everything chosen, threads merged."""
    if choice.has_all_threads:
        return merged([trace.call_tree()], choice.is_kept)
    return merged((trace.call_tree(thread.index) for thread in choice.threads), choice.is_kept)


def merged(trees: Iterable[CallTree], is_kept: Sequence[bool]) -> Tree:
    """Merge several trees, without the functions that are not kept.

    What a function that is left out calls, and its own time, belong to the function around it: as though it had not
    been watched. At the top, its own time is gone.
    """
    out = Tree()
    known: dict[tuple[int, int], int] = {}
    for tree in trees:
        place: list[int] = []
        for parent, location, calls, self_ns in zip(tree.parent, tree.location, tree.calls, tree.self_ns, strict=True):
            around = place[parent] if parent >= 0 else TOP
            if not is_kept[location]:
                place.append(around)
                if around != TOP:
                    out.self_ns[around] += self_ns
                continue
            key = (around, location)
            node = known.get(key)
            if node is None:
                node = known[key] = len(out)
                out.parent.append(around)
                out.location.append(location)
                out.calls.append(0)
                out.self_ns.append(0)
            out.calls[node] += calls
            out.self_ns[node] += self_ns
            place.append(node)
    out.total_ns = list(out.self_ns)
    for node in range(len(out) - 1, -1, -1):
        if out.parent[node] != TOP:
            out.total_ns[out.parent[node]] += out.total_ns[node]
    return out
