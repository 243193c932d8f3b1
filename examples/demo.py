"""A little of everything that Python programs do, made to be looked at in a Tracy viewer.

    tracypy examples/demo.py                run it, a viewer connecting whenever it likes
    tracypy --wait examples/demo.py         wait for the viewer
    python examples/demo.py --counts        how often each function runs, as JSON: what a viewer must show

Every function runs exactly the same number of times in every run.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import tracypy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import FrameType

# --- deep recursion ---------------------------------------------------------------------------------------------------


def dive(depth: int) -> int:
    return 0 if depth == 0 else 1 + dive(depth - 1)


def fibonacci(n: int) -> int:
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def deep_recursion() -> None:
    for _ in range(10):
        dive(800)
    fibonacci(18)


# --- divide and conquer -----------------------------------------------------------------------------------------------


def merge(left: list[int], right: list[int]) -> list[int]:
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]


def merge_sort(values: list[int]) -> list[int]:
    if len(values) < 2:
        return values
    middle = len(values) // 2
    return merge(merge_sort(values[:middle]), merge_sort(values[middle:]))


def shuffled(count: int) -> list[int]:
    state = 1
    values = []
    for _ in range(count):
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        values.append(state)
    return values


def divide_and_conquer() -> None:
    values = shuffled(2000)
    assert merge_sort(values) == sorted(values)


# --- tight loops ------------------------------------------------------------------------------------------------------


def step(x: int) -> int:
    return x // 2 if x % 2 == 0 else 3 * x + 1


def collatz(start: int) -> int:
    length = 0
    while start != 1:
        start = step(start)
        length += 1
    return length


def tight_loops() -> None:
    for start in range(1, 400):
        collatz(start)


# --- backtracking -----------------------------------------------------------------------------------------------------


class Board:
    """Places queens that do not attack each other."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.queens: list[int] = []

    def is_safe(self, column: int) -> bool:
        row = len(self.queens)
        for at, other in enumerate(self.queens):
            if column == other or row - at == abs(column - other):
                return False
        return True

    def solve(self) -> int:
        if len(self.queens) == self.size:
            return 1
        solutions = 0
        for column in range(self.size):
            if self.is_safe(column):
                self.queens.append(column)
                solutions += self.solve()
                self.queens.pop()
        return solutions


def backtracking() -> None:
    assert Board(6).solve() == 4


# --- a thread pool ----------------------------------------------------------------------------------------------------


def is_prime(number: int) -> bool:
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return number > 1


def count_primes(low: int, high: int) -> int:
    found = 0
    for number in range(low, high):
        found += is_prime(number)
    return found


def thread_pool() -> None:
    with ThreadPoolExecutor(4, thread_name_prefix="primes") as pool:
        parts = [pool.submit(count_primes, low, low + 250) for low in range(0, 2000, 250)]
        assert sum(part.result() for part in parts) == 303


# --- a generator pipeline ---------------------------------------------------------------------------------------------


def numbers(limit: int) -> Iterator[int]:
    yield from range(limit)


def only_odd(source: Iterator[int]) -> Iterator[int]:
    for number in source:
        if number % 2:
            yield number


def squares(source: Iterator[int]) -> Iterator[int]:
    for number in source:
        yield number * number


def generator_pipeline() -> None:
    assert sum(squares(only_odd(numbers(2000)))) == 1333333000


# --- an asyncio program -----------------------------------------------------------------------------------------------


async def fetch(url: str) -> str:
    for _ in range(3):
        await asyncio.sleep(0)
    return url.upper()


async def pages(count: int) -> AsyncIterator[str]:
    for index in range(count):
        yield await fetch(f"page/{index}")


async def worker(index: int) -> int:
    total = 0
    async for page in pages(5):
        total += len(page)
    tracypy.message(f"crawler {index} has read {total} letters", color="skyblue")
    return total + index


async def crawl() -> None:
    async with asyncio.TaskGroup() as crawlers:
        for index in range(20):
            crawlers.create_task(worker(index), name=f"crawler {index}")


def asyncio_program() -> None:
    asyncio.run(crawl())


# --- frames with a zone, a curve and memory of one's own --------------------------------------------------------------


def simulate(particles: list[float]) -> list[float]:
    return [x * 0.99 + 0.01 for x in particles]


def upload(particles: list[float], slot: int) -> None:
    """As if a device had room for three frames: the oldest one goes."""
    if slot >= 3:
        tracypy.memory_free(0x1000 * (1 + (slot - 3) % 4), "device")
    tracypy.memory_alloc(0x1000 * (1 + slot % 4), 8 * len(particles), "device")


def render(particles: list[float]) -> float:
    with tracypy.zone("draw", color="tomato") as zone:
        zone.value(len(particles))
        return max(particles)


def frames() -> None:
    particles = [float(x) for x in range(2000)]
    for number in range(60):
        particles = simulate(particles)
        upload(particles, number)
        tracypy.plot("farthest particle", render(particles))
        tracypy.frame_mark()
    for number in range(3):
        with tracypy.frame("save"):
            tracypy.message(f"save {number + 1}: {len(json.dumps(particles)):,} bytes")


# ----------------------------------------------------------------------------------------------------------------------

SCENES = (
    deep_recursion,
    divide_and_conquer,
    tight_loops,
    backtracking,
    thread_pool,
    generator_pipeline,
    asyncio_program,
    frames,
)


def play() -> None:
    for scene in SCENES:
        scene()


def goes_on_after_await(frame: FrameType) -> bool:
    """The argument of the instruction RESUME says what the frame has waited in: 3 is an `await`."""
    return frame.f_code.co_code[frame.f_lasti + 1] & 3 == 3


def counts() -> dict[str, int]:
    """How often each function of this file is entered or resumed in one `play()`: each time is a zone.

    A coroutine that goes on after an `await` is not: its zone is open all the while, on its task's row.
    """
    found: collections.Counter[str] = collections.Counter()
    lock = threading.Lock()

    def count(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename == __file__ and not goes_on_after_await(frame):
            with lock:
                found[frame.f_code.co_qualname] += 1

    tracypy.stop_listening()  # count, and offer no trace of it
    threading.setprofile(count)
    sys.setprofile(count)
    play()
    sys.setprofile(None)
    threading.setprofile(None)
    return dict(sorted(found.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description="A program to look at in a Tracy viewer.")
    parser.add_argument("--rounds", type=int, default=1, help="how often to do it all (default: 1)")
    parser.add_argument("--counts", action="store_true", help="print how often each function runs, as JSON")
    options = parser.parse_args()
    if options.counts:
        print(json.dumps(counts(), indent=2))
        return
    for _ in range(options.rounds):
        play()


if __name__ == "__main__":
    main()
