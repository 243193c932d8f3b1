"""Recordings that last long enough for their file to be made meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import tracypy

#: Each thread calls leaf() in rounds, forks in between, and says how often.
PROGRAM = """\
import os, sys, threading, time
import tracypy

tracypy.start_recording("out.tracy")
counts = {}

def leaf():
    pass

def outer(rounds):
    for _ in range(rounds):
        leaf()

def work(rounds, until):
    turns = 0
    while time.monotonic() < until:
        outer(rounds)
        turns += 1
    counts[rounds] = turns

until = time.monotonic() + float(sys.argv[1])
threads = [threading.Thread(target=work, args=(rounds, until), name=f"rounds {rounds}") for rounds in (1000, 10)]
for thread in threads:
    thread.start()
for _ in range(int(sys.argv[2])):
    if (child := os.fork()) == 0:
        os._exit(0)
    os.waitpid(child, 0)
for thread in threads:
    thread.join()
summary = tracypy.stop_recording()
print(counts[1000], counts[10], summary.zones)
"""


def _counts(folder: Path, seconds: float, forks: int) -> None:
    (folder / "program.py").write_text(PROGRAM)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "program.py", str(seconds), str(forks)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    many, few, zones = map(int, ran.stdout.split())
    functions = {function.name: function.calls for function in tracypy.open(folder / "out.tracy").functions()}
    assert functions["leaf"] == 1000 * many + 10 * few
    assert functions["outer"] == many + few
    assert functions["work"] == 2
    assert sum(functions.values()) == zones
    assert set(os.listdir(folder)) == {"out.tracy", "program.py"}


def test_every_call_of_two_threads_is_there(tmp_path: Path) -> None:
    _counts(tmp_path, 1.5, 0)


def test_forks_meanwhile_change_nothing(tmp_path: Path) -> None:
    _counts(tmp_path, 1.0, 30)
