"""Recordings that are saved while they go on: by the program, a signal, an error, and what is slow."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import record, run
from support.recording_facts import calls_of, files_in

SAVED = re.compile(r"tracypy: saved (the last )?[\d.]+ (min|s|ms|us), [\d,]+ zones?, in (\S+), because (.*)\n")


def reasons(err: str) -> list[str]:
    """Why what was saved was saved; each in a file that is there, the next number."""
    found = SAVED.findall(err)
    assert [os.path.basename(path) for _last, _unit, path, _why in found] == [
        f"out-{number + 1}.tracy" for number in range(len(found))
    ]
    return [why for *_rest, why in found]


def zones(name: str, count: int) -> None:
    for _ in range(count):
        with tracypy.zone(name):
            pass


@pytest.mark.parametrize("last", [None, "10s"], ids=["whole", "last"])
def test_what_happened_up_to_the_call_is_saved_and_the_recording_goes_on(tmp_path: Path, last: str | None) -> None:
    with tracypy.record(tmp_path / "out.tracy", last=last, include="nothing", gc=False) as recording:
        for number in range(1, 21):
            zones("zone", 100)
            saved = tracypy.save_recording()
            assert saved.path == str(tmp_path / f"out-{number}.tracy")
            assert (saved.zones, saved.ended_by) == (100 * number, "saved")
            assert saved.bytes == os.path.getsize(saved.path)
            assert tracypy.open(saved.path).zone_count == 100 * number
        named = tracypy.save_recording(tmp_path / "named.tracy")
        assert named.path == str(tmp_path / "named.tracy")
        assert tracypy.is_recording()
    assert recording.summary is not None
    assert (recording.summary.zones, recording.summary.ended_by) == (2000, "stopped")
    assert files_in(tmp_path) == ["out.tracy"]


def test_open_zones_end_at_the_moment_of_the_call(tmp_path: Path) -> None:
    with tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False), tracypy.zone("outer") as outer:
        outer.text("open")
        zones("inner", 3)
        saved = tracypy.save_recording()
    assert calls_of(Path(saved.path)) == {"outer": 1, "inner": 3}
    trace = tracypy.open(saved.path)
    first = next(zone for thread in trace.threads for zone in thread.iter_zones())
    assert (first.text, first.end_ns) == ("open", saved.span_ns)


def test_what_is_made_meanwhile_loses_nothing_by_it(tmp_path: Path) -> None:
    with tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False) as recording:
        for number in range(1, 21):  # the trace is made from 0.3 s on
            zones("zone", 50_000)
            saved = tracypy.save_recording(tmp_path / "x.tracy", overwrite=True)
            assert saved.zones == 50_000 * number
    assert recording.summary is not None
    assert (recording.summary.zones, recording.summary.ended_by) == (1_000_000, "stopped")


def test_nothing_yet_is_a_trace_too(tmp_path: Path) -> None:
    with tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False):
        assert tracypy.save_recording().zones == 0


def test_many_threads_save_at_once(tmp_path: Path) -> None:
    counts: list[int] = []

    def work(number: int) -> None:
        zones(f"zone {number}", 100)
        for _ in range(5):
            saved = tracypy.save_recording()
            counts.append(calls_of(Path(saved.path))[f"zone {number}"])

    with tracypy.record(tmp_path / "out.tracy", last="10s", include="nothing", gc=False):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert counts == [100] * 40
    assert files_in(tmp_path, "out-") == sorted(f"out-{number}.tracy" for number in range(1, 41))


def test_files_in_the_way_are_left_alone(tmp_path: Path) -> None:
    taken = tmp_path / "out-1.tracy"
    taken.write_text("mine")
    with tracypy.record(tmp_path / "out.tracy"):
        assert tracypy.save_recording().path == str(tmp_path / "out-2.tracy")
        with pytest.raises(FileExistsError, match="overwrite"):
            tracypy.save_recording(taken)
        assert taken.read_text() == "mine"
        assert tracypy.save_recording(taken, overwrite=True).path == str(taken)
        with pytest.raises(FileExistsError, match="when the recording ends"):
            tracypy.save_recording(tmp_path / "out.tracy", overwrite=True)
    assert tracypy.open(taken).zone_count > 0


def test_without_a_recording_there_is_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(tracypy.RecordingError, match="nothing is being recorded"):
        tracypy.save_recording(tmp_path / "x.tracy")
    tracypy.start_recording(tmp_path / "out.tracy", seconds=1e-6)
    while tracypy.is_recording():
        pass
    with pytest.raises(tracypy.RecordingError, match="over"):
        tracypy.save_recording()
    tracypy.stop_recording()
    assert files_in(tmp_path) == ["out.tracy"]


def test_saved_in_a_signal_handler_and_at_the_exit(tmp_path: Path) -> None:
    out, _err = record(
        tmp_path,
        program="""
            import atexit, os, signal, tracypy
            signal.signal(signal.SIGUSR1, lambda *_: print(tracypy.save_recording().ended_by))
            for _ in range(3):
                os.kill(os.getpid(), signal.SIGUSR1)
            atexit.register(lambda: print(tracypy.save_recording().ended_by))
            """,
    )
    assert out == "saved\n" * 4


def test_ctrl_c_ends_the_wait_and_not_the_recording(tmp_path: Path) -> None:
    out, _err = run(
        tmp_path,
        program="""
            import os, signal, threading, tracypy
            tracypy.start_recording("out.tracy", include="nothing", gc=False)
            for _ in range(1_000_000):
                with tracypy.zone("zone"): pass
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                for _ in range(1000):
                    tracypy.save_recording("x.tracy", overwrite=True)
            except KeyboardInterrupt:
                print("interrupted", os.path.exists("x.tracy.part"))
            print(tracypy.stop_recording().zones)
            """,
    )
    assert out == "interrupted False\n1000000\n"


# --- a signal ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["USR2", "sigusr2", str(int(signal.SIGUSR2))])
def test_signal_saves(tmp_path: Path, word: str) -> None:
    out, err = record(
        tmp_path,
        *("--save-on", word),
        program="""
            import os, signal, time
            def call(): pass
            print(signal.getsignal(signal.SIGUSR2))
            for number in range(1, 4):
                call()
                os.kill(os.getpid(), signal.SIGUSR2)
                while not os.path.exists(f"out-{number}.tracy"):
                    time.sleep(0.01)
            """,
    )
    assert out == "0\n" or "SIG_DFL" in out
    assert reasons(err) == ["SIGUSR2 came"] * 3
    assert [calls_of(tmp_path / f"out-{number}.tracy")["call"] for number in (1, 2, 3)] == [1, 2, 3]


def test_signal_is_the_programs_own_afterwards_and_in_its_children(tmp_path: Path) -> None:
    out, _err = run(
        tmp_path,
        program="""
            import os, signal, subprocess, sys, tracypy
            def dies(pid): return -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == signal.SIGUSR2
            tracypy.start_recording("out.tracy", save_on="USR2")
            child = os.fork()
            if child == 0:
                os.kill(os.getpid(), signal.SIGUSR2)
                os._exit(0)
            print(dies(child))
            code = "import os; os.kill(os.getpid(), %d)" % signal.SIGUSR2
            print(subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGUSR2)
            tracypy.stop_recording()
            child = os.fork()
            if child == 0:
                os.kill(os.getpid(), signal.SIGUSR2)
                os._exit(0)
            print(dies(child))
            """,
    )
    assert out == "True\n" * 3


def test_program_that_takes_the_signal_has_it(tmp_path: Path) -> None:
    out, err = record(
        tmp_path,
        *("--save-on", "USR2"),
        program="""
            import os, signal
            signal.signal(signal.SIGUSR2, lambda *_: print("mine"))
            os.kill(os.getpid(), signal.SIGUSR2)
            """,
    )
    assert out == "mine\n"
    assert "the program has taken SIGUSR2" in err
    assert files_in(tmp_path, "out-") == []


@pytest.mark.parametrize("word", ["KILL", "STOP", "INT", "TERM", "SEGV", "9", "nonsense", "0", "RTMIN+999", ""])
def test_other_signals_are_refused_in_a_line(tmp_path: Path, word: str) -> None:
    with pytest.raises(tracypy.SettingError, match="save_on: .*USR1, USR2"):
        tracypy.start_recording(tmp_path / "out.tracy", save_on=word)
    _out, err = record(tmp_path, "--save-on", word, program="", code=2)
    assert len(err.splitlines()) == 1
    assert "--save-on" in err


def test_signal_that_is_in_use_is_refused(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGUSR2, lambda *_: None)
    try:
        with pytest.raises(tracypy.RecordingError, match="SIGUSR2 is used by the program"):
            tracypy.start_recording(tmp_path / "out.tracy", save_on="USR2")
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert files_in(tmp_path) == []
    assert not tracypy.is_recording()


# --- an error ---------------------------------------------------------------------------------------------------------

ERRORS = {
    "main": ("def fail(): raise ValueError('no')\nfail()\n", 1, ["nobody caught ValueError"]),
    "own hook": (
        "import sys\nsys.excepthook = lambda *_: print('mine')\n1 / 0\n",
        1,
        ["nobody caught ZeroDivisionError"],
    ),
    "thread": (
        "import threading\ndef fail(): raise KeyError(1)\nthread = threading.Thread(target=fail); thread.start()\n",
        0,
        ["nobody caught KeyError"],
    ),
    "exit": ("import sys\nsys.exit(3)\n", 3, []),
    "caught": ("try: 1 / 0\nexcept ZeroDivisionError: pass\n", 0, []),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error_that_nobody_catches_saves_before_it_is_reported(tmp_path: Path, name: str) -> None:
    program, code, expected = ERRORS[name]
    plain_out, plain_err = run(tmp_path, program=program, code=code)
    out, err = record(tmp_path, "--save-on", "error", program=program, code=code)
    assert reasons(err) == expected
    own = SAVED.sub("", err)
    assert out == plain_out
    assert re.sub(r"Thread-\d+|\d{10,}", "", own).startswith(re.sub(r"Thread-\d+|\d{10,}", "", plain_err))
    if expected:
        assert err.startswith("tracypy: saved")
        if name != "own hook":
            assert calls_of(tmp_path / "out-1.tracy")["fail"] == 1


def test_errors_one_after_the_other_are_saved_now_and_then(tmp_path: Path) -> None:
    _out, err = record(
        tmp_path,
        *("--save-on", "error"),
        program="""
            import threading
            threading.excepthook = lambda args: None
            """
        + ERRORS["thread"][0].replace("\n", "\n            "),
    )
    assert reasons(err) == []  # a hook that calls no other: that is documented
    _out, err = record(
        tmp_path,
        *("-f", "--save-on", "error"),
        program="""
            import threading
            def fail(): raise ValueError
            for _ in range(5):
                thread = threading.Thread(target=fail); thread.start(); thread.join()
            """,
    )
    assert reasons(err) == ["nobody caught ValueError"]
    assert "tracypy: 4 more occasions" in err


def test_hooks_are_the_programs_own_afterwards(tmp_path: Path) -> None:
    before = sys.excepthook, threading.excepthook
    with tracypy.record(tmp_path / "out.tracy", save_on=("error", "USR2")):
        assert sys.excepthook is not before[0]
    assert (sys.excepthook, threading.excepthook) == before


# --- what is slow -----------------------------------------------------------------------------------------------------

SLOW = {
    "zone": ("with tracypy.zone('request'): time.sleep(0.1)", "zone 'request' took"),
    "profiled": ("@tracypy.profiled\ndef work(): time.sleep(0.1)\nwork()", "function 'work' took"),
    "frame": ("tracypy.frame_mark(); time.sleep(0.1); tracypy.frame_mark()", "a frame took"),
    "named frame": ("with tracypy.frame('tick'): time.sleep(0.1)", "frame 'tick' took"),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_is_slow_is_saved_and_named(tmp_path: Path, name: str) -> None:
    program, expected = SLOW[name]
    _out, err = record(tmp_path, "--save-slower", "50ms", program=f"import time, tracypy\n{program}\n")
    (why,) = reasons(err)
    assert why.startswith(expected)
    assert why.endswith("more than 50.0 ms")


def test_calls_are_slow_when_they_are_named(tmp_path: Path) -> None:
    program = """
        import time
        class Shop:
            def sell(self): time.sleep(0.1)
        def waits(): time.sleep(0.1)
        Shop().sell()
        waits()
        """
    _out, err = record(tmp_path, "--save-slower", "50ms", program=program)
    assert reasons(err) == []
    _out, err = record(tmp_path, "-f", "--save-slower", "Shop.*=50ms", program=program)
    (why,) = reasons(err)
    assert why.startswith("function 'Shop.sell' took")
    trace = tracypy.open(tmp_path / "out-1.tracy")
    durations = [
        zone.end_ns - zone.start_ns
        for thread in trace.threads
        for zone in thread.iter_zones()
        if trace.source_locations[zone.location].label == "Shop.sell"
    ]
    assert max(durations) >= 100_000_000


def test_slow_zones_one_after_the_other_are_saved_now_and_then_and_counted(tmp_path: Path) -> None:
    _out, err = record(
        tmp_path,
        *("--save-slower", "1ms"),
        program="""
            import os, time, tracypy
            def slow():
                with tracypy.zone("slow"): time.sleep(0.01)
            slow()
            while not os.path.exists("out-1.tracy"): time.sleep(0.01)
            for _ in range(5): slow()
            """,
    )
    assert len(reasons(err)) == 1
    assert "tracypy: 5 more occasions came so soon" in err


@pytest.mark.parametrize("text", ["50", "=50ms", "fast", "-1ms", "0s", ""])
def test_limits_that_cannot_be_meant_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(tracypy.SettingError, match="save_slower"):
        tracypy.start_recording(tmp_path / "out.tracy", save_slower=text)
