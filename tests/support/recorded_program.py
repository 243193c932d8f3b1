"""A short program in a folder, run by `python` or recorded by the command, to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def clean_environment() -> dict[str, str]:
    """The environment without settings of tracypy."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TRACY_", "TRACYPY_"))}


def run(folder: Path, *words: str, program: str, code: int = 0) -> tuple[str, str]:
    """Run `python WORDS p.py` in `folder`, and return what it wrote to standard output and standard error."""
    (folder / "p.py").write_text(textwrap.dedent(program))
    result = subprocess.run(
        [sys.executable, *words, "p.py"], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert result.returncode == code, result.stderr
    return result.stdout, result.stderr


def record(folder: Path, *words: str, program: str, code: int = 0) -> tuple[str, str]:
    """The same, recorded to out.tracy."""
    return run(folder, "-m", "tracypy", "record", "-o", "out.tracy", *words, program=program, code=code)


def await_file(path: Path) -> None:
    """Wait for a file that another process makes, for which nobody can wait."""
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
