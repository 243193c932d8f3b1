"""What a run costs before and after the program: counted in modules, since times depend on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

#: What may be imported beside our own: built in, frozen, or a few lines long.
LIGHT = {
    "__future__", "_interpreters", "_posixsubprocess", "_xxsubinterpreters", "atexit", "gc", "itertools", "posix", "time", "tracypy",
}  # fmt: skip
#: Each of ours is read and executed at every start.
MOST_OF_OURS = 38
WITHOUT_GIL = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def imported(folder: Path, *words: str) -> set[str]:
    """All that is imported from the start of the interpreter to its end."""
    result = subprocess.run(
        [sys.executable, "-X", "importtime", *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=200, check=True, env={**os.environ, "TRACY_PORT": "0", "TRACYPY_ANNOUNCE": "0"},
    )  # fmt: skip
    lines = [line for line in result.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nothing.py").write_text("pass\n")
    # As the script that installers write, but for what that imports itself.
    (tmp_path / "tracypy_script.py").write_text("from tracypy.cli import main\nmain()\n")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["run", "--port", "0", "--exclude", "x", "--only-user-code"],
        ["record"],
        ["record", "-f", "-o", "my file.tracy", "--max-size", "1GB", "--seconds=100"],
    ],
    ids=" ".join,
)
def test_program_that_does_nothing_imports_little(folder: Path, words: list[str]) -> None:
    plain = imported(folder, "nothing.py")
    more = imported(folder, "tracypy_script.py", *words, "nothing.py") - plain
    ours = {name for name in more if name.partition(".")[0] == "tracypy"}
    assert more - ours <= LIGHT
    assert "tracypy.cli.app" not in ours
    assert len(ours) <= MOST_OF_OURS, sorted(ours)


def test_project_without_settings_for_us_is_not_parsed(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert "tomllib" not in imported(folder, "tracypy_script.py", "nothing.py")
    (folder / "pyproject.toml").write_text("[tool.tracypy]\nonly-user-code = true\n")
    assert "tomllib" in imported(folder, "tracypy_script.py", "nothing.py")


def test_types_for_reading_are_made_when_they_are_asked_for(folder: Path) -> None:
    """By whichever thread is first; and what the module has not is said as of any module."""
    (folder / "asks.py").write_text(
        textwrap.dedent("""
        import sys, threading
        import tracypy
        from tracypy import _core

        before = set(vars(_core))
        assert "FunctionRow" not in before and "TraceFile" not in before, before
        start = threading.Barrier(8)
        found = []

        def ask(name):
            start.wait()
            found.append(getattr(_core, name))

        threads = [threading.Thread(target=ask, args=(name,)) for name in ["FunctionRow", "TraceFile"] * 4]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert len(found) == 8 and set(found) == {_core.FunctionRow, _core.TraceFile}, found
        assert "MergeResult" in vars(_core)
        try:
            _core.nothing
        except AttributeError as error:
            assert str(error) == "module 'tracypy._core' has no attribute 'nothing'", error
        else:
            raise AssertionError

        # A second import gets the same types, whether they were made before it or are made after it.
        del sys.modules["tracypy._core"]
        import importlib
        again = importlib.import_module("tracypy._core")
        assert again is not _core and again.TraceFile is _core.TraceFile
        print("done")
        """)
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "asks.py"], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "done\n", "")


@pytest.mark.parametrize("words", [[], ["record", "-o", "out.tracy"]], ids=["run", "record"])
def test_program_finds_the_collector_and_the_types_as_without_us(folder: Path, words: list[str]) -> None:
    """The collector goes on as ever, and nothing was made that only `compile()` needs."""
    (folder / "looks.py").write_text(
        textwrap.dedent("""
        import gc
        from sys import argv
        print(gc.isenabled(), gc.get_threshold(), gc.get_freeze_count())
        print("AST" in [made.__name__ for made in object.__subclasses__()])
        if len(argv) > 1 and not WITHOUT_GIL:  # there only a collection of everything counts anew
            assert gc.get_count()[0] < 300, gc.get_count()  # a collection is no nearer than without us
        """).replace("WITHOUT_GIL", str(WITHOUT_GIL))
    )
    environment = {**os.environ, "TRACY_PORT": "0", "TRACYPY_ANNOUNCE": "0"}
    said = [
        subprocess.run(
            [sys.executable, *before], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=100, check=True,
        ).stdout
        for before in (["looks.py"], ["tracypy_script.py", *words, "looks.py", "watched"])
    ]  # fmt: skip
    assert said[0] == said[1]
    assert said[0].endswith("False\n")
