"""What it costs a child process to be followed: its start, and each of its calls. And how well times of two processes agree.

.venv/bin/python benchmarks/children.py [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import tracypy

STARTS = """
import json, subprocess, sys, time
rounds = int(sys.argv[1])
times = []
for _ in range(rounds):
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    times.append(time.perf_counter() - begin)
print(json.dumps(times))
"""

CALLS = """
import subprocess, sys, time
CODE = '''
import time
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
best = 1e9
for _ in range(20):
    begin = time.process_time()
    fib(20)
    best = min(best, time.process_time() - begin)
print(best / 21891)
'''
exec(CODE)
subprocess.run([sys.executable, "-c", CODE], check=True)
"""

PING_PONG = """
import mmap, os, struct, tracypy
ROUNDS = 5000
shared = mmap.mmap(-1, 8)
flag = memoryview(shared).cast("I")
def wait_for(place, number):
    while flag[place] != number:
        pass
child = os.fork()
if child == 0:
    for number in range(1, ROUNDS + 1):
        wait_for(0, number)
        with tracypy.zone("pong"):
            pass
        flag[1] = number
    os._exit(0)
for number in range(1, ROUNDS + 1):
    with tracypy.zone("ping"):
        pass
    flag[0] = number
    wait_for(1, number)
os.waitpid(child, 0)
"""


def run(folder: Path, source: str, how: list[str], *words: str) -> str:
    (folder / "p.py").write_text(source)
    command = [sys.executable, *how, "p.py", *words]
    return subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout


def record(*options: str) -> list[str]:
    return ["-m", "tracypy", "record", "-f", "-o", "out.tracy", *options]


def starts(folder: Path, rounds: int) -> None:
    ways = {
        "plain": [],
        "record --no-children": record("--no-children"),
        "record": record(),
        "record --only-user-code": record("--only-user-code"),
        "run, no viewer": ["-m", "tracypy", "run", "--port", "0"],
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds // 5):
        for name, how in ways.items():
            times[name] += eval(run(folder, STARTS, how, "5"))
    plain = min(times["plain"])
    print(f"start and end of a child that does nothing, best and median of {rounds}:")
    for name, values in times.items():
        more = f"  best +{(min(values) - plain) * 1e3:.1f} ms" if name != "plain" else ""
        print(f"  {name:26} {min(values) * 1e3:6.1f} ms {statistics.median(values) * 1e3:6.1f} ms{more}")


def calls(folder: Path) -> None:
    root, child = map(float, run(folder, CALLS, record()).split())
    print(f"a call of fib, with the call itself: {root * 1e9:.1f} ns in the root, {child * 1e9:.1f} ns in a child")


def ping_pong(folder: Path) -> None:
    """In each round the zones of both follow each other; how much time lies between them cannot be less than none."""
    run(folder, PING_PONG, record("--exclude", "__main__"))
    trace = tracypy.open(folder / "out.tracy")
    found: dict[str, list[int]] = {"ping": [], "pong": []}
    for thread in trace.threads:
        for zone in thread.iter_zones():
            label = trace.source_locations[zone.location].label
            if label in found:
                found[label] += [zone.start_ns, zone.end_ns]
    there = [found["pong"][i] - found["ping"][i + 1] for i in range(0, len(found["ping"]), 2)]
    back = [found["ping"][i + 2] - found["pong"][i + 1] for i in range(0, len(found["ping"]) - 2, 2)]
    print(f"ping-pong: there at least {min(there)} ns, back at least {min(back)} ns; by less than half of the sum of both the "
          f"clocks can differ: {(min(there) + min(back)) // 2} ns")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starts(folder, rounds)
        calls(folder)
        ping_pong(folder)


if __name__ == "__main__":
    main()
