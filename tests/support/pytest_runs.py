"""Runs pytest with the plugin, in a process of its own, and reads which tests are in the recordings that it makes."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections import Counter
from typing import TYPE_CHECKING

import tracypy

from .recorded_program import clean_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tracypy.trace import Trace

#: All that a test is made of: depth below the test, and name.
type Outline = list[tuple[int, str]]

# What other plugins may add to a run: warnings, fixtures for all tests.
_QUIET = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error")
#: Words for a run that needs that one.
WITH_ASYNCIO = ("-p", "asyncio", "-o", "asyncio_default_fixture_loop_scope=function")
#: Zones are the calls of the tests' own modules.
PROJECT = "[tool.tracypy]\ninclude = ['test_*', 'conftest']\ngc = false\n"


def pytest_command(*words: str, before: tuple[str, ...] = ()) -> list[str]:
    """The words that run pytest; `before` stands between the interpreter and that."""
    return [sys.executable, *before, "-m", "pytest", *_QUIET, *words]


def run_pytest(folder: Path, *words: str, code: int = 0, before: tuple[str, ...] = (), **variables: str) -> str:
    """Run pytest in a folder to its end, and return what it says."""
    result = subprocess.run(
        pytest_command(*words, before=before), cwd=folder, env={**clean_environment(), "COLUMNS": "160", **variables},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout + result.stderr


def write_project(folder: Path, **modules: str) -> None:
    """Write modules of tests, and what is watched."""
    (folder / "pyproject.toml").write_text(PROJECT)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text))


def only_trace(folder: Path) -> Trace:
    """The one recording in a folder."""
    (path,) = folder.glob("*.tracy")
    return tracypy.open(path)


def await_no_journal(folder: Path) -> None:
    """Wait until the recording of a session that was killed is made, by a process that nobody can wait for."""
    deadline = time.monotonic() + 60
    while list(folder.glob("*.journal")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def outlines(trace: Trace) -> dict[str, Outline]:
    """The tests of a recording by node id, each of them once."""
    found: dict[str, Outline] = {}
    for row in trace.threads:
        outline: Outline = []
        base = -1
        for zone in row.iter_zones():
            name = zone.name or trace.source_locations[zone.location].label
            if "::" in name:
                assert name not in found, f"{name} is there twice"
                found[name], base = (outline := []), zone.depth
            elif base >= 0 and zone.depth > base:
                outline.append((zone.depth - base, name))
            else:
                base = -1
    return found


def rows_of(trace: Trace, name: str) -> Counter[str]:
    """On which rows the zones of that name are, and how many."""
    return Counter(
        row.name
        for row in trace.threads
        for zone in row.iter_zones()
        if (zone.name or trace.source_locations[zone.location].label) == name
    )
