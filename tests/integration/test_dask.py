"""`tracypy.integrations.dask.record`: client, scheduler and workers in one trace, each task a zone with its key."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import tracypy

from support.clusters import NOW, clocks_differ_by, elsewhere, needs, zones_by_row
from support.recorded_program import clean_environment

pytestmark = needs("distributed")

HERE = os.uname().nodename
PROGRAM = (
    """
import os, signal, subprocess, sys, time
import dask
from distributed import Client, LocalCluster
import tracypy
import tracypy.integrations.dask
"""
    + NOW
    + """
dask.config.set({"distributed.worker.daemon": False})

def work():
    pass

def job(calls):
    for _ in range(calls):
        work()
    return calls

async def wait(calls):
    import asyncio
    await asyncio.sleep(0.01)
    return job(calls)

def recording(client, path="out.tracy", **options):
    return tracypy.integrations.dask.record(client, path, only_user_code=True, gc=False, **options)

def cluster(workers, **options):
    return LocalCluster(n_workers=workers, dashboard_address=None, **{"host": "127.0.0.1", **options})

def total(client, function, numbers):
    return sum(client.gather(client.map(function, numbers, pure=False)))

def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)

def main():
"""
)
MAIN = "\nif __name__ == '__main__':\n    main()\n"


def run(folder: Path, body: str, code: int = 0) -> tuple[str, str]:
    """Run a program whose `main` that is, to its end."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    (folder / "p.py").write_text(PROGRAM + lines + MAIN)
    result = subprocess.run(
        [sys.executable, "p.py"], cwd=folder, env=clean_environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=200, check=False, start_new_session=True,
    )  # fmt: skip
    assert result.returncode == code, result.stderr
    return result.stdout, result.stderr


def keys(path: Path) -> Counter[str]:
    """How many zones there are with a key as their text, by their name."""
    trace = tracypy.open(path)
    return Counter(
        name
        for thread in trace.threads
        for zone in thread.iter_zones()
        if zone.text is not None and zone.text.startswith(f"{(name := trace.source_locations[zone.location].label)}-")
    )


def work(path: Path) -> Counter[str]:
    return Counter({row: count for (row, name), count in zones_by_row(path).items() if name == "work"})


def test_each_task_is_a_zone_in_the_row_of_its_worker(tmp_path: Path) -> None:
    said, errors = run(
        tmp_path,
        """
with cluster(2, threads_per_worker=2) as local, Client(local) as client:
    with recording(client) as one:
        print(total(client, job, range(20)) + total(client, wait, range(10)))
        print(*client.scheduler_info()["workers"])
        local.scale(1)  # one leaves
        until(lambda: len(client.scheduler_info()["workers"]) == 1)
        local.scale(3)  # two come
        client.wait_for_workers(3)
        print(total(client, job, range(30)))
        print(*client.scheduler_info()["workers"])
    with recording(client, "again.tracy"):
        print(total(client, job, range(10)))
    print(len(one.summary.parts), one.summary.notes)
""",
    )
    first, before, second, after, third, parts = said.splitlines()
    path = tmp_path / "out.tracy"
    assert (first, second, third) == (str(190 + 45), str(435), str(45))
    workers = {f"worker {address} on {HERE}" for address in (before + " " + after).split()}
    assert parts == f"{len(workers) + 1} ()"
    assert keys(path) == {"job": 50, "wait": 10}
    assert work(path).total() == 190 + 45 + 435
    assert set(work(path)) <= workers
    rows = {thread.name.partition(" (")[0] for thread in tracypy.open(path).threads}
    assert rows == workers | {f"client on {HERE}"}
    assert keys(tmp_path / "again.tracy") == {"job": 10}
    assert {name.name for name in tmp_path.iterdir()} <= {"out.tracy", "again.tracy", "p.py", "__pycache__"}
    assert "tracypy" not in errors


def test_workers_of_the_clients_own_process(tmp_path: Path) -> None:
    said, _ = run(
        tmp_path,
        """
with cluster(1, threads_per_worker=2, processes=False, host=None) as local, Client(local) as client:
    with recording(client) as one:
        print(total(client, job, range(20)))
    print(one.summary.notes)
""",
    )
    assert said.splitlines() == ["190", "()"]
    assert keys(tmp_path / "out.tracy") == {"job": 20}
    assert work(tmp_path / "out.tracy") == {f"client on {HERE}": 190}


