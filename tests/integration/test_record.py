"""Recordings by the API: what is in the file is what happened, and what a viewer would have received."""

from __future__ import annotations

import signal
import textwrap
from pathlib import Path

import pytest

import tracypy

from support.programs import program
from support.recording_facts import Facts, below, calls_of, facts_of_recording, facts_of_viewer, files_in, tree_of
from support.target import running, trace_of, tree

#: As long as the prelude of programs with a viewer, so that the lines are the same.
RECORDING = """\
import tracypy
tracypy.start_recording("out.tracy")
assert tracypy.is_recording()
"""

EVERYTHING = program("everything")


def record(folder: Path, body: str, prelude: str = RECORDING, end: str = "tracypy.stop_recording()\n") -> str:
    """Runs a program that records to out.tracy, and must succeed silently; returns what it printed."""
    with running(folder, prelude + textwrap.dedent(body) + end) as target:
        return target.expect_success()


def own_zones(facts: Facts) -> Facts:
    """Without those of `threading`, which waits or does not, as it happens."""
    return {thread: [zone for zone in zones if Path(zone.file).name == "program.py"] for thread, zones in facts.items()}


def test_recording_holds_what_a_viewer_receives(tmp_path: Path) -> None:
    received = trace_of(tmp_path, EVERYTHING)
    record(tmp_path, EVERYTHING)
    recorded = own_zones(facts_of_recording(tmp_path / "out.tracy"))
    expected = own_zones(facts_of_viewer(received))
    assert set(recorded) == set(expected) == {"Main thread", "worker-1", "wörker-2"}
    for thread in ("worker-1", "wörker-2"):
        assert recorded[thread] == expected[thread] != []
    assert below(recorded["Main thread"], "main") == below(expected["Main thread"], "main")

    frames = {frame_set.name or None: frame_set for frame_set in tracypy.open(tmp_path / "out.tracy").frames}
    marks = received.frames
    assert {name: len(frame_set.frames) for name, frame_set in frames.items()} == {
        name: len(marks[name]) for name in marks
    }
    assert {name: len(marks[name]) for name in marks} == {None: 7, "request": 3, "physics": 2}
    assert [frame_set.is_continuous for frame_set in frames.values()] == [name != "request" for name in frames]
    assert files_in(tmp_path) == ["out.tracy"]


def test_times_are_those_of_the_programs_clock(tmp_path: Path) -> None:
    spans = record(
        tmp_path,
        """
        from time import perf_counter_ns
        def busy(nanoseconds):
            end = perf_counter_ns() + nanoseconds
            while perf_counter_ns() < end:
                pass
        for milliseconds in (5, 20, 80):
            begin = perf_counter_ns()
            busy(milliseconds * 1_000_000)
            print(perf_counter_ns() - begin)
        """,
    )
    trace = tracypy.open(tmp_path / "out.tracy")
    (main,) = [thread for thread in trace.threads if thread.name == "Main thread"]
    zones = [row for row in main.iter_zones() if trace.source_locations[row.location].label == "busy"]
    for zone, outside, inside in zip(zones, map(int, spans.split()), (5e6, 20e6, 80e6), strict=True):
        assert inside * 0.9999 <= zone.end_ns - zone.start_ns <= outside * 1.0001


def test_summary_says_what_is_in_the_file(tmp_path: Path) -> None:
    """Within this process, with the calls of this test."""

    def leaf() -> None: ...

    def branch(depth: int) -> None:
        leaf()
        if depth:
            branch(depth - 1)

    path = tmp_path / "out.tracy"
    with tracypy.record(path, include=[__file__]) as recording:
        assert tracypy.is_recording()
        branch(9)
        for _ in range(4):
            tracypy.frame_mark()
    assert not tracypy.is_recording()
    assert not tracypy.is_enabled()
    summary = recording.summary
    assert summary is not None
    trace = tracypy.open(path)
    assert (summary.path, summary.bytes) == (str(path), path.stat().st_size)
    assert (summary.zones, summary.threads) == (trace.zone_count, len(trace.threads))
    assert summary.span_ns == trace.span_ns
    assert (summary.frames, summary.messages, summary.dropped, summary.ended_by) == (4, 0, 0, "stopped")
    by_name = {function.name.rpartition(".")[2]: function for function in summary.functions}
    assert (by_name["leaf"].calls, by_name["branch"].calls) == (10, 10)
    branch_totals = by_name["branch"]
    assert branch_totals.total_ns == branch_totals.self_ns + by_name["leaf"].total_ns  # counted once, not ten times
    assert (branch_totals.file, branch_totals.line) == (__file__, branch.__code__.co_firstlineno)
    assert [f.self_ns for f in summary.functions] == sorted((f.self_ns for f in summary.functions), reverse=True)


