"""Calls of C functions as zones."""

from __future__ import annotations

import itertools
import textwrap
from pathlib import Path

import pytest

import tracypy

from support.target import Zone, only_zone, running, trace_of, tree, zones_named
from support.viewer import PROTOCOLS

PRELUDE = "import tracypy\ntracypy.enable(c_calls=True, gc=False)\nassert tracypy.wait_connected(100)\n"
CALLS = """
    import math
    class Own(list):
        pass
    class Made:
        def __init__(self): self.x = 1
    def double(x): return x * 2
    def python(): return double(2)
    def main():
        items = [3, 1]
        items.append(len("ab"))
        sorted(items, key=double)
        math.sqrt(4.0)
        python()
        Made()
        Own().append(1)
        "a".join(["b"])
        int("7")
        max(*items)
        print(end="", flush=True)
        try: int("x")
        except ValueError: pass
        with tracypy.zone("by hand"): abs(-1)
    main()
"""
MAIN = tree(
    "main", "len", "list.append", tree("sorted", "double", "double", "double"), "math.sqrt", tree("python", "double"),
    tree("Made", "Made.__init__"), "Own", "list.append", "str.join", "int", "max", "print", "int", tree("by hand", "abs"),
)  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_a_zone_for_each_call_of_a_c_function(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, CALLS, prelude=PRELUDE, protocol=protocol)
    (main,) = zones_named(trace, "main")
    assert main.tree() == MAIN


def test_a_recording_has_them(tmp_path: Path) -> None:
    with running(tmp_path, "import tracypy\nif True:\n  tracypy.start_recording('out.tracy', c_calls=True)" + CALLS.replace("\n    ", "\n  ")) as target:  # fmt: skip
        target.expect_success()
    calls = {row.name: row.calls for row in tracypy.open(tmp_path / "out.tracy").functions()}
    assert calls["math.sqrt"] == calls["max"] == 1
    assert calls["list.append"] >= 2


def test_without_it_there_are_none(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, CALLS)
    assert not zones_named(trace, "len")


def test_calls_in_code_that_is_left_out_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "hidden.py").write_text("def inside(x):\n    sorted([1]); len('')\n    return x\n")
    prelude = "import tracypy, hidden\ntracypy.enable(c_calls=True, gc=False, exclude='hidden')\nassert tracypy.wait_connected(100)\n"  # fmt: skip
    body = "def main():\n    sorted([2, 1], key=hidden.inside)\n    abs(1)\nmain()\n"
    (main,) = zones_named(trace_of(tmp_path, body, prelude=prelude), "main")
    assert main.tree() == tree("main", "sorted", "abs")


def test_recursions_through_c_functions_and_what_leaves_them(tmp_path: Path) -> None:
    body = """
        import functools, threading
        def down(n): return n and sum(map(down, [n - 1]))
        class Stop(Exception): pass
        def leaves(n):
            if n == 0: raise Stop
            list(map(leaves, [n - 1]))
        @functools.lru_cache
        def cached(n): return n and cached(n - 1)
        def gen():
            yield 1
            yield 2
        def main():
            down(5)
            try: leaves(5)
            except Stop: pass
            cached(5)
            g = gen(); g.send(None); next(g); g.close()
            thread = threading.Thread(target=down, args=(3,))
            thread.start(); thread.join()
            for i in range(3):
                kind = type(f"Kind{i}", (), {})
                kind()
        main()
    """
    trace = trace_of(tmp_path, body, prelude=PRELUDE)
    (main,) = zones_named(trace, "main")
    assert len(zones_named(trace, "leaves")) == 6
    assert len(zones_named(trace, "down")) == 6 + 4
    assert [zone.name for zone in main.children if zone.name.startswith("Kind")] == ["Kind0", "Kind1", "Kind2"]

    def depth(zone: Zone, name: str) -> int:
        return (zone.name == name) + max((depth(child, name) for child in zone.children), default=0)

    assert depth(main, "leaves") == 6
    assert depth(main, "down") == 6
    times = [tick for zone in main.children for tick in (zone.begin_tick, zone.end_tick)]
    assert all(one <= two for one, two in itertools.pairwise(times))


def test_switched_on_and_off_in_mid_run(tmp_path: Path) -> None:
    body = """
        tracypy.disable()
        def work(): return len("ab")
        for on in (True, False, True):
            with tracypy.profile(c_calls=on): work()
    """
    trace = trace_of(tmp_path, body, prelude=PRELUDE)
    assert [zone.tree() for zone in zones_named(trace, "work")] == [
        tree("work", "len"), tree("work"), tree("work", "len"),
    ]  # fmt: skip


def test_auto_throttle_leaves_them_out_too(tmp_path: Path) -> None:
    body = """
        import time
        tracypy.disable()
        tracypy.enable(c_calls=True, auto_throttle=True, gc=False)
        def many():
            for _ in range(20_000): abs(-1)
        deadline = time.monotonic() + 100
        while not tracypy._core.throttled() and time.monotonic() < deadline:
            many()
            time.sleep(0.02)  # often enough all the same, and less for the viewer to read
        many()
        with tracypy.zone("after"): many()
    """
    with running(tmp_path, PRELUDE + textwrap.dedent(body)) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert (code, errors.count("abs (C:0)")) == (0, 1)
    assert [zone.tree() for zone in only_zone(trace, "after").children] == [tree("many", "range")]
