"""Zones by hand, @profiled, and frame marks, as a viewer receives them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support.target import QUIET, only_zone, running, trace_of, tree, zones_named
from support.viewer import PROTOCOLS


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_zone_has_what_was_said_of_it(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(
        tmp_path,
        """
        with tracypy.zone("load", color=0x336699) as z:
            z.text("first")
            z.value(77)
            z.text("second ünï")
            with tracypy.zone("parse", color="tomato"):
                pass
        with tracypy.zone("plain") as z:
            z.name("renamed")
            z.color("#112233")
        """,
        prelude=QUIET,
        protocol=protocol,
    )
    load, renamed = trace.thread("Main thread").roots
    assert load.tree() == tree("load", "parse")
    assert (load.color, load.texts, load.value) == (0x336699, ["first", "second ünï"], 77)
    assert load.function == "<module>"
    assert Path(load.file).name == "program.py"
    assert load.line == 5
    assert only_zone(trace, "parse").color == 0xFF6347
    assert (renamed.name, renamed.color) == ("renamed", 0x112233)


def test_what_is_said_from_below_goes_to_its_zone(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        def comment(z):
            z.text("from below")
            z.value(5)
        with tracypy.zone("above") as z:
            comment(z)
        """,
    )
    above = only_zone(trace, "above")
    assert above.tree() == tree("above", "comment")
    assert (above.texts, above.value) == (["from below"], 5)
    assert only_zone(trace, "comment").texts == []


def test_long_and_odd_texts(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        with tracypy.zone("long") as z: z.text("é" * 50_000)
        with tracypy.zone("zero") as z: z.text("a\\0b")
        with tracypy.zone("lone") as z: z.text("\\udc80")
        with tracypy.zone("empty") as z: z.text("")
        with tracypy.zone("negative") as z: z.value(-3)
        with tracypy.zone("float") as z: z.value(2.5)
        with tracypy.zone("huge") as z: z.value(2**64)
        with tracypy.zone("largest") as z: z.value(2**64 - 1)
        """,
        prelude=QUIET,
    )
    assert only_zone(trace, "long").text == "é" * 32_767  # 65,534 bytes
    assert only_zone(trace, "zero").text == "a␀b"
    assert only_zone(trace, "lone").text == "\\udc80"
    assert only_zone(trace, "negative").text == "-3"
    assert only_zone(trace, "float").text == "2.5"
    assert only_zone(trace, "huge").text == str(2**64)
    assert only_zone(trace, "largest").value == 2**64 - 1


def test_zone_begin_and_end(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        outer = tracypy.zone_begin("outer", color=0xFF0000)
        inner = tracypy.zone_begin("inner")
        tracypy.zone_end(outer)  # ends what is open inside it as well
        tracypy.zone_end(inner)
        tracypy.zone_end(outer)
        with tracypy.zone("after"):
            pass
        """,
        prelude=QUIET,
    )
    assert [root.tree() for root in trace.thread("Main thread").roots] == [tree("outer", "inner"), ("after", ())]


def test_zone_that_outlasts_its_function_stays_nested(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        def begins():
            return tracypy.zone_begin("kept")
        def main():
            zone = begins()
            tracypy.zone_end(zone)
            with tracypy.zone("next"):
                pass
        main()
        """,
    )
    assert only_zone(trace, "main").tree() == tree("main", "begins", "kept", "next")


def test_names_made_at_run_time_do_not_use_up_the_viewer(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        for n in range(40_000):
            with tracypy.zone(f"item {n}"):
                pass
        """,
        prelude=QUIET,
    )
    roots = trace.thread("Main thread").roots
    assert [zone.name for zone in roots] == [f"item {n}" for n in range(40_000)]
    assert len({zone.srcloc for zone in roots}) < 100


def test_profiled_functions_are_zones_without_enable(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        class Thing:
            @tracypy.profiled
            def method(self):
                return other()
            @staticmethod
            @tracypy.profiled(name="static one")
            def static():
                pass
            @classmethod
            @tracypy.profiled(color="tomato")
            def of_class(cls):
                pass
        def other():
            pass
        @tracypy.profiled
        def generator():
            yield 1
        @tracypy.profiled
        def fails():
            other()
            raise ValueError
        @tracypy.profiled
        def careful():
            try:
                yield
            except KeyError:
                yield
        @tracypy.profiled
        async def coroutine():
            return other()
        Thing().method(); Thing.static(); Thing.of_class(); list(generator())
        try:
            fails()
        except ValueError:
            pass
        thrown = careful(); next(thrown); thrown.throw(KeyError())
        del thrown
        try:
            coroutine().send(None)
        except StopIteration:
            pass
        """,
        prelude=QUIET,
    )
    names = [root.tree() for root in trace.thread("Main thread").roots]
    assert names == [
        (name, ())
        for name in (
            "Thing.method", "static one", "Thing.of_class", "generator", "generator", "fails", "careful", "careful",
            *(["careful"] if len(names) == 9 else []),  # before 3.13, closing a waiting generator runs it
        )
    ]  # fmt: skip
    assert only_zone(trace, "Thing.of_class").color == 0xFF6347
    (task,) = [row for row in trace.threads.values() if row.is_fiber]
    assert (task.name, task.tree()) == ("coroutine", (("coroutine", ()),))


def test_profiled_makes_no_second_zone_when_everything_is_recorded(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        @tracypy.profiled(name="named")
        def function():
            pass
        def main():
            function()
        main()
        tracypy.disable()
        main()
        """,
    )
    assert only_zone(trace, "main").tree() == tree("main", "named")
    assert len(zones_named(trace, "named")) == 2


