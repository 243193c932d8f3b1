"""Zones that outlast the call in which they begin: threads, viewers that stall or leave, programs that are killed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

import tracypy

from support.by_hand import RECORDING, ancestors, program
from support.recording_facts import facts_of_recording
from support.target import PRELUDE, running, trace_of, trace_of_second_viewer, zones_named
from support.viewer import Trace, Zone


@pytest.mark.parametrize("policy", ["wait", "skip"])
def test_stalled_viewer_gets_valid_zones(tmp_path: Path, policy: str) -> None:
    source = PRELUDE + program("""
        import sys
        for i in range(60_000):
            with opened("span"): work()
        print("made", flush=True)
        """).replace("sum(range(1000))", "pass")
    environment = {"TRACYPY_BUFFER_MB": "2", "TRACYPY_BUFFER_POLICY": policy}
    with running(tmp_path, source, environment=environment) as target:
        viewer = target.viewer()
        if policy == "skip":
            assert target.hear() == "made"
        trace = viewer.run()
        code, out, _ = target.finish()
    assert code == 0
    if policy == "wait":
        assert out == "made\n"
        spans = zones_named(trace, "span")
        # One that had begun when its thread had to wait may be shown at once, and is in parts then.
        assert sum(not zone.function.endswith("(continued)") for zone in spans) == 60_000
        # Where it had to wait inside the helper, it says that it is too long.
        assert sum((zone.texts[:1], zone.value) == (["from a helper"], 42) for zone in spans) == 60_000


def test_zone_is_there_while_its_block_sleeps(tmp_path: Path) -> None:
    source = PRELUDE + program("""
        with opened("waits"), opened("inside"):
            input()
        """)
    with running(tmp_path, source) as target:
        viewer = target.viewer()

        def is_open(trace: Trace) -> bool:
            return [zone.name for thread in trace.threads.values() for zone in thread.open][-2:] == ["waits", "inside"]

        viewer.receive_until(is_open)
        target.say()
        trace = viewer.run()
        target.expect_success()
    assert [zone.name for zone in ancestors(trace, "inside")][-3:] == ["main", "waits", "inside"]
    assert len(zones_named(trace, "waits")) == len(zones_named(trace, "inside")) == 1
    assert zones_named(trace, "inside")[0].value == 42


def test_zone_is_in_the_journal_of_a_program_that_was_killed(tmp_path: Path) -> None:
    source = RECORDING + program("""
        import os, time
        with opened("waits"):
            size = os.path.getsize("out.tracy.journal")
            print("here", flush=True)
            while os.path.getsize("out.tracy.journal") == size: pass
            time.sleep(0.5)
            print("there", flush=True)
            time.sleep(1000)
        """)
    with running(tmp_path, source) as target:
        assert (target.hear(), target.hear()) == ("here", "there")
        target.process.send_signal(signal.SIGKILL)
        target.process.wait(100)
        tracypy.recover(tmp_path / "out.tracy.journal")
    zones = [zone.name for zone in facts_of_recording(tmp_path / "out.tracy")["Main thread"]]
    assert zones.count("waits") == 1


def test_viewer_leaves_and_another_comes_within_a_zone(tmp_path: Path) -> None:
    source = PRELUDE + program("""
        with opened("first"):
            work()
            print("ready", flush=True)
            input()
            while tracypy.is_connected(): time.sleep(0.001)
            print("alone", flush=True)
            assert tracypy.wait_connected(100)
            work()
            with opened("second"): work()
        with opened("third"): work()
        """)
    with running(tmp_path, source) as target:
        trace = trace_of_second_viewer(target, "work")
    assert zones_named(trace, "first") == []
    for name in ("second", "third"):
        (zone,) = zones_named(trace, name)
        assert [child.name for child in zone.children][0] == "work"


def test_zone_that_another_thread_ends(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            import threading
            def job(z):
                z.text("by the other")
                with tracypy.zone("before the end"): pass
                tracypy.zone_end(z)
                with tracypy.zone("after the end"): pass
            z = tracypy.zone_begin("job")
            z.text("by this one")
            one = threading.Thread(target=job, args=(z,), name="one")
            one.start()
            one.join()
            def after(): pass
            after()
            """),
    )
    (job, *others) = zones_named(trace, "job")
    assert not others
    said = [text for text in job.texts if not text.startswith("ended ")]  # it waits for the call that waits
    assert sorted(said) == ["by the other", "by this one"]
    assert job.end_tick is not None
    assert job.begin_tick < zones_named(trace, "before the end")[0].begin_tick
    assert job.end_tick >= (zones_named(trace, "before the end")[0].end_tick or 0)
    assert "main.<locals>.after" not in [zone.name for zone in job.walk()]


