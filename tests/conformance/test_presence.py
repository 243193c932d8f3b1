"""Tests that need recordings of real programs are skipped without them, but never in continuous integration."""

from __future__ import annotations

import pytest

from support.vectors import RECORDINGS, VECTORS, needs_vectors


@needs_vectors
@pytest.mark.parametrize("recording", RECORDINGS, ids="-".join)
def test_conversation_is_there(recording) -> None:
    assert (recording.directory / "to-viewer.bin").is_file(), f"no {'-'.join(recording)} at {VECTORS}"


@needs_vectors
@pytest.mark.parametrize("pattern", ["*/*/zones.csv", "*/*/trace.tracy", "0.13.1/containers/lz4*.tracy"])
def test_files_that_tests_look_for_are_there(pattern: str) -> None:
    assert list(VECTORS.glob(pattern)), f"nothing like {pattern} at {VECTORS}"
