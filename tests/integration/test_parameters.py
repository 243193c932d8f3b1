"""Parameters: what a viewer sets reaches the program, and each viewer has them."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, Target, running, trace_of
from support.viewer import PROTOCOLS, StrictViewer, Trace

DECLARED = """
import tracypy
speed = tracypy.parameter("speed \u00fcnï", 5, min=0, max=10)
shadows = tracypy.parameter("shadows", True)
"""
#: Answers each line of input with what the parameters are.
ANSWERING = """
tracypy.listen()
assert tracypy.wait_connected(100)
import sys
for line in sys.stdin:
    print(speed.value, shadows.value)
"""


def set_and_ask(viewer: StrictViewer, target: Target, name: str, value: int) -> str:
    """Set it, and ask the program what its parameters are when it has acknowledged that."""
    viewer.set_parameter(name, value)
    viewer.receive_until(lambda _: viewer.session.queries.is_idle)
    target.say()
    return target.hear()


def shown(trace: Trace) -> dict[str, tuple[int, int]]:
    return {trace.strings[each.name_pointer]: (each.kind, each.value) for each in trace.parameters}


def has_names(count: int) -> object:
    return lambda trace: sum(each.name_pointer in trace.strings for each in trace.parameters) == count


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_value_follows_what_a_viewer_sets(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, DECLARED + ANSWERING) as target:
        viewer = target.viewer(protocol)
        viewer.receive_until(has_names(2))
        assert shown(viewer.trace) == {"speed ünï": (0, 5), "shadows": (1, 1)}
        assert set_and_ask(viewer, target, "speed ünï", 7) == "7 True"
        assert set_and_ask(viewer, target, "shadows", 0) == "7 False"
        assert set_and_ask(viewer, target, "speed ünï", 1_000) == "10 False"
        assert set_and_ask(viewer, target, "speed ünï", -(2**31)) == "0 False"
        target.end_input()
        viewer.run()
        target.expect_success()


def test_a_viewer_that_comes_later_sees_what_holds_then(tmp_path: Path) -> None:
    with running(tmp_path, DECLARED + ANSWERING) as target:
        viewer = target.viewer()
        viewer.receive_until(has_names(2))
        assert set_and_ask(viewer, target, "speed ünï", 7) == "7 True"
        viewer.disconnect()
        viewer = target.viewer()
        viewer.receive_until(has_names(2))
        assert shown(viewer.trace) == {"speed ünï": (0, 7), "shadows": (1, 1)}
        target.end_input()
        viewer.run()
        target.expect_success()


CALLING = """
import threading, tracypy
seen, done = [], threading.Event()
def note(*value):
    seen.append((*value, threading.current_thread() is threading.main_thread()))
    tracypy.message(f"called {len(seen)}")
def fail(value):
    note(value)
    raise ValueError("on purpose")
tracypy.parameter("number", 1, callback=note)
tracypy.parameter("switch", False, callback=note)
tracypy.parameter("button", callback=note)
tracypy.parameter("failing", 3, callback=fail)
tracypy.parameter("quiet", 3)
import sys
sys.unraisablehook = lambda problem: print("unraisable:", problem.exc_value)
tracypy.listen()
assert tracypy.wait_connected(100)
import time
while len(seen) < 4: time.sleep(0.001)
print(seen)
"""


@pytest.mark.parametrize("protocol", [76, 82])
def test_callbacks_run_on_the_main_thread(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, CALLING) as target:
        viewer = target.viewer(protocol)
        viewer.receive_until(has_names(5))
        assert shown(viewer.trace)["button"] == ((2, 0) if protocol >= 82 else (1, 0))
        for number, (name, value) in enumerate([("number", 7), ("switch", 1), ("button", 1), ("failing", 9)], 1):
            viewer.set_parameter(name, value)
            viewer.set_parameter("quiet", number)
            viewer.receive_until(lambda trace, number=number: len(trace.messages) == number)
        viewer.run()
        out = target.expect_success()
    assert out == "unraisable: on purpose\n[(7, True), (True, True), (True,), (9, True)]\n"


def test_the_same_name_is_the_same_parameter(tmp_path: Path) -> None:
    body = """
