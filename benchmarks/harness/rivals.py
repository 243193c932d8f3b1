"""Profilers that record every call to a file: how each runs a program recorded, and what its file is."""

from __future__ import annotations

import importlib.util
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
    """

    name: str
    package: str = ""
    command: tuple[str, ...] = ()
    suffix: str = ""

    def command_line(self, out: str, program: list[str]) -> list[str]:
        return [sys.executable, *(part.format(out=out) for part in self.command), *program]

    @property
    def is_here(self) -> bool:
        return not self.package or importlib.util.find_spec(self.package) is not None


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
]
#: What is compared unless `--rivals` says otherwise.
USUAL = [OURS, "trace0", "viztracer"]
