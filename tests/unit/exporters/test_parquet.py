"""Tables of Apache Parquet, read back with pyarrow, and asked with DuckDB as docs/export.md shows."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tracypy.errors import ExportError
from tracypy.exporters import export
from tracypy.trace import Trace

from .conftest import Read
from support.frameworks import required
from support.trace_file import TraceFileBuilder, zone

pytestmark = required("pyarrow")
PAGE = Path(__file__).parents[3] / "docs" / "export.md"


def read_rows(trace: Trace, path: Path, **options: Any) -> list[dict[str, Any]]:
    from pyarrow import parquet

    assert export(trace, path, overwrite=True, **options) == []
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


def test_zones_are_rows(varied: Trace, tmp_path: Path) -> None:
    rows = read_rows(varied, tmp_path / "out.parquet")
    assert [(row["thread"], row["name"], row["start_ns"], row["duration_ns"], row["self_ns"]) for row in rows] == [
        ("main", "outer", 1_000, 899_001, 896_001),
        ("main", "inner", 2_000, 3_000, 1_500),
        ("main", "inner", 3_000, 1_500, 1_500),
        ("main", "a block", 6_000, 0, 0),
        ("main", "outer", 910_000, None, None),
        ("main", "renamed", 920_000, 10_000, 10_000),
        ("worker, 1", "inner", 10, 10, 7),
        ("worker, 1", "outer", 12, 3, 3),
        ("a fiber", "a block", 100, 200, 200),
    ]
    assert [row["depth"] for row in rows] == [0, 1, 2, 1, 0, 1, 0, 1, 0]
    assert rows[4]["end_ns"] is None
    assert rows[5] == {
        **rows[5], "function": "inner", "file": "/app/two.py", "line": 20, "text": 'say "hi"\n77', "color": 0x0A0B0C, "thread_id": 4711,
    }  # fmt: skip
    assert {(row["text"], row["color"]) for row in rows if row is not rows[5]} == {(None, None)}


def test_choice_of_threads_and_functions(varied: Trace, tmp_path: Path) -> None:
    rows = read_rows(varied, tmp_path / "out.parquet", threads=["main"], filter="inner")
    assert [row["start_ns"] for row in rows] == [2_000, 3_000, 920_000]


def test_messages_and_plots_are_tables_of_their_own(varied: Trace, tmp_path: Path) -> None:
    messages = read_rows(varied, tmp_path / "m.parquet", table="messages")
    assert [(row["time_ns"], row["text"], row["severity"], row["thread"], row["color"]) for row in messages] == [
        (2_500, "hello, world", "info", "main", 0x112233),
        (3_000, "from nobody", "info", None, None),
    ]
    points = read_rows(varied, tmp_path / "p.parquet", table="plots")
    assert [(row["plot"], row["time_ns"], row["value"]) for row in points[:2]] == [
        ("heap", 7, 0.5),
        ("heap", 2_007, -3),
    ]
    assert len(points) == 3  # one of them is no number, which Parquet has room for


def test_groups_of_rows_are_those_of_threads(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet

    monkeypatch.setattr("tracypy.exporters.parquet._MOST_ROWS", 100)
    builder = TraceFileBuilder(program="groups", span_ns=10_000)
    step = builder.location("step")
    for number, count in ((1, 250), (2, 30)):
        builder.thread(number, f"t{number}", *(zone(step, at * 10, at * 10 + 5) for at in range(count)))
    path = tmp_path / "out.parquet"
    rows = read_rows(read(builder), path)
    assert len(rows) == 280
    file = parquet.ParquetFile(path)
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [100, 100, 50, 30]
    assert file.schema_arrow.metadata[b"tracypy.program"] == b"groups"


def test_what_is_not_there_is_said(read: Read, tmp_path: Path) -> None:
    trace = read(TraceFileBuilder(program="empty"))
    for table, words in (("zones", "no zones"), ("messages", "no messages"), ("plots", "no plots")):
        with pytest.raises(ExportError, match=words):
            export(trace, tmp_path / "out.parquet", table=table)
    assert not (tmp_path / "out.parquet").exists()


def test_without_pyarrow_the_way_to_it_is_said(varied: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExportError, match=re.escape("pip install 'tracypy[parquet]'")):
        export(varied, tmp_path / "out.parquet")


@required("duckdb")
def test_questions_of_the_page_have_answers(varied: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    for run in ("monday", "tuesday"):
        (tmp_path / "runs" / run).mkdir(parents=True)
        export(varied, tmp_path / "runs" / run / "zones.parquet")
    monkeypatch.chdir(tmp_path)
    questions = PAGE.read_text().partition("## parquet")[2].partition("```sql\n")[2].partition("```")[0].split(";")
    answers = [duckdb.sql(question).fetchall() for question in questions if question.strip()]
    assert len(answers) == 3
    by_self, by_run, slowest = answers
    assert by_self[0] == ("outer", 6, 2 * (896_001 + 3) / 1e6)
    assert [(run.rpartition("/")[0][-6:], count) for run, count, _ in by_run] == [("monday", 9), ("uesday", 9)]
    assert slowest[0][0] == "outer"