def test_frames_that_run_already_are_in_it(tmp_path: Path) -> None:
    record(
        tmp_path,
        """
        def inner():
            tracypy.start_recording("out.tracy", gc=False)
            middle()
        def middle():
            pass
        def outer():
            inner()
            middle()
        outer()
        """,
        prelude="import tracypy\n",
    )
    assert tree_of(tmp_path / "out.tracy", "<module>") == tree(
        "<module>", tree("outer", tree("inner", "middle"), "middle")
    )


def test_recording_can_start_and_stop_again(tmp_path: Path) -> None:
    record(
        tmp_path,
        """
        def work(): pass
        for number in range(3):
            tracypy.start_recording(f"{number}.tracy")
            for _ in range(number + 1):
                work()
            assert tracypy.stop_recording().path.endswith(f"{number}.tracy")
            work()
        """,
        prelude="import tracypy\n",
        end="",
    )
    assert [calls_of(tmp_path / f"{number}.tracy")["work"] for number in range(3)] == [1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 4


def test_filters_are_those_of_enable(tmp_path: Path) -> None:
    record(
        tmp_path,
        """
        import json
        def shallow(): deep()
        def deep(): json.dumps({})
        with tracypy.record("user.tracy", only_user_code=True):
            shallow()
        with tracypy.record("excluded.tracy", exclude="json"):
            shallow()
        with tracypy.record("depth.tracy", max_depth=2):
            shallow()
        """,
        prelude="import tracypy\n",
        end="",
    )
    assert tree_of(tmp_path / "user.tracy", "<module>") == tree("<module>", tree("shallow", "deep"))
    assert tree_of(tmp_path / "excluded.tracy", "shallow") == tree("shallow", "deep")
    assert tree_of(tmp_path / "depth.tracy", "<module>") == tree("<module>", "shallow")


def test_what_is_enabled_is_what_is_recorded(tmp_path: Path) -> None:
    """And it stays enabled."""
    record(
        tmp_path,
        """
        import tracypy
        def seen(): pass
        tracypy.enable(include="__main__", gc=False)
        with tracypy.record("out.tracy"):
            import textwrap
            textwrap.dedent("")
            seen()
        assert tracypy.is_enabled()
        try:
            tracypy.start_recording("other.tracy", max_depth=3)
        except tracypy.RecordingError as problem:
            assert "tracypy.disable()" in str(problem)
        else:
            raise AssertionError("two sets of filters")
        """,
        prelude="",
        end="",
    )
    assert set(calls_of(tmp_path / "out.tracy")) == {"<module>", "seen"}


def test_program_may_enable_while_it_is_recorded(tmp_path: Path) -> None:
    """Nothing listens meanwhile. What the program has enabled is in force when the recording is over."""
    record(
        tmp_path,
        """
        import tracypy
        def work(): pass
        with tracypy.record("out.tracy"):
            with tracypy.profile():
                work()
            with tracypy.zone("own"):
                work()
            tracypy.enable(exclude="json")
            assert not tracypy.is_listening()
            tracypy.disable()
            work()
            tracypy.enable(exclude="json")
        assert tracypy.is_enabled()
        assert tracypy.is_listening()
        tracypy.disable()
        """,
        prelude="",
        end="",
    )
    calls = calls_of(tmp_path / "out.tracy")
    assert (calls["work"], calls["own"]) == (3, 1)


def test_zone_listens_again_when_the_recording_is_over(tmp_path: Path) -> None:
    record(
        tmp_path,
        """
        with tracypy.zone("recorded"): pass
        assert not tracypy.is_listening()
        tracypy.stop_recording()
        assert not tracypy.is_listening()
        with tracypy.zone("first use"): pass
        assert tracypy.is_listening()
        """,
        end="",
    )


def test_viewer_is_turned_away_while_a_recording_goes_on(tmp_path: Path) -> None:
    from support.viewer import HandshakeRefused

    source = """
        import sys
        import tracypy
        def work(): pass
        tracypy.enable()
        tracypy.start_recording("out.tracy")
        work()
        print("ready")
        sys.stdin.readline()
        work()
        tracypy.stop_recording()
        print("over")
        assert tracypy.wait_connected(100)
        work()
    """
    with running(tmp_path, source) as target:
        assert target.hear() == "ready"
        with pytest.raises(HandshakeRefused):
            target.viewer()
        target.say()
        assert target.hear() == "over"
        trace = target.viewer().run()
        code, _out, err = target.finish()
    assert code == 0
    assert err.splitlines() == [
        line for line in err.splitlines() if line.startswith("tracypy: a viewer was turned away")
    ]
    assert calls_of(tmp_path / "out.tracy")["work"] == 2
    assert trace.counts()["work"] == 1


def test_no_recording_starts_while_a_viewer_is_connected(tmp_path: Path) -> None:
    source = """
        import tracypy
        tracypy.enable()
        assert tracypy.wait_connected(100)
        try:
            tracypy.start_recording("out.tracy")
        except tracypy.RecordingError as problem:
            print(problem)
        tracypy.stop_listening()
        with tracypy.record("out.tracy"):
            pass
    """
    with running(tmp_path, source) as target:
        target.viewer().run()
        assert "tracypy.stop_listening()" in target.expect_success()
    assert files_in(tmp_path) == ["out.tracy"]


@pytest.mark.parametrize(("limit", "ended_by"), [("seconds=1", "seconds"), ("max_size='50kB'", "max_size")])
def test_limit_ends_the_recording_and_not_the_program(tmp_path: Path, limit: str, ended_by: str) -> None:
    source = f"""
        import os, tracypy
        def work(): pass
        tracypy.start_recording("out.tracy", {limit})
        while tracypy.is_recording():
            work()
        while not os.path.exists("out.tracy"):  # made while the program goes on
            work()
        work()
        summary = tracypy.stop_recording()
        print(summary.ended_by, summary.zones)
        assert not tracypy.is_enabled()
    """
    with running(tmp_path, source) as target:
        code, out, err = target.finish()
    assert code == 0
    assert err.startswith("tracypy: the recording has reached its limit of ")
    assert err.count("\n") == 1
    reason, zones = out.split()
    assert reason == ended_by
    assert tracypy.open(tmp_path / "out.tracy").zone_count == int(zones) > 1
    assert files_in(tmp_path) == ["out.tracy"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("seconds=0", "seconds: 0"),
        ("seconds=float('nan')", "seconds: nan"),
        ("max_size='big'", "max_size: 'big'"),
        ("max_size=0", "max_size: 0"),
        ("max_depth=0", "max_depth"),
        ("include=['']", "pattern"),
    ],
)
def test_bad_argument_is_a_value_error_that_names_it(tmp_path: Path, arguments: str, words: str) -> None:
    for call in ("start_recording", "record"):
        with pytest.raises(ValueError, match=words):
            eval(f"tracypy.{call}({str(tmp_path / 'out.tracy')!r}, {arguments})")
    assert files_in(tmp_path) == []


