"""Every kind of event in signal handlers, finalizers, threads, trace functions, around forks and at the end."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.programs import program
from support.target import Target, running

if TYPE_CHECKING:
    from support.viewer import Trace

PROGRAM = program("events_anywhere")
# Python 3.12 and later warn of a fork with threads.
QUIET = {"PYTHONWARNINGS": "ignore::DeprecationWarning"}
WAYS = ["in_signal_handlers", "in_finalizers", "in_threads", "in_trace_functions", "around_forks"]


def output_of(target: Target) -> str:
    """Wait for a success that is silent but for what is true of images that come so fast."""
    code, out, errors = target.finish()
    told = [line for line in errors.splitlines() if "they came faster than they were made small" not in line]
    assert (code, [line for line in told if "a frame was given two images" not in line]) == (0, [])
    return out


def of_viewer(trace: Trace) -> dict[str, int]:
    """How often a viewer shows each kind that it can count."""
    return {
        "zone": trace.counts()["anywhere"],
        "task": trace.counts()["waits"],
        "message": sum(message.text.startswith("message ") for message in trace.messages),
        "plot": len(trace.plots["curve"]),
        "frame mark": len(trace.frames["anywhere"]),
        "memory": len(trace.memory_pools["arena"].allocations),
    }


def of_recording(trace: tracypy.trace.Trace) -> dict[str, int]:
    return {
        "zone": sum(row.calls for row in trace.functions() if trace.source_locations[row.location].label == "anywhere"),
        "task": sum(row.calls for row in trace.functions() if row.name == "waits"),
        "message": sum(message.text.startswith("message ") for message in trace.messages),
        "plot": sum(len(plot) for plot in trace.plots if plot.name == "curve"),
        "frame mark": sum(len(frames) for frames in trace.frames if frames.name == "anywhere"),
        "memory": sum(len(pool) for pool in trace.memory if pool.name == "arena"),
    }


@pytest.mark.parametrize("protocol", [66, 82])
@pytest.mark.parametrize("way", WAYS)
def test_a_viewer_gets_each_event(tmp_path: Path, way: str, protocol: int) -> None:
    with running(tmp_path, PROGRAM, environment={**QUIET, "WAY": way}) as target:
        trace = target.viewer(protocol).run()
        told = Counter(json.loads(output_of(target)))
    shown = of_viewer(trace)
    if way == "in_trace_functions":
        del shown["task"]  # there the interpreter reports no calls
    assert shown == {kind: told[kind] for kind in shown}


@pytest.mark.parametrize("way", WAYS)
def test_a_recording_has_each_event(tmp_path: Path, way: str) -> None:
    path = tmp_path / "out.tracy"
    with running(tmp_path, PROGRAM, environment={**QUIET, "WAY": way, "OUT": str(path)}) as target:
        told = Counter(json.loads(output_of(target)))
    had = of_recording(tracypy.open(path))
    if way == "in_trace_functions":
        del had["task"]
    assert had == {kind: told[kind] for kind in had}


@pytest.mark.parametrize("protocol", [66, 82])
def test_the_end_of_the_program_is_as_ever_with_a_viewer(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, PROGRAM, environment={**QUIET, "WAY": "at_the_end"}) as target:
        target.viewer(protocol).run()
        assert json.loads(output_of(target)) == {}


def test_the_end_of_the_program_is_as_ever_with_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    with running(tmp_path, PROGRAM, environment={**QUIET, "WAY": "at_the_end", "OUT": str(path)}) as target:
        assert json.loads(output_of(target)) == {}
    assert tracypy.open(path).messages
