"""Zones of code that waits while other code runs on its thread: on rows beside the thread's, from begin to end.

With tasks in slices: a task's own row has its zones as they are (test_tasks.py).
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support.target import SLICES, running, trace_of, trace_of_second_viewer, tree, zones_named
from support.viewer import PROTOCOLS, Trace, Zone

#: The order of things on all rows: mark() is a zone of no length, on the thread's row.
HELPERS = """
import asyncio, contextlib, time
def mark(name):
    with tracypy.zone(name): pass
@contextlib.contextmanager
def span(name):
    with tracypy.zone(name) as z:
        yield z
        z.value(42)
@contextlib.asynccontextmanager
async def aspan(name):
    with tracypy.zone(name) as z:
        yield z
        z.value(42)
"""

ROW = "Main thread: zones"


def run(tmp_path: Path, body: str, **options: object) -> Trace:
    return trace_of(tmp_path, HELPERS + textwrap.dedent(body), **{"prelude": SLICES, **options})  # type: ignore[arg-type]


def only(trace: Trace, name: str) -> Zone:
    (zone,) = zones_named(trace, name)
    assert zone.end_tick is not None
    return zone


def row_of(trace: Trace, zone: Zone) -> str:
    (name,) = [thread.name for thread in trace.threads.values() if any(one is zone for one in thread.zones())]
    return name


def lasts(trace: Trace, name: str, *, after: str, within: tuple[str, ...], before: str) -> Zone:
    """The one zone of that name lasts from after one mark, over others, until before one."""
    zone = only(trace, name)
    assert (only(trace, after).end_tick or 0) <= zone.begin_tick
    for inner in within:
        assert zone.begin_tick <= only(trace, inner).begin_tick
        assert (only(trace, inner).end_tick or 0) <= (zone.end_tick or 0)
    assert (zone.end_tick or 0) <= only(trace, before).begin_tick
    assert row_of(trace, zone).startswith(ROW)
    return zone


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_zone_around_an_await_is_one_zone(tmp_path: Path, protocol: int) -> None:
    trace = run(
        tmp_path,
        """
        async def main():
            mark("before")
            with tracypy.zone("q") as z:
                mark("in")
                await asyncio.sleep(0)
                z.text("half")
                await asyncio.sleep(0)
                mark("out")
            mark("after")
        asyncio.run(main())
        """,
        protocol=protocol,
    )
    zone = lasts(trace, "q", after="before", within=("in", "out"), before="after")
    assert (zone.text, row_of(trace, zone), zone.function) == ("half", ROW, "main")


@pytest.mark.parametrize(
    "manager",
    ["with span('q')", "async with aspan('q')", "async with contextlib.AsyncExitStack() as s, s, aspan('q')"],
)
def test_zone_of_a_helper_around_an_await(tmp_path: Path, manager: str) -> None:
    trace = run(
        tmp_path,
        f"""
        async def main():
            mark("before")
            {manager}:
                await asyncio.sleep(0)
                mark("out")
            mark("after")
        asyncio.run(main())
        """,
    )
    assert lasts(trace, "q", after="before", within=("out",), before="after").value == 42


def test_tasks_that_take_turns(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        async def task(name):
            mark(name + " before")
            with tracypy.zone(name):
                mark(name + " in")
                await asyncio.sleep(0)
                mark(name + " out")
            mark(name + " after")
            await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*(task(f"task {i}") for i in range(20)))
            await task("the last")
        asyncio.run(main())
        """,
    )
    for name in (*(f"task {i}" for i in range(20)), "the last"):
        marks = {place: f"{name} {place}" for place in ("before", "in", "out", "after")}
        lasts(trace, name, after=marks["before"], within=(marks["in"], marks["out"]), before=marks["after"])
    rows = [thread.name for thread in trace.threads.values() if thread.name.startswith(ROW)]
    assert sorted(rows) == sorted([ROW, *(f"{ROW} {i}" for i in range(2, 21))])