def test_zone_that_another_thread_ends_while_its_own_waits_to_the_end(tmp_path: Path) -> None:
    body = RECORDING + program("""
        import _thread
        def job():
            tracypy.zone_end(z)
            with tracypy.zone("after the end"): work()
            done.release()
        z = tracypy.zone_begin("job")
        done = _thread.allocate_lock()
        done.acquire()
        _thread.start_new_thread(job, ())
        done.acquire()
        """).replace("main()\n", "main()\ntracypy.stop_recording()\n")
    with running(tmp_path, body.replace("def main()\ntracypy.stop_recording()\n", "def main()\n")) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "out.tracy")
    times = {
        trace.source_locations[zone.location].label: zone for thread in trace.threads for zone in thread.iter_zones()
    }
    assert times["job"].end_ns <= times["after the end"].start_ns


def test_child_process_begins_anew(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            import os
            with opened("span"):
                pid = os.fork()
                if pid == 0:
                    tracypy.zone_begin("in the child")
            if pid == 0:
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
            """),
    )
    (zone,) = zones_named(trace, "span")
    assert (zone.texts[:1], zone.value) == (["from a helper"], 42)
    assert zones_named(trace, "in the child") == []


def test_zone_that_many_threads_use_at_once(tmp_path: Path) -> None:
    """No crash, and a valid trace; which of them is heard is nobody's promise."""
    trace_of(
        tmp_path,
        program("""
            import threading
            shared = [tracypy.zone("shared") for _ in range(4)]
            def use():
                for i in range(3000):
                    z = shared[i % 4]
                    try:
                        z.__enter__()
                    except RuntimeError:
                        pass
                    z.text("text")
                    z.value(i)
                    work()
                    tracypy.zone_end(z)
            threads = [threading.Thread(target=use) for _ in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            """).replace("sum(range(1000))", "pass"),
    )


def test_what_has_no_end_lasts_as_long_as_its_thread(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            import threading
            def begins():
                kept.append(tracypy.zone_begin("never ended"))
            def thread():
                begins()
                work()
            kept = []
            one = threading.Thread(target=thread, name="one")
            one.start()
            one.join()
            """),
    )
    assert all(not thread.open for thread in trace.threads.values())
    path = [zone.name for zone in ancestors(trace, "work")]
    assert path[-2:] == ["never ended", "work"]


def test_zones_that_nobody_ends_do_not_pile_up(tmp_path: Path) -> None:
    source = PRELUDE + program("""
        def begins(): tracypy.zone_begin("never ended")
        for _ in range(2000): begins()
        """)
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        code, _, err = target.finish()
    assert code == 0
    assert err.count("zones opened by hand wait for their ends") == 1

    def depth(zones: list[Zone]) -> int:
        levels = 0
        while zones:
            zones = [child for zone in zones for child in zone.children]
            levels += 1
        return levels

    assert 250 < depth(trace.thread("Main thread").roots) < 300
    assert sum(not zone.function.endswith("(continued)") for zone in zones_named(trace, "never ended")) == 2000
