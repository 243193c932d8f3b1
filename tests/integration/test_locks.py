"""Locks: who waits for them and has them, in a viewer and in a recording; and that they do what those of threading do."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import tracypy

from support.target import running, trace_of
from support.viewer import PROTOCOLS

QUIET = "import threading, tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"
CONTENDED = """
lock = tracypy.Lock(name="till")
waits = threading.Event()
def second():
    waits.set()
    with lock:
        pass
with lock:
    thread = threading.Thread(target=second, name="second")
    thread.start()
    waits.wait()
    import time; time.sleep(0.3)  # it is about to wait, and nothing says when it does
thread.join()
"""


def kinds_of(trace: object, name: str) -> list[str]:
    return [event.kind for event in trace.lock(name).events]  # type: ignore[attr-defined]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_sees_who_waits_and_who_has_it(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, CONTENDED, prelude=QUIET, protocol=protocol)
    lock = trace.lock("till")
    names = [(event.kind, trace.threads[event.thread].name) for event in lock.events]
    assert names == [
        ("wait", "Main thread"), ("obtain", "Main thread"), ("wait", "second"), ("release", "Main thread"),
        ("obtain", "second"), ("release", "second"),
    ]  # fmt: skip
    assert lock.is_contended
    assert (lock.location.file, lock.location.line) == (str(tmp_path / "program.py"), 5)


def test_a_recording_has_it_too(tmp_path: Path) -> None:
    path = tmp_path / "locks.tracy"
    program = f"import threading, tracypy\nwith tracypy.record({str(path)!r}):\n"
    program += "\n".join("    " + line for line in CONTENDED.strip().splitlines())
    with running(tmp_path, program) as target:
        target.expect_success()
    trace = tracypy.open(path)
    [lock] = [lock for lock in trace.locks if trace.source_locations[lock.location].function == "till"]
    threads = [trace.threads[event.thread].name for event in lock.events if event.thread is not None]
    assert [event.kind for event in lock.events] == ["wait", "obtain", "wait", "release", "obtain", "release"]
    assert threads == ["Main thread", "Main thread", "second", "Main thread", "second", "second"]
    assert [event.time_ns for event in lock.events] == sorted(event.time_ns for event in lock.events)
    assert lock.events[4].time_ns - lock.events[2].time_ns > 10_000_000
    assert not lock.is_shared


# With a GIL, nobody but the main thread runs Python code here until that waits itself. So the second thread has been
# handed the lock by then, and could not say so yet.
@pytest.mark.skipif(bool(sysconfig.get_config_var("Py_GIL_DISABLED")), reason="whoever is handed a lock says so")
@pytest.mark.parametrize(
    ("kind", "wait"),
    [
        ("Lock", "acquire()"),
        ("Lock", "acquire(timeout=100)"),
        ("RLock", "acquire()"),
        ("RLock", "_acquire_restore((1, threading.get_ident()))"),
    ],
)
def test_a_wait_for_one_who_has_just_been_handed_the_lock_is_told_when_it_begins(
    tmp_path: Path, kind: str, wait: str
) -> None:
    body = f"""
import sys, time
sys.setswitchinterval(1000)
lock = tracypy.{kind}(name="till")
waits = threading.Event()
def second():
    tracypy.message("second runs")
    waits.set()
    with lock:
        pass
lock.acquire()
thread = threading.Thread(target=second, name="second")
thread.start()
waits.wait()
time.sleep(0.05)  # from 3.14 on only a thread that has waited for a millisecond is handed a lock
lock.release()
while lock.acquire(blocking=False):
    lock.release()
lock.{wait}
lock.release()
thread.join()
"""
    trace = trace_of(tmp_path, body, prelude=QUIET)
    events = trace.lock("till").events
    assert [(event.kind, trace.threads[event.thread].name) for event in events][-5:] == [
        ("wait", "Main thread"), ("obtain", "second"), ("release", "second"), ("obtain", "Main thread"),
        ("release", "Main thread"),
    ]  # fmt: skip


def test_a_lock_is_told_once_however_often_its_thread_obtains_it(tmp_path: Path) -> None:
    body = """
lock = tracypy.RLock(name="again")
condition = tracypy.Condition(lock)
with lock, lock:
    assert lock._is_owned() and lock._recursion_count() == 2
    assert not condition.wait(0.01)
    assert lock._recursion_count() == 2
assert not lock._is_owned()
"""
    trace = trace_of(tmp_path, body, prelude=QUIET)
    assert kinds_of(trace, "again") == ["wait", "obtain", "release"] * 2


def test_a_semaphore_is_shared(tmp_path: Path) -> None:
    body = """
seats = tracypy.Semaphore(2, name="seats")
barrier = threading.Barrier(2)
def sit():
    with seats: barrier.wait()
