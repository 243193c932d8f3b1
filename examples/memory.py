"""A program that shows its memory: what it takes from an arena of its own, and what the interpreter allocates.

tracypy record --memory all examples/memory.py     then: the memory window of a viewer, or tracypy.open(...).memory
"""

from __future__ import annotations

import heapq
import random

import tracypy

SLOT = 4096


class Arena:
    """Hands out pieces of one large block: each in a slot of its own, the lowest that is free."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.free_slots: list[int] = []
        self.pieces: dict[int, int] = {}

    def take(self, size: int) -> int:
        slot = heapq.heappop(self.free_slots) if self.free_slots else len(self.pieces)
        address = self.start + SLOT * slot
        self.pieces[address] = size
        tracypy.memory_alloc(address, size, "arena")
        return address

    def give_back(self, address: int) -> None:
        del self.pieces[address]
        heapq.heappush(self.free_slots, (address - self.start) // SLOT)
        tracypy.memory_free(address, "arena")


def main() -> None:
    random.seed(1)
    arena = Arena(0x10000000)
    taken: list[int] = []
    for step in range(2_000):
        taken.append(arena.take(random.randrange(16, SLOT)))
        if step % 3 == 0:
            arena.give_back(taken.pop(random.randrange(len(taken))))
    words = {f"word {number}": [number] * 10 for number in range(20_000)}
    pieces = arena.pieces.values()
    print(f"{len(pieces):,} pieces of {sum(pieces):,} bytes are taken, {len(words):,} words known")


if __name__ == "__main__":
    main()
