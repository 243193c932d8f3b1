"""The benchmarks run, and what they count is what a capture program received."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_quick(folder: Path, *arguments: str) -> tuple[str, dict]:
    figures = folder / "figures.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--quick", "--json", str(figures), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout, json.loads(figures.read_text(encoding="utf-8"))


def test_every_zone_of_every_call_arrives(tmp_path):
    printed, document = run_quick(tmp_path, "--only", "fib")
    (program,) = document["programs"]
    figures = {one["variant"]: one for one in program["figures"]}
    assert {
        "plain",
        "floor",
        "floor + clock",
        "tracypy idle",
        "tracypy connected",
        "tracypy filtered",
        "cProfile",
    } == set(figures)
    assert program["calls"] == program["units"] * 21891 + 1
    connected = figures["tracypy connected"]
    assert connected["zones"] == 4 * program["calls"] + 1
    assert figures["tracypy filtered"]["zones"] == 0
    assert all(name in printed for name in figures)


def test_unknown_program_is_refused():
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--only", "fib,nothing"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert "there is no program nothing" in result.stderr
