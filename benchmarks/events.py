"""What an event costs that a program tells of itself: while nobody listens, and while a recording goes on.

    .venv/bin/python benchmarks/events.py [--rounds N] [--only NAME,...]

Of each the least of some rounds counts. A message and a plot are held against a call of C that does as good as nothing
with as many arguments, a lock against threading's, allocations and `json.loads` against the same without hooks.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import tempfile
import threading
import time
from itertools import repeat
from typing import TYPE_CHECKING

os.environ["TRACYPY_ANNOUNCE"] = "0"

import tracypy

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = 200_000
JSON_BYTES = 100_000_000


def message(calls: int) -> None:
    for _ in repeat(None, calls):
        tracypy.message("a message")


def call_with_one_argument(calls: int) -> None:
    for _ in repeat(None, calls):
        operator.not_("a message")


def plot(calls: int) -> None:
    for _ in repeat(None, calls):
        tracypy.plot("a plot", 1.5)


def call_with_two_arguments(calls: int) -> None:
    for _ in repeat(None, calls):
        operator.is_("a plot", 1.5)


def lock_of_tracypy(calls: int) -> None:
    lock = tracypy.Lock()
    for _ in repeat(None, calls):
        lock.acquire()
        lock.release()


def lock_of_threading(calls: int) -> None:
    lock = threading.Lock()
    for _ in repeat(None, calls):
        lock.acquire()
        lock.release()


def memory_by_hand(calls: int) -> None:
    for address in range(1, calls + 1):
        tracypy.memory_alloc(address, 16, "arena")
        tracypy.memory_free(address, "arena")


def call_twice(calls: int) -> None:
    for address in range(1, calls + 1):
        operator.is_(address, 16)
        operator.not_(address)


def objects(calls: int) -> None:
    """One allocation and one end of it for each."""
    for _ in repeat(None, calls):
        object()


EVENTS: dict[str, tuple[Callable[[int], None], Callable[[int], None], dict[str, object]]] = {
    "message": (message, call_with_one_argument, {}),
    "plot": (plot, call_with_two_arguments, {}),
    "lock": (lock_of_tracypy, lock_of_threading, {}),
    "memory by hand": (memory_by_hand, call_twice, {}),
    "object": (objects, objects, {"memory": "all"}),
}


def ns_of(work: Callable[[int], None]) -> float:
    start = time.perf_counter_ns()
    work(CALLS)
    return (time.perf_counter_ns() - start) / CALLS


def compare(name: str, rounds: int, path: str) -> None:
    """Print what an event adds. The recording watches no calls, so that what is left is the event."""
    event, plain, options = EVENTS[name]
    bare, idle, recorded = [], [], []
    for _ in range(rounds):
        bare.append(ns_of(plain))
        idle.append(ns_of(event))
        with tracypy.record(path, overwrite=True, exclude="*", **options):  # type: ignore[arg-type]
            recorded.append(ns_of(event))
    least = min(bare)
    print(f"{name:24} {least:9.0f} {min(idle) - least:9.0f} {min(recorded) - least:9.0f}", flush=True)


def document() -> str:
    """Return some 100 MB of JSON, of what servers send: objects with texts, numbers and lists."""
    row = json.dumps({"id": 123456, "name": "somebody", "scores": [1.5, 2.5, 3.25], "tags": ["a", "b"], "ok": True})
    return f"[{','.join(repeat(row, JSON_BYTES // (len(row) + 1)))}]"


def seconds_of_loads(text: str) -> float:
    start = time.process_time()
    json.loads(text)
    return time.process_time() - start


def compare_json(rounds: int, path: str) -> None:
    """Print what sampling adds to reading a large document: processor time of all threads."""
    text = document()
    variants: dict[str, dict[str, object]] = {"no memory": {}, "memory='sampled'": {"memory": "sampled"}}
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, options in variants.items():
            with tracypy.record(path, overwrite=True, exclude="*", **options):  # type: ignore[arg-type]
                taken[name].append(seconds_of_loads(text))
    plain, sampled = (min(seconds) for seconds in taken.values())
    print(
        f"json.loads of {len(text) / 1e6:.0f} MB: {plain:.3f} s, with memory='sampled' {100 * (sampled / plain - 1):+.1f} %"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default=",".join((*EVENTS, "json")), help="names, with commas between them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "events.tracy")
        print("ns for each                  plain  + nobody + recording")
        for name in options.only.split(","):
            if name == "json":
                compare_json(options.rounds, path)
            else:
                compare(name, options.rounds, path)


if __name__ == "__main__":
    main()
