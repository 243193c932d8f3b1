"""Our tables against those that csvexport printed of the same files, row for row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

import tracypy
from tracypy.exporters.choice import choose
from tracypy.exporters.csv import CsvOptions, write

from support.captures import csvexport, csvexport_program, parse_table
from support.vectors import VECTORS, needs_vectors

FOLDERS = sorted(path.parent for path in VECTORS.glob("*/*/zones.csv"))

pytestmark = needs_vectors

type Row = dict[str, str]


def _ours(trace, options: CsvOptions) -> list[Row]:
    out = io.StringIO()
    write(trace, choose(trace), out, options)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def _counted(rows: list[Row], *without: str) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple((name, cell) for name, cell in row.items() if name not in without) for row in rows)


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def recording(request: pytest.FixtureRequest):
    return request.param, tracypy.open(request.param / "trace.tracy")


def _theirs(folder: Path, name: str) -> list[Row]:
    return parse_table((folder / f"{name}.csv").read_text("utf-8"), ",")


@pytest.mark.parametrize(("table", "options"), [("zones", CsvOptions()), ("zones-self", CsvOptions(self_times=True))])
def test_functions(recording, table: str, options: CsvOptions) -> None:
    folder, trace = recording
    ours, theirs = _ours(trace, options), _theirs(folder, table)
    assert list(ours[0]) == list(theirs[0])
    assert len(theirs) >= 30
    assert _counted(ours) == _counted(theirs)


def test_each_zone(recording) -> None:
    """The value apart: csvexport repeats the one of the row above in zones that have none, and 0.11.1 has no such column."""
    folder, trace = recording
    ours, theirs = _ours(trace, CsvOptions(each_zone=True)), _theirs(folder, "zones-unwrapped")
    assert [name for name in ours[0] if name in theirs[0]] == list(theirs[0])
    assert len(theirs) >= 5517
    assert _counted(ours, "value") == _counted(theirs, "value")
    if "value" in theirs[0]:
        place = ("name", "ns_since_start", "thread")
        printed = {tuple(row[name] for name in place): row["value"] for row in theirs}
        told = [row for row in ours if row["value"]]
        assert len(told) == 50 + 5 + 1 + 40 + 1 + 30 + 30 + 20  # zones that were given a text or a value
        assert all(printed[tuple(row[name] for name in place)] == row["value"] for row in told)


def test_messages(recording) -> None:
    folder, trace = recording
    assert _ours(trace, CsvOptions(messages=True)) == _theirs(folder, "messages")


def test_plots(recording) -> None:
    """Those that are in the file; csvexport makes more, of allocations."""
    folder, trace = recording
    if not (folder / "plots.csv").exists():
        pytest.skip("this csvexport knew no plots")
    ours, theirs = _ours(trace, CsvOptions(plots=True)), _theirs(folder, "plots")
    made_of_memory_events = _counted(theirs) - _counted(ours)  # which are not read
    assert _counted(ours) <= _counted(theirs)
    assert {dict(row)["name"] for row in made_of_memory_events} <= {"arena", "scratch", "Frame"}
    assert len(ours) >= 210


def test_our_own_files(tmp_path: Path) -> None:
    """With a csvexport at hand: a file that nobody but us has seen."""
    if csvexport_program() is None:
        pytest.skip("no csvexport: TRACYPY_PEERS names none")
    path = FOLDERS[0] / "trace.tracy"
    ours = _ours(tracypy.open(path), CsvOptions())
    assert _counted(ours) == _counted(csvexport(path))
