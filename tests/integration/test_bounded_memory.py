"""Memory stays bounded whatever a program makes: threads, names, code, frame marks; and what is left out is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import tracypy

from support.recording_facts import calls_of
from support.target import PRELUDE, running

#: What `rss()` may grow by although nothing is kept: the drain's buffers, the allocator's.
SLACK_MB = 8

#: CPython 3.13t keeps every code object's constants for ever: some 150 bytes each, without us, too.
KEEPS_CODE = sys.version_info[:2] == (3, 13) and bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

RSS = """
def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20
"""


def run(folder: Path, source: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Record a program to out.tracy."""
    (folder / "program.py").write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", *options, "program.py"]
    return subprocess.run(
        command, cwd=folder, env={**_clean_environment(), **environment}, text=True, capture_output=True, timeout=300,
        check=True,
    )  # fmt: skip


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("TRACY_", "TRACYPY_"))}


def test_more_threads_than_large_chunks_have_room_for(tmp_path: Path) -> None:
    source = """
import threading
threading.stack_size(256 * 1024)
go, ready = threading.Event(), threading.Semaphore(0)
def leaf(): pass
def work():
    leaf()
    ready.release()
    go.wait()
    leaf()
threads = [threading.Thread(target=work) for _ in range(500)]
for thread in threads: thread.start()
for _ in threads: ready.acquire()
go.set()
for thread in threads: thread.join()
"""
    done = run(tmp_path, source, TRACYPY_BUFFER_MB="2")
    assert "eft out" not in done.stderr
    calls = calls_of(tmp_path / "out.tracy")
    assert (calls["leaf"], calls["work"]) == (1000, 500)


def test_threads_that_share_a_row_are_counted(tmp_path: Path) -> None:
    source = """
import threading
def work(): pass
thread = threading.Thread(target=work, name="other threads (12 so far)")
thread.start()
thread.join()
"""
    done = run(tmp_path, source)
    trace = tracypy.open(tmp_path / "out.tracy")
    assert trace.thread_count == 12 + 1
    assert {thread.thread_count for thread in trace.threads} == {1, 12}
    assert "13 threads" in done.stderr
    command = [sys.executable, "-m", "tracypy", "report", "out.tracy"]
    report = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, timeout=100, check=True).stdout
    assert "13 threads on 2 rows" in report


@pytest.mark.skipif(KEEPS_CODE, reason="CPython 3.13t keeps generated code itself")
def test_code_past_the_tables_costs_nothing(tmp_path: Path) -> None:
    source = f"""
import sys
{RSS}
def burst(first, n):
    for i in range(first, first + n):
        exec(compile("def f(): pass\\nf()", f"<generated {{i}} {{'x' * 200}}>", "exec"), {{}})
burst(0, 132_000)
before = rss()
burst(132_000, 80_000)
print(rss() - before)
"""
    with running(tmp_path, PRELUDE + source) as target:
        viewer = target.viewer()
        trace = viewer.run()
        growth_mb = float(target.finish()[1])
    assert growth_mb < SLACK_MB
    assert trace.counts()["other functions"] > 2 * 80_000


@pytest.mark.parametrize(
    "body",
    [
        "with tracypy.zone(f'zone {i} {padding}'): pass",
        "tracypy.frame_mark(f'frame {i} {padding}')",
        "tracypy.frame_mark_start(f'frame {i} {padding}'); tracypy.frame_mark_end(f'frame {i} {padding}')",
        "thread.name = f'thread {i} {padding}'",
        "exec(f'with tracypy.zone(name): pass', {'tracypy': tracypy, 'name': f'{i} {padding}'})",
    ],
    ids=["zones", "frames", "frames_with_ends", "thread_names", "zones_of_generated_code"],
)
def test_names_without_end_take_no_memory(tmp_path: Path, body: str) -> None:
    if KEEPS_CODE and "exec(" in body:
        pytest.skip("CPython 3.13t keeps generated code itself")
    source = f"""
import threading, tracypy
{RSS}
thread, padding = threading.current_thread(), "x" * 500
def burst(first, n):
    for i in range(first, first + n):
        {body}
burst(0, 10_000)
before = rss()
burst(10_000, 40_000)
print(rss() - before)
"""
    with running(tmp_path, PRELUDE + source, environment={"TRACYPY_BUFFER_MB": "1"}) as target:
        target.viewer().run()
        growth_mb = float(target.finish()[1])
    assert growth_mb < SLACK_MB


MARKS = """
import sys, threading
def marks(name):
    for _ in range(60_000):
        tracypy.frame_mark_start(name)
        tracypy.frame_mark_end(name)
        tracypy.frame_mark()
threads = [threading.Thread(target=marks, args=(f"set {n}",)) for n in range(3)]
sys.stdin.readline()
for thread in threads: thread.start()
for thread in threads: thread.join()
print("made", flush=True)
sys.stdin.readline()
"""


def _told(texts: list[str]) -> int:
    return sum(int(found.group(1)) for text in texts if (found := re.search(r"(\d+) frame marks?\b", text)))


def test_frame_marks_that_do_not_fit_are_counted_and_told(tmp_path: Path) -> None:
    environment = {"TRACYPY_BUFFER_MB": "2", "TRACYPY_BUFFER_POLICY": "skip"}
    with running(tmp_path, PRELUDE + MARKS, environment=environment) as target:
        viewer = target.viewer()
        target.say()
        assert target.hear() == "made"  # all of it while the viewer does not read
        viewer.receive_until(lambda trace: bool(_told([message.text for message in trace.messages])))
        target.say()
        trace = viewer.run()
        code, _, err = target.finish()
    assert code == 0
    told = _told([message.text for message in trace.messages])
    with_ends = [frame for n in range(3) for frame in trace.frames[f"set {n}"]]
    assert 0 < len(with_ends) < 180_000
    assert all(frame.end_ns is not None for frame in with_ends)
    assert 2 * len(with_ends) + len(trace.frames[None]) + told == 3 * 180_000
    assert "frame mark" in err
    assert 1 <= err.count("left out") <= 2  # a line when marks are, and one when calls are, in either order or together


def test_frame_marks_wait_for_a_slow_viewer(tmp_path: Path) -> None:
    with running(tmp_path, PRELUDE + MARKS, environment={"TRACYPY_BUFFER_MB": "1"}) as target:
        viewer = target.viewer()
        target.say()
        target.say()
        trace = viewer.run(bytes_per_second=20_000_000)
        code, _, err = target.finish()
    assert code == 0
    # A thread waits a tenth of a second for room, in which this process may get no processor at all.
    told = re.search(r"left out (\d+) frame marks", err)
    left_out = int(told[1]) if told else 0
    assert sum(len(trace.frames[name]) for name in (None, "set 0", "set 1", "set 2")) == 360_000 - left_out
    assert left_out < 180_000


def test_a_wait_for_room_stops_neither_forks_nor_the_end(tmp_path: Path) -> None:
    source = """
import os, threading
def marks():
    for _ in range(200_000): tracypy.frame_mark("set")
threads = [threading.Thread(target=marks) for _ in range(3)]
for thread in threads: thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        tracypy.frame_mark("set")
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
for thread in threads: thread.join()
"""
    environment = {"TRACYPY_BUFFER_MB": "1", "TRACYPY_EXIT_TIMEOUT": "1"}
    with running(tmp_path, PRELUDE + source, environment=environment) as target:
        viewer = target.viewer()  # which never reads
        code, _, err = target.finish()
        viewer.drop()
    assert code == 0, err
