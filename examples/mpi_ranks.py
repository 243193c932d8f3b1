"""Ranks that share a sum, as one trace: `mpirun -n 4 tracypy record -o mpi_ranks.tracy mpi_ranks.py`."""

from __future__ import annotations

from mpi4py import MPI


def squares(first: int, step: int) -> int:
    return sum(number * number for number in range(first, 100_000, step))


def main() -> None:
    world = MPI.COMM_WORLD
    total = world.reduce(squares(world.rank, world.size))
    if world.rank == 0:
        print(f"{total} by {world.size} ranks")


if __name__ == "__main__":
    main()
