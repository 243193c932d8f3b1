"""The picture of `tracypy top`, from the sums of two moments."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tracypy.cli.terminal import _keys_of
from tracypy.cli.top_rows import Moments, arranged, plot_text, rate_text
from tracypy.cli.top_screen import Picture, row_table
from tracypy.live import LiveFrames, LiveFunction, LiveMemory, LivePlot, LiveSnapshot, LiveThread

SECOND = 1_000_000_000
BEFORE = LiveSnapshot(
    time_ns=10 * SECOND,
    zones=100,
    functions=(LiveFunction("load", "a.py", 1, 10, SECOND, SECOND),),
    threads=(LiveThread("Main thread", False, 100, SECOND),),
    frames=(LiveFrames("", 5),),
)
NOW = LiveSnapshot(
    time_ns=12 * SECOND,
    zones=400,
    functions=(
        LiveFunction("load", "a.py", 1, 50, 3 * SECOND, 2 * SECOND),
        LiveFunction("save", "b.py", 2, 4, SECOND // 2, SECOND // 2),
    ),
    threads=(LiveThread("Main thread", False, 300, 2 * SECOND), LiveThread("task", True, 100, 0)),
    frames=(LiveFrames("", 125),),
    memory=(LiveMemory("", 1_250_000, 12, True), LiveMemory("arena", 64, 1, False)),
    plots=(LivePlot("queue", "number", 3, 2.5, 1.0, 14.0),),
)
MOMENTS = Moments(BEFORE, NOW)


def test_rates_are_those_of_the_time_between() -> None:
    load, save = MOMENTS.functions()
    assert (load.calls, load.rate, load.now) == (50, 20.0, 0.5)
    assert (save.calls, save.rate, save.now) == (4, 2.0, 0.25)
    main, task = MOMENTS.threads()
    assert (main.rate, main.now, task.rate, task.where) == (100.0, 0.5, 50.0, "fiber")
    assert MOMENTS.frame_rates() == [("frames", 125, 60.0)]


def test_nothing_has_a_rate_when_no_time_has_passed() -> None:
    still = Moments(NOW, NOW)
    assert {row.rate for row in still.functions()} == {row.now for row in still.functions()} == {0.0}


def test_rows_are_sorted_and_filtered() -> None:
    rows = MOMENTS.functions()
    assert [row.name for row in arranged(rows, "name", "")] == ["load", "save"]
    assert [row.name for row in arranged(rows, "calls", "B.PY")] == ["save"]
    assert [row.name for row in arranged(rows, "now", "")] == ["load", "save"]


@pytest.mark.parametrize("width", [20, 40, 80, 81, 132])
@pytest.mark.parametrize("page", ["functions", "threads", "values"])
def test_a_picture_fills_the_terminal(width: int, page: str) -> None:
    lines = Picture(page=page).lines("名前 at 127.0.0.1:8086", MOMENTS, width, 24)
    assert [cell_len(line) for line in lines] == [width] * 24


def test_what_is_above_the_table_fits_into_80_columns() -> None:
    lines = [line.rstrip() for line in Picture().lines("a program", MOMENTS, 80, 24)]
    assert lines[1] == "Zones 400 (150/s)  Frames 125 (60.0/s)  Threads 2  Messages 0"
    assert lines[2] == "Memory 1.25 MB in 12 blocks  arena at least 64 bytes in 1 block  queue 2.5"
    assert lines[3].endswith("q quit")


def test_names_are_worth_more_than_numbers_where_room_is_short() -> None:
    heading, load, _ = row_table(MOMENTS.functions(), 40)
    assert heading.split() == ["Self", "Calls", "Function"]
    assert load.split()[:4] == ["2.00", "s", "50", "load"]


def test_long_tables_are_scrolled() -> None:
    functions = tuple(LiveFunction(f"f{number:03}", "", 0, 1, 1, 1) for number in range(100))
    moments = Moments(LiveSnapshot(), LiveSnapshot(functions=functions))
    picture = Picture(sort="name")
    for _ in range(3):
        assert picture.press("page down")
    assert picture.lines("", moments, 80, 24)[5].split()[-1] == "f030"
    for _ in range(30):
        picture.press("page down")
    assert picture.lines("", moments, 80, 24)[-1].split()[-1] == "f099"
    picture.press("home")
    assert picture.lines("", moments, 80, 24)[5].split()[-1] == "f000"


def test_keys_have_names() -> None:
    assert _keys_of("a\x1b[A\x1bOB\x1b[6~ö\x1b[1;5Cq\x1b") == ["a", "up", "down", "page down", "ö", "q", "escape"]


def test_values_are_told_as_the_plot_says() -> None:
    assert plot_text(LivePlot("", "memory", 1, 0, 0, 0), 1_250_000.0) == "1.25 MB"
    assert plot_text(LivePlot("", "percentage", 1, 0, 0, 0), 12.5) == "12.5 %"
    assert (rate_text(0.0), rate_text(0.25), rate_text(92_618.4)) == ("0", "0.2", "92,618")
