"""Recorded conversations of real Tracy clients, gathered: what is in our recording is what Tracy's capture saved."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.toy_server import answering
from support.vectors import RECORDINGS, Recording, needs_vectors, replaying

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = needs_vectors


@pytest.fixture(params=RECORDINGS, ids="-".join)
def traces(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[tracypy.Trace, tracypy.Trace]:
    """What we have recorded, and what the real tool has saved."""
    recording: Recording = request.param
    with (
        tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False),
        answering(replaying(recording)) as port,
    ):
        tracypy.gather(port)
    tracypy.stop_gathering(port)
    return tracypy.open(tmp_path / "out.tracy"), tracypy.open(recording.directory / "trace.tracy")


def rows(trace: tracypy.Trace) -> dict[str, Counter[tuple[str, str | None]]]:
    """By the names of the rows without the process: how many zones of each name and text."""
    found = {}
    for thread in trace.threads:
        zones = Counter(
            (
                trace.source_locations[zone.location].label if zone.name is None else zone.name,
                zone.text and re.sub(r" \[0x[0-9a-f]+\]", "", zone.text),  # which 0.11 has not
            )
            for zone in thread.iter_zones()
        )
        if zones:
            found[thread.name.rpartition(": ")[2]] = zones
    return found


def lock_steps(trace: tracypy.Trace) -> list[list[tuple[str, str]]]:
    """Of each lock: who obtained and released it. Waits are told of whoever only tries it, too, and marks of nobody."""
    names = [thread.name.rpartition(": ")[2] for thread in trace.threads]
    return sorted(
        sorted((names[step.thread or 0], step.kind) for step in lock.events if not step.kind.endswith("wait"))
        for lock in trace.locks
    )


def test_everything_is_there(traces: tuple[tracypy.Trace, tracypy.Trace]) -> None:
    ours, theirs = traces
    assert rows(ours) == rows(theirs)
    assert Counter((message.text, message.color) for message in ours.messages) == Counter(
        (message.text, message.color) for message in theirs.messages
    )
    plots = {plot.name.rpartition(": ")[2]: plot for plot in ours.plots}
    for plot in theirs.plots:
        if plot.name and plot.kind == "user":
            assert [value for _, value in plots[plot.name].iter_points()] == [value for _, value in plot.iter_points()]
    assert {frames.name.rpartition(": ")[2]: len(frames) for frames in ours.frames} == {
        frames.name: len(frames) for frames in theirs.frames
    }
    assert Counter((pool.bytes, pool.in_use, len(pool)) for pool in ours.memory) == Counter(
        (pool.bytes, pool.in_use, len(pool)) for pool in theirs.memory
    )
    assert lock_steps(ours) == lock_steps(theirs)
    assert [(image.frame, image.width, image.height, image.is_flipped) for image in ours.frame_images] == [
        (image.frame, image.width, image.height, image.is_flipped) for image in theirs.frame_images
    ]