def test_what_goes_wrong_in_a_worker_costs_its_part_only(tmp_path: Path) -> None:
    said, errors = run(
        tmp_path,
        """
with cluster(1, threads_per_worker=1) as local, Client(local) as client:
    start = [sys.executable, "-m", "distributed.cli.dask_worker", local.scheduler_address, "--no-dashboard", "--host", "127.0.0.1"]
    without = subprocess.Popen([*start, "--preload", "import sys; sys.modules['tracypy'] = None"])
    client.wait_for_workers(2)
    with recording(client) as one:
        nobody = next(address for address in client.scheduler_info()["workers"] if client.run(os.getppid, workers=[address])[address] == without.pid)
        print(client.submit(abs, -1, workers=[nobody]).result())
        dies = next(address for address in client.scheduler_info()["workers"] if address != nobody)
        print(total(client, lambda number: number, range(10)))
        print(client.submit(job, 10, workers=[dies]).result())
        time.sleep(0.5)  # in which it has been written
        process = client.run(os.getpid, workers=[dies])[dies]
        os.kill(process, signal.SIGKILL)
        until(lambda: dies not in client.scheduler_info()["workers"])
        client.wait_for_workers(2)
        print(dies)
    print(one.summary.notes)
    without.terminate()
    without.wait()
""",
    )
    one, numbers, ten, dies, notes = said.splitlines()
    assert (one, numbers, ten) == ("1", "45", "10")
    assert re.fullmatch(r"\('worker tcp://\S+ has no tracypy: nothing is recorded there',\)", notes)
    assert "has no tracypy" in errors
    assert work(tmp_path / "out.tracy") == {f"worker {dies} on {HERE}": 10}  # whose keeper has made the file


def test_limits_and_other_recordings(tmp_path: Path) -> None:
    said, _ = run(
        tmp_path,
        """
with cluster(1, threads_per_worker=1) as local, Client(local) as client:
    with recording(client, max_size=20_000) as small:
        total(client, job, [20_000] * 20)
    print(small.summary.notes)
    with recording(client, overwrite=True) as one:
        try:
            with recording(client, "two.tracy"):
                pass
        except tracypy.RecordingError as problem:
            print("out.tracy" in str(problem), "being recorded already" in str(problem))
        other = "from distributed import Client; import tracypy.integrations.dask as d; c = Client('%s')" % local.scheduler_address
        sys.stdout.flush(); subprocess.run([sys.executable, "-c", other + "\\nwith d.record(c, 'three.tracy') as r: pass\\nprint(r.summary.notes)"], check=True)
        print(total(client, job, range(10)), flush=True)
    print(one.summary.notes, os.path.exists("two.tracy"))
    try:
        recording(client)
        with recording(client): pass
    except FileExistsError as problem:
        print(problem.strerror)
    dies = "from distributed import Client; import os, tracypy.integrations.dask as d; c = Client('%s')" % local.scheduler_address
    subprocess.run([sys.executable, "-c", dies + "\\nd.record(c, 'four.tracy').__enter__(); os._exit(0)"])
    until(lambda: not tracypy.is_recording() and not any(client.run(lambda: tracypy.is_recording()).values()))
    with recording(client, "five.tracy") as five:
        print(total(client, job, range(10)))
    print(five.summary.notes)
""",
    )
    small, twice, other, ten, one, exists, ten_again, five = said.splitlines()
    assert re.fullmatch(
        r"\('the recording of worker tcp://\S+ on \S+ ended early, at its limit \(max_size\)',\)", small
    )
    assert twice == "True True"
    assert "worker tcp://" in other
    assert "is not recorded: " in other
    assert (ten, one, ten_again, five) == ("45", "() False", "45", "()")
    assert exists.startswith("it exists already")
    assert keys(tmp_path / "out.tracy") == keys(tmp_path / "five.tracy") == {"job": 10}


def test_a_scheduler_of_its_own_and_a_worker_elsewhere(tmp_path: Path) -> None:
    there = elsewhere(tmp_path)
    said, _ = run(
        tmp_path,
        f"""
start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", "s.json"]
scheduler = subprocess.Popen(start)
until(lambda: os.path.exists("s.json"))
start = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", "s.json", "--no-dashboard", "--host", "127.0.0.1", "--no-nanny"]
workers = [subprocess.Popen(start), subprocess.Popen({there!r} + start)]
with Client(scheduler_file="s.json") as client:
    client.wait_for_workers(2)
    with recording(client) as one:
        for _ in range(20): now()
        print(total(client, job, range(10)))
        client.run(lambda: [now() for _ in range(20)] and None)
    for part in one.summary.parts:
        print(part.placed_by, part.error_ns, part.program)
for process in [*workers, scheduler]:
    process.terminate()
    process.wait()
""",
    )
    ten, client, scheduler, *workers = said.splitlines()
    assert (ten, client.split()[0]) == ("45", "told")
    assert re.fullmatch(rf"counter \d+ scheduler tcp://127.0.0.1:\d+ on {HERE}", scheduler)
    (here,) = [line.split() for line in workers if line.endswith(f" on {HERE}")]
    (moved,) = [line for line in workers if line.endswith(" on elsewhere")]
    assert here[0] == "counter"
    found = re.match(r"round trips (\d+) worker tcp://", moved)
    assert found is not None
    path = tmp_path / "out.tracy"
    difference, exact_to = clocks_differ_by(path, "elsewhere")
    assert difference <= int(found[1]) + exact_to
    (line,) = tracypy.open(path).info.app_info
    assert f"is aligned to within {-(-int(found[1]) // 1000)} us, by round trips" in line
    assert keys(path) == {"job": 10}


def test_the_example(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "dask_cluster.py"
    result = subprocess.run(
        [sys.executable, str(example)], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
        timeout=200, check=True,
    )  # fmt: skip
    assert "19 tasks, " in result.stdout
    assert "zones of 4 processes" in result.stdout
    assert keys(tmp_path / "dask_cluster.tracy") == {"primes": 19}
