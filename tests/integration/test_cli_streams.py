"""What commands print goes to a reader that leaves, to a full disk, or nowhere: no traceback, and the right exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.trace_file import TraceFileBuilder, zone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A recording, and one that is slower."""
    for name, duration in (("before", 100), ("after", 200)):
        builder = TraceFileBuilder(program=name, span_ns=10_000)
        work = builder.location("work", "work.py", 1)
        builder.thread(1, "main", *(zone(work, at, at + duration) for at in range(0, 10_000, 500)))
        (tmp_path / f"{name}.tracy").write_bytes(builder.to_bytes())
    return tmp_path


PRINTING = {
    "report": "report after.tracy",
    "report as JSON": "report after.tracy --json",
    "diff": "diff before.tracy before.tracy",
    "diff as JSON": "diff before.tracy before.tracy --json",
    "export": "export after.tracy --to csv -o -",
    "flamegraph": "flamegraph after.tracy -o -",
    "help": "report --help",
}


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Runs a line for bash in which `tracypy` is the command."""
    define = f'tracypy() {{ "{sys.executable}" -m tracypy "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", define + line], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING)
def test_full_disk_is_one_line_and_exit_code_2(folder: Path, words: str) -> None:
    result = shell(folder, f"tracypy {words} > /dev/full")
    assert (result.returncode, result.stderr) == (
        2,
        "tracypy: cannot write to the standard output: No space left on device\n",
    )


@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING)
def test_closed_streams_are_no_error(folder: Path, words: str) -> None:
    result = shell(folder, f"tracypy {words} >&- 2>&-")
    assert result.returncode == 0
    assert shell(folder, f"tracypy {words} >&-").stderr == ""


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_mistake_that_nobody_hears_of_has_its_exit_code(folder: Path, redirection: str) -> None:
    assert shell(folder, f"tracypy report gone.tracy {redirection}").returncode == 2
    assert shell(folder, f"tracypy report --limit x {redirection}").returncode == 2


def to_nobody(folder: Path, *words: str) -> tuple[int, str]:
    """Runs it with a pipe for its stdout that nobody reads: exit code and stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        result = subprocess.run(
            [sys.executable, "-m", "tracypy", *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=writer,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)
    return result.returncode, result.stderr


@pytest.mark.parametrize("words", PRINTING.values(), ids=PRINTING)
def test_reader_that_leaves_is_no_error(folder: Path, words: str) -> None:
    code, stderr = to_nobody(folder, *words.split())
    assert (code, stderr) == (1 if "--help" in words else 0, "")


def test_reader_that_leaves_does_not_hide_what_became_slower(folder: Path) -> None:
    result = to_nobody(folder, "diff", "before.tracy", "after.tracy", "--fail-over", "10%")
    assert result == (1, "tracypy: slower by more than 10%: work +100.0%\n")
