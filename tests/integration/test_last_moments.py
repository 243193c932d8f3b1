"""`--last`: only the newest is kept, in bounded room, whatever comes to an end and how."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import tracypy

from support import recorded_program
from support.recording_facts import calls_of, files_in

#: Makes so many rounds, each of 1,000 calls and one zone with the number of the round, until told to stop.
ROUNDS = """
    import sys, time
    import tracypy

    def call(): pass

    def rounds(count, pause=0.0):
        for number in range(count):
            with tracypy.zone("round") as zone:
                zone.value(number)
                for _ in range(1000):
                    call()
            if pause:
                time.sleep(pause)
    """


def run(folder: Path, *words: str, program: str = "", code: int = 0) -> tuple[str, str]:
    return recorded_program.run(folder, *words, program=textwrap.dedent(ROUNDS) + textwrap.dedent(program), code=code)


def record(folder: Path, *words: str, program: str, code: int = 0) -> tuple[str, str]:
    with_rounds = textwrap.dedent(ROUNDS) + textwrap.dedent(program)
    return recorded_program.record(folder, *words, program=with_rounds, code=code)


def rounds_in(path: Path) -> list[int]:
    """The numbers of the rounds, in order."""
    trace = tracypy.open(path)
    found = []
    for thread in trace.threads:
        for zone in thread.iter_zones():
            if trace.source_locations[zone.location].label == "round":
                assert zone.text is not None
                found.append(int(zone.text.split()[0]))
    return found


def assert_newest(path: Path, last: int) -> int:
    """The rounds are those up to `last`, without a gap, and of all but the first all calls are there; how many."""
    rounds = rounds_in(path)
    assert rounds == list(range(rounds[0], last + 1))
    calls = calls_of(path)["call"]
    assert (len(rounds) - 1) * 1000 < calls <= len(rounds) * 1000
    return len(rounds)


def test_only_the_last_moments_are_in_the_trace(tmp_path: Path) -> None:
    out, err = record(tmp_path, "--last", "0.5s", program="rounds(1000, 0.002); print(tracypy.is_recording())")
    assert out == "True\n"
    assert assert_newest(tmp_path / "out.tracy", 999) < 999
    assert re.search(r"tracypy: the last \d+ ms, ", err)
    assert files_in(tmp_path) == ["out.tracy"]


def test_zones_that_are_open_all_the_time_begin_where_the_kept_span_does(tmp_path: Path) -> None:
    record(
        tmp_path,
        *("--last", "0.5s"),
        program="""
            import threading
            done = threading.Event()
            def waits():
                with tracypy.zone("waiting") as zone:
                    zone.text("all the time")
                    done.wait()
            thread = threading.Thread(target=waits, name="waiter")
            thread.start()
            rounds(1000, 0.002)
            done.set()
            thread.join()
            """,
    )
    trace = tracypy.open(tmp_path / "out.tracy")
    waiter = next(thread for thread in trace.threads if thread.name == "waiter")
    (zone,) = [zone for zone in waiter.iter_zones() if trace.source_locations[zone.location].label == "waiting"]
    assert zone.start_ns == 0
    assert zone.text == "all the time"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_disk_and_memory_stay_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACYPY_BUFFER_MB", "8")  # events on their way are another matter
    out, _err = record(
        tmp_path,
        *("--last", "4MB"),
        program="""
            import os, threading
            def disk():
                taken = 0
                for name in os.listdir("."):
                    try:
                        taken += os.stat(name).st_blocks * 512 if "out.tracy" in name else 0
                    except FileNotFoundError:
                        pass  # it has been forgotten meanwhile
                return taken
            def resident():
                with open("/proc/self/statm") as file:
                    return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            def segments():
                return max(int(name.rpartition(".")[2]) for name in os.listdir(".") if "journal." in name)
            most = 0
            memory = []
            while segments() < 200:
                thread = threading.Thread(target=rounds, args=(50,))
                thread.start()
                rounds(50)
                thread.join()
                most = max(most, disk())
                memory.append(resident())
            half = len(memory) // 2
            print(most, max(memory[half:]) - max(memory[len(memory) // 10 : half]))
            """,
    )
    disk, growth = map(int, out.split())
    assert disk <= 4_000_000
    assert growth < 8_000_000
    assert len(rounds_in(tmp_path / "out.tracy")) > 0


def test_what_a_killed_program_has_kept_is_recovered(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        textwrap.dedent(ROUNDS)
        + textwrap.dedent(
            """
            import os, signal
            tracypy.start_recording("out.tracy", last="0.5s")
            rounds(1000, 0.002)
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGKILL)
            """
        )
    )
    result = subprocess.run([sys.executable, "p.py"], cwd=tmp_path, timeout=200, check=False)
    assert result.returncode == -signal.SIGKILL
    assert "out.tracy.journal" in files_in(tmp_path)
    recovered = tracypy.recover(tmp_path / "out.tracy.journal")
    assert recovered.ended_by == "killed"
    assert recovered.forgotten_ns > 0
    assert_newest(tmp_path / "out.tracy", 999)
    assert files_in(tmp_path) == ["out.tracy"]


def test_what_a_recorded_program_has_kept_is_there_after_its_death(tmp_path: Path) -> None:
    record(
        tmp_path,
        *("--last", "0.5s"),
        program="import os; rounds(1000, 0.002); time.sleep(0.3); os.kill(os.getpid(), 9)",
        code=-signal.SIGKILL,
    )
    recorded_program.await_file(tmp_path / "out.tracy")
    assert_newest(tmp_path / "out.tracy", 999)


def test_a_ring_is_overwritten_as_any_journal(tmp_path: Path) -> None:
    for name in ("out.tracy.journal", "out.tracy.journal.1", "out.tracy.journal.2"):
        (tmp_path / name).write_bytes(b"x" * 28)
    with pytest.raises(FileExistsError, match="recover"):
        tracypy.start_recording(tmp_path / "out.tracy", last="1s")
    with tracypy.record(tmp_path / "out.tracy", overwrite=True):
        pass
    assert files_in(tmp_path) == ["out.tracy"]


def test_folder_that_the_program_cleans_costs_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with tracypy.record(folder / "out.tracy", last="10s") as recording:
        for _ in range(10):
            with tracypy.zone("before"):
                pass
        for file in folder.iterdir():
            file.unlink()
        with tracypy.zone("after"):
            pass
    assert recording.summary is not None
    calls = calls_of(folder / "out.tracy")
    assert (calls["before"], calls["after"]) == (10, 1)


@pytest.mark.parametrize("last", ["0s", "1MB", "half", "30", "", "-1s", "nan s"])
def test_what_cannot_be_meant_is_refused(tmp_path: Path, last: str) -> None:
    with pytest.raises(tracypy.SettingError, match="last"):
        tracypy.start_recording(tmp_path / "out.tracy", last=last)


def test_a_size_that_ends_the_recording_contradicts(tmp_path: Path) -> None:
    with pytest.raises(tracypy.SettingError, match="max_size"):
        tracypy.record(tmp_path / "out.tracy", last="30s", max_size="1MB")
    _out, err = record(tmp_path, "--last", "30s", "--max-size", "1MB", program="", code=2)
    assert "leave out one" in err


def test_children_of_a_fork_leave_the_ring_alone(tmp_path: Path) -> None:
    record(
        tmp_path,
        *("--last", "0.5s"),
        program="""
            import os
            for _ in range(5):
                child = os.fork()
                if child == 0:
                    rounds(10)
                    try:
                        tracypy.save_recording()
                    except tracypy.RecordingError:
                        os._exit(7)
                    os._exit(1)
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
                rounds(100, 0.001)
            """,
    )
    assert set(rounds_in(tmp_path / "out.tracy")) <= set(range(100))
    assert files_in(tmp_path) == ["out.tracy"]
