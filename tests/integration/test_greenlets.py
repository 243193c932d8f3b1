"""Greenlets as fibers: greenlet itself, gevent, eventlet."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support.target import PRELUDE, trace_of
from support.viewer import Trace
from support.viewer.trace import ThreadTrace


def of(tmp_path: Path, body: str, module: str, before: str = "") -> Trace:
    pytest.importorskip("greenlet")
    if module == "gevent":
        pytest.importorskip(module)
    prelude = f"import warnings; warnings.simplefilter('ignore')\nimport {module}, time\n{before}\n{PRELUDE}"
    return trace_of(tmp_path, textwrap.dedent(body), prelude=prelude)


def fibers_with(trace: Trace, name: str) -> list[ThreadTrace]:
    return [row for row in trace.threads.values() if row.is_fiber and any(zone.name == name for zone in row.roots)]


def test_greenlets_that_switch_have_their_own_rows(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        from greenlet import greenlet
        def inner(): pass
        def first():
            inner()
            other.switch()
            inner()
        def second():
            inner()
            one.switch()
        one, other = greenlet(first), greenlet(second)
        one.switch()
        other.switch()
        """,
        "greenlet",
    )
    (row,) = fibers_with(trace, "first")
    assert row.tree() == (("first", (("inner", ()), ("inner", ()))),)
    assert len(row.runs) == 2
    (row,) = fibers_with(trace, "second")
    assert row.tree() == (("second", (("inner", ()),)),)


def test_exceptions_and_a_tracer_that_was_there(tmp_path: Path) -> None:
    trace = of(
        tmp_path,
        """
        def failing():
            greenlet.getcurrent().parent.switch()
            raise ValueError
        def killed():
            greenlet.getcurrent().parent.switch()
        one = greenlet.greenlet(failing)
        one.switch()
        try: one.switch()
        except ValueError: pass
        two = greenlet.greenlet(killed)
        two.switch()
        del two
        assert seen.count("switch") >= 5 and "throw" in seen, seen
        """,
        "greenlet",
        before="seen = []\ngreenlet.settrace(lambda event, args: seen.append(event))",
    )
    (row,) = fibers_with(trace, "failing")  # the second one has it after the first
    assert [zone.name for zone in row.roots] == ["failing", "killed"]
    assert len(row.runs) == 4


@pytest.mark.parametrize("spawn", ["gevent.spawn", "eventlet.spawn"])
def test_durations_are_those_of_each_greenlet(tmp_path: Path, spawn: str) -> None:
    module = spawn.partition(".")[0]
    pytest.importorskip(module)
    trace = of(
        tmp_path,
        f"""
        def sleeps(seconds):
            {module}.sleep(seconds)
        jobs = [{spawn}(sleeps, seconds) for seconds in (0.05, 0.2, 0.2, 0.2)]
        for job in jobs: job.{"get" if module == "gevent" else "wait"}()
        """,
        module,
    )
    ends = [
        (zone.end_ns or 0, (zone.end_ns or 0) - zone.begin_ns)
        for row in trace.threads.values()
        if row.is_fiber
        for zone in row.zones()
        if zone.name == "sleeps"
    ]
    lasted = sorted(nanoseconds for _, nanoseconds in ends)
    assert len(lasted) == 4
    assert lasted[0] >= 50_000_000
    assert all(nanoseconds >= 200_000_000 for nanoseconds in lasted[1:])
    # The short one has not waited for the others to end.
    assert min(ends)[1] == lasted[0]


@pytest.mark.parametrize("spawn", ["gevent.spawn", "eventlet.spawn"])
def test_handler_that_sleeps_lasts_as_long_though_others_run_meanwhile(tmp_path: Path, spawn: str) -> None:
    module = spawn.partition(".")[0]
    pytest.importorskip(module)
    trace = of(
        tmp_path,
        f"""
        def handler():
            {module}.sleep(0.002)
        def client():
            for _ in range(10): handler()
        jobs = [{spawn}(client) for _ in range(8)]
        for job in jobs: job.{"get" if module == "gevent" else "wait"}()
        """,
        module,
    )
    rows = [row for row in trace.threads.values() if row.is_fiber]
    clients = [zone for row in rows for zone in row.zones() if zone.name == "client"]
    assert len(clients) == 8
    for client in clients:
        assert [child.name for child in client.children] == ["handler"] * 10
        assert all((child.end_ns or 0) - child.begin_ns >= 1_900_000 for child in client.children)  # timers are coarse
