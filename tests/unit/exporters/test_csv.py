"""The tables: what a spreadsheet gets. That they are csvexport's is held in tests/conformance."""

from __future__ import annotations

import csv
import io

import pytest

from tracypy.errors import ExportError
from tracypy.exporters.choice import choose
from tracypy.exporters.csv import CsvOptions, write

from support.trace_file import TraceFileBuilder, zone


def _table(trace, options=None, *, separator=",", **choice) -> list[dict[str, str]]:
    out = io.StringIO()
    assert write(trace, choose(trace, **choice), out, options or CsvOptions(separator=separator)) == []
    return list(csv.DictReader(io.StringIO(out.getvalue()), delimiter=separator))


def test_functions(varied) -> None:
    rows = _table(varied)
    assert [(row["name"], row["src_file"], row["src_line"]) for row in rows] == [
        ("outer", "/app/one.py", "10"),
        ("inner", "/app/two.py", "20"),
        ("a block", "/app/one.py", "12"),
    ]
    inner = rows[1]
    durations = [3_000, 1_500, 10_000, 10]  # a nested call counts again, as in csvexport
    assert (inner["counts"], inner["total_ns"], inner["mean_ns"]) == ("4", str(sum(durations)), "3627")
    assert (inner["min_ns"], inner["max_ns"]) == ("10", "10000")
    assert inner["total_perc"] == f"{100 * sum(durations) / 1_000_000:f}"
    mean = sum(durations) / 4
    exact = (sum((duration - mean) ** 2 for duration in durations) / 3) ** 0.5
    assert float(inner["std_ns"]) == pytest.approx(exact, rel=1e-6)
    assert rows[2]["counts"] == "1"  # of two blocks, one took no time at all
    assert rows[0]["counts"] == "2"  # and one call of three never ended


def test_self_times(varied) -> None:
    rows = {row["name"]: row for row in _table(varied, CsvOptions(self_times=True))}
    assert rows["inner"]["total_ns"] == str((3_000 - 1_500) + 1_500 + 10_000 + (10 - 3))
    assert (rows["inner"]["min_ns"], rows["inner"]["max_ns"]) == ("7", "10000")
    assert rows["outer"]["total_ns"] == str(899_001 - 3_000 + 3)


def test_each_zone(varied) -> None:
    rows = _table(varied, CsvOptions(each_zone=True))
    assert [(row["name"], row["ns_since_start"], row["exec_time_ns"], row["thread"]) for row in rows] == [
        ("outer", "1000", "899001", "1"),
        ("inner", "2000", "3000", "1"),
        ("inner", "3000", "1500", "1"),
        ("inner", "920000", "10000", "1"),
        ("inner", "10", "10", "2"),
        ("outer", "12", "3", "2"),
        ("a block", "100", "200", "3"),
    ]
    assert [row["value"] for row in rows] == ["", "", "", 'say "hi"\n77', "", "", ""]
    selfs = _table(varied, CsvOptions(each_zone=True, self_times=True))
    assert [int(row["exec_time_ns"]) for row in selfs] == [896_001, 1_500, 1_500, 10_000, 7, 3, 200]


def test_messages_and_plots(varied) -> None:
    assert _table(varied, CsvOptions(messages=True)) == [
        {"MessageName": "hello, world", "total_ns": "2500"},
        {"MessageName": "from nobody", "total_ns": "3000"},
    ]
    points = _table(varied, CsvOptions(plots=True))
    assert [(row["name"], row["ns_since_start"], row["value"]) for row in points] == [
        ("heap", "7", "0.500000"),
        ("heap", "2007", "-3.000000"),
        ("heap", "3000", "nan"),
    ]
    both = _table(varied, CsvOptions(each_zone=True, plots=True))
    assert [row["name"] for row in both[-4:]] == ["a block", "heap", "heap", "heap"]


def test_choice_of_threads_and_functions(varied) -> None:
    rows = _table(varied, CsvOptions(each_zone=True), threads=["worker"], pattern="inn")
    assert [(row["name"], row["thread"]) for row in rows] == [("inner", "2")]
    assert [row["MessageName"] for row in _table(varied, CsvOptions(messages=True), threads=["main"])] == [
        "hello, world"
    ]


def test_separator(varied) -> None:
    rows = _table(varied, separator="\t")
    assert rows[1]["counts"] == "4"


@pytest.mark.parametrize("separator", ["", ";;", '"', "\n"])
def test_separator_that_cannot_be_is_refused(separator: str) -> None:
    with pytest.raises(ExportError, match="separator"):
        CsvOptions(separator=separator)


def test_messages_with_zones_are_refused() -> None:
    with pytest.raises(ExportError, match="messages are a table of their own"):
        CsvOptions(messages=True, each_zone=True)


@pytest.mark.parametrize(
    ("options", "text"), [(CsvOptions(), "taken any time"), (CsvOptions(messages=True), "no messages")]
)
def test_nothing_to_show_is_said(read, options: CsvOptions, text: str) -> None:
    builder = TraceFileBuilder()
    builder.thread(1, "main", zone(builder.location("instant"), 5, 5))
    trace = read(builder)
    with pytest.raises(ExportError, match=text):
        write(trace, choose(trace), io.StringIO(), options)
