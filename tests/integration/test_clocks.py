"""Which clock events are stamped with: it is said, everybody of a family reads the same, and times are right with each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.command_line import mistake, tracypy_command
from support.recorded_program import clean_environment

#: A zone between two pairs of readings of the same clock, children that are given other environments, and what they see.
PROGRAM = """
import json, os, subprocess, sys, time

def work(count):
    begin = time.monotonic_ns()
    for _ in range(count):
        step()
    time.sleep(0.03)
    return time.monotonic_ns() - begin

def step():
    pass

def outer(count):
    before = time.monotonic_ns()
    inside = work(count)
    return inside, time.monotonic_ns() - before

def child(**environment):
    subprocess.run([sys.executable, __file__, "child"], check=True, env=environment)

if sys.argv[1:] == ["child"]:
    work(100)
    sys.exit(os.environ.get("TRACYPY_CLOCK") not in (None, "counter"))
inside, outside = outer(500)
child()
child(TRACYPY_CLOCK="counter")
print(json.dumps([inside, outside]))
"""


def recorded(folder: Path, clock: str) -> tuple[tracypy.Trace, list[int], str]:
    """What the program's trace has, what it measured itself, and what was said on stderr."""
    folder.mkdir(exist_ok=True)
    (folder / "p.py").write_text(PROGRAM)
    result = subprocess.run(
        [sys.executable, "-m", "tracypy", "record", "-f", "-o", "out.tracy", "p.py"], cwd=folder, capture_output=True,
        text=True, timeout=200, check=False, env=clean_environment() | {"TRACYPY_CLOCK": clock},
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return tracypy.open(folder / "out.tracy"), json.loads(result.stdout), result.stderr


def zones(trace: tracypy.Trace, name: str) -> list[tracypy.Zone]:
    """All zones of that name, as they began."""
    found = [
        zone
        for thread in trace.threads
        for zone in thread.iter_zones()
        if trace.source_locations[zone.location].label == name
    ]
    return sorted(found, key=lambda zone: zone.start_ns)


@pytest.mark.parametrize("clock", ["monotonic", "auto"])
def test_calls_and_times_are_right_by_each_clock(tmp_path: Path, clock: str) -> None:
    trace, (inside, outside), said = recorded(tmp_path, clock)
    assert "another clock" not in said
    functions = {each.name: each for each in trace.functions()}
    assert (functions["work"].calls, functions["step"].calls) == (3, 700)
    works = zones(trace, "work")
    assert inside * 0.9999 <= works[0].end_ns - works[0].start_ns <= outside * 1.0001
    # Those of the children are where they were: while their parent waited for them.
    waits = zones(trace, "child")
    for wait, work in zip(waits, works[1:], strict=True):
        assert wait.start_ns <= work.start_ns <= work.end_ns <= wait.end_ns


def test_the_system_s_clock_counts_nanoseconds_and_the_trace_says_so(tmp_path: Path) -> None:
    trace, _times, _said = recorded(tmp_path, "Monotonic")
    assert trace.info.ns_per_tick == 1.0
    assert "Clock: the system's monotonic clock, as TRACYPY_CLOCK says" in trace.info.host


def test_recordings_by_different_clocks_are_not_taken_for_ones_of_the_same(tmp_path: Path) -> None:
    for clock in ("monotonic", "counter"):
        recorded(tmp_path / clock, clock)
    words = ["merge", "monotonic/out.tracy", "counter/out.tracy", "-o", "both.tracy"]
    result = tracypy_command(*words, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert ("by the machine's counter" in result.stdout) is not tracypy_counts()
    recorded(tmp_path / "counter", "monotonic")
    result = tracypy_command(*words, "-f", cwd=tmp_path)
    assert "by the machine's counter" in result.stdout


def tracypy_counts() -> bool:
    """Whether this machine has a counter."""
    return "counter" in tracypy_command("--version", TRACYPY_CLOCK="counter").stdout.splitlines()[-1].split(",")[0]


def test_the_version_says_which_clock_it_is() -> None:
    said = tracypy_command("--version", TRACYPY_CLOCK="monotonic").stdout
    assert "clock         the system's monotonic clock, as TRACYPY_CLOCK says" in said
    assert "  clock  " in tracypy_command("--version").stdout


def test_a_clock_that_nobody_has_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("pass\n")
    text = mistake(tracypy_command("record", "p.py", cwd=tmp_path, TRACYPY_CLOCK="sundial"))
    assert text == "TRACYPY_CLOCK: 'sundial' is not one of auto, counter, monotonic"
