"""The programs that rivals are compared on, and how much of each is run."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

PROGRAMS, PYPERFORMANCE = "programs", "pyperformance"

_HERE = Path(__file__).resolve().parents[1]
_ONE_PROGRAM = _HERE / "harness" / "one_program.py"

#: So many times the round of run.py: about a million calls.
_ROUNDS = 6
#: What is left out when told to be quick.
_QUICK_DIVISOR = 30

#: Benchmarks of pyperformance that need nothing but the standard library, with their arguments, and the number of
#: loops that makes each take about half a second. (Not pathlib: how long the file system takes says nothing.)
_LOOPS = {
    "async_generators": 1,
    "async_tree none": 1,
    "barnes_hut": 1,
    "chaos": 7,
    "comprehensions": 20_000,
    "coroutines": 20,
    "deepcopy": 1500,
    "deltablue": 250,
    "fannkuch": 1,
    "float": 4,
    "generators": 15,
    "go": 3,
    "hexiom": 60,
    "json_dumps": 40,
    "json_loads": 1200,
    "logging": 2000,
    "meteor_contest": 4,
    "nbody": 4,
    "nqueens": 4,
    "pyflate": 1,
    "raytrace": 2,
    "regex_compile": 3,
    "richards": 7,
    "richards_super": 7,
    "scimark": 1,
    "spectral_norm": 4,
    "sqlite_synth": 8000,
    "telco": 50,
    "typing_runtime_protocols": 1200,
    "xml_etree": 1,
}


@dataclass(frozen=True)
class Program:
    """One program to compare on.

    Attributes:
        name: As the tables have it.
        target: What one_program.py runs: a name or a path, and arguments. Empty for the program that does nothing.
        units: How much of it.
        threaded: Its work is done in other threads than the main one.
    """

    name: str
    target: tuple[str, ...] = ()
    units: int = 0
    threaded: bool = False

    def command(self, report: Path) -> list[str]:
        """Return what follows the interpreter, or the profiler; `report` is where one_program.py writes."""
        if self.target:
            return [str(_ONE_PROGRAM), self.target[0], str(self.units), str(report), *self.target[1:]]
        nothing = report.with_name("nothing.py")
        nothing.touch()
        return [str(nothing)]


def programs_of(suite: str, *, quick: bool = False, times: int = 1) -> list[Program]:
    """Return the programs of one suite; none when it is not installed.

    Args:
        suite: Its name.
        quick: Whether they only do so much that something happens.
        times: How many times as much as usual they do.
    """
    factor = times / (_QUICK_DIVISOR if quick else 1)
    return _own(factor) if suite == PROGRAMS else _pyperformance(factor)


def _own(factor: float) -> list[Program]:
    found = [Program("nothing"), Program("demo", ("demo",), max(1, int(8 * factor)))]
    for path in sorted((_HERE / "programs").glob("[!_]*.py")):
        module = importlib.import_module(f"programs.{path.stem}")
        if getattr(module, "MARKUP", False):
            continue  # it opens zones of tracypy's own
        rounds = 1 if getattr(module, "FRESH", False) else _ROUNDS
        threaded = getattr(module, "THREADS", False)
        found.append(Program(path.stem, (path.stem,), max(1, int(module.UNITS * rounds * factor)), threaded))
    return found


def _pyperformance(factor: float) -> list[Program]:
    package = importlib.util.find_spec(PYPERFORMANCE)
    if package is None or not package.submodule_search_locations:
        return []
    folder = Path(package.submodule_search_locations[0]) / "data-files" / "benchmarks"
    found = []
    for name, loops in _LOOPS.items():
        benchmark, *arguments = name.split()
        script = folder / f"bm_{benchmark}" / "run_benchmark.py"
        if script.is_file():  # not all releases have all of them
            found.append(Program(benchmark, (str(script), *arguments), max(1, int(loops * factor))))
    return found
