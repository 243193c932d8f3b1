"""`tracypy.capture` keeps what other clients send, kind by kind, as real capture tools do.

The oracles: the strict viewer on the same conversation, the files that real tools made of the recorded ones, and real tools that take
our files in.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.all_kinds import program_of_all_kinds
from support.captures import update_programs
from support.toy_conversations import converse
from support.toy_server import answering, playing
from support.trace_reader import FileFacts, read_trace_file
from support.vectors import RECORDINGS, Recording, needs_vectors, replay, replaying
from support.viewer import PROTOCOLS
from support.viewer_facts import comparable, facts_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from support.viewer import Trace

#: On the wire the bits of a pixel count otherwise than in a file: what 0, 1, 2 and 3 become.
_IN_FILE = (1, 3, 2, 0)


def capture(
    path: Path, talk: Callable[[socket.socket, int], bool]
) -> tuple[FileFacts, tracypy.captured.CaptureSummary]:
    with answering(talk) as port:
        summary = tracypy.capture(path, port=port, connect_timeout=60)
    return read_trace_file(path.read_bytes()), summary


def same(file: FileFacts, expected: FileFacts) -> None:
    """Part by part; a real tool leaves out the runs of fibers without zones, and tracypy has them."""
    runs = {name: runs for name, runs in file.fiber_runs.items() if name in expected.fiber_runs}
    found = comparable(replace(file, version=expected.version, fiber_runs=runs))
    wanted = comparable(expected)
    for part, value in wanted.items():
        assert found[part] == value, part
    assert found.keys() == wanted.keys()


def images(trace: Trace) -> list[tuple[int, int, bool, bytes]]:
    """The pictures as files have them; real tools change them a little, to pack them better."""

    def turned(data: bytes) -> bytes:
        found = bytearray(data)
        for block in range(0, len(found), 8):
            for row in range(block + 4, block + 8):
                found[row] = sum(_IN_FILE[found[row] >> shift & 3] << shift for shift in range(0, 8, 2))
        return bytes(found)

    return [
        (image.width, image.height, bool(image.flip), turned(image.data))
        for image in trace.frame_images
        if image.is_shown
    ]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_capture_has_every_kind_that_the_strict_viewer_has(protocol: int, tmp_path: Path) -> None:
    trace = converse(program_of_all_kinds(protocol)).trace
    toy = program_of_all_kinds(protocol)
    toy.stream.event("Terminate")
    file, summary = capture(tmp_path / "all.tracy", playing(toy))
    same(file, facts_of(trace))
    assert file.images == images(trace)
    assert file.gpu["queue"]
    assert file.locks
    assert file.zone_callstacks is not None
    assert any(message.callstack for message in file.messages)
    assert summary.not_kept == {"parameters": 1}


@needs_vectors
@pytest.mark.parametrize("recording", RECORDINGS, ids="-".join)
def test_a_capture_of_a_recorded_program_is_what_the_real_tool_saved(recording: Recording, tmp_path: Path) -> None:
    real = read_trace_file((recording.directory / "trace.tracy").read_bytes())
    file, summary = capture(tmp_path / "out.tracy", replaying(recording))
    if (recording.release, recording.flavour) == ("0.14.0", "demand"):
        # There the client repeats SectionSetup without its text, and the real viewer takes a stale one.
        real = replace(real, section_categories=file.section_categories)
    same(file, real)
    assert file.images == images(replay(recording))
    assert set(summary.not_kept) == {"parameters"}
    assert file.version <= real.version


@pytest.mark.skipif(not update_programs(), reason="no tracy-update is given (TRACYPY_PEERS)")
@pytest.mark.parametrize("release", update_programs())
@pytest.mark.parametrize("protocol", [66, 76])
def test_a_real_tool_reads_what_was_captured(protocol: int, release: str, tmp_path: Path) -> None:
    toy = program_of_all_kinds(protocol)
    toy.stream.event("Terminate")
    ours, theirs = tmp_path / "ours.tracy", tmp_path / "theirs.tracy"
    file, _ = capture(ours, playing(toy))
    subprocess.run([str(update_programs()[release]), str(ours), str(theirs)], check=True, timeout=200)
    same(file, replace(read_trace_file(theirs.read_bytes()), version=file.version))
