"""What a recorded trace costs with tracypy and with other profilers: the tables of docs/comparison.md.

    benchmarks/compare_rivals.py [--suite programs] [--only fib,richards] [--rivals tracypy,trace0] [--rounds N] [--read]
    benchmarks/compare_rivals.py --suite programs --times 10 --rivals tracypy,cProfile,pyinstrument,py-spy,memray

The rivals are yours to install beside tracypy, and so are the programs of pyperformance:
`pip install trace0 viztracer pyperformance`. What is missing is left out, and one line says so.

Rivals take turns, round by round, in an order that moves; the least of the rounds counts. `--read` also counts what is in
the files: calls of the program's own functions, so that it does not matter which calls of the start each profiler sees.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

from harness.markdown import markdown  # noqa: E402
from harness.read_trace import OPENERS  # noqa: E402
from harness.rivals import OURS, PLAIN, RIVALS, USUAL, Rival  # noqa: E402
from harness.suites import PROGRAMS, PYPERFORMANCE, Program, programs_of  # noqa: E402

READ_TRACE = HERE / "harness" / "read_trace.py"
ROUNDS = 5


@dataclass
class Figures:
    """One program under one rival.

    Least of the rounds, in seconds: processor time of the main thread while the program runs (None where it does not do
    the work), processor time of the whole process and its children, and what a clock on the wall says of the whole
    run, until the file is there. Then the file: bytes, and what it holds, where that was read.
    """

    rival: str
    main: float | None = None
    process: float = math.inf
    wall: float = math.inf
    size: int | None = None
    own: int | None = None
    events: int | None = None
    opening: float | None = None
    opening_mib: float | None = None


@dataclass
class Result:
    """One program under all rivals; `calls` are those of its own functions, if they were counted."""

    program: str
    units: int
    calls: int | None
    figures: list[Figures]

    def of(self, rival: str) -> Figures:
        return next(one for one in self.figures if one.rival == rival)


@dataclass(frozen=True)
class Timing:
    wall: float
    processor: float
    mib: float
    printed: str


def timed(command: list[str]) -> Timing:
    """Run a command; whatever fails ends the comparison, as its figures would say nothing."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        output.seek(0)
        printed = output.read().decode(errors="replace")
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{shlex.join(command)} failed:\n{printed}")
    return Timing(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed)


def run_once(rival: Rival, program: Program, folder: Path, figures: Figures) -> None:
    out, report = folder / f"{rival.name}{rival.suffix}", folder / "report.json"
    out.unlink(missing_ok=True)
    command = rival.command_line(str(out), program.command(report))
    timing = timed(command)
    figures.wall = min(figures.wall, timing.wall)
    figures.process = min(figures.process, timing.processor)
    if program.target and not program.threaded:
        figures.main = min(figures.main or math.inf, json.loads(report.read_text(encoding="utf-8"))["main"])
    if rival.suffix:
        if not out.is_file():
            sys.exit(f"{shlex.join(command)} left no file:\n{timing.printed}")
        figures.size = out.stat().st_size


def read_once(rival: Rival, path: str, folder: Path, figures: Figures) -> None:
    """Open and count the file of the last round; they all hold the same calls."""
    out = str(folder / f"{rival.name}{rival.suffix}")
    if rival.suffix in OPENERS:
        opened = timed([sys.executable, str(READ_TRACE), "open", out])
        figures.opening, figures.opening_mib = opened.processor, opened.mib
    if rival.suffix and rival.has_calls:
        figures.own, figures.events = json.loads(timed([sys.executable, str(READ_TRACE), "count", out, path]).printed)


def calls_of(program: Program, folder: Path) -> tuple[str, int]:
    report = folder / "counts.json"
    timed([sys.executable, *program.command(report), "--counts"])
    said = json.loads(report.read_text(encoding="utf-8"))
    return said["path"], said["calls"]


def compare(program: Program, rivals: list[Rival], rounds: int, folder: Path, *, read: bool) -> Result:
    results = [(rival, Figures(rival.name)) for rival in rivals]
    for number in range(rounds):
        shift = number % len(results)  # not always the same neighbour before
        for rival, figures in results[shift:] + results[:shift]:
            run_once(rival, program, folder, figures)
    calls = None
    if read and program.target:
        path, calls = calls_of(program, folder)
        for rival, figures in results:
            read_once(rival, path, folder, figures)
    return Result(program.name, program.units, calls, [figures for _, figures in results])


def table_of_main(results: list[Result], names: list[str]) -> str:
    rows, ratios = [], []
    for result in results:
        plain = result.of(PLAIN).main
        if plain is None:
            continue
        ratios.append([(result.of(name).main or math.nan) / plain for name in names])
        rows.append([result.program, f"{plain:.2f} s", *(f"{ratio:.2f}" for ratio in ratios[-1])])
    means = [math.exp(sum(map(math.log, column)) / len(column)) for column in zip(*ratios, strict=True)]
    rows.append(["**geometric mean**", "", *(f"**{mean:.2f}**" for mean in means)])
    return markdown(["main thread, x plain", PLAIN, *names], rows)


