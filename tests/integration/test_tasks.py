"""Tasks as fibers: each has a row of its own, on which its zones stay open while it waits."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import record
from support.target import PRELUDE, running, trace_of, trace_of_second_viewer, zones_named
from support.viewer import PROTOCOLS, Trace
from support.viewer.trace import ThreadTrace

HELPERS = """
import asyncio, time
def mark(): pass
"""


def fibers(trace: Trace) -> list[ThreadTrace]:
    return [row for row in trace.threads.values() if row.is_fiber]


def rows_named(trace: Trace, name: str) -> list[ThreadTrace]:
    return [row for row in fibers(trace) if row.name == name]


def of(tmp_path: Path, body: str, **options: object) -> Trace:
    return trace_of(tmp_path, HELPERS + textwrap.dedent(body), **options)  # type: ignore[arg-type]


def spans(row: ThreadTrace, name: str) -> int:
    return sum(zone.name == name for zone in row.zones())


def check_runs(trace: Trace) -> None:
    """Every zone of a fiber begins and ends while it runs, and all runs have ended."""
    for row in fibers(trace):
        runs = [(run.begin_tick, run.end_tick) for run in row.runs]
        assert all(end is not None for _begin, end in runs)
        for zone in row.zones():
            for tick in (zone.begin_tick, zone.end_tick):
                assert any(begin <= tick <= end for begin, end in runs), (row.name, zone.name)  # type: ignore[operator]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_task_that_awaits_is_one_zone_on_a_row_of_its_own(tmp_path: Path, protocol: int) -> None:
    trace = of(
        tmp_path,
        """
        async def inner():
            mark()
            await asyncio.sleep(0)
            mark()
        async def handler():
            await inner()
            await asyncio.sleep(0)
        async def main():
            await asyncio.gather(handler(), handler())
        asyncio.run(main())
        """,
        protocol=protocol,
    )
    rows = rows_named(trace, "handler")
    assert len(rows) == 2
    for row in rows:
        (handler,) = row.roots
        assert handler.name == "handler"
        inner = handler.children[0]
        assert (inner.name, [child.name for child in inner.children]) == ("inner", ["mark", "sleep", "mark"])
        assert len(row.runs) == 3  # two suspensions
    (main,) = rows_named(trace, "main")
    assert spans(main, "main") == 1
    assert len(main.runs) == 2
    check_runs(trace)
    # What the loop did in between is on its thread's row, and no coroutine is.
    loop = [row for row in trace.threads.values() if not row.is_fiber and row.roots]
    assert not any(spans(row, "handler") for row in loop)
    assert any(zone.name.startswith("BaseEventLoop") for row in loop for zone in row.zones())


def test_names_of_tasks(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        async def work():
            await asyncio.sleep(0)
        async def main():
            await asyncio.create_task(work(), name="the mail")
            await asyncio.create_task(work())
            for number in range(40):
                await asyncio.create_task(work(), name=f"job-{number}")
        asyncio.run(main())
        """,
    )
    names = sorted(row.name for row in fibers(trace) if not row.name.startswith("BaseEventLoop"))
    assert names == ["job-*", *(f"job-{number}" for number in range(8)), "main", "the mail", "work"]
    (row,) = rows_named(trace, "job-*")
    assert [zone.text for zone in row.roots] == [f"job-{number}" for number in range(8, 40)]
    (row,) = rows_named(trace, "work")
    assert (row.roots[0].text or "").startswith("Task-")


def test_names_of_tasks_are_what_the_program_sees(tmp_path: Path) -> None:
    """Also of a task that is named after it is made, of a type of the program's own, and of one in Python.

    From CPython 3.14 on `asyncio.current_task` knows none of the last kind.
    """
    trace = of(
        tmp_path,
        """
        import sys
        told = []
        async def work():
            await asyncio.sleep(0)
            told.append(asyncio.current_task().get_name())
        class Own(asyncio.Task):
            __slots__ = ("more",)
        async def main():
            loop = asyncio.get_running_loop()
            named = asyncio.create_task(work())
            named.set_name("renamed")
            await asyncio.gather(named, *[work() for _ in range(3)])
            await Own(work(), loop=loop)
            await Own(work(), loop=loop, name="own")
            if sys.version_info < (3, 14):
                await asyncio.tasks._PyTask(work(), loop=loop, name="in Python")
        asyncio.run(main())
        open("told", "w").write(",".join(told))
        """,
    )
    told = [zone.text or row.name for row in fibers(trace) for zone in row.roots if zone.name == "work"]
    assert sorted(told) == sorted((tmp_path / "told").read_text().split(","))


def test_rows_are_used_again(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        async def request():
            await asyncio.sleep(0)
        async def main():
            for _ in range(200):
                async with asyncio.TaskGroup() as group:
                    for _ in range(3):
                        group.create_task(request())
        asyncio.run(main())
        """,
    )
    rows = rows_named(trace, "request")
    assert len(rows) == 3
    assert sum(len(row.roots) for row in rows) == 600
    check_runs(trace)


def test_cancellation_and_exceptions_end_what_was_open(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        async def inner():
            await asyncio.sleep(100)
        async def stubborn():
            try:
                await inner()
            except asyncio.CancelledError:
                mark()
                await asyncio.sleep(0)
                raise
        async def failing():
            await asyncio.sleep(0)
            raise ValueError
        async def main():
            tasks = [asyncio.create_task(coro) for coro in (inner(), stubborn(), failing())]
            await asyncio.sleep(0.01)
            for task in tasks: task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            mark()
        asyncio.run(main())
        """,
    )
    for name, count in (("inner", 2), ("stubborn", 1), ("failing", 1), ("main", 1)):
        assert len(zones_named(trace, name)) == count, name
    (stubborn,) = rows_named(trace, "stubborn")
    (zone,) = stubborn.roots
    assert [child.name for child in zone.children if child.name in ("inner", "mark")] == ["inner", "mark"]
    assert len(stubborn.runs) == 3
    check_runs(trace)


