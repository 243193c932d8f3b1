"""The program deletes, moves or fills the folder of its recording; and journals that lie in a folder are told of."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import clean_environment
from support.recording_facts import calls_of, files_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files that are open cannot be deleted there")

#: What programs do to an output folder; `d` is the recording's, which is d/out.tracy.
DEEDS = {
    "clean": "for name in os.listdir('d'): os.unlink(f'd/{name}')",
    "again": "shutil.rmtree('d'); os.mkdir('d')",
    "journal": "os.unlink('d/out.tracy.journal')",
    "part": "os.unlink('d/out.tracy.part')",
    "rmtree": "shutil.rmtree('d')",
    "rename": "os.rename('d', 'moved')",
    "rename both": "os.rename('d', 'moved'); os.mkdir('d')",
    "rename journal": "os.rename('d/out.tracy.journal', 'd/something')",
    "deeper": "shutil.rmtree(os.getcwd()); os.chdir('/')",
    "copied elsewhere": "shutil.copytree('d', 'moved'); shutil.rmtree('d')",
    "link": "os.rename('d', 'moved'); os.symlink('moved', 'd')",
}
PROGRAM = """
import os, shutil, signal, sys, time
def work(): pass
def work_often(count):
    for _ in range(count): work()
"""


def run(folder: Path, source: str, *, recorded: bool = True, name: str = "d/out.tracy") -> tuple[int, str, str]:
    """By the command, or by the API if `recorded` is false."""
    program = folder.parent / "program.py"
    program.write_text(PROGRAM + textwrap.dedent(source))
    words = ["-m", "tracypy", "record", "-o", name] if recorded else []
    with open(folder.parent / "err.txt", "w+") as err:
        result = subprocess.run(
            [sys.executable, *words, str(program)],
            cwd=folder, stdout=subprocess.PIPE, stderr=err, text=True, timeout=200, env=clean_environment(), check=False,
        )  # fmt: skip
        err.seek(0)
        return result.returncode, result.stdout, err.read()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    (folder / "d").mkdir(parents=True)
    return folder


def all_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("lasting", [False, True], ids=["short", "long enough for a trace that is made meanwhile"])
@pytest.mark.parametrize("deed", DEEDS)
def test_recording_is_saved_whatever_becomes_of_its_folder(folder: Path, deed: str, lasting: bool) -> None:
    rest = "time.sleep(0.4)" if lasting else ""
    code, _out, err = run(folder, f"{rest}\nwork_often(1000)\n{DEEDS[deed]}\nwork_often(1000)\n{rest}")
    assert (code, err.count("Open it:")) == (0, 1), err
    assert calls_of(folder / "d" / "out.tracy")["work"] == 2000
    left = ["d/out.tracy"] + [f"moved/out.tracy.{kind}" for kind in ("journal", "part") if deed == "copied elsewhere"]
    if deed == "link":
        left = ["moved/out.tracy"]
    assert all_files(folder) == left


@pytest.mark.parametrize("deed", ["clean", "rmtree", "rename"])
def test_the_same_from_the_api(folder: Path, deed: str) -> None:
    source = f"""
        import tracypy
        with tracypy.record("d/out.tracy") as recording:
            work_often(1000)
            {DEEDS[deed]}
            work_often(1000)
        print(recording.summary.path)
    """
    assert run(folder, source, recorded=False) == (0, f"{folder / 'd' / 'out.tracy'}\n", "")
    assert calls_of(folder / "d" / "out.tracy")["work"] == 2000
    assert all_files(folder) == ["d/out.tracy"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sees how long the journal is by /proc")
@pytest.mark.parametrize("deed", ["clean", "again", "journal", "part", "rmtree", "rename"])
def test_the_same_when_the_program_is_killed_then(folder: Path, deed: str) -> None:
    source = f"""
        def sizes():
            for number in os.listdir("/proc/self/fd"):
                try: link = os.readlink(f"/proc/self/fd/{{number}}")
                except OSError: continue
                if "out.tracy.journal" in link: return os.fstat(int(number)).st_size
        {DEEDS[deed]}
        work_often(1000)
        for _ in range(2):
            size = sizes()
            while sizes() == size: pass
        os.kill(os.getpid(), signal.SIGKILL)
    """
    code, _out, _err = run(folder, source)
    assert code == -signal.SIGKILL
    until = time.monotonic() + 100
    while all_files(folder) != ["d/out.tracy"] or "ended before" not in (folder.parent / "err.txt").read_text():
        assert time.monotonic() < until, all_files(folder)
        time.sleep(0.005)
    assert calls_of(folder / "d" / "out.tracy")["work"] == 1000


def check_truth(folder: Path, err: str) -> None:
    """One line, in which no file is said to have something that is not there."""
    assert err.startswith("tracypy: ")
    assert err.count("\n") == 1
    for name in re.findall(r"is in (\S+?)[,\n]|tracypy recover (\S+?)`", err):
        assert (folder / "".join(name)).is_file(), err


@pytest.mark.parametrize("recorded", [True, False], ids=["command", "API"])
def test_folder_that_has_become_a_file_is_no_place_for_a_trace(folder: Path, recorded: bool) -> None:
    source = "shutil.rmtree('d')\nopen('d', 'w').close()"
    if not recorded:
        source = f"import tracypy\ntracypy.start_recording('d/out.tracy')\n{source}"
    code, _out, err = run(folder, source, recorded=recorded)
    assert code == 0
    check_truth(folder, err)
    assert "what was recorded is lost" in err
    assert all_files(folder) == ["d"]


def test_trace_is_refused_and_the_journal_put_back(folder: Path) -> None:
    """The name is taken meanwhile, and the journal deleted."""
    code, _out, err = run(
        folder, "work_often(1000)\nshutil.rmtree('d'); os.mkdir('d'); open('d/out.tracy', 'w').close()"
    )
    assert code == 0
    check_truth(folder, err)
    assert "exists already" in err
    assert all_files(folder) == ["d/out.tracy", "d/out.tracy.journal"]
    tracypy.recover(folder / "d" / "out.tracy.journal", folder / "other.tracy")
    assert calls_of(folder / "other.tracy")["work"] == 1000


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGKILL)"], ids=["ends", "killed"])
@pytest.mark.parametrize("deed", ["open('d/out.tracy.journal', 'w').close()", "os.truncate('d/out.tracy.journal', 10)"])
def test_journal_that_was_emptied_is_said_to_be_of_no_use(folder: Path, deed: str, end: str) -> None:
    code, _out, _err = run(folder, f"work_often(1000)\n{deed}\nwork_often(1000)\n{end}")
    assert code == (-signal.SIGKILL if end else 0)
    until = time.monotonic() + 100
    while not (err := (folder.parent / "err.txt").read_text()):  # by the keeper
        assert time.monotonic() < until
        time.sleep(0.005)
    made = folder / "d" / "out.tracy"
    if made.exists():  # on a slow machine, all of it may have been read by then, to make the trace early
        assert calls_of(made)["work"] == 2000
        return
    check_truth(folder, err)
    assert "tracypy recover" not in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_may_not_be_written_any_more(folder: Path) -> None:
    code, _out, err = run(folder, "work_often(1000)\nos.chmod('d', 0o500)")
    os.chmod(folder / "d", 0o700)
    assert code == 0
    check_truth(folder, err)
    tracypy.recover(folder / "d" / "out.tracy")
    assert calls_of(folder / "d" / "out.tracy")["work"] == 1000


# --- journals that were left behind -------------------------------------------------------------------------------


def leave_journals(folder: Path, *names: str) -> None:
    """As programs do that record by the API and are killed."""
    for name in names:
        source = f"import tracypy\ntracypy.start_recording({name!r}, overwrite=True)\nwork_often(1000)\nos.kill(os.getpid(), 9)"
        assert run(folder, source, recorded=False)[0] == -signal.SIGKILL
        assert (folder / f"{name}.journal").exists()


RECORDING = """
    import tracypy
    for _ in range(2):
        with tracypy.record("new.tracy", overwrite=True): pass
