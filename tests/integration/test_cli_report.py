"""`tracypy report` as it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import mistake, table_rows, tracypy_command
from support.trace_file import TraceFileBuilder, zone


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """f 1000 > (g 300, g 100), on another thread g 50; frames, a message, a plot."""
    builder = TraceFileBuilder(program="shop", span_ns=2_000)
    f, g = builder.location("serve", "shop/server.py", 10), builder.location("price", "shop/prices.py", 20)
    builder.thread(1, "main", zone(f, 0, 1000, zone(g, 100, 400), zone(g, 500, 600)))
    builder.thread(2, "worker", zone(g, 1000, 1050))
    builder.frame_marks(100, 200, 450)
    builder.message(5, "hello", 1)
    builder.plot("heap", [(1, 2.0), (2, 3.0)])
    path = tmp_path / "shop.tracy"
    path.write_bytes(builder.to_bytes())
    return path


def report(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return tracypy_command("report", *arguments, **environment)


def test_tables_show_functions_threads_and_frames(recording: Path) -> None:
    result = report(recording)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("shop @ then, 2.00 µs, 4 zones, 2 threads")
    assert table_rows(result.stdout, "Functions, by self time") == [
        ["serve", "1", "600 ns", "30.0", "1.00 µs", *["1.00 µs"] * 5, "shop/server.py:10"],
        [
            "price",
            "3",
            "450 ns",
            "22.5",
            "450 ns",
            "150 ns",
            "100 ns",
            "280 ns",
            "296 ns",
            "300 ns",
            "shop/prices.py:20",
        ],
    ]
    assert table_rows(result.stdout, "Threads") == [
        ["main", "1", "3", "1.00 µs", "50.0"],
        ["worker", "2", "1", "50 ns", "2.5"],
    ]
    assert table_rows(result.stdout, "Frames") == [
        ["(unnamed)", "2", "175 ns", "175 ns", "242 ns", "248 ns", "250 ns", "200 ns"]
    ]
    assert "1 message, the last one at 5 ns" in result.stdout
    assert "heap (2)" in result.stdout
    assert "\x1b" not in result.stdout


def test_sort_limit_and_filter(recording: Path) -> None:
    by_calls = report(recording, "--sort", "calls", "--limit", "1").stdout
    assert [row[0] for row in table_rows(by_calls, "Functions, by calls")] == ["price"]
    assert "and 1 function more: --limit 0 shows all" in by_calls
    by_name = report(recording, "--sort", "name").stdout
    assert [row[0] for row in table_rows(by_name, "Functions, by name")] == ["price", "serve"]
    assert [row[0] for row in table_rows(report(recording, "--filter", "server.py").stdout, "Functions")] == ["serve"]
    assert "Functions: none that match 'nothing'" in report(recording, "--filter", "nothing").stdout


def test_functions_of_each_thread(recording: Path) -> None:
    printed = report(recording, "--by-thread").stdout
    assert [row[:3] for row in table_rows(printed, "Functions of main")] == [
        ["serve", "1", "600 ns"],
        ["price", "2", "400 ns"],
    ]
    assert [row[:3] for row in table_rows(printed, "Functions of worker")] == [["price", "1", "50 ns"]]


def test_json_is_what_is_documented(recording: Path) -> None:
    result = report(recording, "--json", "--by-thread")
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert list(document) == [
        "schema", "file", "version", "program", "name", "captured_at", "span_ns", "zones", "thread_count", "functions", "tasks",
        "threads", "frames", "messages", "plots", "memory", "sections", "source_texts", "skipped",
    ]  # fmt: skip
    assert (document["schema"], document["program"], document["span_ns"]) == ("tracypy.report/1", "shop", 2000)
    assert document["captured_at"] == "2023-11-14T22:13:20+00:00"
    serve, price = document["functions"]
    assert list(serve) == [
        "location", "name", "file", "line", "calls", "primitive_calls", "total_ns", "busy_ns", "self_ns", "min_ns",
        "max_ns", "mean_ns", "median_ns", "p95_ns", "p99_ns", "std_ns",
    ]  # fmt: skip
    assert (price["name"], price["line"], price["calls"], price["self_ns"]) == ("price", 20, 3, 450)
    assert [(thread["name"], thread["busy_ns"], len(thread["functions"])) for thread in document["threads"]] == [
        ("main", 1000, 2),
        ("worker", 50, 1),
    ]
    assert document["frames"][0]["slowest"] == {"start_ns": 200, "end_ns": 450}
    assert (document["messages"], document["plots"]) == (1, [{"name": "heap", "points": 2}])
    page = (Path(__file__).parents[2] / "docs" / "traces.md").read_text()
    for key in (*document, *serve, *document["threads"][0], *document["frames"][0]):
        assert f"`{key}`" in page


def test_output_is_plain_where_that_is_asked_for(recording: Path) -> None:
    assert "\x1b" not in report(recording, NO_COLOR="1", FORCE_COLOR="1").stdout
    narrow = report(recording, COLUMNS="60").stdout
    assert max(map(len, narrow.splitlines()[2:6])) <= 60
    ascii_only = report(recording, PYTHONIOENCODING="ascii")
    assert (ascii_only.returncode, ascii_only.stderr) == (0, "")
    assert "1.00 us" in ascii_only.stdout
    assert ascii_only.stdout.isascii()
    assert "?" not in ascii_only.stdout


def test_reader_that_leaves_early_is_no_error(recording: Path) -> None:
    command = [sys.executable, "-m", "tracypy", "report", str(recording)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=200)
    assert stderr == b""


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", "cut", None], ids=["empty", "foreign", "cut", "missing"])
def test_file_that_cannot_be_read_is_one_line_and_exit_code_2(content: bytes | str | None, recording: Path) -> None:
    path = recording.with_name("bad.tracy")
    if content is not None:
        path.write_bytes(recording.read_bytes()[:-20] if isinstance(content, str) else content)
    assert "bad.tracy" in mistake(report(path))


def test_help_says_how_recursion_counts() -> None:
    text = " ".join(report("--help").stdout.split())
    assert "Self time is a call's time without its direct children's." in text
    assert "recursive function once per outermost call" in text
