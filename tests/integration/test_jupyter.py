"""`%load_ext tracypy` in a real kernel: `%%tracypy`, `%tracypy`, and what notebooks show of recordings."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

import tracypy

from support.frameworks import required
from support.notebooks import Below, run_notebook

pytestmark = [required("ipykernel"), required("nbclient")]

BEGIN = "%load_ext tracypy\ndef work(n):\n    return n\ndef twice(n):\n    return work(n) + work(n)"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Below]]:
    """One notebook for most tests: a kernel takes a second to start."""
    folder = tmp_path_factory.mktemp("notebook")
    return folder, run_notebook(
        folder,
        BEGIN,
        "%%tracypy -o out.tracy\ntotal = 0\nfor n in range(5):\n    total += twice(n)\ntotal",
        "%tracypy --no-flamegraph twice(21)",
        "%%tracypy --no-flamegraph\nprint('before')\n1 / 0",
        "total, _",
        "%%tracypy\nawait 1",
        "%%tracypy -o out.tracy\n1",
        "%%tracypy --such\n1",
        "%tracypy",
        "%%tracypy --no-flamegraph --include nothing\ntwice(1);",
        "import tracypy\ntracypy.open('out.tracy')",
        "import threading\nthread = threading.Thread(target=twice, args=(1,), name='mine')",
        "%%tracypy -o threads.tracy --no-flamegraph\nthread.start()\nthread.join()\nfor n in range(200):\n    print(n)",
        "with tracypy.record('cells.tracy', include='nothing') as recording:\n    %tracypy 1",
        "long = tracypy.record('long.tracy', include='nothing', gc=False).__enter__()",
        "1",
        "2",
        "long.__exit__(None, None, None)",
        "print(get_ipython().magics_manager.magics['cell']['tracypy'].__doc__)",
        "%unload_ext tracypy",
        "%%tracypy\n1",
        "%load_ext tracypy\n%tracypy await twice(1)",
        "import asyncio\nasync def later(n):\n    await asyncio.sleep(0.001)\n    return twice(n)",
        "%%tracypy -o awaits.tracy --no-timeline\nvalue = await later(4)\nvalue",
        "%%tracypy\nawait later(1); 1 / 0",
        "%%tracypy --no-flamegraph\nawait later(1);",
    )


def zones(path: Path) -> dict[str, list[tuple[int, str]]]:
    trace = tracypy.open(path)
    return {
        row.name: [(zone.depth, trace.source_locations[zone.location].label) for zone in row.iter_zones()]
        for row in trace.threads
        if row.zone_count
    }


TWICE = [(1, "twice"), (2, "work"), (2, "work")]


def test_a_cell_is_recorded_and_shown(notebook: tuple[Path, list[Below]]) -> None:
    folder, below = notebook
    cell = below[1]
    assert cell.value == "20"
    assert zones(folder / "out.tracy")["Main thread"] == [(0, "In [2]"), *TWICE * 5]
    summary, graph, timeline = cell.shown
    assert re.match(r"[\d.]+ m?µ?s, 16 zones, 1 thread: [\d.]+ \w+ in .*/out\.tracy\n", summary["text/plain"])
    rows = re.findall(r"(\d+) +(work|twice|In \[2\]) +\d+\.py:\d+$", summary["text/plain"], re.MULTILINE)
    assert sorted(rows) == [("1", "In [2]"), ("10", "work"), ("5", "twice")]
    assert "<table>" in summary["text/html"]
    assert "In [2]" in summary["text/html"]
    page = html.unescape(graph["text/html"])
    assert page.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in page
    assert all(name in page for name in ("work", "twice", "In [2]"))
    assert len(page) < 300_000  # the notebook keeps it
    drawn = html.unescape(timeline["text/html"])
    assert drawn.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts" title="timeline"' in drawn
    assert len(drawn) < 400_000
    assert '"name":"Main thread"' in drawn
    assert drawn.count('"kind":"thread"') == 1  # the kernel's are left out


def test_a_line_is_recorded_and_has_its_value(notebook: tuple[Path, list[Below]]) -> None:
    line = notebook[1][2]
    assert line.value == "42"
    (summary,) = line.shown
    assert "4 zones, 1 thread" in summary["text/plain"]
    assert "a file that is gone (-o FILE keeps it)" in summary["text/plain"]


def test_an_error_is_the_cells(notebook: tuple[Path, list[Below]]) -> None:
    cell, after = notebook[1][3:5]
    assert cell.printed == "before\n"
    assert "ZeroDivisionError" in cell.error
    assert "jupyter.py" not in cell.error  # our own frames are hidden
    assert len(cell.shown) == 1
    assert after.value == "(20, 42)"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (21, "a line cannot await"),
        (6, "%tracypy: .*out.tracy exists already"),
        (7, "unrecognized arguments: --such"),
        (8, "%tracypy: what is to be run\\?"),
        (13, "cells.tracy is being recorded already"),
        (20, "Cell magic `%%tracypy` not found"),
    ],
)
def test_what_cannot_be_is_one_clear_line(notebook: tuple[Path, list[Below]], number: int, text: str) -> None:
    below = notebook[1][number]
    said = below.printed + below.error
    assert re.search(text, said), said
    assert "Traceback" not in said
    assert not below.shown


def test_a_cell_that_awaits_is_recorded(notebook: tuple[Path, list[Below]]) -> None:
    folder, below = notebook
    cell, failing, quiet = below[23:26]
    assert cell.value == "8"
    assert len(cell.shown) == 2
    trace = tracypy.open(folder / "awaits.tracy")
    (row,) = (row for row in trace.threads if row.is_fiber)  # that of the task
    found = [(zone.depth, trace.source_locations[zone.location].label) for zone in row.iter_zones()]
    assert found == [(0, "In [24]"), (1, "later"), (2, "twice"), (3, "work"), (3, "work")]
    assert "ZeroDivisionError" in failing.error
    assert len(failing.shown) == 3
    assert (quiet.value, quiet.error, len(quiet.shown)) == ("", "", 1)
    assert "TypeError" in below[5].error  # of the cell: an int cannot be awaited
    assert len(below[5].shown) == 3


def test_options_and_semicolons_count(notebook: tuple[Path, list[Below]]) -> None:
    cell = notebook[1][9]
    assert cell.value == ""
    assert ", 0 zones" in cell.shown[0]["text/plain"]


def test_an_opened_recording_is_a_table(notebook: tuple[Path, list[Below]]) -> None:
    assert notebook[1][10].html.startswith("<p>")
    assert all(f"<td>{name}</td>" in notebook[1][10].html for name in ("work", "twice", "In [2]"))


def test_threads_of_the_kernel_are_left_out(notebook: tuple[Path, list[Below]]) -> None:
    folder, below = notebook
    rows = zones(folder / "threads.tracy")
    assert rows["mine"] == [(0, "twice"), (1, "work"), (1, "work")]
    assert rows["Main thread"][0] == (0, "In [13]")
    assert ", 2 threads: " in below[12].shown[0]["text/plain"]


def test_each_cell_is_a_zone_for_whoever_listens(notebook: tuple[Path, list[Below]]) -> None:
    found = zones(notebook[0] / "long.tracy")
    assert [name for _, name in found["Main thread"]].count("In [16]") == 1


def test_example_shows_both_ways(tmp_path: Path) -> None:
    cells = json.loads((Path(__file__).parents[2] / "examples" / "notebook.ipynb").read_text())["cells"]
    *_, cell, line = run_notebook(tmp_path, *("".join(cell["source"]) for cell in cells))
    assert (cell.value, line.value) == ("200", "19900")
    assert (len(cell.shown), len(line.shown)) == (3, 1)


def test_help_says_the_options(notebook: tuple[Path, list[Below]]) -> None:
    assert "--only-user-code" in notebook[1][18].printed
