"""Native code on threads that Python does not know, and at moments when there is no interpreter to ask."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

import tracypy

from support.native_code import PROGRAMS, build_module, path_line
from support.recording_facts import calls_of, facts_of_recording
from support.target import PRELUDE, QUIET, running, trace_of, tree, zones_named

PROTOCOLS = (66, 82)


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The line that finds the module `native_probe`."""
    folder = tmp_path_factory.mktemp("probe")
    build_module(PROGRAMS / "native_probe.c", folder, "native_probe")
    return path_line(folder) + "import native_probe as probe\n"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_thread_has_its_row_its_name_and_all_its_zones(tmp_path: Path, probe: str, protocol: int) -> None:
    trace = trace_of(tmp_path, "probe.threads(5, 2000)", prelude=probe + PRELUDE, protocol=protocol)
    rows = [thread for thread in trace.threads.values() if thread.name == "worker in C"]
    assert [len(list(row.zones())) for row in rows] == [2 * 2000] * 5
    assert all(set(row.tree()) == {tree("outer", "nested")} for row in rows)


def test_a_recording_has_all_of_them_too(tmp_path: Path, probe: str) -> None:
    source = probe + "import tracypy\nwith tracypy.record('out.tracy'):\n    probe.threads(4, 50_000)\n"
    with running(tmp_path, source) as target:
        target.expect_success()
    counts = calls_of(tmp_path / "out.tracy")
    assert (counts["outer"], counts["nested"]) == (200_000, 200_000)


def test_a_thread_that_takes_the_gil_has_one_row(tmp_path: Path, probe: str) -> None:
    body = """
    def called(): pass
    probe.call_from_thread(called)
    """
    trace = trace_of(tmp_path, body, prelude=probe + PRELUDE)
    [row] = [thread for thread in trace.threads.values() if any(zone.name == "called" for zone in thread.zones())]
    assert row.tree() == (tree("before the GIL"), tree("with the GIL", "called"), tree("after the GIL"))


