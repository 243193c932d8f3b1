"""How functions are called in formats that have no columns for files and lines."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracypy.trace import Plot, SourceLocation, Thread

# Every package has these, so that they alone say nothing.
_NEED_THEIR_FOLDER = ("__init__.py", "__main__.py")
_MOST_THREAD_ID = 2**31 - 1  # what readers have room for
_SEPARATORS = re.compile(r"[\\/]+")
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def one_line(text: str) -> str:
    """Return `text` without line ends and other control characters."""
    return _NOT_SHOWN.sub(" ", text)


def function_name(location: SourceLocation) -> str:
    """Return the name of a function on one line; never empty."""
    return one_line(location.label).strip() or "(no name)"


def thread_name(thread: Thread) -> str:
    """Return the name of a thread on one line; never empty."""
    return one_line(thread.name).strip() or f"{'fiber' if thread.is_fiber else 'thread'} {thread.id}"


def plot_name(plot: Plot) -> str:
    """Return the name of a plot; those that Tracy makes itself have none of their own."""
    return plot.name or f"{plot.kind} (of Tracy)"


def not_finite(points: int) -> list[str]:
    """Return what the user is told of so many points of plots that a format has no numbers for."""
    return [f"{points} points of plots are no finite numbers, and are left out"] if points else []


def color_text(color: int) -> str:
    """Return a colour as HTML has it."""
    return f"#{color:06x}"


def placed_names(locations: Iterable[SourceLocation]) -> list[str]:
    """Return `function (file:line)` for each location, with enough of each path to tell the files apart."""
    places = list(locations)
    short = short_files([location.file for location in places])
    return [_placed(function_name(place), short[place.file], place.line) for place in places]


def _placed(name: str, file: str, line: int) -> str:
    if not file:
        return name
    return f"{name} ({file}:{line})" if line > 0 else f"{name} ({file})"


def short_files(files: Sequence[str]) -> dict[str, str]:
    """Return the last parts of each path: as many as tell it from the others.

    Of a package's own file the folder is always told.
    """
    parts = {file: [part for part in _SEPARATORS.split(one_line(file)) if part] for file in set(files)}
    short = {file: one_line(file) for file in parts}  # what stays if nothing shorter will do
    unsolved = [file for file in parts if parts[file]]
    count = 1
    while unsolved:
        tails = defaultdict(list)
        for file in unsolved:
            tails["/".join(parts[file][-count:])].append(file)
        unsolved = []
        for tail, owners in tails.items():
            if len(owners) == 1 and tail not in _NEED_THEIR_FOLDER:
                short[owners[0]] = tail
            else:
                unsolved += [file for file in owners if len(parts[file]) > count]
        count += 1
    return short


def thread_numbers(threads: Sequence[Thread]) -> list[int]:
    """Return the system's number of each thread if readers understand it; else a free one."""
    taken = {thread.id for thread in threads}
    used = {0}
    numbers = []
    free = 1
    for thread in threads:
        number = thread.id
        if thread.is_fiber or number > _MOST_THREAD_ID or number in used:
            while free in taken or free in used:
                free += 1
            number = free
        used.add(number)
        numbers.append(number)
    return numbers
