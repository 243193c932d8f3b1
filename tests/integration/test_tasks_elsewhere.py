"""Tasks that do not end where they began: dropped while they wait, moved to another thread, in a forked child."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support.target import Target, running, trace_of, zones_named
from support.viewer import Trace
from support.viewer.trace import ThreadTrace

#: A coroutine that waits at every `await`; and how to fill the place of one that is gone, so that the next lies elsewhere.
DRIVEN = """
import types
@types.coroutine
def pause():
    yield
async def job():
    await pause()
    await pause()
fillers = []
def fill(): fillers.append(job())
"""
CLOSE = "for one in fillers: one.close()\n"


def rows_of(trace: Trace, name: str) -> list[ThreadTrace]:
    return [row for row in trace.threads.values() if row.is_fiber and any(zone.name == name for zone in row.roots)]


def check_rows_are_used_again(trace: Trace, jobs: int) -> None:
    rows = rows_of(trace, "job")
    assert len(rows) <= 80
    assert sum(zone.name == "job" for row in rows for zone in row.roots) == jobs
    assert not trace.messages  # nothing had to share


@pytest.mark.parametrize("waits", ["yield", "try: yield\n    finally: len('')"], ids=["", "closed by code of its own"])
def test_rows_of_coroutines_that_are_dropped_are_used_again(tmp_path: Path, waits: str) -> None:
    """And to close what one of them awaits is no task."""
    body = """
    for _ in range(2000):
        dropped = job()
        dropped.send(None)
        del dropped
        fill()
    """
    trace = trace_of(tmp_path, DRIVEN.replace("yield", waits) + textwrap.dedent(body) + CLOSE)
    check_rows_are_used_again(trace, 2000)
    assert not rows_of(trace, "pause")


def test_rows_of_coroutines_that_go_on_in_another_thread_are_used_again(tmp_path: Path) -> None:
    body = """
    import threading, queue
    work, done = queue.SimpleQueue(), queue.SimpleQueue()
    def worker():
        while (moved := work.get()) is not None:
            moved.send(None)
            try: moved.send(None)
            except StopIteration: done.put(None)
            del moved
            fill()
    thread = threading.Thread(target=worker)
    thread.start()
    for _ in range(1500):
        moved = job()
        moved.send(None)
        work.put(moved)
        del moved
        done.get()
    work.put(None)
    thread.join()
    """
    check_rows_are_used_again(trace_of(tmp_path, DRIVEN + textwrap.dedent(body) + CLOSE), 3000)


def test_coroutine_that_comes_back_to_its_thread_goes_on(tmp_path: Path) -> None:
    body = """
    import threading
    moved = job()
    moved.send(None)
    thread = threading.Thread(target=moved.send, args=(None,))
    thread.start()
    thread.join()
    try: moved.send(None)
    except StopIteration: pass
    """
    trace = trace_of(tmp_path, DRIVEN + textwrap.dedent(body))
    assert len(zones_named(trace, "job")) == 2  # one on each thread's row, though it ran three times
    assert len(rows_of(trace, "job")) == 2


FORKED = {
    "task": """
        import asyncio
        async def other(): await asyncio.sleep(0)
        async def job():
            await asyncio.sleep(0)
            if os.fork() == 0: in_child()
            os.wait()
            await asyncio.sleep(0)
        async def waits():
            for _ in range(9): await asyncio.sleep(0)
        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(waits())
                group.create_task(job())
        def work():
            coroutine = other()
            coroutine.send(None)
            try: coroutine.send(None)
            except StopIteration: pass
        asyncio.run(main())
    """,
    "greenlet": """
        import greenlet
        def other(): greenlet.getcurrent().parent.switch()
        def job():
            main.switch()
            if os.fork() == 0: in_child()
            os.wait()
        def waits(): main.switch()
        def work():
            one = greenlet.greenlet(other)
            one.switch()
            one.switch()
        main = greenlet.getcurrent()
        pair = greenlet.greenlet(job), greenlet.greenlet(waits)
        for one in (*pair, *pair): one.switch()
    """,
}


@pytest.mark.parametrize("kind", FORKED)
def test_fork_inside_a_task(tmp_path: Path, kind: str) -> None:
    if kind == "greenlet":
        pytest.importorskip(kind)
    source = f"""
        import os, sys, warnings
        warnings.simplefilter("ignore")
        import tracypy
        def in_child():
            print(tracypy.listen(), flush=True)
            assert tracypy.wait_connected(100)
            work()
            assert tracypy.stop_listening()
            os._exit(0)
        tracypy.enable()
        assert tracypy.wait_connected(100)
        {textwrap.indent(textwrap.dedent(FORKED[kind]), " " * 8).lstrip()}
    """
    with running(tmp_path, source) as target:
        viewer = target.viewer()
        port = int(target.hear())
        child = Target(target.process, port, target.path).viewer().run()
        parent = viewer.run()
        target.expect_success()
    for name in ("job", "waits"):
        (row,) = rows_of(parent, name)
        assert sum(zone.name == name for zone in row.roots) == 1
        assert len(row.runs) >= 2
    assert not zones_named(parent, "work")
    assert len(zones_named(child, "work")) == 1
    (row,) = rows_of(child, "other")
    assert len(row.runs) == 2
    assert not rows_of(child, "waits")
