"""Tables that fit the terminal."""

from __future__ import annotations

import codecs
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from tracypy.formatting import counted, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What is printed into a file or a pipe is as wide as a table wants to be, within reason.
_WIDTH_WITHOUT_TERMINAL = 150
_LEAST_TEXT = 12
_PADDING = 2  # after a column, in cells
_PLAIN = {"µ": "u", "…": "~", "→": ">"}


@dataclass(frozen=True)
class Column[Row]:
    """One column of a table.

    Args:
        title: Its heading.
        cell: What of a row is shown.
        is_text: Texts stand to the left and are cut where room is short; numbers stand to the right and are not.
        keeps: Which end of a text that is cut is worth more: "end" of a path, "both" of a name.
        rank: Columns of higher rank go first when the terminal is too narrow; those of rank 0 stay.
    """

    title: str
    cell: Callable[[Row], str]
    is_text: bool = False
    keeps: str = "both"
    rank: int = 0


class _Console(Console):
    """One that leaves it to `printing` what becomes of a reader that has left."""

    def on_broken_pipe(self) -> None:
        """Do not raise."""
        raise BrokenPipeError


def _plain(problem: UnicodeError) -> tuple[str, int]:
    """Replace letters that the terminal cannot show."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    letters = problem.object[problem.start : problem.end]
    return "".join(_PLAIN.get(letter, "?") for letter in letters), problem.end


#: How letters are encoded that the terminal cannot show.
PLAIN_ERRORS = "tracypy.plain"
codecs.register_error(PLAIN_ERRORS, _plain)


def stdout_console() -> Console:
    """Return the console for tables: no colours and escapes if stdout is not a terminal, or with NO_COLOR."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors=PLAIN_ERRORS)
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _WIDTH_WITHOUT_TERMINAL
    return _Console(
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        width=width,
    )


def print_table[Row](
    console: Console, title: str, columns: Sequence[Column[Row]], rows: Sequence[Row], limit: int = 0, noun: str = "row"
) -> None:
    """Print a table; leave out columns and cut texts to fit the console.

    Args:
        console: Where to.
        title: What stands above it.
        columns: All that it may have.
        rows: All that it could have.
        limit: How many rows it may have; 0 for all. How many more there are is said below.
        noun: What a row is.
    """
    print_line(console, title, style="bold")
    shown = rows[:limit] if limit else rows
    console.print(_table(columns, shown, console.width))
    print_line(console)
    if len(shown) < len(rows):
        print_line(console, f"and {counted(len(rows) - len(shown), noun)} more: --limit 0 shows all\n")


def print_line(console: Console, text: str = "", style: str | None = None) -> None:
    """Print a line of text; the terminal wraps it."""
    console.print(text, style=style, soft_wrap=True)


def _table[Row](columns: Sequence[Column[Row]], rows: Sequence[Row], width: int) -> Table:
    cells = {column.title: [printable(column.cell(row)) for row in rows] for column in columns}
    shown = _that_fit(columns, cells, width)
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    room = width - sum(_width(column, cells) + _PADDING for column in shown if not column.is_text)
    texts = [column for column in shown if column.is_text]
    wanted = {column.title: _width(column, cells) + _PADDING for column in texts}
    for column in texts:
        share = max(room // len(texts), room - (sum(wanted.values()) - wanted[column.title]))
        cut = max(_LEAST_TEXT, share - _PADDING)
        cells[column.title] = [shortened(text, cut, keeps=column.keeps) for text in cells[column.title]]
    for column in shown:
        made.add_column(column.title, justify="left" if column.is_text else "right", no_wrap=True)
    for index in range(len(rows)):
        made.add_row(*(cells[column.title][index] for column in shown))
    return made


def shortened(text: str, width: int, *, keeps: str = "both") -> str:
    """Return `text` in at most `width` cells, with an ellipsis for what is left out."""
    if cell_len(text) <= width:
        return text
    head = 0 if keeps == "end" else (width - 1) // 3  # names tell more at their end, but something at their start
    start = text[:head]
    while cell_len(start) > head:
        start = start[:-1]
    end = text[-(width - 1 - head) :]
    while cell_len(start) + 1 + cell_len(end) > width:
        end = end[1:]
    return f"{start}…{end}"


def _width[Row](column: Column[Row], cells: dict[str, list[str]]) -> int:
    return max(map(cell_len, [column.title, *cells[column.title]]))


def _that_fit[Row](columns: Sequence[Column[Row]], cells: dict[str, list[str]], width: int) -> list[Column[Row]]:
    shown = list(columns)

    def least(column: Column[Row]) -> int:
        return (min(_LEAST_TEXT, _width(column, cells)) if column.is_text else _width(column, cells)) + _PADDING

    while sum(map(least, shown)) > width:
        worst = max(shown, key=lambda column: column.rank)
        if worst.rank == 0:
            break
        shown.remove(worst)
    return shown
