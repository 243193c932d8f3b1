"""Where the garbage collector takes its time: a graph of nodes in cycles, built and forgotten.

tracypy record examples/gc_zones.py     then: the zones `garbage collection` in a viewer, or tracypy report FILE
"""

from __future__ import annotations


class Node:
    """Knows its neighbours, which know it: only the collector can tell that nobody else does."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.neighbours: list[Node] = []


def build(size: int) -> Node:
    nodes = [Node(number) for number in range(size)]
    for node in nodes:
        node.neighbours += (nodes[node.number - 1], nodes[(node.number + 1) % size])
    return nodes[0]


def main() -> None:
    for size in range(1_000, 11_000, 1_000):
        build(size)


if __name__ == "__main__":
    main()
