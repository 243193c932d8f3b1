"""Collapsed stacks."""

from __future__ import annotations

import io
import re

import pytest

from tracypy.errors import ExportError
from tracypy.exporters.choice import choose
from tracypy.exporters.collapsed import write

from support.trace_file import TraceFileBuilder, zone


def _stacks(trace, *, thread_roots: bool = False, **choice) -> dict[str, int]:
    out = io.StringIO()
    assert write(trace, choose(trace, **choice), out, thread_roots=thread_roots) == []
    stacks = {}
    for line in out.getvalue().splitlines():
        stack, count = re.fullmatch(r"(.*) (\d+)", line).groups()  # as flamegraph.pl takes a line apart
        assert stack not in stacks
        stacks[stack] = int(count)
    return stacks


def test_self_times_by_path(varied) -> None:
    assert _stacks(varied) == {
        "outer (one.py:10)": 899_001 - 3_000 + 90_000 - 10_000,
        "outer (one.py:10);inner (two.py:20)": 1_500 + 10_000,
        "outer (one.py:10);inner (two.py:20);inner (two.py:20)": 1_500,
        "inner (two.py:20)": 7,
        "inner (two.py:20);outer (one.py:10)": 3,
        "a block (one.py:12)": 200,
    }


def test_threads_as_roots(varied) -> None:
    stacks = _stacks(varied, thread_roots=True, threads=["worker", "fiber"])
    assert stacks == {
        "worker, 1;inner (two.py:20)": 7,
        "worker, 1;inner (two.py:20);outer (one.py:10)": 3,
        "a fiber;a block (one.py:12)": 200,
    }


def test_what_is_left_out_counts_for_the_caller(varied) -> None:
    assert _stacks(varied, pattern="outer*", threads=["main"]) == {"outer (one.py:10)": 899_001 + 90_000}


def test_names_with_separators_stay_one_frame(read) -> None:
    builder = TraceFileBuilder()
    odd = builder.location("a;b\nc", "d;e/f.py", 3)
    builder.thread(1, "x;y", zone(odd, 0, 5))
    assert _stacks(read(builder), thread_roots=True) == {"x:y;a:b c (f.py:3)": 5}


def test_files_of_one_name_are_told_apart(read) -> None:
    builder = TraceFileBuilder()
    locations = [
        builder.location("run", file, 1) for file in ("/a/b/__init__.py", "/a/c/__init__.py", "/x/c/__init__.py", "")
    ]
    builder.thread(1, "main", *(zone(location, 10 * at, 10 * at + 1) for at, location in enumerate(locations)))
    expected = ["run (b/__init__.py:1)", "run (a/c/__init__.py:1)", "run (x/c/__init__.py:1)", "run"]
    assert list(_stacks(read(builder))) == expected


def test_no_time_is_said(read) -> None:
    builder = TraceFileBuilder()
    builder.thread(1, "main", zone(builder.location("instant"), 5, 5))
    with pytest.raises(ExportError, match="taken any time"):
        _stacks(read(builder))
