"""Ways to run an interpreter that change how it runs code: each call is a zone all the same, and nothing else is said."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.recorded_program import clean_environment
from support.recording_facts import calls_of

#: Long enough for a compiler: 20,000 calls in a loop.
PROGRAM = """
import asyncio, json, os, threading

def leaf(n):
    return n + 1

def hot():
    total = 0
    for n in range(20_000):
        total = leaf(total)
    return total

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def numbers():
    yield from range(3)

def fails():
    raise KeyError("x")

def catches():
    for _ in range(100):
        try:
            fails()
        except KeyError:
            pass

class Point:
    def __init__(self, x):
        self.x = x
    @property
    def double(self):
        return self.x * 2

async def waits():
    await asyncio.sleep(0)
    return 1

def work():
    catches()
    return sum(Point(x).double for x in range(50))

threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps([hot(), fib(10), list(numbers()), work(), asyncio.run(waits()), os.getpid()]))
"""

CALLS = {
    "leaf": 20_000, "hot": 1, "fib": 177, "numbers": 4, "fails": 300, "catches": 3, "Point.__init__": 150,
    "Point.double": 150, "waits": 1, "work": 3,
}  # fmt: skip

#: Words before `-m tracypy`, and what is set in the environment. What an interpreter does not know is left out.
MODES: dict[str, tuple[list[str], dict[str, str]]] = {
    "perf": (["-X", "perf"], {}),
    "tracemalloc": (["-X", "tracemalloc=3"], {}),
    "warnings are errors": (["-W", "error"], {}),
    "isolated": (["-I"], {}),
    "development": (["-X", "dev"], {}),
    "optimized": (["-OO"], {}),
    "no frozen modules": (["-X", "frozen_modules=off"], {}),
}
if sys.version_info >= (3, 13):
    MODES["compiler"] = ([], {"PYTHON_JIT": "1"})
    MODES["perf with frames"] = (["-X", "perf_jit"], {})
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        MODES["with the GIL"] = (["-X", "gil=1"], {})
if sys.version_info >= (3, 14):
    MODES["contexts of threads"] = (["-X", "thread_inherit_context=1", "-X", "context_aware_warnings=1"], {})
if sys.version_info >= (3, 15):
    MODES["lazy imports"] = (["-X", "lazy_imports=all"], {})
    MODES["lazy imports where asked"] = (["-X", "lazy_imports=normal"], {})


@pytest.mark.parametrize(("version", "is_known"), [("3.12.1", True), ("3.15.9", True), ("3.16.0", False)])
def test_interpreter_newer_than_this_is_refused_by_its_version(version: str, is_known: bool) -> None:
    check = Path(__file__).parents[2] / "cpp" / "cpython" / "supported_versions.cmake"
    cmake = Path(sys.executable).parent / "cmake"
    result = subprocess.run(
        [cmake, f"-DPython_VERSION={version}", "-P", check], capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.returncode == 0) == is_known
    if not is_known:
        assert "tracypy knows CPython 3.12 to 3.15, and this is 3.16.0" in " ".join(result.stderr.split())


def remove_perf_files(pid: int) -> None:
    for folder in (Path("/tmp"), Path.cwd()):
        for left in folder.glob(f"*{pid}*.map"):
            left.unlink()
        for left in folder.glob(f"jit-{pid}.dump"):
            left.unlink()


@pytest.mark.parametrize("mode", MODES)
def test_each_call_is_a_zone_however_the_interpreter_runs(tmp_path: Path, mode: str) -> None:
    words, environment = MODES[mode]
    (tmp_path / "p.py").write_text(PROGRAM)
    result = subprocess.run(
        [sys.executable, *words, "-m", "tracypy", "record", "-o", "out.tracy", "p.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False, env=clean_environment() | environment,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    *values, pid = json.loads(result.stdout)
    remove_perf_files(pid)
    assert values == [20_000, 55, [0, 1, 2], 2_450, 1]
    assert "Warning" not in result.stderr
    assert "Traceback" not in result.stderr
    calls = calls_of(tmp_path / "out.tracy")
    assert {name: calls[name] for name in CALLS} == CALLS