def test_one_recording_at_a_time(tmp_path: Path) -> None:
    with tracypy.record(tmp_path / "out.tracy"), pytest.raises(tracypy.RecordingError, match="out.tracy is being rec"):
        tracypy.start_recording(tmp_path / "other.tracy")
    with pytest.raises(tracypy.RecordingError, match="nothing is being recorded"):
        tracypy.stop_recording()
    assert files_in(tmp_path, "") == ["out.tracy"]


def test_failure_of_the_block_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(KeyError), tracypy.record(tmp_path / "out.tracy") as recording:
        raise KeyError
    assert recording.summary is not None
    assert recording.summary.bytes == (tmp_path / "out.tracy").stat().st_size


def test_block_may_stop_its_recording_itself(tmp_path: Path) -> None:
    with tracypy.record(tmp_path / "out.tracy") as recording:
        tracypy.stop_recording()
    assert recording.summary is None
    assert not tracypy.is_enabled()


def test_interrupted_program_dies_by_the_signal_and_its_recording_is_complete(tmp_path: Path) -> None:
    source = """
        import os, signal, time, tracypy
        def interrupted():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)
        tracypy.start_recording("out.tracy", only_user_code=True)
        interrupted()
    """
    with running(tmp_path, source) as target:
        code, _out, err = target.finish()
    assert (code, err.splitlines()[-1]) == (-signal.SIGINT, "KeyboardInterrupt")
    assert tree_of(tmp_path / "out.tracy", "interrupted") == tree("interrupted")
    assert files_in(tmp_path) == ["out.tracy"]


def test_short_threads_have_their_names_in_every_filtered_recording(tmp_path: Path) -> None:
    """What a new thread does in `threading` is filtered out; the few calls that are left are enough for its name."""
    source = """
        import threading, tracypy
        def work():
            pass
        for number in range(3):
            tracypy.start_recording(f"{number}.tracy", only_user_code=True)
            for name in ("first", "second"):
                thread = threading.Thread(target=work, name=name)
                thread.start()
                thread.join()
            tracypy.stop_recording()
    """
    with running(tmp_path, source) as target:
        target.expect_success()
    for number in range(3):
        threads = tracypy.open(tmp_path / f"{number}.tracy").threads
        assert {"first", "second"} <= {thread.name for thread in threads}
