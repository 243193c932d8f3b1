"""Garbage collections as zones; and the program's own `gc.callbacks`."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.recorded_program import record
from support.target import QUIET, Target, only_zone, running, trace_of, zones_named
from support.viewer import PROTOCOLS

NAME = "garbage collection"
PRELUDE = "import tracypy\ntracypy.enable()\nassert tracypy.wait_connected(100)\n"
COLLECTS = """
    import gc
    gc.disable()                      # but by hand
    class Node:
        def __del__(self): pass
    def make():
        for _ in range(3):
            node = Node(); node.self = node
    make()
    gc.collect(1)
    with tracypy.zone("inside"):
        gc.collect()
"""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_a_zone_for_each_collection(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, COLLECTS, prelude=PRELUDE, protocol=protocol)
    first, second = zones_named(trace, NAME)[-2:]
    assert first.text.startswith("generation 1: ")
    assert second.text.startswith("generation 2: ")
    assert second.text.endswith(" collected, 0 uncollectable")
    assert second in only_zone(trace, "inside").children
    assert [zone.name for zone in first.children + second.children] == ["Node.__del__"] * 3


def test_a_viewer_has_them_where_nothing_is_enabled(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, COLLECTS, prelude=QUIET)
    first, second = zones_named(trace, NAME)[-2:]
    assert not first.children
    assert second in only_zone(trace, "inside").children


@pytest.mark.parametrize("enabled", [True, False])
def test_without_them(tmp_path: Path, enabled: bool) -> None:
    prelude = "import tracypy\ntracypy.enable(gc=False)\nassert tracypy.wait_connected(100)\n"
    body = COLLECTS if enabled else "import gc\ngc.disable()\nwith tracypy.profile(gc=False): pass\ngc.collect()"
    assert len(zones_named(trace_of(tmp_path, body, prelude=prelude if enabled else QUIET), NAME)) == (not enabled)


@pytest.mark.parametrize(("words", "count"), [((), 1), (("--no-gc",), 0), (("--no-gc", "--gc"), 1)])
def test_the_command_line(tmp_path: Path, words: tuple[str, ...], count: int) -> None:
    record(tmp_path, *words, program="import gc\ngc.disable()\ngc.collect()\n")
    calls = {row.name: row.calls for row in tracypy.open(tmp_path / "out.tracy").functions()}
    assert calls.get(NAME, 0) == count


def test_a_recording_has_them_but_where_that_is_not_wanted(tmp_path: Path) -> None:
    for switch, count in (("", 2), (", gc=True", 2), (", gc=False", 0)):
        path = tmp_path / f"{len(switch)}.tracy"
        body = COLLECTS.replace(
            "make()\n    gc", f"make()\n    tracypy.start_recording({str(path)!r}{switch})\n    gc", 1
        )
        with running(tmp_path, "import tracypy\n" + "\n".join(line[4:] for line in body.splitlines())) as target:
            target.expect_success()
        trace = tracypy.open(path)
        found = [row for row in trace.functions() if row.name == NAME]
        assert [row.calls for row in found] == ([count] if count else [])


def test_the_program_finds_its_callbacks_as_it_left_them(tmp_path: Path) -> None:
    body = """
        import gc, sys, tracypy
        gc.disable()
        def mine(phase, info): seen.append(phase)
        seen = []
        before = gc.callbacks
        gc.callbacks.append(mine)
        with tracypy.record("out.tracy"):
            assert gc.callbacks is before and before[0] is mine and len(before) == 2
            gc.collect()
            gc.callbacks.remove(mine)
            gc.callbacks.append(mine)
        assert gc.callbacks is before and before == [mine], before
        assert seen == ["start", "stop"], seen
        with tracypy.record("cleared.tracy"):
            gc.collect()
            kept = list(gc.callbacks)
            gc.callbacks.clear()
        assert gc.callbacks == []
        gc.callbacks[:] = kept               # ours, too: it does nothing
        gc.collect()
        with tracypy.record("again.tracy"):
            gc.collect()
        assert gc.callbacks == [mine]
        gc.callbacks = None                  # of the module only
        with tracypy.record("gone.tracy"):
            gc.collect()
    """
    with running(tmp_path, body) as target:
        target.expect_success()
    counts = [
        sum(row.calls for row in tracypy.open(tmp_path / f"{name}.tracy").functions() if row.name == NAME)
        for name in ("out", "cleared", "again", "gone")
    ]
    assert counts == [1, 1, 1, 1]


def test_a_session_that_begins_or_ends_inside_a_collection_is_whole(tmp_path: Path) -> None:
    body = """
        import gc, tracypy
        gc.disable()
        tracypy.enable()
        class Ends:
            def __del__(self): print("inside", flush=True); input()
        def make():
            node = Ends(); node.self = node
        make()
        gc.collect()
        print("after", flush=True)
        input()
        gc.collect()
    """

    def after(target: Target) -> None:
        target.say()
        assert target.hear() == "after"
        target.say()

    with running(tmp_path, body) as target:
        assert target.hear() == "inside"
        viewer = target.viewer()
        viewer.receive_until(lambda _trace: target.process.poll() is None)
        after(target)
        trace = viewer.run()
        target.expect_success()
    assert [zone.text.partition(":")[0] for zone in zones_named(trace, NAME)] == ["generation 2"]
