"""The listener's life as the Python layer arranges it: first use, stop, start again, exit, children."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from support.target import running

SHOW = """
import os, sys, threading
def show():
    sockets = 0
    for entry in os.listdir("/proc/self/fd"):
        try:
            sockets += os.readlink(f"/proc/self/fd/{entry}").startswith("socket:")
        except OSError:
            pass
    print(tracypy.is_listening(), len(os.listdir("/proc/self/task")) > 1, sockets > 0)
"""
NOTHING, EVERYTHING = "False False False", "True True True"

USES = {
    "enable": "tracypy.enable()",
    "profile": "tracypy.profile().__enter__()",
    "profiled": "tracypy.profiled(show)",
    "zone": "with tracypy.zone('a'): pass",
    "zone_begin": "tracypy.zone_begin('a')",
    "frame": "with tracypy.frame('a'): pass",
    "frame_mark": "tracypy.frame_mark()",
    "frame_mark_start": "tracypy.frame_mark_start('a')",
    "frame_mark_end": "tracypy.frame_mark_end('a')",
    "listen": "tracypy.listen()",
}
PASSIVE = {
    "questions": "tracypy.is_enabled(), tracypy.is_connected(), tracypy.is_listening()",
    "disable": "tracypy.disable()",
    "stop": "tracypy.stop_listening()",
    "wait_connected": "tracypy.wait_connected(0); tracypy.wait_connected()",
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_first_use_starts_the_listener_and_stopping_leaves_nothing(tmp_path: Path, use: str) -> None:
    source = f"import tracypy\n{SHOW}\nshow()\n{use}\nshow()\ntracypy.disable()\ntracypy.stop_listening()\nshow()\n"
    with running(tmp_path, source) as target:
        assert target.expect_success().splitlines() == [NOTHING, EVERYTHING, NOTHING]


@pytest.mark.parametrize("use", PASSIVE.values(), ids=PASSIVE)
def test_passive_use_starts_nothing(tmp_path: Path, use: str) -> None:
    with running(tmp_path, f"import tracypy\n{SHOW}\n{use}\nshow()\n") as target:
        assert target.expect_success().splitlines() == [NOTHING]


@pytest.mark.parametrize(
    ("use", "starts"),
    [("tracypy.enable()", True), ("tracypy.listen()", True), (USES["zone"], False), (USES["frame_mark"], False)],
)
def test_after_a_stop_only_the_explicit_starts_again(tmp_path: Path, use: str, starts: bool) -> None:
    source = f"import tracypy\n{SHOW}\ntracypy.frame_mark()\ntracypy.stop_listening()\n{use}\nshow()\n"
    with running(tmp_path, source) as target:
        assert target.expect_success().splitlines() == [EVERYTHING if starts else NOTHING]


def test_it_starts_and_stops_any_number_of_times(tmp_path: Path) -> None:
    source = f"""
import tracypy
{SHOW}
ports = {{(tracypy.listen(), tracypy.listen(), tracypy.stop_listening())[:2] for _ in range(20)}}
print(len(ports))
show()
"""
    with running(tmp_path, source) as target:
        assert target.expect_success().splitlines() == ["1", NOTHING]


@pytest.mark.parametrize("use", ["enable", "zone", "frame_mark", "profiled"])
def test_occupied_port_costs_one_line_and_no_more(tmp_path: Path, use: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        source = (
            f"import tracypy\n{SHOW}\n{USES[use]}\n{USES[use]}\nprint('on')\n"
            if use == "zone"
            else (f"import tracypy\n{SHOW}\n{USES[use]}\nprint('on')\n")
        )
        with running(tmp_path, source, environment={"TRACY_PORT": port}) as target:
            code, out, err = target.finish()
    assert (code, out) == (0, "on\n")
    assert err.startswith(f"tracypy: no viewer can connect: port {port} on the loopback is taken")
    assert err.count("\n") == 1


def test_explicit_listen_raises_what_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        source = f"""
import errno, tracypy
try:
    tracypy.listen(port={port})
except OSError as problem:
    print(problem.errno == errno.EADDRINUSE)
try:
    tracypy.listen(address="nowhere")
except tracypy.SettingError as problem:
    print(problem)
"""
        with running(tmp_path, source) as target:
            first, second = target.expect_success().splitlines()
    assert first == "True"
    assert second.startswith("address: 'nowhere' is not an IP address")


def test_bad_variable_is_an_error_of_enable_which_leaves_nothing(tmp_path: Path) -> None:
    source = f"""
import sys, tracypy
{SHOW}
try:
    tracypy.enable()
except tracypy.SettingError as problem:
    print(problem)
print(tracypy.is_enabled(), sys.monitoring.get_tool(tracypy.PROFILER_ID))
show()
"""
    with running(tmp_path, source, environment={"TRACYPY_BUFFER_MB": "much"}) as target:
        assert target.expect_success().splitlines() == [
            "TRACYPY_BUFFER_MB: 'much' is not a whole number from 1 to 65536",
            "False None",
            NOTHING,
        ]


def test_bad_variable_is_one_line_from_a_zone(tmp_path: Path) -> None:
    source = "import tracypy\nfor _ in range(3):\n    with tracypy.zone('a'): pass\nprint('on')\n"
    with running(tmp_path, source, environment={"TRACY_PORT": "much"}) as target:
        code, out, err = target.finish()
    assert (code, out) == (0, "on\n")
    assert err == "tracypy: no viewer can connect: TRACY_PORT: 'much' is not a whole number from 0 to 65535\n"


def test_taken_tool_id_is_an_error_that_names_its_holder(tmp_path: Path) -> None:
    source = f"""