def test_eager_tasks_nested_loops_and_generators(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        async def eager(waits):
            mark()
            if waits: await asyncio.sleep(0)
        async def numbers():
            for number in range(3):
                await asyncio.sleep(0)
                yield number
        async def consumer():
            async for _ in numbers(): mark()
        def drive(coroutine):
            try:
                while True: coroutine.send(None)
            except StopIteration: pass
        async def by_hand():
            mark()
        async def main():
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
            await asyncio.gather(asyncio.create_task(eager(True)), asyncio.create_task(eager(False)))
            await consumer()
            drive(by_hand())
        asyncio.run(main())
        """,
    )
    assert sum(spans(row, "eager") for row in rows_named(trace, "eager")) == 2
    (main,) = rows_named(trace, "main")
    assert (spans(main, "consumer"), spans(main, "main"), spans(main, "numbers")) == (1, 1, 4)
    (by_hand,) = rows_named(trace, "by_hand")
    assert spans(by_hand, "by_hand") == 1
    check_runs(trace)


def test_zone_by_hand_stays_on_its_tasks_row(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        async def work():
            with tracypy.zone("around"):
                await asyncio.sleep(0)
            begun = tracypy.zone("elsewhere")
            begun.__enter__()
            await asyncio.create_task(other(begun))
            await asyncio.sleep(0)
        async def other(zone):
            await asyncio.sleep(0)
            zone.__exit__(None, None, None)
        asyncio.run(work())
        """,
    )
    (row,) = rows_named(trace, "work")
    assert [spans(row, name) for name in ("work", "around", "elsewhere")] == [1, 1, 1]
    check_runs(trace)


def test_switch_shows_slices(tmp_path: Path) -> None:
    prelude = PRELUDE.replace("gc=False", "gc=False, tasks_as_slices=True")
    body = """
        async def work():
            await asyncio.sleep(0)
        asyncio.run(work())
    """
    trace = of(tmp_path, body, prelude=prelude)
    assert not fibers(trace)
    assert len(zones_named(trace, "work")) == 2


def test_many_loops_in_many_threads(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        import threading
        async def work():
            for _ in range(20): await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*(work() for _ in range(5)))
        def loop(): asyncio.run(main())
        for _ in range(3):
            threads = [threading.Thread(target=loop) for _ in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        """,
    )
    assert len(zones_named(trace, "work")) == 60
    assert len(zones_named(trace, "main")) == 12
    check_runs(trace)


def test_session_begins_and_ends_while_tasks_wait(tmp_path: Path) -> None:
    source = """
        import tracypy, asyncio, time
        tracypy.enable()
        async def waits(event):
            await event.wait()
        async def main():
            event = asyncio.Event()
            tasks = [asyncio.create_task(waits(event)) for _ in range(3)]
            assert tracypy.wait_connected(100)
            await asyncio.sleep(0)
            print("ready")
            input()
            while tracypy.is_connected(): time.sleep(0.01)
            print("alone")
            assert tracypy.wait_connected(100)
            event.set()
            await asyncio.gather(*tasks)
        asyncio.run(main())
    """
    with running(tmp_path, source) as target:
        trace = trace_of_second_viewer(target, "waits")
    assert len(zones_named(trace, "waits")) == 3
    check_runs(trace)


def test_recording_has_rows_and_runs(tmp_path: Path) -> None:
    record(
        tmp_path,
        program="""
        import asyncio
        async def request():
            await asyncio.sleep(0.002)
            await asyncio.sleep(0.002)
        async def main():
            for _ in range(20):
                async with asyncio.TaskGroup() as group:
                    for _ in range(4): group.create_task(request())
        asyncio.run(main())
        """,
    )
    trace = tracypy.open(tmp_path / "out.tracy")
    rows = [thread for thread in trace.threads if thread.is_fiber and thread.name == "request"]
    assert len(rows) == 4
    assert sum(1 for row in rows for zone in row.iter_zones() if zone.depth == 0) == 80
    carriers = {thread.id for thread in trace.threads if not thread.is_fiber}
    for row in rows:
        assert len(row.runs) == 60
        assert {run.carrier for run in row.runs} <= carriers
        ran = sum(run.end_ns - run.start_ns for run in row.runs)
        lasted = sum(zone.end_ns - zone.start_ns for zone in row.iter_zones() if zone.depth == 0)
        assert 0 < ran < lasted
        assert lasted >= 20 * 4_000_000


def test_ten_thousand_tasks_and_more_at_once_than_rows(tmp_path: Path) -> None:
    source = PRELUDE + textwrap.dedent(
        """
        import asyncio
        async def work():
            await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*(work() for _ in range(2000)))
            for _ in range(80): await asyncio.gather(*(work() for _ in range(100)))
        asyncio.run(main())
        """
    )
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        code, _out, errors = target.finish()
    told = "more tasks at once than there are rows for (1024)"
    assert code == 0
    assert errors.count(told) == 1
    assert sum(told in message.text for message in trace.messages) == 1
    assert len(rows_named(trace, "work")) == 895  # and one for main
    assert sum(spans(row, "work") for row in fibers(trace)) >= 8896
    check_runs(trace)
