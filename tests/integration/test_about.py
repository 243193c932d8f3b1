"""What a program says of itself reaches every viewer and every recording, also those that come later."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import record
from support.target import QUIET, running, trace_of, trace_of_second_viewer
from support.viewer import PROTOCOLS

#: Before anybody listens.
EARLY = """
import sys
import tracypy
tracypy.app_info("version 1.2.3")
tracypy.app_info("built on ünï")
assert tracypy.wait_connected(100)
tracypy.app_info("a third line")
tracypy.app_info("version 1.2.3")
"""

LINES = ["version 1.2.3", "built on ünï", "a third line"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_gets_the_lines_from_before_and_the_later_ones(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, EARLY, prelude="", protocol=protocol)
    assert trace.app_info == LINES


def test_each_viewer_gets_all_lines_once(tmp_path: Path) -> None:
    source = EARLY + textwrap.dedent(
        """
        print("ready")
        input()
        while tracypy.is_connected(): pass
        print("alone")
        assert tracypy.wait_connected(100)
        """
    )
    with running(tmp_path, source) as target:
        viewer = target.viewer()
        assert target.hear() == "ready"
        viewer.receive_until(lambda trace: len(trace.app_info) == len(LINES))
        viewer.disconnect()
        target.say()
        assert target.hear() == "alone"
        assert target.viewer().run().app_info == LINES
        target.expect_success()


def test_a_recording_has_the_lines_from_before_and_from_within(tmp_path: Path) -> None:
    record(
        tmp_path,
        program="""
        import tracypy
        tracypy.app_info("first")
        tracypy.app_info("second\\nof two lines")
        with tracypy.zone("work"): pass
        """,
    )
    assert tracypy.open(tmp_path / "out.tracy").info.app_info == ("first", "second\nof two lines")
    program = """
    import tracypy
    tracypy.app_info("before")
    for name in ("one", "two"):
        with tracypy.record(f"{name}.tracy"):
            tracypy.app_info(name)
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    assert tracypy.open(tmp_path / "one.tracy").info.app_info == ("before", "one")
    assert tracypy.open(tmp_path / "two.tracy").info.app_info == ("before", "one", "two")


def test_the_last_moments_have_what_was_said_long_before(tmp_path: Path) -> None:
    program = """
    import tracypy
    tracypy.start_recording("out.tracy", last="0.1s")
    tracypy.app_info("from the start")
    def work(): pass
    import time
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        work()
    tracypy.save_recording("saved.tracy")
    tracypy.stop_recording()
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    for name in ("saved.tracy", "out.tracy"):
        trace = tracypy.open(tmp_path / name)
        assert trace.info.app_info == ("from the start",)
        assert trace.span_ns < 10**9


def test_a_forked_child_says_what_its_parent_has_said(tmp_path: Path) -> None:
    program = """
    import os
    import tracypy
    tracypy.app_info("of the parent")
    child = os.fork()
    if child == 0:
        with tracypy.record("child.tracy"):
            tracypy.app_info("of the child")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    with tracypy.record("parent.tracy"):
        pass
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    assert tracypy.open(tmp_path / "child.tracy").info.app_info == ("of the parent", "of the child")
    assert tracypy.open(tmp_path / "parent.tracy").info.app_info == ("of the parent",)