def test_profiled_closures_are_apart(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        def make(mark):
            def inner():
                pass
            return tracypy.profiled(inner) if mark else inner
        plain, marked = make(False), make(True)
        plain(); marked(); plain()
        """,
        prelude=QUIET,
    )
    assert len(zones_named(trace, "make.<locals>.inner")) == 1


def test_profiled_leaves_no_tool_id_behind(tmp_path: Path) -> None:
    source = """\
    import sys, tracypy
    def tools():
        return [sys.monitoring.get_tool(tool) for tool in range(6)]
    @tracypy.profiled
    def work():
        pass
    work()
    assert tools() == [None] * 6
    tracypy.listen()
    assert tracypy.wait_connected(100)
    work()
    assert tools().count("tracypy") == 1
    assert tracypy.stop_listening()
    assert tools() == [None] * 6
    """
    trace = trace_of(tmp_path, source, prelude="")
    assert len(zones_named(trace, "work")) == 1


def test_profiled_alone_slows_no_other_function_where_that_can_be_had(tmp_path: Path) -> None:
    source = """\
    import sys, tracypy
    @tracypy.profiled
    def fails():
        raise ValueError
    @tracypy.profiled
    def outer():
        fails()
    tracypy.listen()
    assert tracypy.wait_connected(100)
    tool = [sys.monitoring.get_tool(tool) for tool in range(6)].index("tracypy")
    events = sys.monitoring.events
    alone = 0 if sys.version_info >= (3, 15) else events.PY_UNWIND | events.PY_THROW
    assert sys.monitoring.get_events(tool) == alone
    try: outer()
    except ValueError: pass
    outer = None
    assert tracypy.stop_listening()
    """
    trace = trace_of(tmp_path, source, prelude="")
    assert [root.tree() for root in trace.thread("Main thread").roots] == [tree("outer", "fails")]


def test_profiled_works_beside_another_profiler(tmp_path: Path) -> None:
    body = """\
    import cProfile
    @tracypy.profiled
    def work():
        pass
    profile = cProfile.Profile()
    profile.runcall(work)
    assert any(entry.callcount == 1 and entry.code is work.__code__ for entry in profile.getstats())
    """
    trace = trace_of(tmp_path, body, prelude="import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n")
    assert len(zones_named(trace, "work")) == 1


def test_profiled_takes_no_slot_from_another_tool(tmp_path: Path) -> None:
    source = """\
    import sys, tracypy
    for slot in (2, 3, 4):
        sys.monitoring.use_tool_id(slot, "another profiler")
    @tracypy.profiled
    def work():
        pass
    tracypy.listen()
    assert tracypy.wait_connected(100)
    work()
    with tracypy.zone("by hand"):
        pass
    """
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        code, _, err = target.finish()
    assert code == 0
    assert "another profiler" in err
    assert [root.name for root in trace.thread("Main thread").roots] == ["by hand"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_frame_marks(tmp_path: Path, protocol: int) -> None:
    source = """\
    import tracypy
    for _ in range(3):
        tracypy.frame_mark()
    tracypy.listen()
    print(flush=True)
    assert tracypy.wait_connected(100)
    for _ in range(5):
        tracypy.frame_mark()
    for _ in range(4):
        tracypy.frame_mark("physics")
    for _ in range(2):
        with tracypy.frame("request"):
            pass
    tracypy.frame_mark_end("never begun")
    tracypy.frame_mark_start("by hand"); tracypy.frame_mark_end("by hand")
    """
    with running(tmp_path, source) as target:
        target.hear()  # it listens from its first mark on
        viewer = target.viewer(protocol)
        assert viewer.on_demand is not None
        assert viewer.on_demand.frames == 3
        trace = viewer.run()
        code, _, _ = target.finish()
    assert code == 0
    counts = {name: len(frames) for name, frames in trace.frames.items()}
    assert counts == {None: 5, "physics": 4, "request": 2, "by hand": 1}
    assert all(frame.end_ns is not None for frame in trace.frames["request"])


def test_frame_marks_from_many_threads_are_in_order(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import threading
        def mark():
            for _ in range(500):
                tracypy.frame_mark()
        threads = [threading.Thread(target=mark) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
        prelude=QUIET,
    )
    begins = [frame.begin_ns for frame in trace.frames[None]]
    assert len(begins) == 2000
    assert begins == sorted(begins)


def test_bad_arguments_get_clear_errors(tmp_path: Path) -> None:
    source = """
    def refused(error, function, *args, **keywords):
        try:
            function(*args, **keywords)
        except error as problem:
            print(problem)
        else:
            raise AssertionError(f"{function} took {args} {keywords}")
    refused(TypeError, tracypy.zone, 5)
    refused(TypeError, tracypy.zone)
    refused(TypeError, tracypy.zone, "a", "b")
    refused(TypeError, tracypy.zone, "a", colour=5)
    refused(ValueError, tracypy.zone, "a", color=-1)
    refused(ValueError, tracypy.zone, "a", color=0x1000000)
    refused(ValueError, tracypy.zone, "a", color="no such colour")
    refused(TypeError, tracypy.zone, "a", color=1.5)
    refused(TypeError, tracypy.zone_end, "a")
    refused(TypeError, tracypy.frame_mark, 5)
    refused(TypeError, tracypy.frame_mark_start, None)
    refused(TypeError, tracypy.frame_mark_end, b"x")
    with tracypy.zone("a") as z:
        refused(TypeError, z.text, 5)
        refused(TypeError, z.value, "5")
        refused(TypeError, z.name, None)
        refused(ValueError, z.color, "no such colour")
    """
    for connected in (False, True):
        prelude = QUIET if connected else "import tracypy\n"
        with running(tmp_path, prelude + textwrap.dedent(source)) as target:
            if connected:
                target.viewer().run()
            assert len(target.expect_success().splitlines()) == 16
