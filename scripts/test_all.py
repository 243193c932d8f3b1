"""Runs the tests on every interpreter there is, and ends with one table. `make test-all`.

usage: python -m scripts.test_all [--only VERSION] [--light] [--list] [pytest's arguments …]

`PYTHONS="/path/to/python3.12; chroot /roots/sid /usr/bin/python3.14"` names the interpreters, separated by semicolons.
What stands before the last word of each is what the interpreter is started with: `chroot` and a root that has this
checkout at the same path, and `/proc`. Without it, these are tried: pyenv's, what is on PATH, and in
`~/.cache/tracypy` whatever is an interpreter (`*/bin/python3*`) or a root with interpreters (`*/usr/bin/python3.*`).

Of each version one is taken, the first; free-threaded builds ("3.13t") are versions of their own. Each builds in
folders of its own: `.venv-3.13t`, and below `build` the one of its wheel tag. What it says is in
`build/test-all/3.13t.log`.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).parent.parent
LOGS = ROOT / "build" / "test-all"
OLDEST = (3, 12)
#: What an interpreter says of itself.
PROBE = (
    "import sys, sysconfig; "
    "print(*sys.version_info[:2], 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else '-', sys.version.split()[0])"
)
#: How the names of interpreters look that are no scripts: `python3.13-config`.
EXECUTABLE = re.compile(r"python3(\.\d+t?)?")
#: Tests that look at our sources with the default interpreter's checkers, and not at what runs.
NOT_FOR_EACH = ("--ignore", "tests/typing")


@dataclass(frozen=True)
class Interpreter:
    """One that tests can run on."""

    tag: str  #: "3.13t"
    version: str  #: "3.13.5"
    command: tuple[str, ...]  #: the last word is its path, those before are what it is started with

    @property
    def venv(self) -> str:
        """Its virtual environment, beside the sources."""
        return f".venv-{self.tag}"

    @property
    def log(self) -> Path:
        """Where all goes that its build and its tests say."""
        return LOGS / f"{self.tag}.log"


@dataclass
class Result:
    """What came of the tests on one interpreter; without counts, if it did not come to them."""

    interpreter: Interpreter
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    problem: str = ""
    failures: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """All that ran has passed, and something did."""
        return not self.problem and not self.failed and self.passed > 0


def commands() -> Iterator[tuple[str, ...]]:
    """Yield how each interpreter is started that may be there, the preferred ones first."""
    named = os.environ.get("PYTHONS", "")
    if named.strip():
        yield from (tuple(shlex.split(entry)) for entry in re.split(r"[;\n]", named) if entry.strip())
        return
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    default = (ROOT / ".python-version").read_text().strip()
    yield (str(pyenv / default / "bin" / "python"),)
    yield from ((str(path),) for path in sorted(pyenv.glob("*/bin/python"), reverse=True))
    cache = Path.home() / ".cache" / "tracypy"
    folders = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *sorted(cache.glob("*/bin"))]
    for folder in folders:
        yield from ((str(path),) for path in _executables(folder))
    for root in sorted(cache.glob("*/usr/bin")):
        place = root.parent.parent
        yield from (("chroot", str(place), f"/{path.relative_to(place)}") for path in _executables(root))


def _executables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("python3*") if EXECUTABLE.fullmatch(path.name))


def find(candidates: Iterable[tuple[str, ...]]) -> list[Interpreter]:
    """Find out which of them are there, are new enough, and are the first of their version."""
    found: dict[str, Interpreter] = {}
    for command in candidates:
        interpreter = _ask(command)
        if interpreter is not None:
            found.setdefault(interpreter.tag, interpreter)
    return sorted(found.values(), key=lambda each: (int(each.tag[2:].rstrip("t")), each.tag))


def _ask(command: tuple[str, ...]) -> Interpreter | None:
    if shutil.which(command[0]) is None:
        return None
    try:
        answer = subprocess.run([*command, "-c", PROBE], capture_output=True, text=True, timeout=60, check=True).stdout
        major, minor, free_threaded, version = answer.split()
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if (int(major), int(minor)) < OLDEST:
        return None
    return Interpreter(f"{major}.{minor}{free_threaded.strip('-')}", version, command)


def run_tests(interpreter: Interpreter, arguments: Sequence[str], set_up: str) -> Result:
    """Build tracypy for it, in folders of its own, and run the tests.

    Args:
        interpreter: On which.
        arguments: What pytest is told.
        set_up: What its virtual environment gets, see `scripts/set_up`.
    """
    started = time.monotonic()
    result = Result(interpreter)
    LOGS.mkdir(parents=True, exist_ok=True)
    *prefix, python = interpreter.command
    report = LOGS / f"{interpreter.tag}.xml"
    report.unlink(missing_ok=True)
    environment = dict(os.environ)
    if set_up == "test":
        environment.pop("CI", None)  # where a framework that is missing is a failure
    with interpreter.log.open("w") as log:

        def run(*words: str) -> bool:
            line = f"cd {shlex.quote(str(ROOT))} && exec nice {shlex.join(words)}"
            if prefix:  # what it is set up with
                line = f". /etc/profile >/dev/null 2>&1; {line}"
            return (
                subprocess.run(
                    [*prefix, "sh", "-c", line], stdout=log, stderr=log, env=environment, check=False
                ).returncode
                == 0
            )

        if prefix and not run("test", "-e", "pyproject.toml", "-a", "-e", "/proc/self"):
            result.problem = f"there is no {ROOT} in there, or no /proc (mount --bind, mount -t proc)"
        elif not run("make", "tools", "install", f"PYTHON={python}", f"VENV={interpreter.venv}", f"SET_UP={set_up}"):
            result.problem = f"not built, see {interpreter.log.relative_to(ROOT)}"
        else:
            pytest = (f"{interpreter.venv}/bin/python", "-m", "pytest", "-q", f"--junitxml={report}")
            run(*pytest, *NOT_FOR_EACH, *arguments)
            _read(report, result)
    result.seconds = time.monotonic() - started
    return result


def _read(report: Path, result: Result) -> None:
    """Take the counts out of what pytest has written."""
    try:
        suite = ET.parse(report).getroot()
    except (OSError, ET.ParseError):
        result.problem = f"pytest did not come to its end, see {result.interpreter.log.relative_to(ROOT)}"
        return
    cases = list(suite.iter("testcase"))
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    result.skipped = sum(case.find("skipped") is not None for case in cases)
    result.failed = len(bad)
    result.passed = len(cases) - result.failed - result.skipped
    result.failures = tuple(f"{case.get('classname', '')}::{case.get('name', '')}" for case in bad)
    if not cases:
        result.problem = f"no tests ran, see {result.interpreter.log.relative_to(ROOT)}"


def table(results: Sequence[Result]) -> str:
    """Return the one table that all ends with."""
    rows: list[tuple[str, ...]] = [("interpreter", "passed", "failed", "skipped", "seconds")]
    for result in results:
        name = f"{result.interpreter.tag} ({result.interpreter.version})"
        if result.problem:
            rows.append((name, "-", "-", "-", f"{result.seconds:.0f}  {result.problem}"))
        else:
            counts = (result.passed, result.failed, result.skipped, round(result.seconds))
            rows.append((name, *(f"{count:,}" for count in counts)))
    widths = [max(len(row[column].split("  ")[0]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *others in rows:
        cells = [f"{cell.split('  ')[0]:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:<{widths[0]}}", *cells, *others[-1].split("  ")[1:]]).rstrip())
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test-all", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", metavar="VERSION", help="of those that are there, this one; none is no mistake")
    parser.add_argument("--light", action="store_true", help="without the frameworks that some tests are about")
    parser.add_argument("--list", action="store_true", help="say which there are, and do nothing else")
    options, arguments = parser.parse_known_args()
    interpreters = [each for each in find(commands()) if options.only in (None, each.tag)]
    if not interpreters:
        print(f"test-all: there is no interpreter {options.only or 'to test'}, so nothing is tested with one")
        return 0 if options.only else 1
    if options.list:
        for each in interpreters:
            print(f"{each.tag}\t{each.version}\t{shlex.join(each.command)}")
        return 0
    results = []
    for each in interpreters:
        print(f"test-all: {each.tag} ({shlex.join(each.command)}), see {each.log.relative_to(ROOT)}", flush=True)
        results.append(run_tests(each, arguments, "test" if options.light else "frameworks"))
        for failure in results[-1].failures:
            print(f"  failed: {failure}", flush=True)
    print(table(results))
    return 0 if all(result.is_good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
