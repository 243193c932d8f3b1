"""Tells of every kind of event where programs least expect to do so: WAY and OUT (or nothing) say how, and where to record.

Prints for each kind how often it was told, as JSON.
"""

from __future__ import annotations

import atexit
import collections
import contextlib
import gc
import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import tracypy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 300
DEEPEST = 5  # signal handlers in one another
told: collections.Counter[str] = collections.Counter()
telling = threading.Lock()  # guards `told`, between the threads


def lock_and_unlock(number: int) -> None:
    with tracypy.Lock(name=f"lock {number % 4}"):
        pass


def allocate_and_free(number: int) -> None:
    tracypy.memory_alloc(0x1000 + number, 16, "arena", callstack=8)
    tracypy.memory_free(0x1000 + number, "arena", callstack=8)


def zone(number: int) -> None:
    with tracypy.zone("anywhere") as one:
        one.text(f"zone {number}")


def section(number: int) -> None:
    with tracypy.section(f"part {number % 4}"):
        pass


class Pause:
    def __await__(self) -> Iterator[None]:
        yield


@tracypy.profiled
async def waits() -> None:
    await Pause()


def task(_number: int) -> None:
    coroutine = waits()
    coroutine.send(None)
    with contextlib.suppress(StopIteration):
        coroutine.send(None)


def show_frame(number: int) -> None:
    tracypy.frame_mark()
    tracypy.frame_image(bytes([number % 256]) * 48, width=4, height=4)


def work_on_gpu(number: int) -> None:
    gpu = tracypy.GpuContext("custom", "anywhere", now_ns=0)
    with gpu.zone("work") as work:
        pass
    work.set_times(number, number + 1)


EVENTS: dict[str, Callable[[int], None]] = {
    "zone": zone,
    "message": lambda number: tracypy.message(f"message {number}", callstack=8),
    "plot": lambda number: tracypy.plot("curve", number),
    "plot style": lambda number: tracypy.plot_config("curve", step=bool(number % 2)),
    "frame mark": lambda _: tracypy.frame_mark("anywhere"),
    "lock": lock_and_unlock,
    "memory": allocate_and_free,
    "section": section,
    "task": task,
    "app info": lambda number: tracypy.app_info(f"told in round {number % 4}"),
    "parameter": lambda number: tracypy.parameter(f"parameter {number % 4}", number),
    "frame image": show_frame,
    "GPU zone": work_on_gpu,
    "thread name": lambda number: tracypy.set_thread_name(f"name {number % 4}"),
    "program name": lambda number: tracypy.set_program_name(f"program {number % 4}"),
}


def tell_all(number: int) -> None:
    for event in EVENTS.values():
        event(number)


def count(times: int = 1) -> None:
    with telling:
        for name in EVENTS:
            told[name] += times


def in_signal_handlers() -> None:
    """Interrupt events with events, and those with others; but not for ever, where a handler takes longer than a tick."""
    came = depth = 0

    def handler(*_arguments: object) -> None:
        nonlocal came, depth
        came += 1
        depth += 1
        if depth < DEEPEST:
            signal.setitimer(signal.ITIMER_REAL, 0.001)
        tell_all(came)
        depth -= 1
        signal.setitimer(signal.ITIMER_REAL, 0.001)

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    number = 0
    while came < ROUNDS:
        tell_all(number)
        number += 1
    signal.signal(signal.SIGALRM, signal.SIG_IGN)  # what has come is handled before
    signal.setitimer(signal.ITIMER_REAL, 0)
    count(number + came)


def in_finalizers() -> None:
    """Tell by `__del__`, by weak references, and by what the garbage collector calls, at any allocation."""

    class Told:
        def __init__(self, number: int) -> None:
            self.me = self
            self.number = number

        def __del__(self) -> None:
            nonlocal finalized
            tell_all(self.number)
            finalized += 1

    finalized = 0
    gc.set_threshold(20)
    for number in range(ROUNDS):
        Told(number)
        tell_all(number)
    while finalized < ROUNDS:  # one does nothing while another thread is at it, as the one that reads sources
        gc.collect()
    count(2 * ROUNDS)


def in_threads() -> None:
    """Tell from many threads at once."""

    def work(first: int) -> None:
        for number in range(first, first + ROUNDS):
            tell_all(number)

    threads = [threading.Thread(target=work, args=(10_000 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count(4 * ROUNDS)


def in_trace_functions() -> None:
    """Tell from what `sys.settrace` calls."""
    number = 0

    def trace(*_arguments: object) -> None:
        nonlocal number
        number += 1
        tell_all(number)

    def traced() -> int:
        return 1

    sys.settrace(trace)
    for _ in range(ROUNDS):
        traced()
    sys.settrace(None)
    count(number)


def around_forks() -> None:
    """Fork while other threads tell, and tell in the child."""
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            tell_all(number)
            number += 1
        count(number)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        child = os.fork()
        if child == 0:
            for number in range(ROUNDS):
                tell_all(number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
    stop.set()
    for thread in threads:
        thread.join()


def at_the_end() -> None:
    """Tell by a daemon thread, by `atexit`, and by what is destroyed last. What is told then may come too late."""

    class Last:
        def __del__(self, tell: Callable[[int], None] = tell_all) -> None:
            tell(1)

    def forever() -> None:
        while True:
            tell_all(2)
            began.set()

    began = threading.Event()
    threading.Thread(target=forever, daemon=True).start()
    began.wait()
    sys.modules["of the interpreter"] = Last()  # type: ignore[assignment]
    atexit.register(tell_all, 3)


WAYS = {way.__name__: way for way in (
    in_signal_handlers, in_finalizers, in_threads, in_trace_functions, around_forks, at_the_end,
)}  # fmt: skip


def main() -> None:
    way = WAYS[os.environ["WAY"]]
    if "OUT" in os.environ:
        with tracypy.record(os.environ["OUT"]):
            way()
    else:
        tracypy.listen()
        assert tracypy.wait_connected(100)
        way()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
