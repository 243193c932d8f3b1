"""Many threads that live shortly: what it costs to meet a thread for the first time, and to see it off."""

from __future__ import annotations

import threading
import time

UNITS = 75
EXACT = False  # whether a thread that starts has to wait is a matter of luck, and waiting is calls
THREADS = True
PIN = False


def work(results: list[int], spent: list[int]) -> None:
    before = time.thread_time_ns()
    results.append(sum(step(number) for number in range(50)))
    spent.append(time.thread_time_ns() - before)


def step(number: int) -> int:
    return number * number


def run(n: int) -> int:
    results: list[int] = []
    spent: list[int] = []
    before = time.thread_time_ns()
    for _ in range(n):
        threads = [threading.Thread(target=work, args=(results, spent)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 4 * n
    return time.thread_time_ns() - before + sum(spent)
