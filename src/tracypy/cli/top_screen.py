"""The picture of `tracypy top`: lines of a width, and what keys make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from tracypy.cli.tables import shortened
from tracypy.cli.top_rows import SORT_KEYS, Moments, Row, arranged, memory_texts, plot_text, rate_text
from tracypy.formatting import count, duration, printable

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = ("functions", "threads", "values")
_HELP = "stcrwn sort  / filter  p pause  1 2 3 pages  q quit"
_NUMBERS: tuple[tuple[str, int, Callable[[Row], str]], ...] = (
    ("Now", 6, lambda row: f"{row.now:.1%}"),
    ("Self", 9, lambda row: duration(row.self_ns)),
    ("Total", 9, lambda row: duration(row.total_ns)),
    ("Calls", 13, lambda row: count(row.calls)),
    ("Calls/s", 10, lambda row: rate_text(row.rate)),
)
_LEAST_WORTH = ("Now", "Total", "Calls/s", "Self", "Calls")  # what goes first where room is short
_OF_THREADS = {"Self": "Busy", "Calls": "Zones", "Calls/s": "Zones/s"}
_LEAST_NAME = 16
_VALUE, _MORE = 20, 28


class Picture:
    """What is looked at, and how.

    Args:
        sort: One of `SORT_KEYS`.
        pattern: What rows must have in them; empty for all.
        page: One of `PAGES`.
    """

    def __init__(self, sort: str = "self", pattern: str = "", page: str = "functions") -> None:
        self.sort: str = sort
        self.pattern: str = pattern
        self.page: str = page
        self.is_paused: bool = False
        self._first = 0
        self._typed: str | None = None  # a filter that is being typed

    def press(self, key: str) -> bool:
        """Do what a key asks for; return False when that is the end."""
        if self._typed is not None:
            self._type(self._typed, key)
        elif key in ("q", "Q"):
            return False
        elif key == "/":
            self._typed = self.pattern
        elif key in ("p", " "):
            self.is_paused = not self.is_paused
        elif key in ("1", "2", "3"):
            self._show(PAGES[int(key) - 1])
        elif key == "\t":
            self._show(PAGES[(PAGES.index(self.page) + 1) % len(PAGES)])
        elif key == "escape":
            self.pattern = ""
        elif key in SORT_KEYS.values():
            self.sort = next(name for name, letter in SORT_KEYS.items() if letter == key)
            self._first = 0
        else:
            steps = {"up": -1, "down": 1, "page up": -10, "page down": 10, "home": -(10**9)}
            self._first = max(0, self._first + steps.get(key, 0))
        return True

    def _show(self, page: str) -> None:
        self.page, self._first = page, 0

    def _type(self, typed: str, key: str) -> None:
        if key in ("\r", "\n"):
            self.pattern, self._typed = typed, None
        elif key == "escape":
            self._typed = None
        elif key in ("\x7f", "\b"):
            self._typed = typed[:-1]
        elif len(key) == 1 and key.isprintable():
            self._typed = typed + key
        self._first = 0

    def lines(self, title: str, moments: Moments, width: int, height: int) -> list[str]:
        """Return the picture.

        Args:
            title: Which program that is, and what it does.
            moments: Its sums.
            width: How wide each line is.
            height: How many lines there are.
        """
        head = [title, *head_lines(moments), self._state()]
        body = self._table(moments, width)
        room = max(0, height - len(head) - 1)
        rows = body[1:]
        self._first = min(self._first, max(0, len(rows) - room))
        lines = [*head, body[0], *rows[self._first : self._first + room]][:height]
        return [set_cell_size(line, width) for line in lines + [""] * (height - len(lines))]

    def _state(self) -> str:
        if self._typed is not None:
            return f"Filter: {self._typed}_  (Enter: take it, Esc: leave it)"
        facts = ["PAUSED"] if self.is_paused else []
        facts.append(f"by {self.sort}")
        if self.pattern:
            facts.append(f"filter: {self.pattern}")
        return f"[{', '.join(facts)}]  {_HELP}"

    def _table(self, moments: Moments, width: int) -> list[str]:
        if self.page == "values":
            return value_table(moments, width, self._typed if self._typed is not None else self.pattern)
        rows = moments.functions() if self.page == "functions" else moments.threads()
        pattern = self._typed if self._typed is not None else self.pattern
        return row_table(arranged(rows, self.sort, pattern), width, of_threads=self.page == "threads")


def head_lines(moments: Moments) -> list[str]:
    """Return what stands above the table: sums of all, and values."""
    now = moments.now
    facts = [f"Zones {count(now.zones)} ({rate_text(moments.rate(moments.before.zones, now.zones))}/s)"]
    facts += [
        f"{'Frames' if name == 'frames' else printable(name)} {count(frames)} ({rate_text(rate)}/s)"
        for name, frames, rate in moments.frame_rates()
    ]
    facts += [f"Threads {count(len(now.threads))}", f"Messages {count(now.messages)}"]
    values = [
        f"{printable(pool.name) or 'Memory'} {' in '.join(memory_texts(now, index))}"
        for index, pool in enumerate(now.memory)
    ]
    values += [f"{printable(plot.name)} {plot_text(plot, plot.last)}" for plot in now.plots]
    return ["  ".join(facts), "  ".join(values)]


def row_table(rows: list[Row], width: int, *, of_threads: bool = False) -> list[str]:
    """Return a table of functions or threads, its heading first; columns that have no room are left out."""
    numbers = [column for column in _NUMBERS if not (of_threads and column[0] == "Total")]
    for worst in _LEAST_WORTH:
        if sum(size + 1 for _, size, _ in numbers) + _LEAST_NAME > width:
            numbers = [column for column in numbers if column[0] != worst]
    room = max(1, width - sum(size + 1 for _, size, _ in numbers) - 1)
    titles = [(_OF_THREADS.get(title, title) if of_threads else title).rjust(size) for title, size, _ in numbers]
    lines = [" ".join([*titles, " Thread" if of_threads else " Function"])]
    for row in rows:
        cells = [text(row).rjust(size) for _, size, text in numbers]
        lines.append(" ".join([*cells, " " + _named(row, room)]))
    return lines


def _named(row: Row, room: int) -> str:
    name, where = printable(row.name), printable(row.where)
    left = room - cell_len(name) - 2
    if left < _LEAST_NAME // 2 or not where:
        return shortened(name, room)
    return f"{name}  {shortened(where, left, keeps='end')}"


def value_table(moments: Moments, width: int, pattern: str = "") -> list[str]:
    """Return a table of frames, memory and plots, its heading first."""
    wanted = pattern.casefold()
    room = max(1, width - _VALUE - _MORE - 4)
    rows = [row for row in moments.values() if wanted in row.name.casefold()]
    lines = [f"{'Value':>{_VALUE}}  {'All, or range':<{_MORE}}  Name"]
    lines += [f"{row.last:>{_VALUE}}  {row.more:<{_MORE}}  {shortened(printable(row.name), room)}" for row in rows]
    return lines