def test_long_and_odd_lines(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        tracypy.app_info("x" * 70_000)
        tracypy.app_info("é" * 35_000)
        tracypy.app_info("a\\0b")
        tracypy.app_info("\\udc80")
        tracypy.app_info("")
        """,
        prelude=QUIET,
    )
    assert trace.app_info == ["x" * 65_535, "é" * 32_767, "a␀b", "\\udc80", ""]


def test_more_lines_than_there_is_room_for_are_told(tmp_path: Path) -> None:
    program = QUIET + "for i in range(5_000): tracypy.app_info(f'line {i}')\n"
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert code == 0
    assert trace.app_info == [f"line {i}" for i in range(4_096)]
    told = "more lines of application information than there is room for (4096 at most): further ones are left out"
    assert [message.text for message in trace.messages] == ["tracypy: " + told]
    assert errors == f"tracypy: {told}\n"


@pytest.mark.parametrize("wrong", [None, 3, b"bytes"])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"^app_info: text must be a str, not (NoneType|int|bytes)$"):
        tracypy.app_info(wrong)  # type: ignore[arg-type]


# --- names of threads ---

#: Threads that take names of their own; what `threading` and the log call them is what it was.
THREADS = """
import threading
def serve():
    tracypy.set_thread_name("server ünï")
    with tracypy.zone("serve"): pass
    assert threading.current_thread().name == "T"
worker = threading.Thread(target=serve, name="T")
worker.start()
worker.join()
tracypy.set_thread_name("before")
with tracypy.zone("work"): pass
tracypy.set_thread_name("the main one")
assert threading.current_thread().name == "MainThread"
"""


def test_threads_have_the_names_that_they_took(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, THREADS, prelude=QUIET)
    names = {thread.roots[0].name: thread.name for thread in trace.threads.values()}
    assert names["serve"] == "server ünï"
    assert names["work"] in ("before", "the main one")  # a viewer asks once, a moment after it has seen the thread
    record(tmp_path, program="import tracypy\n" + THREADS)
    names = {thread.name for thread in tracypy.open(tmp_path / "out.tracy").threads}
    assert names == {"server ünï", "the main one"}


def test_a_name_taken_while_nobody_listens_is_there_later_and_in_a_forked_child(tmp_path: Path) -> None:
    program = """
    import os
    import tracypy
    tracypy.set_thread_name("mine")
    for name in ("one", "two"):
        with tracypy.record(f"{name}.tracy"), tracypy.zone("work"): pass
    child = os.fork()
    if child == 0:
        with tracypy.record("child.tracy"), tracypy.zone("work"): pass
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    for name in ("one", "two", "child"):
        assert [thread.name for thread in tracypy.open(tmp_path / f"{name}.tracy").threads] == ["mine"]


def test_naming_a_thread_runs_no_code_of_its_class(tmp_path: Path) -> None:
    program = """
    import threading
    import tracypy
    class Odd(threading.Thread):
        calls = []
        def __setattr__(self, name, value):
            if name.startswith("_tracypy"): self.calls.append(name)
            super().__setattr__(name, value)
        def __getattr__(self, name):
            self.calls.append(name)
            raise AttributeError(name)
        def run(self):
            with tracypy.zone("before"): pass
            tracypy.set_thread_name("odd one")
            with tracypy.zone("after"): pass
    with tracypy.record("out.tracy"):
        odd = Odd()
        odd.start()
        odd.join()
    assert not [name for name in Odd.calls if "tracypy" in name], Odd.calls
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    assert "odd one" in {thread.name for thread in tracypy.open(tmp_path / "out.tracy").threads}


def test_what_is_no_name_of_a_thread_is_refused() -> None:
    for wrong in (None, 3, b"bytes"):
        with pytest.raises(TypeError, match=r"^set_thread_name: name must be a str, not (NoneType|int|bytes)$"):
            tracypy.set_thread_name(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^set_thread_name: name must not be empty$"):
        tracypy.set_thread_name("")


# --- the name of the program ---


def test_viewers_that_connect_later_have_the_programs_name(tmp_path: Path) -> None:
    source = QUIET + textwrap.dedent(
        """
        tracypy.set_program_name("shop")
        tracypy.set_program_name("kiosk")
        tracypy.set_program_name("shop")
        with tracypy.zone("first"): pass
        print("ready")
        input()
        while tracypy.is_connected(): pass
        print("alone")
        assert tracypy.wait_connected(100)
        """
    )
    with running(tmp_path, source) as target:
        trace = trace_of_second_viewer(target, "first")
    assert trace.welcome.program_name == "shop"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_long_name_of_the_program_is_cut_between_letters(tmp_path: Path, protocol: int) -> None:
    source = "import tracypy\ntracypy.set_program_name('é' * 70_000)\ntracypy.listen()\ntracypy.wait_connected(100)\n"
    with running(tmp_path, source, environment={"TRACYPY_PROGRAM_NAME": "from outside"}) as target:
        trace = target.viewer(protocol).run()
        target.expect_success()
    assert trace.welcome.program_name == "é" * 31


def test_a_recording_has_the_name_that_the_program_took_last(tmp_path: Path) -> None:
    record(
        tmp_path,
        program="""
        import tracypy
        tracypy.set_program_name("kiosk")
        tracypy.set_program_name("shop\\0\\udc80")
        with tracypy.record("unused.tracy") if not tracypy.is_recording() else tracypy.zone("work"): pass
        """,
    )
    info = tracypy.open(tmp_path / "out.tracy").info
    assert info.program == "shop␀\\udc80"
    assert info.name.startswith("shop␀\\udc80 @ 20")


def test_the_last_moments_have_the_programs_name(tmp_path: Path) -> None:
    program = """
    import time
    import tracypy
    tracypy.start_recording("out.tracy", last="0.1s")
    tracypy.set_program_name("shop")
    def work(): pass
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        work()
    tracypy.stop_recording()
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    info = tracypy.open(tmp_path / "out.tracy").info
    assert info.program == "shop"
    assert info.name.startswith("shop @ 20")


def test_what_is_no_name_of_a_program_is_refused() -> None:
    for wrong in (None, 3, b"bytes"):
        with pytest.raises(TypeError, match=r"^set_program_name: name must be a str, not (NoneType|int|bytes)$"):
            tracypy.set_program_name(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^set_program_name: name must not be empty$"):
        tracypy.set_program_name("")


def test_the_example_says_what_it_is(tmp_path: Path) -> None:
    record(tmp_path, program=(Path(__file__).parents[2] / "examples" / "about.py").read_text())
    trace = tracypy.open(tmp_path / "out.tracy")
    assert trace.info.program == "shop"
    assert trace.info.app_info == ("shop 1.2.3", "database: sqlite, in memory")
    assert {"server 1", "server 2"} <= {thread.name for thread in trace.threads}
