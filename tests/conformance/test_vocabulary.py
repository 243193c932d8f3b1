"""What a program says beside its zones, as real capture programs and csvexport have it, live and from a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.captures import (
    capture_program,
    capture_protocols,
    csvexport,
    csvexport_program,
    run_capture,
)
from support.target import running

SAID = """
tracypy.message("first")
with tracypy.zone("inside"):
    tracypy.message("careful, \\u00fcnï", severity="warning")
    for i in range(4):
        tracypy.plot("load", i * 1.5)
        tracypy.plot("queue", 2**40 + i)
tracypy.message("x" * 300, color="gold")
"""
MESSAGES = ["first", "careful, ünï", "x" * 300]
POINTS = [("load", i * 1.5) for i in range(4)] + [("queue", 2.0**40 + i) for i in range(4)]


def captured(folder: Path, protocol: int) -> Path:
    output = folder / "captured.tracy"
    connected = "import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"
    with running(folder, connected + SAID) as target:
        with run_capture(capture_program(protocol), target.port, output) as capture:
            assert capture.wait(60).failure is None
        target.expect_success()
    return output


def recorded(folder: Path) -> Path:
    output = folder / "recorded.tracy"
    body = "".join(f"    {line}\n" for line in SAID.splitlines())
    with running(folder, f"import tracypy\nwith tracypy.record({str(output)!r}):\n" + body) as target:
        target.expect_success()
    return output


def points_of(trace: tracypy.trace.Trace) -> list[tuple[str, float]]:
    return sorted((plot.name, value) for plot in trace.plots if plot.name for _, value in plot.iter_points())


@pytest.mark.parametrize("protocol", capture_protocols())
def test_a_real_capture_has_it(tmp_path: Path, protocol: int) -> None:
    trace = tracypy.open(captured(tmp_path, protocol))
    assert [message.text for message in trace.messages] == MESSAGES
    assert trace.messages[2].color == 0xFFD700
    severity = trace.messages[1].severity
    assert (severity == "warning") if protocol >= 82 else (trace.messages[1].color != 0 and severity == "info")
    assert points_of(trace) == POINTS
    assert {plot.format for plot in trace.plots if plot.name} == {"number"}


@pytest.mark.skipif(csvexport_program("0.14.0") is None, reason="no csvexport of 0.14.0 is given (TRACYPY_PEERS)")
def test_csvexport_prints_what_a_recording_has(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    messages = csvexport(path, "-m", release="0.14.0")
    assert [row["MessageName"] for row in messages] == MESSAGES
    plots = [row for row in csvexport(path, "-u", "-p", release="0.14.0") if not row["exec_time_ns"]]
    assert sorted((row["name"], float(row["value"])) for row in plots) == POINTS
    trace = tracypy.open(path)
    assert [message.text for message in trace.messages] == MESSAGES
    assert points_of(trace) == POINTS
