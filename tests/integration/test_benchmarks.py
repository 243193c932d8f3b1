"""The benchmarks run, and what they count is what a capture program received."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import tracypy

ROOT = Path(__file__).resolve().parents[2]


def run_quick(folder: Path, *arguments: str) -> tuple[str, dict]:
    figures = folder / "figures.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "run.py"), "--quick", "--json", str(figures), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
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
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 2
    assert "there is no program nothing" in result.stderr


def test_a_recording_holds_the_calls_that_the_compared_program_counts(tmp_path):
    program = [str(ROOT / "benchmarks" / "harness" / "one_program.py"), "fib", "1", str(tmp_path / "said.json")]
    subprocess.run([sys.executable, *program, "--counts"], check=True, timeout=200)
    counted = json.loads((tmp_path / "said.json").read_text(encoding="utf-8"))
    assert counted["calls"] == 21891 + 1  # fib(20), and run()
    output = tmp_path / "out.tracy"
    recording = [sys.executable, "-m", "tracypy", "record", "-o", str(output)]
    subprocess.run([*recording, *program], check=True, timeout=200, capture_output=True)
    trace = tracypy.open(output)
    files = [location.file for location in trace.source_locations]
    own = sum(files[zone.location] == counted["path"] for thread in trace.threads for zone in thread.iter_zones())
    assert own == counted["calls"] + 1  # the module itself, which is imported before the counting begins
