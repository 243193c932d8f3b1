"""`tracypy` as it is typed, in a process of its own, and what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# They decide how wide and how colourful tables are.
_NOT_INHERITED = ("COLUMNS", "NO_COLOR", "FORCE_COLOR")


def tracypy_command(
    *words: str | Path, cwd: Path | None = None, timeout: float = 200, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs `tracypy` with these words to its end; what it says is text."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    return subprocess.run(
        [sys.executable, "-m", "tracypy", *map(str, words)],
        cwd=cwd, env={**inherited, "PYTHONIOENCODING": "utf-8", **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", timeout=timeout, check=False,
    )  # fmt: skip


def mistake(result: subprocess.CompletedProcess[str]) -> str:
    """What is said to somebody who called the command wrongly: one line, exit code 2, nothing on stdout."""
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1), result
    assert result.stderr.startswith("tracypy: ")
    return result.stderr.removeprefix("tracypy: ").rstrip("\n")


def table_rows(printed: str, title: str) -> list[list[str]]:
    """The cells of the table with that title, without its heading."""
    lines = printed.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(title)) + 3
    end = next(index for index in range(start, len(lines)) if not lines[index].strip())
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[start:end]]
