"""`tracypy.integrations.ray.record`: a driver and its workers in one trace, tasks and calls of actors as zones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import tracypy

from support.clusters import needs, zones_by_row
from support.recorded_program import clean_environment

pytestmark = [needs("ray"), pytest.mark.heavy]

HERE = os.uname().nodename
PROGRAM = """
import asyncio, os, signal, time
import ray
import tracypy, tracypy.integrations.ray

def work():
    pass

@ray.remote
def job(calls):
    for _ in range(calls):
        work()
    return calls

@ray.remote
class Counting:
    def add(self, calls):
        for _ in range(calls):
            work()
        return calls

@ray.remote
class Waiting:
    async def add(self, calls):
        await asyncio.sleep(0.01)
        for _ in range(calls):
            work()
        return calls

@ray.remote(max_retries=0)
def die():
    for _ in range(10):
        work()
    time.sleep(0.5)  # in which it is written
    os.kill(os.getpid(), signal.SIGKILL)

def recording(path):
    return tracypy.integrations.ray.record(path, only_user_code=True, gc=False)

ray.init(  # whose own log goes to standard output, in the middle of our lines
    num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False,
    runtime_env=tracypy.integrations.ray.runtime_env(),
)
"""


def run(folder: Path, body: str) -> tuple[list[str], str]:
    (folder / "p.py").write_text(PROGRAM + body)
    result = subprocess.run(
        [sys.executable, "p.py"], cwd=folder, env=clean_environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=250, check=False, start_new_session=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return [line for line in result.stdout.splitlines() if line.startswith("> ")], result.stderr


def tasks(path: Path) -> Counter[str]:
    """How many zones have the number of a task as their text, by their name."""
    trace = tracypy.open(path)
    return Counter(
        trace.source_locations[zone.location].label
        for thread in trace.threads
        for zone in thread.iter_zones()
        if zone.text is not None and re.fullmatch("[0-9a-f]{48}", zone.text)
    )


def test_each_task_and_each_call_of_an_actor(tmp_path: Path) -> None:
    said, _ = run(
        tmp_path,
        """
ray.get(job.remote(1000))  # before
with recording("out.tracy") as one:
    print(">", sum(ray.get([job.remote(calls) for calls in range(20)])))
    counting, waiting = Counting.remote(), Waiting.remote()
    print(">", sum(ray.get([counting.add.remote(calls) for calls in range(10)])))
    print(">", sum(ray.get([waiting.add.remote(calls) for calls in range(10)])))
ray.get(job.remote(1000))  # after
with recording("again.tracy") as two:
    print(">", sum(ray.get([job.remote(calls) for calls in range(10)])))
print(">", one.summary.notes, two.summary.notes)
""",
    )
    assert said == ["> 190", "> 45", "> 45", "> 45", "> () ()"]
    path = tmp_path / "out.tracy"
    found = tasks(path)
    assert (found["job"], found["Counting.add"], found["Waiting.add"]) == (20, 10, 10)
    rows = zones_by_row(path)
    assert sum(count for (_, name), count in rows.items() if name == "work") == 190 + 45 + 45
    names = {row for row, _ in rows}
    assert f"driver on {HERE}" in names
    assert all(re.fullmatch(rf"worker [0-9a-f]{{8}} on {HERE}", name) for name in names - {f"driver on {HERE}"})
    assert tasks(tmp_path / "again.tracy") == {"job": 10}
    assert {each.name for each in tmp_path.iterdir()} <= {"out.tracy", "again.tracy", "p.py"}


def test_a_worker_that_dies_and_a_second_recording(tmp_path: Path) -> None:
    said, _ = run(
        tmp_path,
        """
with recording("out.tracy") as one:
    try:
        ray.get(die.remote())
    except ray.exceptions.WorkerCrashedError:
        print("> it died")
    try:
        with recording("two.tracy"):
            pass
    except tracypy.RecordingError as problem:
        print(">", problem)
    print(">", sum(ray.get([job.remote(calls) for calls in range(10)])))
print(">", one.summary.notes, os.path.exists("two.tracy"))
""",
    )
    died, second, total, notes = said
    assert (died, total, notes) == ("> it died", "> 45", "> () False")
    assert "another program records on this cluster already" in second
    rows = zones_by_row(tmp_path / "out.tracy")
    assert sum(count for (_, name), count in rows.items() if name == "work") == 10 + 45
