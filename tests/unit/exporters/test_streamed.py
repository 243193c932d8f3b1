"""Recordings whose zones are read once more, not kept: what is exported is the same, and a file that changes is noticed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tracypy
from tracypy.exporters import FORMATS, expected_bytes, export
from tracypy.exporters.csv import CsvOptions
from tracypy.trace import Trace
from tracypy.trace.streamed import read_streamed

from support.all_kinds import file_of_all_kinds
from support.frameworks import required
from support.trace_file import TraceFileBuilder, Zone, zone

PARTS: list[dict[str, int]] = [
    {},
    {"min_duration_ns": 3_000},
    {"from_ns": 100_000, "until_ns": 300_000},
    {"from_ns": 100_000, "until_ns": 300_000, "min_duration_ns": 200},
]


def _nested(numbers: random.Random, locations: list[int], start: int, end: int, left: int) -> Iterator[Zone]:
    """Zones side by side, with others in them."""
    while start < end and left > 0:
        until = min(start + numbers.randrange(1, max((end - start) // 2, 2)), end)
        inside = numbers.randrange(left)
        text = "a text" if numbers.random() < 0.1 else None
        yield zone(
            numbers.choice(locations), start, until, *_nested(numbers, locations, start, until, inside), text=text
        )
        left -= inside + 1
        start = until + numbers.randrange(50)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """Three threads with some hundred zones each, deep and shallow; a fiber; a zone that never ended."""
    numbers = random.Random(5)
    builder = TraceFileBuilder(span_ns=1_000_000)
    locations = [builder.location(f"f{number}", "/app/one.py", number + 1) for number in range(7)]
    for number in range(3):
        builder.thread(number + 1, f"thread {number}", *_nested(numbers, locations, 10, 900_000, 300))
    builder.thread(2**33, "task", *_nested(numbers, locations, 10, 900_000, 40), is_fiber=True)
    builder.thread(9, "open", zone(0, 5, -1, zone(1, 10, 500_000)))
    path = tmp_path / "deep.tracy"
    path.write_bytes(builder.to_bytes())
    return path


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    path = tmp_path / "kinds.tracy"
    path.write_bytes(file_of_all_kinds().to_bytes())
    return path


def _content(path: Path, to: str) -> object:
    """The bytes; of Parquet, whose bytes are never twice the same, the table and its groups of rows."""
    if to != "parquet":
        return path.read_bytes()
    from pyarrow import parquet

    file = parquet.ParquetFile(path)
    groups = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
    return file.schema_arrow, file.metadata.metadata, groups, file.read().to_pylist()


def _written(trace: Trace, to: str, path: Path, **options: Any) -> tuple[object, list[str], int]:
    notes = export(trace, path, to=to, overwrite=True, **options)
    return _content(path, to), notes, expected_bytes(trace, str(path), to=to, **options)


@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[required("pyarrow")] if name == "parquet" else []) for name in FORMATS]
)
def test_every_format_writes_the_same(deep: Path, tmp_path: Path, name: str, part: dict[str, int]) -> None:
    whole, streamed = tracypy.open(deep, **part), read_streamed(deep, **part)
    for chosen in ({}, {"threads": ["thread 2", "open"]}, {"filter": "f[1-3]"}):
        assert _written(streamed, name, tmp_path / "out", **chosen) == _written(whole, name, tmp_path / "out", **chosen)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "parquet"])
def test_all_kinds_of_events_are_there(kinds: Path, tmp_path: Path, name: str) -> None:
    expected = _written(tracypy.open(kinds), name, tmp_path / "out")
    assert _written(read_streamed(kinds), name, tmp_path / "out") == expected


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_tables_of_zones_are_the_same(deep: Path, tmp_path: Path, part: dict[str, int]) -> None:
    whole, streamed = tracypy.open(deep, **part), read_streamed(deep, **part)
    for self_times in (False, True):
        options = CsvOptions(each_zone=True, self_times=self_times)
        expected = _written(whole, "csv", tmp_path / "out", options=options)
        assert _written(streamed, "csv", tmp_path / "out", options=options) == expected


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_zones_can_be_gone_through(deep: Path, part: dict[str, int]) -> None:
    whole, streamed = tracypy.open(deep, **part), read_streamed(deep, **part)
    assert streamed.zone_count == whole.zone_count
    for row, expected in zip(streamed.threads, whole.threads, strict=True):
        assert row.zone_count == expected.zone_count
        assert list(row.iter_zones()) == list(expected.iter_zones())
        assert list(row.iter_zones(5)) == list(expected.iter_zones(5))


def test_what_was_not_added_up_is_an_error_and_not_nothing(deep: Path) -> None:
    streamed = read_streamed(deep)
    thread = streamed.threads[0]
    for ask in (streamed.functions, streamed.tasks, lambda: thread.zones, lambda: thread.busy_ns):
        with pytest.raises(ValueError, match="added up|one by one"):
            ask()


def test_a_file_that_is_written_anew_meanwhile_is_an_error(deep: Path, kinds: Path, tmp_path: Path) -> None:
    streamed = read_streamed(deep)
    deep.write_bytes(kinds.read_bytes())
    with pytest.raises(ValueError, match="changed while it was read|ends too early|damaged"):
        export(streamed, tmp_path / "out", to="perfetto")
    assert not (tmp_path / "out").exists()
