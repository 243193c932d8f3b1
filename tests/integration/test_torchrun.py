"""torchrun's workers: followed on one machine, or recorded one by one, with rows that are called after their rank."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.clusters import BIN, needs, zones_by_row
from support.recorded_program import clean_environment

HERE = os.uname().nodename
#: Starts two workers, as torchrun does, and says to each which it is.
LAUNCHER = """
import os, subprocess, sys
said = {"WORLD_SIZE": "2", "TORCHELASTIC_RUN_ID": "none", "MASTER_PORT": "29500"}
workers = [subprocess.Popen(sys.argv[1:], env={**os.environ, **said, "RANK": str(rank)}) for rank in range(2)]
sys.exit(any([worker.wait() for worker in workers]))
"""
TRAIN = """
import os, subprocess, sys

def work():
    pass

for _ in range(10 * (int(os.environ["RANK"]) + 1)):
    work()
if len(sys.argv) > 1:
    subprocess.run([sys.executable, "-c", "pass"], check=True)
"""


def run(folder: Path, *words: str) -> str:
    (folder / "launch.py").write_text(LAUNCHER)
    (folder / "train.py").write_text(TRAIN)
    result = subprocess.run(
        words, cwd=folder, env=clean_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stderr


RECORD = [str(BIN / "tracypy"), "record", "--no-gc", "--only-user-code", "-o", "out.tracy"]
RANKS = {f"rank {rank} on {HERE}": 10 * (rank + 1) for rank in range(2)}


def work(path: Path) -> dict[str, int]:
    return {row: count for (row, name), count in zones_by_row(path).items() if name == "work"}


def test_followed_workers_are_called_after_their_rank_and_their_children_are_not(tmp_path: Path) -> None:
    run(tmp_path, *RECORD, "launch.py", sys.executable, "train.py", "with a child")
    path = tmp_path / "out.tracy"
    assert work(path) == RANKS
    names = [re.sub(r" \(\d+\)", "", thread.name) for thread in tracypy.open(path).threads]
    assert sorted(names) == [
        "Main thread",
        *["python -c: Main thread"] * 2,
        *(f"{rank}: Main thread" for rank in RANKS),
    ]


def test_workers_that_are_recorded_one_by_one(tmp_path: Path) -> None:
    said = run(tmp_path, sys.executable, "launch.py", *RECORD, "train.py")
    assert work(tmp_path / "out.tracy") == RANKS
    assert "of 2 ranks" in said


TORCHRUN = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1", "--master-port", "0"]


@pytest.mark.heavy
@needs("torch")
def test_torchrun_itself(tmp_path: Path) -> None:
    run(tmp_path, *RECORD, *TORCHRUN, "train.py")
    assert work(tmp_path / "out.tracy") == RANKS
    (tmp_path / "out.tracy").unlink()
    run(tmp_path, sys.executable, *TORCHRUN, "--no-python", *RECORD, "train.py")
    assert work(tmp_path / "out.tracy") == RANKS
