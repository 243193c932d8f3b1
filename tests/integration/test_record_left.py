"""`tracypy record` while the interpreter ends: the file is made meanwhile, and the process waits for it at its very last."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tracypy.formatting import size

from support.recorded_program import await_file, clean_environment
from support.recording_facts import calls_of, files_in

WORK = """
import os, signal, threading
def work(): pass
def work_often(count):
    for _ in range(count): work()
threads = [threading.Thread(target=work_often, args=(100_000,)) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
CALLS = 300_000


def record(folder: Path, source: str, *, before_us: str = "") -> tuple[int, str, str]:
    """Exit code, output and stderr. `before_us`: code of a module that is imported before tracypy.

    What that has `atexit` call is called when tracypy has done what it does there.
    """
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(before_us)
    (folder / "p.py").write_text(WORK + source)
    result = subprocess.run(
        [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "p.py"],
        cwd=folder, env=clean_environment() | {"PYTHONPATH": str(folder / "site")}, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    return result.returncode, result.stdout, result.stderr


def is_summed_up(folder: Path, told: str) -> None:
    """Everything is in the file, and that is told once, with its true size."""
    assert re.findall(r": (\S+ \w+) in (\S+)\n", told) == [(size(os.path.getsize(folder / "out.tracy")), "out.tracy")]
    assert told.count("300,000  work") == told.count("More: ") == 1
    assert not (folder / "out.tracy.journal").exists()
    assert calls_of(folder / "out.tracy")["work"] == CALLS


def test_file_is_whole_when_the_process_is_gone(tmp_path: Path) -> None:
    code, out, told = record(tmp_path, "")
    assert (code, out) == (0, "")
    is_summed_up(tmp_path, told)


def test_finalizers_and_exit_code_are_as_ever(tmp_path: Path) -> None:
    code, out, told = record(tmp_path, "class Last:\n    def __del__(self): print('last')\nlast = Last()\nexit(5)\n")
    assert (code, out) == (5, "last\n")
    is_summed_up(tmp_path, told)


def test_os_exit_that_comes_later_waits_for_the_file(tmp_path: Path) -> None:
    code, _out, told = record(tmp_path, "", before_us="import atexit, os\natexit.register(lambda: os._exit(3))\n")
    assert code == 3
    is_summed_up(tmp_path, told)


def test_exec_that_comes_later_waits_for_the_file(tmp_path: Path) -> None:
    before_us = "import atexit, os\natexit.register(lambda: os.execv('/bin/echo', ['echo', 'another']))\n"
    assert record(tmp_path, "", before_us=before_us)[:2] == (0, "another\n")
    assert calls_of(tmp_path / "out.tracy")["work"] == CALLS


def test_fork_that_comes_later_waits_for_the_file(tmp_path: Path) -> None:
    before_us = "import atexit, os\natexit.register(lambda: os.fork() and os.wait())\n"
    code, _out, told = record(tmp_path, "", before_us=before_us)
    assert code == 0
    is_summed_up(tmp_path, told)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no keeper")
def test_program_that_is_killed_by_a_finalizer(tmp_path: Path) -> None:
    """By then the file is made, or the keeper makes it."""
    # With its own names: on CPython 3.13t those of the module may be None by then.
    finalizer = "class Last:\n    def __del__(self, kill=os.kill, me=os.getpid()): kill(me, 9)\nlast = Last()\n"
    code, _out, _told = record(tmp_path, finalizer)
    assert code == -9
    await_file(tmp_path / "out.tracy")
    assert calls_of(tmp_path / "out.tracy")["work"] == CALLS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_interrupt_while_nobody_reads_what_is_told(tmp_path: Path) -> None:
    """Ctrl-C ends the wait, and not the exit code."""
    (tmp_path / "p.py").write_text(
        WORK + "class Last:\n    def __del__(self, open=open): open('last', 'w').close()\nlast = Last()\nexit(5)\n"
    )
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"full" * 1024)
    os.set_blocking(writer, True)
    with subprocess.Popen(
        [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "p.py"], cwd=tmp_path, env=clean_environment(),
        stderr=writer,
    ) as process:  # fmt: skip
        os.close(writer)
        await_file(tmp_path / "last")  # when the interpreter has given back its handler
        await_file(tmp_path / "out.tracy")
        while not catches_interrupts(process.pid):
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(100) == 5
    os.close(reader)
    assert calls_of(tmp_path / "out.tracy")["work"] == CALLS


def catches_interrupts(process: int) -> bool:
    status = Path(f"/proc/{process}/status").read_text()
    return bool(int(status.partition("SigCgt:")[2].split()[0], 16) & 1 << (signal.SIGINT - 1))


def test_what_goes_wrong_with_the_file_is_told(tmp_path: Path) -> None:
    code, _out, told = record(tmp_path, "open('out.tracy', 'w').close()\n")
    assert code == 0
    assert re.fullmatch(r"tracypy: .*out\.tracy exists already.*`tracypy recover .*\n", told)
    assert files_in(tmp_path) == ["out.tracy", "out.tracy.journal"]
