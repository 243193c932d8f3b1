"""Tables that fit the terminal."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from tracypy.cli.tables import Column, print_table, shortened

COLUMNS = [
    Column[tuple[str, int, str]]("Name", lambda row: row[0], is_text=True),
    Column[tuple[str, int, str]]("Number", lambda row: str(row[1])),
    Column[tuple[str, int, str]]("Rare", lambda row: str(row[1] * 1000), rank=1),
    Column[tuple[str, int, str]]("Path", lambda row: row[2], is_text=True, keeps="end", rank=2),
]
ROWS = [
    ("short", 1, "a.py"),
    ("package.module.Class.a_method_with_a_long_name.<locals>.inner", 123456, "/home/somebody/projects/app/main.py"),
]


def printed(width: int, rows: list[tuple[str, int, str]] = ROWS) -> list[str]:
    out = io.StringIO()
    print_table(Console(file=out, width=width, color_system=None, markup=False), "Title", COLUMNS, rows)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_wide_table_shows_everything() -> None:
    title, heading, _line, first, second, *_ = printed(200)
    assert title == "Title"
    assert heading.split() == ["Name", "Number", "Rare", "Path"]
    assert first.split() == ["short", "1", "1000", "a.py"]
    assert second.split() == [ROWS[1][0], "123456", "123456000", ROWS[1][2]]


@pytest.mark.parametrize("width", [30, 45, 60, 80, 100, 119])
def test_narrow_table_fits_and_keeps_its_numbers(width: int) -> None:
    lines = printed(width)
    assert max(map(cell_len, lines)) <= width
    assert "123456" in lines[4]
    assert lines[4].startswith("pack")


def test_columns_that_matter_least_go_first() -> None:
    headings = [printed(width)[1].split() for width in (60, 35, 25)]
    assert headings == [["Name", "Number", "Rare", "Path"], ["Name", "Number", "Rare"], ["Name", "Number"]]


def test_names_cannot_break_the_table() -> None:
    lines = printed(100, [("two\nlines\x1b[31m", 1, "[red]a.py[/red]")])
    assert "two lines\ufffd[31m" in lines[3]
    assert "[red]a.py[/red]" in lines[3]


@pytest.mark.parametrize(
    ("text", "width", "keeps", "expected"),
    [
        ("short", 5, "both", "short"),
        ("abcdefghijklm", 7, "both", "ab…jklm"),
        ("/home/me/app/main.py", 12, "end", "…app/main.py"),
        ("名前名前名前名前", 7, "end", "…前名前"),
    ],
)
def test_shortened(text: str, width: int, keeps: str, expected: str) -> None:
    assert shortened(text, width, keeps=keeps) == expected
    assert cell_len(expected) <= width
