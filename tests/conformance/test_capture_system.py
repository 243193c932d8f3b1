"""What machine, system and GPU tell of a program: `tracypy.capture` against real capture tools on the same conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tracypy

from support.captures import capture_program, capture_protocols, run_capture
from support.stream_builder import ToyProgram
from support.system_talk import THREAD, tell_of_gpus, tell_of_the_system
from support.toy_conversations import CODE_TRANSFER
from support.toy_server import answering, playing
from support.trace_reader import FileFacts, read_trace_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def capture_both(tell: Callable[[ToyProgram], None], protocol: int, tmp_path: Path) -> tuple[FileFacts, FileFacts]:
    """The file of tracypy, and that of the real tool."""

    def program() -> ToyProgram:
        toy = ToyProgram(protocol, exec_time=5, flags=CODE_TRANSFER)
        toy.location(0x1000, "f")
        toy.location(0x2000, "g")
        toy.stream.thread(THREAD)
        tell(toy)
        toy.stream.event("Terminate")
        return toy

    ours, theirs = tmp_path / "ours.tracy", tmp_path / "theirs.tracy"
    with answering(playing(program())) as port:
        summary = tracypy.capture(ours, port=port, connect_timeout=60)
    with answering(playing(program())) as port, run_capture(capture_program(protocol), port, theirs) as capture:
        capture.wait()
    assert (summary.ending, summary.not_kept) == ("finished", {})
    return read_trace_file(ours.read_bytes()), read_trace_file(theirs.read_bytes())


@pytest.mark.parametrize("protocol", capture_protocols())
def test_what_the_system_tells_is_what_a_real_tool_saves(protocol: int, tmp_path: Path) -> None:
    ours, theirs = capture_both(tell_of_the_system, protocol, tmp_path)
    for file in (ours, theirs):
        file.system["topology"] = [(place[0], *place[-2:]) for place in file.system["topology"]]  # not all have dies
    if protocol < 73:
        # Tools of before 0.12 forget a wake-up that comes before its thread has stopped.
        woken, *rest = ours.system["switches"][THREAD][1]
        assert woken == 1025
        ours.system["switches"][THREAD][1] = (rest[0], *rest)
    for part, value in theirs.system.items():
        assert ours.system[part] == value, part
    assert ours.system.keys() == theirs.system.keys()
    assert ours.system["samples"][THREAD][0] == 1
    assert ours.system["codes"] == [(0x40_5000, b"\xc3")]
    assert ours.system["crash"][2] == "segmentation fault"
    assert ours.version <= theirs.version


@pytest.mark.parametrize("protocol", capture_protocols())
def test_gpu_zones_have_the_times_that_a_real_tool_works_out(protocol: int, tmp_path: Path) -> None:
    ours, theirs = capture_both(tell_of_gpus, protocol, tmp_path)
    assert ours.gpu == theirs.gpu
    assert ours.gpu_notes == theirs.gpu_notes
    assert len(ours.gpu) == 4
    assert all(len(zones) == 2 and zones[1].callstack == ("main b.c:3",) for zones in ours.gpu.values())
