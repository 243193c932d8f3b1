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


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "PYTHONUNBUFFERED"])
@pytest.mark.parametrize("redirection", ["2>&1 | true", "2>&-", "2>/dev/full", "2>&1 | head -n 1", ">&- 2>&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("record -f -o out.tracy -c 'import sys; sys.exit(3)'", 3),
        ("record -f -o out.tracy -c pass", 0),
        ("report gone.tracy", 2),
    ],
)
def test_exit_code_is_the_programs_when_nothing_can_be_told(
    folder: Path, words: str, code: int, redirection: str, unbuffered: str
) -> None:
    line = f"export PYTHONUNBUFFERED={unbuffered}; tracypy {words} {redirection}; exit ${{PIPESTATUS[0]}}"
    assert shell(folder, line).returncode == code


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "PYTHONUNBUFFERED"])
@pytest.mark.parametrize(
    "replacement", ["io.StringIO()", "None", "open(os.devnull, 'w')", "sys.stdout", "logging.getLogger()"]
)
def test_summary_is_shown_by_a_program_that_has_another_stderr(folder: Path, replacement: str, unbuffered: str) -> None:
    code = f"import io, logging, os, sys; sys.stderr = {replacement}"
    line = f'PYTHONUNBUFFERED={unbuffered} tracypy record -f -o out.tracy -c "{code}"'
    plain = f'"{sys.executable}" -c "{code}"'
    result = shell(folder, line)
    assert (result.returncode, result.stdout) == (shell(folder, plain).returncode, "")
    assert result.stderr.splitlines()[0].endswith(" in out.tracy")
    assert result.stderr.splitlines()[-1] == "More:     tracypy view out.tracy, tracypy report out.tracy"


def test_file_that_got_the_number_of_stderr_has_no_summary(folder: Path) -> None:
    code = "import os; os.close(2); os.open('data', os.O_CREAT | os.O_RDWR); os.write(2, b'mine')"
    assert shell(folder, f'tracypy record -f -o out.tracy -c "{code}"').returncode == 0
    assert (folder / "data").read_bytes() == b"mine"
    assert (folder / "out.tracy").exists()


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