def test_threads_that_come_and_go_leave_nothing_behind(tmp_path: Path, probe: str) -> None:
    body = """
    import resource
    probe.short_threads(200)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    probe.short_threads(1000)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    with running(tmp_path, probe + QUIET + "\n".join(line[4:] for line in body.splitlines())) as target:
        trace = target.viewer().run()
        grown_kb = int(target.expect_success())
    assert len(zones_named(trace, "outer")) == 1200
    assert grown_kb < 20_000


# A full memory makes a thread wait, one without an interpreter as one with it: nothing is lost.
def test_a_thread_without_the_interpreter_waits_for_room(tmp_path: Path, probe: str) -> None:
    source = (
        probe
        + "import tracypy\nwith tracypy.record('out.tracy'):\n    probe.threads(3, 100_000); probe.zones(100_000)\n"
    )
    with running(tmp_path, source, environment={"TRACYPY_BUFFER_MB": "1"}) as target:
        target.expect_success()
    counts = calls_of(tmp_path / "out.tracy")
    assert (counts["outer"], counts["nested"]) == (400_000, 400_000)


def test_sessions_begin_and_end_under_threads_that_write(tmp_path: Path, probe: str) -> None:
    body = """
    probe.start_running_on(3)
    def busy():
        probe.zones(10)
    for number in range(12):
        with tracypy.record(f"{number}.tracy"):
            for _ in range(50): busy()
            probe.await_recorded(100)
            if number % 2:
                with tracypy.profile(): busy()
    """
    source = probe + "import tracypy\n" + "\n".join(line[4:] for line in body.splitlines())
    with running(tmp_path, source) as target:
        out = target.finish()
    assert out == (0, "", "")
    for number in range(12):
        counts = calls_of(tmp_path / f"{number}.tracy")
        assert counts["outer"] == 500 + (10 if number % 2 else 0)
        assert counts["running on"] >= 100


def test_a_viewer_may_come_and_go_too(tmp_path: Path, probe: str) -> None:
    source = probe + "import sys, tracypy\nprobe.start_running_on(2)\ntracypy.enable()\nsys.stdin.read()\n"
    with running(tmp_path, source) as target:
        for protocol in (*PROTOCOLS, *PROTOCOLS):
            viewer = target.viewer(protocol)
            viewer.receive_until(lambda trace: len(zones_named(trace, "running on")) > 100)
            viewer.disconnect()
        target.end_input()
        code, out, err = target.finish()
    assert (code, out) == (0, "")
    # They run all the time, and a viewer may be too slow for that; then it is said.
    assert all("slower than the program" in line for line in err.splitlines()), err


@pytest.mark.parametrize("how", ["pass", "raise SystemExit(5)", "import os; os._exit(6)"])
def test_threads_that_run_on_at_the_end_do_no_harm(tmp_path: Path, probe: str, how: str) -> None:
    source = f"{probe}import tracypy\ntracypy.start_recording('out.tracy')\nprobe.start_running_on(3)\nprobe.zones(10)\nprobe.await_recorded(100)\n{how}\n"
    with running(tmp_path, source) as target:
        code, out, _ = target.finish()
    assert (code, out) == ({"pass": 0, "raise SystemExit(5)": 5}.get(how, 6), "")
    if "_exit" not in how:
        assert calls_of(tmp_path / "out.tracy")["outer"] == 10


def test_a_program_that_is_killed_loses_only_the_end(tmp_path: Path, probe: str) -> None:
    source = (
        probe + "import os, signal, time, tracypy\ntracypy.start_recording('out.tracy')\nprobe.threads(2, 1000)\n"
        "time.sleep(2)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with running(tmp_path, source) as target:
        assert target.finish()[0] == -signal.SIGKILL
    tracypy.recover(tmp_path / "out.tracy")
    assert calls_of(tmp_path / "out.tracy")["outer"] == 2000


# --- forks ---


def test_a_child_of_a_native_fork_goes_on_unrecorded(tmp_path: Path, probe: str) -> None:
    source = (
        probe
        + "import tracypy\nwith tracypy.record('out.tracy'):\n    probe.zones(3); print(probe.fork_natively()); probe.zones(4)\n"
    )
    with running(tmp_path, source) as target:
        assert target.expect_success().split() == ["7"]
    assert calls_of(tmp_path / "out.tracy")["outer"] == 7


def test_a_fork_while_other_threads_write_leaves_no_lock_behind(tmp_path: Path, probe: str) -> None:
    body = """
    import os, warnings
    warnings.simplefilter("ignore")
    probe.start_running_on(3)
    with tracypy.record("out.tracy"):
        for _ in range(8):
            assert probe.fork_natively() == 7
            child = os.fork()
            if child == 0:
                probe.zones(100); probe.marks(); probe.threads(2, 100)
                os._exit(9)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        probe.zones(5)
    """
    source = probe + "import tracypy\n" + "\n".join(line[4:] for line in body.splitlines())
    with running(tmp_path, source) as target:
        target.expect_success()
    assert calls_of(tmp_path / "out.tracy")["outer"] == 5


def test_a_forked_child_records_for_itself(tmp_path: Path, probe: str) -> None:
    body = """
    import os
    tracypy.start_recording("parent.tracy")
    probe.zones(3)
    if os.fork() == 0:
        with tracypy.record("child.tracy"):
            probe.zones(5); probe.threads(2, 4)
        os._exit(0)
    os.wait()
    probe.zones(2)
    tracypy.stop_recording()
    """
    source = probe + "import tracypy\n" + "\n".join(line[4:] for line in body.splitlines())
    with running(tmp_path, source) as target:
        target.expect_success()
    assert calls_of(tmp_path / "parent.tracy")["outer"] == 5
    assert calls_of(tmp_path / "child.tracy")["outer"] == 5 + 2 * 4


def test_a_name_given_in_c_stays(tmp_path: Path, probe: str) -> None:
    body = """
    import threading
    def work():
        probe.names()
        probe.zones(1)
        tracypy.message("here")
    tracypy.start_recording("one.tracy")
    done = threading.Event()
    def run():
        work()
        first.set()
        done.wait()
        work()
    first = threading.Event()
    thread = threading.Thread(target=run, name="named in Python")
    thread.start()
    first.wait()
    tracypy.stop_recording()
    tracypy.start_recording("two.tracy")
    done.set()
    thread.join()
    tracypy.stop_recording()
    """
    source = probe + "import tracypy\n" + "\n".join(line[4:] for line in body.splitlines())
    with running(tmp_path, source) as target:
        target.expect_success()
    for name in ("one.tracy", "two.tracy"):
        names = {thread for thread, zones in facts_of_recording(tmp_path / name).items() if zones}
        assert "named in C" in names
        assert "named in Python" not in names
