"""Recordings of any size: what `report`, `flamegraph`, `export` and `view` take in memory does not grow with the zones, or hardly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.frameworks import required
from support.recorded_program import clean_environment, record

# The second has two million calls more: as many rows of 32 bytes would be 64 MB.
PROGRAM = """
def leaf(number):
    return number + 1

def work(calls):
    for number in range(calls):
        leaf(number)

async def task(calls):
    work(calls)

{start}
"""
KINDS = {"threads": "work({calls})", "tasks": "import asyncio; asyncio.run(task({calls}))"}
FEW, MANY = 1000, 2_000_000
SLACK_MB = 8
# A group of rows of Parquet lies in memory, by rule a million of them. Arrow's own pool keeps what was given back.
SMALL_GROUPS = "import sys, pyarrow; pyarrow.set_memory_pool(pyarrow.system_memory_pool()); from tracypy.exporters import parquet; parquet._MOST_ROWS = 20_000; from tracypy.cli import main; sys.exit(main())"


def _exporting(*words: str) -> Callable[[Path], list[str]]:
    return lambda path: ["-m", "tracypy", "export", str(path), "-o", "/dev/null", "-f", *words]


def _recorded(folder: Path, kind: str, calls: int) -> Path:
    record(folder, program=PROGRAM.format(start=KINDS[kind].format(calls=calls)))
    return folder / "out.tracy"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return {calls: _recorded(tmp_path_factory.mktemp("size"), "threads", calls) for calls in (FEW, MANY)}


@pytest.fixture(scope="module")
def with_tasks(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return {calls: _recorded(tmp_path_factory.mktemp("tasks"), "tasks", calls) for calls in (FEW, MANY)}


def counts_memory[Test: Callable[..., None]](test: Test) -> Test:
    """Skips the test where memory means something else."""
    test = pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory in other units")(test)
    return pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer keeps memory that was given back")(test)


def _peak_mb(*words: str, output: Path) -> float:
    """Runs Python with these words; how much memory it had at most."""
    with output.open("wb") as file:
        process = subprocess.Popen([sys.executable, *words], env=clean_environment(), stdout=file)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss / 1024


@counts_memory
@pytest.mark.parametrize(
    ("words", "more_mb"),
    [
        (lambda path: ["-m", "tracypy", "report", "--json", str(path)], 0),
        (lambda path: ["-m", "tracypy", "report", "--by-thread", str(path)], 0),
        (lambda path: ["-m", "tracypy", "report", "--min-duration", "0.01us", str(path)], 0),
        (lambda path: ["-m", "tracypy", "flamegraph", "-o", "-", str(path)], 0),
        (lambda path: ["-m", "tracypy", "flamegraph", "--min-duration", "0.01us", "-o", "-", str(path)], 0),
        (_exporting("--to", "chrome"), 0),
        (_exporting("--to", "chrome", "--min-duration", "0.01us"), 0),
        (_exporting("--to", "perfetto"), 0),
        (_exporting("--to", "csv"), 0),
        (_exporting("--to", "csv", "-u", "-e"), 0),
        (_exporting("--to", "speedscope"), 0),
        (_exporting("--to", "pstats"), 0),
        (_exporting("--to", "collapsed", "--thread-roots"), 0),
        pytest.param(
            lambda path: ["-c", SMALL_GROUPS, *_exporting("--to", "parquet")(path)[2:]], 32, marks=required("pyarrow")
        ),
        (lambda path: ["-c", f"from tracypy.view.answers import read; print(read({str(path)!r}).zone_count)"], 12),
    ],
    ids=[
        *(
            "report",
            "report --by-thread",
            "report of a part",
            "flamegraph",
            "flamegraph of a part",
            "chrome",
            "chrome of a part",
            "perfetto",
        ),
        *("csv", "csv of zones", "speedscope", "pstats", "collapsed", "parquet", "view"),
    ],
)
def test_memory_does_not_grow_with_the_zones(
    recordings: dict[int, Path], tmp_path: Path, words: Callable[[Path], list[str]], more_mb: float
) -> None:
    few, many = (_peak_mb(*words(recordings[calls]), output=tmp_path / f"{calls}") for calls in (FEW, MANY))
    assert many - few < more_mb + SLACK_MB


@counts_memory
@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("report", "--by-thread", "--min-duration", "0.01us"),
        ("flamegraph", "-o", "-"),
        ("flamegraph", "--from", "1us", "-o", "-"),
    ],
    ids=" ".join,
)
def test_nor_with_those_of_tasks(with_tasks: dict[int, Path], tmp_path: Path, words: tuple[str, ...]) -> None:
    few, many = (
        _peak_mb("-m", "tracypy", *words, str(with_tasks[calls]), output=tmp_path / f"{calls}") for calls in (FEW, MANY)
    )
    assert many - few < SLACK_MB


def test_the_figures_are_exact(recordings: dict[int, Path], tmp_path: Path) -> None:
    _peak_mb("-m", "tracypy", "report", "--json", str(recordings[MANY]), output=tmp_path / "report")
    report = json.loads((tmp_path / "report").read_bytes())
    leaf = next(function for function in report["functions"] if function["name"] == "leaf")
    assert leaf["calls"] == leaf["primitive_calls"] == MANY
    assert leaf["min_ns"] <= leaf["median_ns"] <= leaf["p95_ns"] <= leaf["p99_ns"] <= leaf["max_ns"]
    assert report["zones"] == sum(function["calls"] for function in report["functions"])
