"""A viewer leaves zones of 0 ns out of its statistics: every call lasts, however short, and is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.captures import capture_program, capture_protocols, csvexport, csvexport_program, run_capture
from support.target import running, trace_of
from support.viewer import PROTOCOLS

CALLS = 100_000

WORK = f"""
def leaf():
    pass
def branch():
    leaf()
def loop():
    for _ in range({CALLS}):
        branch()
loop()
"""


def check_file(path: Path) -> None:
    """Every call is there, lasts, and lies within the one around it."""
    trace = tracypy.open(path)
    counts = {function.name: function.calls for function in trace.functions()}
    assert (counts["leaf"], counts["branch"], counts["loop"]) == (CALLS, CALLS, 1)
    (thread,) = [thread for thread in trace.threads if thread.zone_count >= CALLS]
    open_zones: list[tuple[int, int]] = []
    for zone in thread.iter_zones():
        assert zone.end_ns is not None
        assert zone.end_ns > zone.start_ns
        del open_zones[zone.depth :]
        if open_zones:
            assert open_zones[-1][0] <= zone.start_ns
            assert zone.end_ns <= open_zones[-1][1]
        open_zones.append((zone.start_ns, zone.end_ns))
    if csvexport_program() is not None:
        table = {row["name"]: row for row in csvexport(path)}
        for name in ("leaf", "branch"):
            assert int(table[name]["counts"]) == CALLS
            assert int(table[name]["min_ns"]) > 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_call_lasts_in_a_viewer(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, WORK, protocol=protocol)
    counts = trace.counts()
    assert (counts["leaf"], counts["branch"], counts["loop"]) == (CALLS, CALLS, 1)
    assert min(zone.end_ns - zone.begin_ns for zone in trace.zones() if zone.end_ns is not None) >= 1


@pytest.mark.parametrize("protocol", capture_protocols())
def test_every_call_lasts_in_a_real_capture(tmp_path: Path, protocol: int) -> None:
    output = tmp_path / "out.tracy"
    with running(tmp_path, "import tracypy\ntracypy.enable()\nassert tracypy.wait_connected(100)\n" + WORK) as target:
        with run_capture(capture_program(protocol), target.port, output) as capture:
            capture.wait(100)
        assert target.finish()[0] == 0
    check_file(output)


def test_every_call_lasts_in_a_recording(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(WORK, encoding="utf-8")
    output = tmp_path / "out.tracy"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRACYPY_BUFFER")}
    command = [sys.executable, "-m", "tracypy", "record", "-o", str(output), "program.py"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, timeout=100)
    check_file(output)
