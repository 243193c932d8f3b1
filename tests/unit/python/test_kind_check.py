"""The script that holds the recipe for a new kind of event finds what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts.check_kinds import COLUMNS, complaints

FILES = ("wire.cpp", "model.cpp", "file.cpp", "viewer.py", "tests.cpp", "page.md")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "cpp" / "events").mkdir(parents=True)
    (tmp_path / "cpp/events/vocabulary.hpp").write_text(
        "    EVENT(0, Lock, FIELD(Ticks, tick))\n    EVENT(1, Plot, )\n"
    )
    rows = [f"| {kind} | " + " | ".join(f"`{name}`" for name in FILES) + " |" for kind in ("Lock", "Plot")]
    (tmp_path / "CONTRIBUTING.md").write_text("\n".join(rows) + "\n")
    for name in FILES:
        (tmp_path / name).write_text("Lock, Plot")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_complete_table_passes(root: Path) -> None:
    assert complaints(root) == []


def test_a_kind_without_a_row_is_named(root: Path) -> None:
    change(root / "cpp/events/vocabulary.hpp", "EVENT(1, Plot, )", "EVENT(1, Plot, )\n    EVENT(2, Fiber, )")
    assert complaints(root) == ["CONTRIBUTING.md: the table has no row for Fiber"]


@pytest.mark.parametrize("number", range(len(COLUMNS)), ids=COLUMNS)
def test_a_file_that_is_not_there_is_named(root: Path, number: int) -> None:
    (root / FILES[number]).unlink()
    assert complaints(root) == [
        f"CONTRIBUTING.md: {kind}, {COLUMNS[number]}: there is no {FILES[number]}" for kind in ("Lock", "Plot")
    ]


def test_a_test_that_does_not_name_the_kind_is_none(root: Path) -> None:
    change(root / "tests.cpp", "Lock, ", "")
    assert complaints(root) == ["CONTRIBUTING.md: Lock, tests: tests.cpp does not name it"]
