"""Damaged trace files are read or refused in one line; nothing crashes, hangs or takes more memory than there is."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import mistake, tracypy_command
from support.trace_file import TraceFileBuilder, zone
from support.vectors import VECTORS, needs_vectors

TESTS = Path(__file__).parents[1]
MEMORY_BYTES = 4 << 30
REAL = sorted((VECTORS / "0.13.1" / "containers").glob("lz4*.tracy"))


def built(path: Path) -> Path:
    """A file with something in every section that is modelled."""
    builder = TraceFileBuilder(program="prog", is_on_demand=True)
    outer, inner = builder.location("outer", "main.py", 3), builder.location("inner", "main.py", 9, name="Inner")
    for number in range(1, 4):
        zones = [
            zone(outer, at, at + 90, zone(inner, at + 10, at + 20, text=f"item {at}"), zone(inner, at + 30, at + 40))
            for at in range(0, 2_000, 100)
        ]
        builder.thread(number, f"thread {number}", *zones, zone(inner, 2_000, 2_100, name="renamed", color=0xFF00))
    builder.frame_marks(*range(200, 1_000, 50))
    builder.frame_set("io", [(at, at + 5) for at in range(0, 100, 10)])
    for at in range(20):
        builder.message(at, f"message {at}", 1 + at % 3)
    builder.plot("heap", [(at, at / 2) for at in range(50)])
    path.write_bytes(builder.to_bytes())
    return path


def damage(path: Path, seed: int, rounds: int) -> tuple[int, int]:
    """How many of so many damaged files were read, and how many refused."""
    # In a process of its own: a crash must not take the tests along, nor a wrong count their memory.
    # A sanitizer, which is preloaded, reserves far more than it takes.
    limit = resource.RLIM_INFINITY if os.environ.get("LD_PRELOAD") else MEMORY_BYTES
    result = subprocess.run(
        [sys.executable, "-m", "programs.damage_trace", str(path), str(seed), str(rounds)],
        cwd=TESTS, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    read, refused = map(int, result.stdout.split())
    assert read + refused == rounds
    return read, refused


@pytest.mark.parametrize("seed", [1, 2])
def test_damage_to_a_small_file(seed: int, tmp_path: Path) -> None:
    read, refused = damage(built(tmp_path / "built.tracy"), seed, 400)
    assert read > 10
    assert refused > 100


@needs_vectors
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_damage_to_a_real_file(path: Path) -> None:
    read, refused = damage(path, 3, 300)
    assert read > 10
    assert refused > 100


@pytest.mark.parametrize("command", [("report",), ("report", "--json"), ("diff",)], ids=" ".join)
def test_commands_refuse_a_damaged_file_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    path = built(tmp_path / "built.tracy")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    files = [str(path)] * (2 if command == ("diff",) else 1)
    assert mistake(tracypy_command(*command, *files)).startswith(f"{path}: ")
