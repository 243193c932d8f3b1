"""Files that real capture tools have written, against what the strict viewer made of the same bytes.

Two oracles, of which neither knows the other: what they agree on is so.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support.all_kinds import file_of_all_kinds, program_of_all_kinds
from support.captures import capture_program, capture_protocols, run_capture, update_programs
from support.containers import contents
from support.toy_conversations import converse
from support.toy_server import answering, playing
from support.trace_reader import read_trace_file
from support.vectors import RECORDINGS, VECTORS, Recording, needs_vectors, replay
from support.viewer_facts import comparable, facts_of

if TYPE_CHECKING:
    from pathlib import Path


@needs_vectors
@pytest.mark.parametrize("recording", RECORDINGS, ids="-".join)
def test_the_recorded_files_say_what_the_recorded_conversations_said(recording: Recording) -> None:
    file = read_trace_file((recording.directory / "trace.tracy").read_bytes())
    expected = comparable(replace(facts_of(replay(recording)), version=file.version))
    found = comparable(file)
    if (recording.release, recording.flavour) == ("0.14.0", "demand"):
        # There the client repeats SectionSetup without its text, and the real viewer takes a stale one.
        del found["section_categories"], expected["section_categories"]
    assert found == expected
    assert [(width, height, flip) for width, height, flip, _ in file.images] == [
        (image.width, image.height, image.flip) for image in replay(recording).frame_images
    ]


@pytest.mark.parametrize("protocol", capture_protocols())
def test_a_file_of_all_kinds_says_what_the_strict_viewer_says(protocol: int, tmp_path: Path) -> None:
    trace = converse(program_of_all_kinds(protocol)).trace
    toy = program_of_all_kinds(protocol)
    toy.stream.event("Terminate")
    path = tmp_path / "all.tracy"
    with answering(playing(toy)) as port, run_capture(capture_program(protocol), port, path) as capture:
        capture.wait()
    file = read_trace_file(path.read_bytes())
    assert comparable(file) == comparable(replace(facts_of(trace), version=file.version))


@needs_vectors
def test_every_container_holds_the_same() -> None:
    folder = VECTORS / "0.13.1" / "containers"
    first, *others = (contents(path.read_bytes()) for path in sorted(folder.glob("*.tracy")) if "dict" not in path.name)
    assert all(len(other) == len(first) for other in others)
    facts = [comparable(read_trace_file(path.read_bytes())) for path in sorted(folder.glob("*.tracy"))]
    assert all(each == facts[0] for each in facts)


@pytest.mark.skipif(not update_programs(), reason="no tracy-update is given (TRACYPY_PEERS)")
@pytest.mark.parametrize("release", update_programs())
def test_a_built_file_is_the_same_when_a_real_tool_has_saved_it_again(release: str, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.tracy", tmp_path / "theirs.tracy"
    ours.write_bytes(file_of_all_kinds().to_bytes())
    subprocess.run([str(update_programs()[release]), str(ours), str(theirs)], check=True, timeout=200)
    again = read_trace_file(theirs.read_bytes())
    assert again.version != (0, 11, 0)
    assert replace(again, version=(0, 11, 0)) == read_trace_file(ours.read_bytes())
