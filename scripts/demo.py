"""`make demo`: records examples/demo.py, checks the trace against the demo's own counts, and says how to open it.

usage: scripts/demo.py [-o TRACE]
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import tracypy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracypy.trace import Trace

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ROOT / "examples" / "demo.py"
SECONDS = 120


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "build" / "demo.tracy")
    output: pathlib.Path = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)
    expected = json.loads(subprocess.check_output([sys.executable, str(DEMO), "--counts"]))
    options = ["--plots", "cpu,memory", "--memory", "64KiB"]
    command = [sys.executable, "-m", "tracypy", "record", "-f", *options, "-o", str(output), str(DEMO)]
    print(f"$ {shlex.join(['tracypy', *command[3:]])}", flush=True)
    subprocess.run(command, check=True, timeout=SECONDS)

    trace = tracypy.open(output)
    recorded = counts_in(trace)
    wrong = {name: (count, recorded[name]) for name, count in expected.items() if recorded[name] != count}
    for name, (count, found) in wrong.items():
        print(f"{name}: called {count} times, and {found} times in the trace")
    if wrong:
        return 1
    print(
        f"\n{sum(expected.values()):,} calls of the demo's own {len(expected)} functions, by its own count "
        f"({DEMO.name} --counts): each of them is in the trace."
        f"\nSo are {', '.join(besides(trace))}."
        "\nWatch it live:  .venv/bin/tracypy --wait examples/demo.py, and connect tracy-profiler to 127.0.0.1"
    )
    return 0


def besides(trace: Trace) -> Iterator[str]:
    """Say what the trace has besides calls."""
    yield f"{len(trace.messages)} messages"
    for plot in trace.plots:
        if plot.name and plot.kind == "user":
            yield f"the curve {plot.name!r}"
    for pool in trace.memory:
        yield f"memory of {pool.name!r}"


def counts_in(trace: Trace) -> collections.Counter[str]:
    """How often each function of the demo was called; its zones with names of their own are not calls."""
    found: collections.Counter[str] = collections.Counter()
    for function in trace.functions():
        place = trace.source_locations[function.location]
        if place.file == str(DEMO) and not place.name:
            found[place.function] += function.calls
    return found


if __name__ == "__main__":
    sys.exit(main())
