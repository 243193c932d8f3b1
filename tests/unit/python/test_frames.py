from __future__ import annotations

import pytest

import tracypy
from tracypy import frames


def test_frame_marks_start_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    marks: list[str] = []
    monkeypatch.setattr(frames, "frame_mark_start", lambda name: marks.append(f"start {name}"))
    monkeypatch.setattr(frames, "frame_mark_end", lambda name: marks.append(f"end {name}"))
    with tracypy.frame("request") as frame:
        marks.append(f"in {frame.name}")
    with pytest.raises(KeyError), tracypy.frame("request"):
        raise KeyError
    assert marks == ["start request", "in request", "end request", "start request", "end request"]


@pytest.mark.parametrize("name", [None, 3, b"request"])
def test_name_of_a_frame_is_a_str(name) -> None:
    with pytest.raises(TypeError, match="the name of a frame is a str"):
        tracypy.frame(name)


@pytest.mark.parametrize("mark", [tracypy.frame_mark_start, tracypy.frame_mark_end])
@pytest.mark.parametrize("name", [None, 3, b"request"])
def test_name_of_a_mark_is_a_str(mark, name) -> None:
    with pytest.raises(TypeError):
        mark(name)


def test_name_of_a_plain_mark_is_a_str_or_nothing() -> None:
    with pytest.raises(TypeError):
        tracypy.frame_mark(3)  # type: ignore[arg-type]