"""


def test_next_recording_in_the_folder_tells_once_of_what_lies_there(folder: Path) -> None:
    leave_journals(folder, "a b.tracy")
    journal = folder / "a b.tracy.journal"
    told = f"tracypy: {journal} was left behind by a recording that did not come to its end: `tracypy recover '{journal}'` makes a trace of it"
    assert run(folder, RECORDING, recorded=False) == (0, "", f"{told}\n")
    assert run(folder, "", name="cli.tracy")[2].splitlines()[0] == told
    leave_journals(folder, "b.tracy", "c.tracy")
    assert run(folder, RECORDING, recorded=False) == (0, "", f"{told} (as is what is in 2 more there)\n")
    for name in ("a b", "b", "c"):
        tracypy.recover(folder / f"{name}.tracy")
    assert run(folder, RECORDING, recorded=False) == (0, "", "")


def test_journals_of_others_that_run_are_not_told_of(folder: Path) -> None:
    tracypy.start_recording(folder / "running.tracy")
    try:
        assert run(folder, RECORDING, recorded=False) == (0, "", "")
    finally:
        tracypy.stop_recording()


def test_journal_that_is_overwritten_is_not_told_of(folder: Path) -> None:
    leave_journals(folder, "new.tracy")
    assert run(folder, RECORDING, recorded=False) == (0, "", "")
    assert files_in(folder, "new.tracy") == ["new.tracy"]


def tracypy_says(folder: Path, *words: str) -> tuple[int, str]:
    result = subprocess.run(
        [sys.executable, "-m", "tracypy", *words], cwd=folder, capture_output=True, text=True, timeout=200,
        env=clean_environment(), check=False,
    )  # fmt: skip
    return result.returncode, result.stderr


@pytest.mark.parametrize("command", ["report", "export", "flamegraph"])
def test_commands_that_are_given_a_trace_that_is_not_there_name_its_journal(folder: Path, command: str) -> None:
    leave_journals(folder, "out.tracy")
    options = ["--to", "chrome"] if command == "export" else []
    code, err = tracypy_says(folder, command, *options, "out.tracy")
    assert code == 2
    assert err.count("\n") == 1
    assert "there is no out.tracy: out.tracy.journal was left behind" in err
    assert "`tracypy recover out.tracy.journal`" in err


def test_commands_that_write_a_file_tell_of_journals_beside_it(folder: Path) -> None:
    leave_journals(folder, "lost.tracy")
    with tracypy.record(folder / "d" / "whole.tracy"):
        pass
    code, err = tracypy_says(folder, "flamegraph", "d/whole.tracy", "-o", "page.html")
    assert code == 0
    assert [line for line in err.splitlines() if "recover" in line] == [err.splitlines()[-1]]
    assert "`tracypy recover lost.tracy.journal`" in err


def test_report_waits_for_a_trace_that_is_just_being_made(folder: Path) -> None:
    """As in a script that has its program killed, and looks at once why it took so long."""
    leave_journals(folder, "out.tracy")
    journal = folder / "out.tracy.journal"
    shutil.copy(journal, folder / "copy.journal")
    with open(journal) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # as the keeper has it meanwhile
        with subprocess.Popen(
            [sys.executable, "-m", "tracypy", "report", "out.tracy"], cwd=folder, stdout=subprocess.PIPE, text=True
        ) as report:
            with pytest.raises(subprocess.TimeoutExpired):
                report.wait(1)
            tracypy.recover(folder / "copy.journal", folder / "out.tracy")
            journal.unlink()
            lock.close()
            out, _err = report.communicate(timeout=200)
    assert report.returncode == 0
    assert out.startswith("program.py @")
