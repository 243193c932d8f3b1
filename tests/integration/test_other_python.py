"""`--python`: tracypy is in an environment of its own, as uvx and pipx make one, and the program in another."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from support.command_line import mistake, tracypy_command
from support.recording_facts import calls_of

PROGRAM = """
import sys
import only_there

def work(n): return n and work(n - 1)
for _ in range(7): work(2)
try:
    import click
except ImportError:
    click = None
print(only_there.__name__, click, sys.argv, sys.orig_argv[1:], flush=True)
sys.exit(3)
"""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment that has a module of its own, and nothing else: no pip, no tracypy."""
    folder = tmp_path / "program's own"
    venv.create(folder, symlinks=True, with_pip=False)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}, scheme="venv")
    (Path(packages) / "only_there.py").write_text("def here(): return 1\nhere()\n")
    (tmp_path / "program.py").write_text(PROGRAM)
    return folder


@pytest.mark.parametrize("named_by", ["folder", "path", "name"])
def test_program_runs_with_the_packages_of_its_environment(environment: Path, tmp_path: Path, named_by: str) -> None:
    python = environment / "bin" / "python"
    name = {"folder": environment.name, "path": str(python), "name": "python"}[named_by]
    result = tracypy_command(
        "record", "--python", name, "--only-user-code", "-o", "out.tracy", "program.py", "--python", "x",
        cwd=tmp_path, PATH=f"{python.parent}:/usr/bin:/bin",
    )  # fmt: skip
    assert result.returncode == 3, result.stderr
    assert result.stdout == "only_there None ['program.py', '--python', 'x'] ['program.py', '--python', 'x']\n"
    assert "tracypy: " in result.stderr  # the summary
    assert calls_of(tmp_path / "out.tracy")["work"] == 21


def test_children_of_the_program_are_followed(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text("import subprocess, sys; subprocess.run([sys.executable, 'program.py'])")
    result = tracypy_command("record", f"--python={environment}", "-o", "out.tracy", "parent.py", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert calls_of(tmp_path / "out.tracy")["work"] == 21


def test_waiting_for_a_viewer_needs_no_package_there(environment: Path, tmp_path: Path) -> None:
    program = "import tracypy; print(tracypy.is_listening())"
    result = tracypy_command("run", "--python", str(environment), "--port", "0", "-c", program, cwd=tmp_path)
    assert (result.stdout, result.stderr) == ("True\n", "")


@pytest.mark.parametrize(
    ("python", "says"),
    [
        ("nowhere", "there is no Python nowhere: name its path, or the folder of a virtual environment"),
        ("empty", "there is no Python in the folder empty: is it a virtual environment?"),
        ("./old", "tracypy needs CPython 3.12 or later, and .*/old is cpython 3.9"),
        ("./other", "tracypy needs CPython 3.12 or later, and .*/other is pypy 3.12"),
        ("./broken", "broken is not a working Python: no library"),
        ("./silent", "silent is not a working Python"),
    ],
)
def test_what_is_no_python_for_it_is_told(tmp_path: Path, python: str, says: str) -> None:
    (tmp_path / "empty").mkdir()
    scripts = {
        "old": "echo 'cpython|3.9|.so|False'",
        "other": "echo 'pypy|3.12|.so|False'",
        "silent": "",
        "broken": "echo no library >&2; exit 1",
    }
    for name, script in scripts.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    result = tracypy_command("record", "--python", python, "-c", "print(1)", cwd=tmp_path)
    assert result.stdout == ""
    assert re.search(says, mistake(result))


def kind_of(python: str, folder: Path) -> str:
    """What its native modules are called; nothing if it does not run in this folder, as those of pyenv in some only."""
    question = "import importlib.machinery as m; print(m.EXTENSION_SUFFIXES[0])"
    return subprocess.run([python, "-c", question], cwd=folder, capture_output=True, text=True, check=False).stdout


def other_kinds(folder: Path) -> list[str]:
    """Interpreters of other versions on this machine, which cannot load this tracypy."""
    names = [f"python3.{minor}" for minor in range(12, 16)]
    versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    found = [*filter(None, map(shutil.which, names)), *map(str, versions.glob("3.1[2-9]*/bin/python"))]
    return [each for each in found if kind_of(each, folder) not in ("", kind_of(sys.executable, folder))]


def test_python_of_another_kind_without_a_wheel_is_told(tmp_path: Path) -> None:
    others = other_kinds(tmp_path)
    if not others:
        pytest.skip("there is no other Python here that tracypy knows")
    result = tracypy_command(
        "record", "--python", others[0], "-c", "print(1)", cwd=tmp_path,
        PIP_NO_INDEX="1", UV_NO_INDEX="1", UV_OFFLINE="1", XDG_CACHE_HOME=str(tmp_path / "cache"),
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (2, "")
    assert (
        "cannot load this tracypy, which is for another kind of Python, and none could be installed for it"
        in result.stderr
    )
    assert f"Install it there: {others[0]} -m pip install tracypy==" in result.stderr
    assert not list((tmp_path / "cache").rglob("*.py"))
