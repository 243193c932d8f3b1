"""A program that was really recorded, exported, against what cProfile says of the same program."""

from __future__ import annotations

import pstats
import subprocess
import sys
from collections import Counter
from pathlib import Path

import tracypy

from support.perfetto_reader import read_tracks

PROGRAM = """
import functools

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def ping(n):
    if n:
        pong(n - 1)

def pong(n):
    if n:
        ping(n - 1)
        fib(4)

def countdown(n):
    while n:
        yield n
        n -= 1

class Shelf:
    def __init__(self):
        self.sorted = sorted("tracypy", key=lambda letter: -ord(letter))

    @functools.cache
    def at(self, place):
        return self.sorted[place]

def main():
    fib(10)
    for depth in range(6):
        ping(depth)
    shelf = Shelf()
    return [shelf.at(place % 3) for place in range(20)], sum(countdown(7))

main()
"""

# Without built-in functions, which are no zones: what they call is called by who called them.
CPROFILE = """
import cProfile, sys
code = compile(open(sys.argv[1]).read(), sys.argv[1], "exec")
profile = cProfile.Profile()
profile.enable(builtins=False)  # from 3.14 on this overrides the constructor
exec(code)
profile.disable()
profile.dump_stats(sys.argv[2])
"""

type Counts = dict[tuple[int, str], tuple[int, int, dict[tuple[int, str], tuple[int, int]]]]


def _counts(path: Path, program: Path) -> Counts:
    """Of the program's own functions: primitive calls, calls, and both for each caller of its own."""

    def own(functions: dict) -> dict:
        # One calls a method by its name, the other by its qualified one.
        return {
            (line, name.rpartition(".")[2]): counts
            for (file, line, name), counts in functions.items()
            if file == str(program) and name != "<module>"
        }

    return {
        key: (primitive, calls, {caller: edge[:2] for caller, edge in own(callers).items()})
        for key, (primitive, calls, _, _, callers) in own(pstats.Stats(str(path)).stats).items()
    }


def test_calls_and_callers_are_those_of_cprofile(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    for command in (
        ["-c", CPROFILE, str(program), "cprofile.pstats"],
        ["-m", "tracypy", "record", "-o", "run.tracy", str(program)],
        ["-m", "tracypy", "export", "run.tracy", "--to", "pstats"],
    ):
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, done.stderr
    ours, theirs = _counts(tmp_path / "run.pstats", program), _counts(tmp_path / "cprofile.pstats", program)
    assert ours == theirs
    assert {name for _, name in ours} >= {"fib", "ping", "pong", "countdown", "__init__", "at", "main", "<lambda>"}


LOCKED = """
import threading
import tracypy
from tracypy.locks import Lock

vault = Lock(name="vault")

def put(count):
    for number in range(count):
        with vault:
            with tracypy.zone("inside"):
                tracypy.plot("number", number)

def main():
    worker = threading.Thread(target=put, args=(5,), name="worker")
    worker.start()
    put(3)
    worker.join()
    tracypy.message("all is put")

main()
"""


def test_perfetto_shows_all_zones_and_who_had_the_lock(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(LOCKED)
    run = [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "program.py"]
    subprocess.run(run, cwd=tmp_path, check=True, timeout=200)
    subprocess.run(
        [sys.executable, "-m", "tracypy", "export", "out.tracy", "--to", "perfetto"],
        cwd=tmp_path,
        check=True,
        timeout=200,
    )
    trace = tracypy.open(tmp_path / "out.tracy")
    tracks = list(read_tracks(tmp_path / "out.pftrace").values())
    for thread in trace.threads:
        (track,) = [track for track in tracks if track.name == thread.name]
        shown = [(zone.start, zone.end, zone.depth, zone.name) for zone in track.slices if zone.place]
        assert shown == [
            (zone.start_ns, zone.end_ns, zone.depth, zone.name or trace.source_locations[zone.location].label)
            for zone in thread.iter_zones()
        ]
    (vault,) = [track for track in tracks if track.name == "lock: vault"]
    assert Counter(had.name for had in vault.slices) == {"Main thread": 3, "worker": 5}
    assert all(had.end is not None and had.depth == 0 for had in vault.slices)
    (number,) = [track for track in tracks if track.name == "number"]
    assert sorted(value for _, value in number.points) == [0, 0, 1, 1, 2, 2, 3, 4]
    assert [told.name for track in tracks for told in track.slices if told.name == "all is put"] == ["all is put"]