import sys, tracypy
{SHOW}
sys.monitoring.use_tool_id(tracypy.PROFILER_ID, "another profiler")
try:
    tracypy.enable()
except RuntimeError as problem:
    print("another profiler" in str(problem))
print(sys.monitoring.get_tool(tracypy.PROFILER_ID), tracypy.is_enabled())
show()
tracypy.enable(4, "mine")
print(sys.monitoring.get_tool(4))
try:
    tracypy.enable(3)
except RuntimeError as problem:
    print("mine" in str(problem), sys.monitoring.get_tool(3))
tracypy.disable()
tracypy.disable()
print(sys.monitoring.get_tool(4), sys.monitoring.get_tool(tracypy.PROFILER_ID))
"""
    with running(tmp_path, source) as target:
        assert target.expect_success().splitlines() == [
            "True", "another profiler False", NOTHING, "mine", "True None", "None another profiler",
        ]  # fmt: skip


def test_profile_is_a_context_manager_and_a_decorator(tmp_path: Path) -> None:
    source = """
import contextlib, tracypy
manager = tracypy.profile()
for _ in range(2):
    with manager as entered:
        print(entered is manager, tracypy.is_enabled())
try:
    with contextlib.ExitStack() as stack:
        stack.enter_context(tracypy.profile(3, "mine"))
        raise KeyError
except KeyError:
    print(tracypy.is_enabled())
@tracypy.profile()
def work(a):
    "Works."
    return a, tracypy.is_enabled()
print(work(1), work.__name__, work.__doc__, tracypy.is_enabled())
"""
    with running(tmp_path, source) as target:
        assert target.expect_success().splitlines() == [
            "True True", "True True", "False", "(1, True) work Works. False",
        ]  # fmt: skip


def test_log_can_be_silenced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        environment = {"TRACY_PORT": str(holder.getsockname()[1]), "TRACYPY_LOG": "off"}
        with running(tmp_path, "import tracypy\ntracypy.enable()\nprint('on')\n", environment=environment) as target:
            assert target.expect_success() == "on\n"


CHILD = """
import multiprocessing, sys
import tracypy

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def work():
    print(tracypy.listen(), flush=True)
    if not tracypy.is_enabled():
        tracypy.enable()
    assert tracypy.wait_connected(100)
    fib(10)

if __name__ == "__main__":
    if METHOD == "fork":
        tracypy.enable()
    child = multiprocessing.get_context(METHOD).Process(target=work)
    child.start()
    child.join()
    print(child.exitcode)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("fixed", [True, False], ids=["fixed port", "usual ports"])
def test_worker_process_hands_its_own_trace_over(tmp_path: Path, method: str, fixed: bool) -> None:
    environment = {} if fixed else {"TRACY_PORT": ""}
    with running(tmp_path, CHILD.replace("METHOD", repr(method)), environment=environment) as target:
        parent_port, target.port = target.port, int(target.hear())
        if method == "fork" and fixed:
            assert target.port > parent_port
        trace = target.viewer().run()
        assert target.expect_success() == "0\n"
    assert trace.is_terminated
    assert trace.counts()["fib"] == 177


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_never_wait_for_a_viewer(tmp_path: Path, method: str) -> None:
    source = f"""
import multiprocessing
import tracypy

def work(x):
    with tracypy.zone("work"):
        return x * x

if __name__ == "__main__":
    tracypy.enable()
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        print(pool.map(work, range(4)))
        pool.close()
        pool.join()
    tracypy.stop_listening()
"""
    with running(tmp_path, source, environment={"TRACY_NO_EXIT": "1"}) as target:
        assert target.expect_success() == "[0, 1, 4, 9]\n"


def test_forked_child_that_ends_by_itself_hands_its_trace_over(tmp_path: Path) -> None:
    source = """
import os, sys, tracypy
tracypy.enable()
child = os.fork()
if child == 0:
    print(tracypy.listen(), flush=True)
    assert tracypy.wait_connected(100)
    (lambda: None)()
    sys.exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), tracypy.is_listening())
"""
    with running(tmp_path, source, arguments=("-Werror::DeprecationWarning",)) as target:
        target.port = int(target.hear())
        trace = target.viewer().run()
        assert target.expect_success() == "3 True\n"
    assert trace.counts()["<lambda>"] == 1


def test_child_of_a_stopped_parent_does_not_listen(tmp_path: Path) -> None:
    source = """
import os, tracypy
tracypy.listen()
tracypy.stop_listening()
if os.fork() == 0:
    print(tracypy.is_listening(), flush=True)
    os._exit(0)
os.wait()
"""
    with running(tmp_path, source) as target:
        assert target.expect_success() == "False\n"
