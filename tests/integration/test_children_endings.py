"""The end of a root whose children go on, and limits of its recording."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import clean_environment, record
from support.recording_facts import calls_of

CHILD = """
import os, sys, time
def work():
    pass
for _ in range(50): work()
print("up", flush=True)
sys.stdin.readline()
for _ in range(50): work()
monitored = any(sys.monitoring.get_events(n) for n in range(6) if sys.monitoring.get_tool(n))
print("down", monitored, len(os.listdir("/proc/self/task")), flush=True)
"""


class Root:
    """A recorded program with a child that says what it does, and that waits to be told."""

    def __init__(self, folder: Path, *words: str, ends_by: str = "") -> None:
        (folder / "child.py").write_text(CHILD)
        (folder / "p.py").write_text(
            "import os, subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, 'child.py'])\n"
            f"sys.stdout.close(); {ends_by or 'child.wait()'}\n"
        )
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", *words, "p.py"], cwd=folder, text=True,
            env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"
        time.sleep(0.3)  # what has happened is on its way

    def wait_for_trace(self) -> None:
        while not (self.folder / "out.tracy").exists():
            time.sleep(0.01)

    def let_child_go_on(self) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.close()
        self.process.stdin = None
        return self.process.stdout.read()


@pytest.mark.parametrize(
    "ends_by", ["os.kill(os.getpid(), 9)", "os._exit(3)", "sys.exit(3)", "os.execv('/bin/true', ['true'])"]
)
def test_child_goes_on_when_the_root_ends(tmp_path: Path, ends_by: str) -> None:
    """Its rows end with what had arrived. Nothing of us is left in it."""
    root = Root(tmp_path, ends_by=f"time.sleep(0.5); {ends_by}")
    code = root.process.wait(100)
    assert code == {"os.k": -signal.SIGKILL, "os.e": 0}.get(ends_by[:4], 3)
    root.wait_for_trace()
    time.sleep(0.2)
    assert root.let_child_go_on() == "down False 1\n"
    root.process.communicate()
    assert calls_of(tmp_path / "out.tracy")["work"] == 50


def test_limit_of_the_recording_ends_that_of_the_children(tmp_path: Path) -> None:
    root = Root(tmp_path, "--seconds", "1.5")
    root.wait_for_trace()
    assert root.let_child_go_on() == "down False 1\n"
    assert root.process.wait(100) == 0
    root.process.communicate()
    assert calls_of(tmp_path / "out.tracy")["work"] == 50


def test_children_after_a_limit_are_started_as_ever(tmp_path: Path) -> None:
    program = """
        import subprocess, sys, time
        time.sleep(1)
        subprocess.run([sys.executable, "-c", "def work(): pass\\nwork(); import sys; print(any(sys.monitoring.get_events(n) for n in range(6) if sys.monitoring.get_tool(n)))"], check=True)
        """
    out, _err = record(tmp_path, "--seconds", "0.5", program=program)
    assert out == "False\n"
    assert calls_of(tmp_path / "out.tracy")["work"] == 0


def test_last_moments_have_those_of_children(tmp_path: Path) -> None:
    program = """
        import os, time
        def work(): pass
        child = os.fork()
        if child == 0:
            for _ in range(30):
                for _ in range(100): work()
                time.sleep(0.1)
            os._exit(0)
        os.waitpid(child, 0)
        """
    record(tmp_path, "--last", "1s", program=program)
    calls = calls_of(tmp_path / "out.tracy")["work"]
    assert 500 <= calls < 2900
    assert calls % 100 == 0


def test_what_children_leave_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With little memory and "skip", the count of what is there and of what is not is that of what ran."""
    monkeypatch.setenv("TRACYPY_BUFFER_MB", "1")
    monkeypatch.setenv("TRACYPY_BUFFER_POLICY", "skip")
    program = """
        import os
        def work(): pass
        child = os.fork()
        if child == 0:
            for _ in range(2_000_000): work()
            os._exit(0)
        os.waitpid(child, 0)
        """
    (tmp_path / "p.py").write_text("")
    result = subprocess.run(
        [sys.executable, "-c", "import sys; from tracypy.cli import main; main()", "record", "-o", "out.tracy", "-c",
         "\n".join(line[8:] for line in program.splitlines())],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=200,
    )  # fmt: skip
    calls = calls_of(tmp_path / "out.tracy")["work"]
    trace = tracypy.open(tmp_path / "out.tracy")
    told = [message.text for message in trace.messages if "left out" in message.text]
    left_out = sum(int(text.partition("left out ")[2].split()[0].replace(",", "")) for text in told)
    assert all(text.startswith(("python -c (", "-c (")) for text in told)
    assert calls + left_out == 2_000_000 or calls == 2_000_000
    if left_out:
        assert "Left out:" in result.stderr
    assert [thread.name for thread in trace.threads if thread.name.endswith("tracypy")] in ([], ["tracypy"])
    assert os.path.exists(tmp_path / "p.py")