def table_of_runs(results: list[Result], names: list[str]) -> str:
    columns = [PLAIN, *names]
    rows = [[one.program, *(f"{one.of(name).wall:.3f}" for name in columns)] for one in results]
    rows.append(["**all**", *(f"**{sum(one.of(name).wall for one in results):.2f}**" for name in columns)])
    if OURS in names:
        slower = [sum(one.of(name).wall > one.of(OURS).wall for one in results) for name in names]
        cells = ["" if name == OURS else f"{many} of {len(results)}" for name, many in zip(names, slower, strict=True)]
        rows.append([f"slower than {OURS} in", "", *cells])
    return markdown(["whole run with saving, s", *columns], rows)


def table_of_files(results: list[Result], names: list[str]) -> str:
    def cells(figures: list[Figures]) -> tuple[float, float]:
        return sum(one.process for one in figures), sum(one.size or 0 for one in figures) / 1e6

    groups = [(one.program, [one]) for one in results]
    rows = []
    for label, group in [*groups, ("**all**", results)]:
        sums = [cells([one.of(name) for one in group]) for name in (PLAIN, *names)]
        rows.append([label, *(f"{process:.2f}" for process, _ in sums), *(f"{size:.2f}" for _, size in sums[1:])])
    header = ["processor time of the whole process, s; file, MB", f"{PLAIN}, s"]
    return markdown([*header, *(f"{name}, s" for name in names), *(f"{name}, MB" for name in names)], rows)


def table_of_readings(results: list[Result], names: list[str]) -> str:
    rows = []
    for one in results:
        if one.calls is None:
            continue
        for figures in map(one.of, names):
            if figures.own is None or not figures.events:
                continue  # no calls are in it
            own, events, size = figures.own, figures.events, figures.size or 0
            lost = one.calls - own
            cells = [f"{one.calls:,}", f"{max(lost, 0):,} ({max(lost / one.calls, 0):.1%})", f"{size / events:.1f} B"]
            opens = [f"{figures.opening:.2f} s", f"{figures.opening_mib:.0f} MiB"] if figures.opening else ["", ""]
            rows.append([f"{one.program}, {figures.rival}", *cells, *opens])
    return markdown(["what is in the file", "own calls", "of them lost", "per event", "opens", "memory"], rows)


def tables_of(results: list[Result], names: list[str], *, read: bool) -> list[str]:
    tables = [table_of_runs(results, names), table_of_files(results, names)]
    if any(one.of(PLAIN).main is not None for one in results):
        tables.insert(0, table_of_main(results, names))
    return [*tables, table_of_readings(results, names)] if read else tables


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    suites = (PROGRAMS, PYPERFORMANCE)
    parser.add_argument("--suite", choices=suites, help=f"one of {' and '.join(suites)} in place of both")
    parser.add_argument("--only", metavar="A,B", help="these programs")
    names = [rival.name for rival in RIVALS[1:]]
    parser.add_argument("--rivals", metavar="A,B", help=f"of {', '.join(names)}; else {', '.join(USUAL)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how many, otherwise {ROUNDS}")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="make the programs do N times as much")
    parser.add_argument("--read", action="store_true", help="count and time what is in the files, too; needs NumPy")
    parser.add_argument("--quick", action="store_true", help="short runs, whose times say nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write all figures")
    chosen = parser.parse_args()
    chosen.suites = [chosen.suite] if chosen.suite else list(suites)
    chosen.rivals = chosen.rivals.split(",") if chosen.rivals else USUAL
    if unknown := [name for name in chosen.rivals if name not in names]:
        parser.error(f"there is no rival {', '.join(unknown)}")
    found = {suite: programs_of(suite, quick=chosen.quick, times=chosen.times) for suite in chosen.suites}
    known = [program.name for programs in found.values() for program in programs]
    chosen.only = chosen.only.split(",") if chosen.only else known
    if unknown := [name for name in chosen.only if name not in known]:
        parser.error(f"there is no program {', '.join(unknown)}; there are {', '.join(known)}")
    chosen.programs = {
        suite: [program for program in programs if program.name in chosen.only] for suite, programs in found.items()
    }
    return chosen


def say_what_is_missing(chosen: argparse.Namespace) -> list[Rival]:
    """Return the rivals that are here, plain Python among them."""
    wanted = [rival for rival in RIVALS if rival.name in (PLAIN, *chosen.rivals)]
    packages = {rival.package for rival in wanted if not rival.is_here}
    if PYPERFORMANCE in chosen.suites and not programs_of(PYPERFORMANCE):
        packages.add(PYPERFORMANCE)
    if packages:
        names = sorted(packages)
        print(f"left out: {', '.join(names)} (pip install {' '.join(names)})", file=sys.stderr)
    return [rival for rival in wanted if rival.is_here]


def main() -> int:
    chosen = arguments()
    rivals = say_what_is_missing(chosen)
    names = [rival.name for rival in rivals if rival.name != PLAIN]
    said: dict[str, list[dict[str, object]]] = {}
    os.environ["TRACYPY_ANNOUNCE"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        for suite, programs in chosen.programs.items():
            results = []
            for program in programs:
                print(f"{program.name} …", file=sys.stderr, flush=True)
                results.append(compare(program, rivals, chosen.rounds, Path(folder), read=chosen.read))
            if results:
                print(f"{suite}, least of {chosen.rounds} rounds:\n")
                print("\n\n".join(tables_of(results, names, read=chosen.read)), end="\n\n")
            said[suite] = [asdict(result) for result in results]
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if chosen.json:
        chosen.json.write_text(json.dumps({"rounds": chosen.rounds, "suites": said}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
