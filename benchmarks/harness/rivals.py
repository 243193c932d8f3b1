"""Other profilers, of every call and of samples: how each runs a program recorded, and what its file is."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass

PLAIN, OURS = "plain", "tracypy"

#: More than any program here makes: VizTracer keeps the last 1,000,000 events unless told otherwise.
_ENTRIES = ("--tracer_entries", "50000000")


@dataclass(frozen=True)
class Rival:
    """One way to run a program.

    Attributes:
        name: As the tables and `--rivals` have it.
        package: What pip installs; the module has the same name. Empty for Python itself.
        command: The arguments of the interpreter, before the program; `{out}` stands for the file to write.
        suffix: That file's; harness/read_trace.py knows by it how to read.
        has_calls: Whether every call is in the file, so that they can be counted.
        program: A program beside the interpreter, which is run in its place.
    """

    name: str
    package: str = ""
    command: tuple[str, ...] = ()
    suffix: str = ""
    has_calls: bool = True
    program: str = ""

    def command_line(self, out: str, program: list[str]) -> list[str]:
        words = [part.format(out=out, python=sys.executable) for part in self.command]
        return [self._beside(self.program) if self.program else sys.executable, *words, *program]

    @property
    def is_here(self) -> bool:
        if self.program:
            return os.access(self._beside(self.program), os.X_OK)
        try:
            return not self.package or importlib.util.find_spec(self.package) is not None
        except ModuleNotFoundError:  # the package around it
            return False

    @staticmethod
    def _beside(name: str) -> str:
        return os.path.join(os.path.dirname(sys.executable), name)


def _viztracer(name: str, *options: str, suffix: str = ".json") -> Rival:
    return Rival(name, "viztracer", ("-m", "viztracer", "--quiet", "-o", "{out}", *options, "--"), suffix)


#: `viztracer` is the one that records what tracypy does; the others show what its options cost.
RIVALS = [
    Rival(PLAIN),
    Rival(OURS, "tracypy", ("-m", "tracypy", "record", "-o", "{out}"), ".tracy"),
    Rival("trace0", "trace0", ("-m", "trace0", "run", "--output", "{out}"), ".pb"),
    _viztracer("viztracer", *_ENTRIES, "--ignore_c_function"),
    _viztracer("viztracer-gz", *_ENTRIES, "--ignore_c_function", suffix=".json.gz"),
    _viztracer("viztracer-c", *_ENTRIES),
    _viztracer("viztracer-as-it-comes"),
    Rival("cProfile", "cProfile", ("-m", "cProfile", "-o", "{out}"), ".pstats", has_calls=False),
    Rival("pyinstrument", "pyinstrument", ("-m", "pyinstrument", "-o", "{out}"), ".html", has_calls=False),
    Rival(
        "py-spy", "py-spy", ("record", "-s", "-f", "speedscope", "-o", "{out}", "--", "{python}"), ".speedscope",
        has_calls=False, program="py-spy",
    ),
    Rival(
        "profiling.sampling", "profiling.sampling", ("-m", "profiling.sampling", "run", "-a", "--flamegraph", "-o", "{out}"),
        ".flame.html", has_calls=False,
    ),
    Rival("memray", "memray", ("-m", "memray", "run", "-q", "-f", "-o", "{out}"), ".bin", has_calls=False),
    Rival("tracypy-memory", "tracypy", ("-m", "tracypy", "record", "--memory", "all", "-o", "{out}"), ".tracy"),
]  # fmt: skip
#: What is compared unless `--rivals` says otherwise.
USUAL = [OURS, "trace0", "viztracer"]
