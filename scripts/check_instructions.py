"""Check that the handlers have not grown: instructions per call, await, zone, task and thread, counted by valgrind.

usage: scripts/check_instructions.py [--record]

Programs run under callgrind with a viewer connected that reads and discards: one that does nothing, and one for each
kind of work, which makes calls, awaits coroutines, lets a task wait and go on, takes the items of a generator or of an
asynchronous one, makes zones of its own, or starts tasks or threads. What these execute more inside our native module,
in the thread that calls or in those that are started, is divided by how often; of tasks also what our module calls in
others, since it asks the interpreter for their names and coroutines. Counts do not depend on the machine's load. Those
of this Python version in benchmarks/instructions.json may be exceeded by 5 %.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import tracypy
from tracypy import _core

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / "benchmarks" / "instructions.json"
ALLOWED = 1.05
PROTOCOL = 76
SECONDS = 400

PROGRAM = """
import asyncio, os, sys, threading, tracypy

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def zones(n):
    zone = tracypy.zone
    for _ in range(n):
        with zone("zone"):
            pass

async def coroutines(n):
    return n if n < 2 else await coroutines(n - 1) + await coroutines(n - 2)

class Pause:
    def __await__(self):
        return iter((None,))

async def pauses(n):
    for _ in range(n):
        await Pause()

async def items(n):
    for item in range(n):
        yield item

async def all_items(n):
    async for _ in items(n):
        pass

def numbers(n):
    for number in range(n):
        yield number

def all_numbers(n):
    for _ in numbers(n):
        pass

def drive(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        pass

async def nothing():
    pass

async def tasks(n):
    for _ in range(n):
        await asyncio.create_task(nothing())

runner = asyncio.Runner()

def threads(n):
    for _ in range(n):
        thread = threading.Thread()
        thread.start()
        thread.join()

tracypy.enable()
assert tracypy.wait_connected(300)
fib(5), zones(5), threads(5), drive(coroutines(5)), drive(pauses(5)), drive(all_items(5)), all_numbers(5)
runner.run(tasks(5))
{work}
os._exit(0)  # what happens at the end is not what is counted
"""


class Work(NamedTuple):
    """What is counted."""

    code: str
    times: int  # the code does it
    threads: slice = slice(1)  # that do it: the first is the program's own, the second is ours
    with_called: bool = False  # also in other modules


WORK = {
    "call": Work("fib(20)", 21891),
    "await": Work("drive(coroutines(20))", 21891),
    "wait of a task": Work("drive(pauses(10000))", 10000),
    "item": Work("drive(all_items(10000))", 10000),
    "yield": Work("all_numbers(10000)", 10000),
    "zone": Work("zones(10000)", 10000),
    "task": Work("runner.run(tasks(2000))", 2000, with_called=True),
    "thread": Work("threads(200)", 200, slice(2, None)),
}


class Viewer(threading.Thread):
    """Connects as soon as somebody listens, and discards what it is sent."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port

    def run(self) -> None:
        """Until the program ends."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port)) as link:
                    link.sendall(b"TracyPrf" + PROTOCOL.to_bytes(4, "little"))
                    while link.recv(1 << 16):
                        pass
                return
            except OSError:
                time.sleep(0.02)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(valgrind: str, folder: Path, work: str) -> subprocess.Popen[str]:
    folder.mkdir()
    port = unused_port()
    program = folder / "program.py"
    program.write_text(PROGRAM.format(work=work), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TRACY", "PYTHON"))}
    environment |= {"TRACY_PORT": str(port), "TRACYPY_ANNOUNCE": "0", "PYTHONHASHSEED": "0"}
    environment["PYTHONPATH"] = str(Path(tracypy.__file__).parents[1])
    command = [valgrind, "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={folder}/counts"]
    process = subprocess.Popen(
        [*command, sys.executable, str(program)], env=environment, text=True, stderr=subprocess.PIPE
    )
    Viewer(port).start()
    return process


def errors_of(process: subprocess.Popen[str]) -> str:
    """Return what it wrote to standard error until its end."""
    try:
        return process.communicate(timeout=SECONDS)[1]
    finally:
        process.kill()


def instructions(counts: str, module: str, with_called: bool = False) -> int:
    """Count what one thread executed in the functions of `module` themselves, in callgrind's file for it.

    Args:
        counts: The file.
        module: The path of the module.
        with_called: Whether to add what these functions call in other modules.
    """
    objects: dict[str, str] = {}
    total = 0
    counted = inclusive = leaves = False
    for line in counts.splitlines():
        if match := re.match(r"c?ob=\((\d+)\)(?: (.*))?$", line):
            number, name = match.groups()
            if name:
                objects[number] = name
            if line.startswith("ob="):
                counted = objects[number] == module
            else:
                leaves = objects[number] != module
        elif line.startswith("calls="):
            inclusive = True  # the next line is what the callee cost
        elif line[:1].isdigit() or line[:1] in ("+", "-", "*"):
            if counted and (not inclusive or (leaves and with_called)):
                total += int(line.split()[1])
            if inclusive:
                inclusive = leaves = False
    return total


def count(valgrind: str) -> dict[str, float]:
    """Return the instructions for each kind of work."""
    module = os.path.realpath(_core.__file__ or "")
    by_thread: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as room:
        folders = {name: Path(room) / name for name in ("nothing", *WORK)}
        codes = {"nothing": ""} | {name: work.code for name, work in WORK.items()}
        started = {name: start(valgrind, folder, codes[name]) for name, folder in folders.items()}
        for name, process in started.items():
            errors = errors_of(process)
            counts = sorted(folders[name].glob("counts-*"))
            if process.returncode != 0 or not counts:
                raise RuntimeError(f"valgrind ended with {process.returncode}: {errors[-2000:]}")
            by_thread[name] = [file.read_text("utf-8", "replace") for file in counts]

    def counted(name: str, work: Work) -> int:
        return sum(instructions(text, module, work.with_called) for text in by_thread[name][work.threads])

    return {
        name: round((counted(name, work) - counted("nothing", work)) / work.times, 1) for name, work in WORK.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--record", action="store_true", help=f"write what is counted now to {BASELINE.name}")
    record = parser.parse_args().record
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("instructions per call cannot be counted: valgrind is missing (on Debian: apt-get install valgrind)")
        return 1
    baselines = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.is_file() else {}
    version = f"{sys.version_info[0]}.{sys.version_info[1]}{getattr(sys, 'abiflags', '')}"
    if version not in baselines and not record:
        print(f"instructions per call were not counted: {BASELINE.name} has none for Python {version}")
        return 0
    now = count(valgrind)
    if record:
        baselines[version] = now
        BASELINE.write_text(json.dumps(baselines, indent=4, sort_keys=True) + "\n", encoding="utf-8")
    failed = False
    for name, value in now.items():
        before = baselines[version].get(name, value)
        grown = value > before * ALLOWED
        failed |= grown
        verdict = ": more than 5 % above. If it must be: scripts/check_instructions.py --record" if grown else ""
        print(f"instructions per {name}: {value} (baseline {before}){verdict}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
