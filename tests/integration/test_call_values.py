"""Arguments and results as texts of zones, whatever the values are."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, only_zone, running, trace_of, zones_named
from support.viewer import PROTOCOLS

CALLS = """
    class Cart:
        @tracypy.profiled(args=True, result=True)
        def add(self, what, count=1, *rest, sure, **more):
            count = -1
            return [what, more]
    @tracypy.profiled(result=True)
    def only_result(x): return None
    @tracypy.profiled(args=True)
    def only_arguments(x): return lambda: x
    @tracypy.profiled(args=True, result=True)
    def steps(first):
        first = yield "one"
        return 2
    @tracypy.profiled(args=True, result=True)
    def fails(n):
        if n == 0: raise ValueError
        fails(n - 1)
    @tracypy.profiled(args=True, result=True)
    def deep(n): return n and deep(n - 1)
    Cart().add("egg", 2, "x", sure=True, color="red")
    only_result(7)
    only_arguments(8)
    list(steps("a"))
    try: fails(1)
    except ValueError: pass
    deep(1)
"""
TEXTS = {
    "Cart.add": [
        "what='egg', count=2, sure=True, *rest=('x',), **more={'color': 'red'}\nreturns ['egg', {'color': 'red'}]"
    ],
    "only_result": ["returns None"],
    "only_arguments": ["x=8"],
    "steps": ["first='a'\nreturns 'one'", "returns 2"],
    "fails": ["n=1", "n=0"],
    "deep": ["n=1\nreturns 0", "n=0\nreturns 0"],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_what_profiled_functions_get_and_return(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, CALLS, prelude=QUIET, protocol=protocol)
    assert {name: [zone.text for zone in zones_named(trace, name)] for name in TEXTS} == TEXTS
    (outer, inner) = zones_named(trace, "fails")
    assert inner in outer.children


def test_a_recording_has_them(tmp_path: Path) -> None:
    body = "import tracypy\ntracypy.start_recording('out.tracy', gc=False)" + "\n".join(
        line[4:] for line in CALLS.splitlines()
    )
    with running(tmp_path, body) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "out.tracy")
    texts = [zone.text for thread in trace.threads for zone in thread.iter_zones() if zone.text]
    assert sorted(texts) == sorted(text for found in TEXTS.values() for text in found)


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [("load", {"load"}), ("Shop.*", {"Shop.sell"}), ("__main__.*", {"load", "Shop.sell", "other"}), ("nothing", set())],
)
def test_the_switch_shows_them_of_functions_whose_names_match(tmp_path: Path, pattern: str, shown: set[str]) -> None:
    prelude = f"import tracypy\ntracypy.enable(log_args={pattern!r})\nassert tracypy.wait_connected(100)\n"
    body = """
        def load(x): return x
        def other(x): return x
        class Shop:
            def sell(self, x): return x
        load(1); other(1); Shop().sell(1)
        tracypy.disable()
        tracypy.enable()
        load(1)
    """
    trace = trace_of(tmp_path, body, prelude=prelude)
    zones = [zone for name in ("load", "other", "Shop.sell") for zone in zones_named(trace, name)]
    assert {zone.name for zone in zones if zone.text} == shown
    assert {zone.text for zone in zones if zone.text} <= {"x=1\nreturns 1"}
    assert [bool(zone.text) for zone in zones_named(trace, "load")][1:] == [False]


def test_the_switch_counts_for_functions_that_are_marked_later_and_their_own_marks_stay(tmp_path: Path) -> None:
    body = """
        @tracypy.profiled(args=True)
        def early(x): return x
        @tracypy.profiled
        def plain(x): return x
        with tracypy.profile(log_args=["late", "plain"]):
            @tracypy.profiled
            def late(x): return x
            early(1); late(1); plain(1)
        early(2); late(2); plain(2)
        with tracypy.profile(log_args="early"): early(3)
        with tracypy.profile(): early(4)
    """
    trace = trace_of(tmp_path, body, prelude=QUIET)
    texts = {name: [zone.text for zone in zones_named(trace, name)] for name in ("early", "late", "plain")}
    assert texts == {
        "early": ["x=1", "x=2", "x=3\nreturns 3", "x=4"],
        "late": ["x=1\nreturns 1", None],
        "plain": ["x=1\nreturns 1", None],
    }


def test_hostile_values_harm_nobody(tmp_path: Path) -> None:
    body = """
        import time
        class Hostile:
            def __init__(self): self.x = 1; self._private = self
            def __repr__(self):
                tracypy.message("from __repr__"); tracypy.disable(); time.sleep(1000)
            __str__ = __repr__
            def __getattribute__(self, name): raise RuntimeError(name)
        class Slots:
            __slots__ = ("a", "b")
            def __init__(self): self.a = Hostile()
        ring = {}
        ring["ring"] = ring
        @tracypy.profiled(args=True, result=True)
        def take(value): return value
        for value in (Hostile(), Slots(), ring, "x" * 70_000, 1 << 100_000, float("nan"), "\\0\\udc80", [0] * 100_000, object()):
            take(value)
    """
    texts = [str(zone.text) for zone in zones_named(trace_of(tmp_path, body, prelude=QUIET), "take")]
    shown = [text.partition("\n")[0].removeprefix("value=") for text in texts]
    assert shown == [
        "Hostile(x=1)", "Slots(a=Hostile(x=1))", "{'ring': {'ring': {'ring': {…: …}}}}", f"'{'x' * 200}'…",
        "<int of 100001 bits>", "nan", "'\\x00\\udc80'", "[" + "0, " * 12 + "…]", "<object object>",
    ]  # fmt: skip
    assert all(text == f"value={one}\nreturns {one}" for text, one in zip(texts, shown, strict=True))


def test_a_function_without_arguments_has_no_text(tmp_path: Path) -> None:
    body = "@tracypy.profiled(args=True)\ndef nothing(): pass\nnothing()\n"
    assert not only_zone(trace_of(tmp_path, body, prelude=QUIET), "nothing").text


def test_a_task_shows_its_arguments_once_and_its_result_at_its_end(tmp_path: Path) -> None:
    prelude = "import asyncio, tracypy\ntracypy.enable()\nassert tracypy.wait_connected(100)\n"
    body = """
        @tracypy.profiled(args=True, result=True)
        async def inner(x):
            await asyncio.sleep(0)
            return x + 1
        @tracypy.profiled(args=True, result=True)
        async def job(x):
            await asyncio.sleep(0)
            return await inner(x) * 2
        @tracypy.profiled(args=True, result=True)
        async def fails(x):
            await asyncio.sleep(0)
            raise ValueError
        async def main():
            await asyncio.gather(job(3), fails(4), return_exceptions=True)
        asyncio.run(main())
    """
    trace = trace_of(tmp_path, body, prelude=prelude)
    texts = {name: [zone.text or "" for zone in zones_named(trace, name)] for name in ("inner", "job", "fails")}
    assert [len(found) for found in texts.values()] == [1, 1, 1]
    assert texts["inner"] == ["x=3\nreturns 4"]
    assert texts["job"][0].endswith("x=3\nreturns 8")  # after the task's name
    assert texts["fails"][0].endswith("x=4")


def test_a_slice_of_a_coroutine_shows_no_result_where_it_waits(tmp_path: Path) -> None:
    prelude = "import asyncio, tracypy\ntracypy.enable(tasks_as_slices=True)\nassert tracypy.wait_connected(100)\n"
    body = """
        @tracypy.profiled(result=True)
        async def job():
            await asyncio.sleep(0)
            return "done"
        @tracypy.profiled(result=True)
        async def stream():
            await asyncio.sleep(0)
            yield "first"
        @tracypy.profiled(result=True)
        def passes_on():
            yield from ["a", "b"]
        async def main():
            await job()
            async for _ in stream(): pass
        asyncio.run(main())
        list(passes_on())
    """
    trace = trace_of(tmp_path, body, prelude=prelude)
    texts = {name: [zone.text or "" for zone in zones_named(trace, name)] for name in ("job", "stream", "passes_on")}
    assert texts == {
        "job": ["", "returns 'done'"],
        "stream": ["", "", "returns None"],
        "passes_on": ["", "", "returns None"],
    }
