"""What a recorded trace costs with tracypy and with VizTracer: docs/comparison.md states what this printed.

    benchmarks/compare_viztracer.py [--rounds N] [--only fib,richards]

Variants take turns; the least processor time (user and system, all threads) of the rounds counts. Calls are those of the
program's own functions, so that it does not matter which calls of the start each profiler sees.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from harness.foreign import VIZTRACER, environment_with  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

import tracypy  # noqa: E402

PROGRAM = HERE / "harness" / "one_program.py"
ROUNDS = 3
#: How much of each program is run: a little more events than VizTracer's buffer holds as it comes.
UNITS = {"demo": 8, "fib": 55, "richards": 25}
PLAIN = "plain Python"
ENTRIES = 50_000_000

# Read the whole file, count what is in it: {events of the program, events in all}.
COUNT_TRACY = """
import collections, json, sys, tracypy
trace = tracypy.open(sys.argv[1])
calls = collections.Counter()
for thread in trace.threads:
    calls.update(thread.zones["location"].tolist())
files = [location.file for location in trace.source_locations]
print(json.dumps([sum(n for at, n in calls.items() if files[at] == sys.argv[2]), calls.total()]))
"""
COUNT_JSON = """
import gzip, json, sys
opened = gzip.open if sys.argv[1].endswith(".gz") else open
with opened(sys.argv[1], "rt", encoding="utf-8") as file:
    names = [event["name"] for event in json.load(file)["traceEvents"] if event["ph"] == "X"]
print(json.dumps([sum(f" ({sys.argv[2]}:" in name for name in names), len(names)]))
"""
OPEN_TRACY = "import sys, tracypy; [thread.zones for thread in tracypy.open(sys.argv[1]).threads]"
OPEN_JSON = """
import gzip, json, sys
json.load((gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rt", encoding="utf-8"))
"""


@dataclass
class Variant:
    """One way to record a program, and to read what was recorded."""

    name: str
    command: list[str]
    suffix: str = ""
    opener: list[str] = field(default_factory=list)
    counter: list[str] = field(default_factory=list)


@dataclass
class Figures:
    """Least of the rounds; times in seconds."""

    running: float = float("inf")
    process: float = float("inf")
    opening: float = float("inf")
    opening_mib: float = 0
    size: int = 0
    own: int = 0
    events: int = 0


def variants(viztracer: str) -> list[Variant]:
    """`{out}` stands for the file to write."""
    python = sys.executable

    def viz(name: str, *options: str, suffix: str = ".json") -> Variant:
        command = [viztracer, "-m", "viztracer", "--quiet", "-o", "{out}", *options, "--"]
        return Variant(name, command, suffix, [viztracer, "-c", OPEN_JSON], [viztracer, "-c", COUNT_JSON])

    large = ("--tracer_entries", str(ENTRIES))
    return [
        Variant(PLAIN, [python]),
        Variant(
            "tracypy record",
            [python, "-m", "tracypy", "record", "-o", "{out}"],
            ".tracy",
            [python, "-c", OPEN_TRACY],
            [python, "-c", COUNT_TRACY],
        ),
        viz("VizTracer, as it comes"),
        viz("… all events kept", *large),
        viz("… and no C functions", *large, "--ignore_c_function"),
        viz("… and compressed", *large, "--ignore_c_function", suffix=".json.gz"),
    ]


def processor_seconds(command: list[str]) -> tuple[float, float, str]:
    """Of the process and all it waited for; its peak memory in MiB; what it printed."""
    packages = str(Path(tracypy.__file__).resolve().parents[1])  # examples/demo.py imports tracypy under VizTracer, too
    environment = {**os.environ, "PYTHONPATH": packages, "TRACYPY_ANNOUNCE": "0"}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        printed = output.read().decode(errors="replace")
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{shlex.join(command)} failed:\n{printed}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed


def measure(variant: Variant, program: str, folder: Path, figures: Figures, path: str) -> None:
    out, report = folder / f"trace{variant.suffix}", folder / "report.json"
    out.unlink(missing_ok=True)
    command = [part.format(out=out) for part in variant.command]
    process, _, _ = processor_seconds([*command, str(PROGRAM), program, str(UNITS[program]), str(report)])
    figures.process = min(figures.process, process)
    figures.running = min(figures.running, json.loads(report.read_text())["seconds"])
    if not variant.opener:
        return
    seconds, mib, _ = processor_seconds([*variant.opener, str(out)])
    figures.opening, figures.opening_mib = min(figures.opening, seconds), mib
    figures.size = out.stat().st_size
    if figures.events:
        return  # the program does the same in every round
    _, _, printed = processor_seconds([*variant.counter, str(out), path])
    figures.own, figures.events = json.loads(printed)


def calls_of(program: str, folder: Path) -> tuple[str, int]:
    report = folder / "counts.json"
    processor_seconds([sys.executable, str(PROGRAM), program, str(UNITS[program]), str(report), "--counts"])
    said = json.loads(report.read_text())
    return said["path"], said["calls"]


def table_of(program: str, calls: int, results: list[tuple[Variant, Figures]]) -> Table:
    table = Table(title=f"{program}: {calls:,} calls of its own functions, {UNITS[program]} units")
    for column in ("", "runs", "x plain", "process", "file", "per event", "own calls lost", "opens", "memory"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    plain = next(figures for variant, figures in results if variant.name == PLAIN)
    for variant, one in results:
        cells = [variant.name, f"{one.running:.2f} s", f"{one.running / plain.running:.2f}", f"{one.process:.2f} s"]
        if variant.opener:
            cells += [f"{one.size / 1e6:.1f} MB", f"{one.size / one.events:.1f} B"]
            cells += [f"{max(calls - one.own, 0):,} ({max(1 - one.own / calls, 0):.1%})"]
            cells += [f"{one.opening:.2f} s", f"{one.opening_mib:.0f} MiB"]
        table.add_row(*cells)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", metavar="A,B", default=",".join(UNITS), help=f"of: {', '.join(UNITS)}")
    parser.add_argument("--viztracer", metavar="PYTHON", help="an interpreter that has it; otherwise one is made")
    chosen = parser.parse_args()
    viztracer = chosen.viztracer or environment_with("viztracer", VIZTRACER)
    if viztracer is None:
        return 1
    console = Console(width=None if sys.stdout.isatty() else 140)
    with tempfile.TemporaryDirectory() as folder:
        for program in chosen.only.split(","):
            path, calls = calls_of(program, Path(folder))
            results = [(variant, Figures()) for variant in variants(viztracer)]
            for _ in range(chosen.rounds):
                for variant, figures in results:
                    measure(variant, program, Path(folder), figures, path)
            console.print(table_of(program, calls, results))
            console.print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