def test_tasks_that_end_each_others_zones(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        zones = {}
        async def task(mine, other):
            mark(mine + " before")
            zones[mine] = tracypy.zone_begin(mine)
            await asyncio.sleep(0)
            mark(mine + " ends " + other)
            tracypy.zone_end(zones[other])
            mark(other + " after")
        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(task("a", "b"))
                group.create_task(task("b", "a"))
        asyncio.run(main())
        """,
    )
    lasts(trace, "a", after="a before", within=("a ends b", "b ends a"), before="a after")
    lasts(trace, "b", after="b before", within=("a ends b",), before="b after")


def test_cancelled_and_failing_tasks(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        async def waits():
            with tracypy.zone("cancelled"):
                await asyncio.sleep(1000)
        async def fails():
            with tracypy.zone("failed"):
                await asyncio.sleep(0)
                raise ValueError
        async def main():
            mark("before")
            one = asyncio.create_task(waits())
            await asyncio.sleep(0)
            one.cancel()
            mark("cancels")
            try:
                await one
            except asyncio.CancelledError:
                mark("after")
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(fails())
            except* ValueError:
                mark("failed after")
        asyncio.run(main())
        """,
    )
    lasts(trace, "cancelled", after="before", within=("cancels",), before="after")
    lasts(trace, "failed", after="after", within=(), before="failed after")


def test_async_generator_at_its_yield(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        async def numbers():
            with tracypy.zone("counting"):
                for i in range(3):
                    yield i
        async def main():
            mark("before")
            async for i in numbers():
                mark(f"got {i}")
                await asyncio.sleep(0)
            mark("after")
        asyncio.run(main())
        """,
    )
    lasts(trace, "counting", after="before", within=("got 0", "got 1", "got 2"), before="after")


def test_block_that_never_waits_stays_among_its_calls(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        async def main():
            with tracypy.zone("straight") as z:
                mark("one")
                try:
                    mark("two")
                except ValueError:
                    mark("never")
                finally:
                    mark("three")
            await asyncio.sleep(0)
            with tracypy.zone("waits"):
                try:
                    mark("four")
                finally:
                    await asyncio.sleep(0)
        asyncio.run(main())
        """,
    )
    straight = only(trace, "straight")
    assert row_of(trace, straight) == "Main thread"
    assert straight.tree() == tree("straight", *(tree("mark", name) for name in ("one", "two", "three")))
    assert row_of(trace, only(trace, "waits")) == ROW


def test_rows_without_calls(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        async def task(name):
            with tracypy.zone(name):
                await asyncio.sleep(0)
        async def main():
            await asyncio.gather(task("a"), task("b"))
        asyncio.run(main())
        """,
        prelude="import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n",
    )
    assert {row_of(trace, only(trace, name)) for name in "ab"} == {ROW, ROW + " 2"}


def test_more_zones_than_rows(tmp_path: Path) -> None:
    source = (
        SLICES
        + HELPERS
        + textwrap.dedent(
            """
        async def task(name):
            with tracypy.zone(name):
                await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*(task("many") for i in range(400)))
            await task("one more")
        asyncio.run(main())
        """
        )
    )
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        code, _, err = target.finish()
    assert code == 0
    assert err.count("zones of coroutines are open at once") == 1
    rows = [thread for thread in trace.threads.values() if thread.name.startswith(ROW)]
    assert len(rows) == 256
    whole = [zone for zone in zones_named(trace, "many") if not zone.function.endswith("(continued)")]
    assert len(whole) == 400
    assert row_of(trace, only(trace, "one more")).startswith(ROW)


def test_rows_belong_to_their_threads_and_go_with_them(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        import threading
        async def task(name):
            with tracypy.zone(name):
                await asyncio.sleep(0)
        for i in range(300):
            thread = threading.Thread(target=lambda: asyncio.run(task("q")), name=f"loop {i}")
            thread.start()
            thread.join()
        """,
        prelude="import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n",
    )
    rows = {row_of(trace, zone) for zone in zones_named(trace, "q")}
    assert rows == {f"loop {i}: zones" for i in range(300)}


def test_zone_that_is_open_at_the_end_of_the_session(tmp_path: Path) -> None:
    trace = run(
        tmp_path,
        """
        async def main():
            handle = tracypy.zone_begin("open")
            await asyncio.sleep(0)
        asyncio.run(main())
        """,
    )
    assert only(trace, "open")
    assert all(not thread.open for thread in trace.threads.values())


def test_viewer_comes_and_goes_while_zones_are_open(tmp_path: Path) -> None:
    source = (
        SLICES
        + HELPERS
        + textwrap.dedent(
            """
        async def main():
            with tracypy.zone("old") as z:
                await asyncio.sleep(0)
                print("ready", flush=True)
                input()
                while tracypy.is_connected(): time.sleep(0.001)
                print("alone", flush=True)
                assert tracypy.wait_connected(100)
                z.text("to nobody")
                with tracypy.zone("new"):
                    await asyncio.sleep(0)
            mark("after")
        asyncio.run(main())
        """
        )
    )
    with running(tmp_path, source) as target:
        trace = trace_of_second_viewer(target, "old")
    assert zones_named(trace, "old") == []
    assert row_of(trace, only(trace, "new")) == ROW
