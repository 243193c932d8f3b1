"""`tracypy capture --all`: every program that announces itself, in a network of the test's own.

Others on this machine must not be found: so the programs and the capture run where there is no network but a loopback of their own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracypy
from tracypy.capturing_all import capture_all

from support.own_network import ALONE, PROGRAM, needs_own_network

#: Starts both programs and the command, and interrupts that when both have come to their end.
SCENE = """\
import os, signal, subprocess, sys

words = sys.argv[1:]
programs = [
    subprocess.Popen([sys.executable, "program.py", name, count], env={**os.environ, "TRACY_NO_EXIT": "1"})
    for name, count in (("one/../two", "3"), ("other", "5"))
]
capture = subprocess.Popen([sys.executable, "-m", "tracypy", "capture", "--all", *words])
for program in programs:
    assert program.wait(100) == 0
capture.send_signal(signal.SIGINT)
sys.exit(capture.wait(100))
"""


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "scene.py").write_text(SCENE)
    return subprocess.run(
        [*ALONE, sys.executable, "scene.py", *words],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def steps(path: Path) -> int:
    trace = tracypy.open(path)
    return sum(
        trace.source_locations[zone.location].label == "step"
        for thread in trace.threads
        for zone in thread.iter_zones()
    )


@needs_own_network
def test_each_program_has_a_file(tmp_path: Path) -> None:
    result = run(tmp_path, "-o", "out")
    assert result.returncode == 0, result.stderr
    files = sorted((tmp_path / "out").iterdir())
    assert [(path.name.split("-")[0], steps(path)) for path in files] == [("one_.._two", 3), ("other", 5)]
    assert result.stderr.count("receiving from ") >= 2
    assert result.stderr.count(": finished") == 2
    assert all(f"out/{path.name}: " in result.stdout for path in files)


@needs_own_network
def test_all_of_them_are_one_file(tmp_path: Path) -> None:
    result = run(tmp_path, "-o", "out.tracy", "--merge")
    assert result.returncode == 0, result.stderr
    assert steps(tmp_path / "out.tracy") == 8
    assert "by the machine's counter" in result.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.tracy", "program.py", "scene.py"]


@needs_own_network
def test_nobody_there_is_told(tmp_path: Path) -> None:
    words = [*ALONE, sys.executable, "-m", "tracypy", "capture", "--all", "-o", "out", "-s", "1"]
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert result.returncode == 1
    assert "no program was captured" in result.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--merge"], "--merge goes with --all"),
        (["--all", "-p", "9000"], "--port does not go with --all"),
        (["--all", "--protocol", "76"], "--protocol does not go with --all"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, words: list[str], text: str) -> None:
    command = [sys.executable, "-m", "tracypy", "capture", "-o", "out", *words]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=100, check=False)
    assert result.returncode == 2
    assert text in result.stderr


def test_a_limit_below_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        capture_all(tmp_path, seconds=-1)
