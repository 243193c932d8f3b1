"""A program that shows its memory: what it takes from an arena of its own, and what the interpreter allocates.

tracypy record --memory all examples/memory.py     then: the memory window of a viewer, or tracypy.open(...).memory
"""

from __future__ import annotations

import random

import tracypy

SIZE = 1 << 20


class Arena:
    """Hands out pieces of one large block."""

    def __init__(self) -> None:
        self.pieces: dict[int, int] = {}

    def take(self, size: int) -> int:
        address = 0x1000 + 16 * random.randrange(SIZE // 16)
        self.pieces[address] = size
        tracypy.memory_alloc(address, size, "arena")
        return address

    def give_back(self, address: int) -> None:
        if self.pieces.pop(address, None) is not None:
            tracypy.memory_free(address, "arena")


def main() -> None:
    random.seed(1)
    arena = Arena()
    taken: list[int] = []
    for step in range(2_000):
        taken.append(arena.take(random.randrange(16, 4096)))
        if step % 3 == 0:
            arena.give_back(taken.pop(random.randrange(len(taken))))
    words = {f"word {number}": [number] * 10 for number in range(20_000)}
    print(f"{len(arena.pieces)} pieces are taken, {len(words)} words known")


if __name__ == "__main__":
    main()