first = tracypy.parameter("speed", 5, max=10)
second = tracypy.parameter("speed", 50, max=100)
assert first is second and first.value == 50, first
assert repr(first) == "<tracypy.Parameter 'speed': 50>", repr(first)
assert tracypy.parameter("button", callback=print).value is None
"""
    trace = trace_of(tmp_path, body, prelude=QUIET, protocol=82)
    assert [(each.index, each.kind) for each in trace.parameters] == [(0, 0), (1, 2)]


def test_a_viewer_that_sets_what_there_is_not_does_no_harm(tmp_path: Path) -> None:
    with running(tmp_path, DECLARED + ANSWERING) as target:
        viewer = target.viewer()
        viewer.receive_until(has_names(2))
        for parameter in viewer.trace.parameters:
            parameter.index += 7
        viewer.set_parameter(7, 99)
        for parameter in viewer.trace.parameters:
            parameter.index -= 7
        assert set_and_ask(viewer, target, "speed ünï", 6) == "6 True"
        target.end_input()
        viewer.run()
        target.expect_success()


def test_a_recording_passes_over_them(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    with running(tmp_path, DECLARED + f"with tracypy.record({str(path)!r}): tracypy.message('done')") as target:
        target.expect_success()
    assert [message.text for message in tracypy.open(path).messages] == ["done"]


def test_there_is_a_limit(tmp_path: Path) -> None:
    program = """
import tracypy
for number in range(4_096):
    tracypy.parameter(f"p{number}", number)
try: tracypy.parameter("one more", 1)
except RuntimeError as problem: print(problem)
print(tracypy.parameter("p4095", 1, max=2).value)
"""
    with running(tmp_path, program) as target:
        assert target.expect_success() == "parameter(): there is no room for another one (4,096 at most)\n1\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("", "TypeError: parameter() needs a name"),
        ("3, 4", "TypeError: parameter(): name must be a str, not int"),
        ("'x', 1.5", "TypeError: parameter(): value must be an int or a bool, not float"),
        ("'x', '1'", "TypeError: parameter(): value must be an int or a bool, not str"),
        ("'x'", "TypeError: parameter() needs a value, or, for a button, a callback"),
        ("'x', True, min=0", "TypeError: parameter(): only an int has min and max"),
        ("'x', callback=print, max=3", "TypeError: parameter(): only an int has min and max"),
        ("'x', 1, min=True", "TypeError: parameter(): min must be an int, not bool"),
        ("'x', 1, max=2.0", "TypeError: parameter(): max must be an int, not float"),
        ("'x', 1, callback=3", "TypeError: parameter(): callback must be callable, not int"),
        ("'x', 2**31", "ValueError: parameter(): value must be from -2**31 to 2**31 - 1"),
        ("'x', 10**30", "ValueError: parameter(): value must be from -2**31 to 2**31 - 1"),
        ("'x', 0, min=-2**40", "ValueError: parameter(): min must be from -2**31 to 2**31 - 1"),
        ("'x', 11, min=0, max=10", "ValueError: parameter(): value must be from min to max (0 to 10), not 11"),
        ("'x', 5, min=9, max=1", "ValueError: parameter(): value must be from min to max (9 to 1), not 5"),
    ],
)
def test_misuse_is_an_error_that_says_what_to_do(arguments: str, error: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        eval(f"tracypy.parameter({arguments})")  # what a program would write
    assert f"{raised.type.__name__}: {raised.value}" == error


def test_another_kind_needs_another_name(tmp_path: Path) -> None:
    program = """
import tracypy
tracypy.parameter("x", 1)
try: tracypy.parameter("x", True)
except ValueError as problem: print(problem)
tracypy.parameter("\\ud800 \\0 lone", 2)
tracypy.parameter("x" * 70_000, 2)
tracypy.listen()
assert tracypy.wait_connected(100)
"""
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        out = target.expect_success()
    assert out == "parameter(): 'x' exists already, with another kind of value: use another name\n"
    assert len(trace.parameters) == 3