threads = [threading.Thread(target=sit) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert seats.acquire() and seats.acquire(timeout=1) and not seats.acquire(blocking=False)
seats.release(2)
bounded = tracypy.BoundedSemaphore(1)
try: bounded.release()
except ValueError: print("too often")
"""
    with running(tmp_path, QUIET + body) as target:
        trace = target.viewer().run()
        assert target.expect_success() == "too often\n"
    lock = trace.lock("seats")
    assert lock.is_shared
    assert [lock.count(kind) for kind in ("shared wait", "shared obtain", "shared release")] == [3, 3, 3]
    assert not lock.sharing


def test_locks_of_asyncio_are_told_on_their_thread(tmp_path: Path) -> None:
    body = """
import asyncio
async def main():
    lock, seats = tracypy.aio.Lock(name="till"), tracypy.aio.Semaphore(1, name="seats")
    async def work():
        async with lock: await asyncio.sleep(0)
        async with seats: await asyncio.sleep(0)
    async with asyncio.TaskGroup() as group:
        for _ in range(3): group.create_task(work())
    try:
        async with lock: await asyncio.wait_for(lock.acquire(), 0.01)
    except TimeoutError: print("no")
asyncio.run(main())
"""
    with running(tmp_path, QUIET + body) as target:
        trace = target.viewer().run()
        assert target.expect_success() == "no\n"
    assert [trace.lock("till").count(kind) for kind in ("obtain", "release")] == [4, 4]
    assert trace.lock("seats").count("shared obtain") == trace.lock("seats").count("shared release")
    assert [message.text for message in trace.messages] == ["gave up waiting for the lock: till"]


def test_what_is_held_when_a_session_begins_is_let_go_of_unseen(tmp_path: Path) -> None:
    program = """
import tracypy
lock, other = tracypy.Lock(name="till"), tracypy.Lock(name="other")
lock.acquire()
tracypy.listen()
assert tracypy.wait_connected(100)
lock.release()
with lock: pass
other.acquire()
"""
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        target.expect_success()
    assert kinds_of(trace, "till") == ["wait", "obtain", "release"]
    assert kinds_of(trace, "other") == ["wait", "obtain"]


def test_a_wait_in_vain_is_said_in_a_message(tmp_path: Path) -> None:
    body = """
lock = tracypy.Lock(name="till")
lock.acquire()
assert not lock.acquire(timeout=0.01)
assert not lock.acquire(blocking=False)
lock.release()
"""
    trace = trace_of(tmp_path, body, prelude=QUIET)
    assert kinds_of(trace, "till") == ["wait", "obtain", "wait", "release"]
    assert [message.text for message in trace.messages] == ["gave up waiting for the lock: till"]


def test_a_viewer_is_told_of_64_threads_at_one_lock_and_of_how_much_is_left_out(tmp_path: Path) -> None:
    body = """
lock = tracypy.Lock(name="till")
ready, done = threading.Barrier(101), threading.Barrier(101)
def use():
    ready.wait()
    with lock: pass
    done.wait()
threads = [threading.Thread(target=use) for _ in range(100)]
for thread in threads: thread.start()
ready.wait(); done.wait()
for thread in threads: thread.join()
"""
    with running(tmp_path, QUIET + body) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert (code, len(trace.lock("till").threads)) == (0, 64)
    assert "a viewer follows 64 threads at one lock, no more" in errors


def test_locks_that_are_gone_leave_their_number_to_those_of_the_same_place(tmp_path: Path) -> None:
    body = """
for i in range(5_000):
    with tracypy.Lock(name="short"): pass
"""
    trace = trace_of(tmp_path, body, prelude=QUIET)
    assert kinds_of(trace, "short") == ["wait", "obtain", "release"] * 5_000


def test_locks_of_threading_are_shown_and_pass_for_what_they_were(tmp_path: Path) -> None:
    body = """
import copy, pickle, queue, _thread, weakref
before = threading.Lock(), threading.RLock()
originals = threading.Lock, threading.RLock
with tracypy.instrument_locks():
    with tracypy.instrument_locks(): pass
    lock, rlock = threading.Lock(), threading.RLock()
    for one in before[0], lock:
        assert isinstance(one, threading.Lock) and isinstance(one, _thread.LockType)
    for one in before[1], rlock:
        assert isinstance(one, threading.RLock) and not isinstance(one, threading.Lock)
    queue.Queue().put(1)
    event = threading.Event()
    event.set()
    thread = threading.Thread(target=event.wait)
    thread.start(); thread.join()
assert (threading.Lock, threading.RLock) == originals
assert weakref.ref(lock)() is lock and not lock.locked()
for misuse in (lock.release, rlock.release, lambda: pickle.dumps(lock), lambda: copy.copy(rlock),
               lambda: lock.acquire(False, 1), lambda: lock.acquire(timeout=-2), lambda: lock.acquire(1, 2, 3),
               lambda: tracypy.Lock(name=3), lambda: tracypy.Lock(3)):
    try: misuse()
    except Exception as error: print(type(error).__name__)
    else: print("nothing")
"""
    with running(tmp_path, QUIET + body) as target:
        trace = target.viewer().run()
        errors = target.expect_success().split()
    assert errors == ["RuntimeError"] * 2 + ["TypeError"] * 2 + ["ValueError"] * 2 + ["TypeError"] * 3
    files = {Path(lock.location.file).name for lock in trace.locks.values()}
    assert files == {"program.py"}


def test_locks_work_in_a_forked_child(tmp_path: Path) -> None:
    body = """
import os
lock, rlock = tracypy.Lock(), tracypy.RLock()
lock.acquire(); rlock.acquire()
child = os.fork()
if child == 0:
    lock._at_fork_reinit(); rlock._at_fork_reinit()
    with lock, rlock: pass
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
lock.release(); rlock.release()
"""
    trace_of(tmp_path, body, prelude=QUIET)


def test_nothing_is_imported_for_locks_that_are_not_used() -> None:
    code = "import sys, tracypy; print('threading' in sys.modules or 'asyncio' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, timeout=100
    )
    assert result.stdout in ("False\n", "")
