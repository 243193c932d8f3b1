"""`import tracypy` is light, and starts nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

PROBE = """
import json, os, sys
import tracypy
def target(number):
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except OSError:  # the descriptor with which the folder was read
        return ""
print(json.dumps({
    "tasks": len(os.listdir("/proc/self/task")),
    "sockets": [name for name in map(target, os.listdir("/proc/self/fd")) if name.startswith("socket")],
    "tools": [sys.monitoring.get_tool(n) for n in range(6)],
    "listening": tracypy.is_listening(),
}))
"""


def _python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=True
    ).stdout


def test_import_starts_nothing() -> None:
    seen = json.loads(_python(PROBE))
    assert (seen["tasks"], seen["sockets"], seen["tools"], seen["listening"]) == (1, [], [None] * 6, False)


def test_import_brings_only_our_own_modules() -> None:
    code = "import sys; before = set(sys.modules); import tracypy; print(*sorted(set(sys.modules) - before))"
    foreign = [name for name in _python(code).split() if name.partition(".")[0] != "tracypy"]
    assert set(foreign) <= {"__future__", "atexit", "gc", "_xxsubinterpreters"}


@pytest.mark.parametrize("name", ["click", "rich", "asyncio", "inspect", "dataclasses", "typing", "tracypy.cli"])
def test_import_leaves_heavy_module_alone(name: str) -> None:
    assert _python(f"import sys, tracypy; print({name!r} in sys.modules)") == "False\n"


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="calls there are recorded: test_subinterpreters.py")
def test_subinterpreter_is_refused_and_leaves_the_main_one_alone() -> None:
    code = """
import _xxsubinterpreters as interpreters
import tracypy
tracypy.enable()
attempt = "try: import tracypy\\nexcept ImportError as problem: print(problem, flush=True)"
shared = interpreters.create(isolated=False)
interpreters.run_string(shared, attempt)
interpreters.destroy(shared)
assert tracypy.is_enabled() and tracypy.is_listening()
tracypy.disable()
tracypy.enable()
"""
    assert _python(code) == (
        "tracypy works in the main interpreter only, and this is a subinterpreter: from CPython 3.13 on their calls are "
        "recorded\n"
    )


@pytest.mark.skipif(sys.version_info < (3, 13), reason="there calls are not recorded")
def test_interpreter_that_shares_the_lock_leaves_the_main_one_alone() -> None:
    code = """
import _interpreters
import tracypy
tracypy.enable()
shared = _interpreters.create("legacy")
assert _interpreters.exec(shared, "import tracypy") is None
_interpreters.destroy(shared)
assert tracypy.is_enabled() and tracypy.is_listening()
tracypy.disable()
tracypy.enable()
print("done")
"""
    assert _python(code) == "done\n"
