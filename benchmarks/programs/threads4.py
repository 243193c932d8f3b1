"""Four threads that call without end: on a build without the GIL they do so at once."""

import threading
import time

UNITS = 3
PIN = False
THREADS = True
EXACT = False  # the main thread waits for the others in calls of its own


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def work(n: int, spent: list[int], start: threading.Barrier) -> None:
    start.wait()
    before = time.thread_time_ns()
    for _ in range(n):
        fib(20)
    spent.append(time.thread_time_ns() - before)


def run_threads(count: int, n: int) -> int:
    spent: list[int] = []
    start = threading.Barrier(count)
    threads = [threading.Thread(target=work, args=(n, spent, start)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(spent)


def run(n: int) -> int:
    return run_threads(4, n)
