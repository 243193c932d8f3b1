"""`tracypy record pytest …`: a program of this environment by its name, as a shell finds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from support.command_line import mistake, tracypy_command
from support.recording_facts import calls_of

PYTHON_SCRIPT = "import sys\ndef work(): print(sys.argv, sys.path[0], __name__)\nwork()\n"


@pytest.fixture
def on_path(tmp_path: Path) -> Path:
    """A folder on PATH, with programs of many kinds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {
        "my-tool": f"#!/usr/bin/env python3\n{PYTHON_SCRIPT}",
        "versioned": f"#!/usr/bin/python3.13 -sE\n{PYTHON_SCRIPT}",
        "disguised": f"#!/bin/sh\n'''exec' \"/a/long path/python\" \"$0\" \"$@\"\n' '''\n{PYTHON_SCRIPT}",
        "shell": "#!/bin/sh\necho hello\n",
        "environment": "#!/usr/bin/env -S LANG=C bash\necho hello\n",
        "not_executable": f"#!/usr/bin/env python3\n{PYTHON_SCRIPT}",
    }.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644 if name == "not_executable" else 0o755)
    with zipfile.ZipFile(folder / "zipped", "w") as archive:
        archive.writestr("__main__.py", PYTHON_SCRIPT)
    (folder / "zipped").write_bytes(b"#!/usr/bin/env python3\n" + (folder / "zipped").read_bytes())
    (folder / "zipped").chmod(0o755)
    (folder / "binary").symlink_to("/bin/ls")
    return folder


def tracypy(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder.parent / "work").mkdir(exist_ok=True)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return tracypy_command(*words, cwd=folder.parent / "work", PATH=path, TRACY_PORT="0")


@pytest.mark.parametrize("command", [["record", "-o", "out.tracy"], ["run"], []], ids=" ".join)
def test_program_of_this_environment_is_found(on_path: Path, command: list[str]) -> None:
    result = tracypy(on_path, *command, "pytest", "--version")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"pytest {pytest.__version__}\n"


@pytest.mark.parametrize("name", ["my-tool", "versioned", "disguised", "zipped"])
def test_python_program_on_path_is_found(on_path: Path, name: str) -> None:
    result = tracypy(on_path, "record", "-o", "out.tracy", name, "x", "-o")
    place = on_path / name
    path0 = place if name == "zipped" else on_path
    assert result.stdout == f"{[str(place), 'x', '-o']} {path0} __main__\n", result.stderr
    assert calls_of(on_path.parent / "work" / "out.tracy")["work"] == 1


def test_it_is_called_by_its_name(on_path: Path) -> None:
    assert tracypy(on_path, "record", "my-tool").returncode == 0
    names = [path.name for path in (on_path.parent / "work").glob("*.tracy")]
    assert [re.sub(r"-\d{8}-\d{6}\.tracy$", "", name) for name in names] == ["my-tool"]


def test_file_that_is_there_comes_first(on_path: Path) -> None:
    (on_path.parent / "work").mkdir()
    (on_path.parent / "work" / "my-tool").write_text("print('the file')\n")
    (on_path.parent / "work" / "pytest").mkdir()
    assert tracypy(on_path, "my-tool").stdout == "the file\n"
    assert tracypy(on_path, "pytest", "--version").stdout.startswith("pytest ")  # no folder that could be run
    (on_path.parent / "work" / "pytest" / "__main__.py").write_text("print('the folder')\n")
    assert tracypy(on_path, "pytest").stdout == "the folder\n"


@pytest.mark.parametrize("command", [["record"], ["run"], []], ids=" ".join)
@pytest.mark.parametrize(
    ("name", "what"),
    [("shell", "program for sh"), ("environment", "program for bash"), ("binary", "binary")],
)
def test_other_program_is_told_in_one_line(on_path: Path, command: list[str], name: str, what: str) -> None:
    expected = f"{name} ({on_path / name}) is a {what}, not a Python program"
    assert mistake(tracypy(on_path, *command, name)) == expected
    path = f"../bin/{name}"
    assert mistake(tracypy(on_path, *command, path)) == f"{path} is a {what}, not a Python program"
    assert not list((on_path.parent / "work").iterdir())


def test_name_that_nothing_has_is_told(on_path: Path) -> None:
    for name in ("not_executable", "no-such"):
        assert mistake(tracypy(on_path, "record", name)).startswith(f"cannot open {name!r}: ")
    assert mistake(tracypy(on_path, "nosuch")).startswith("there is no command and no script 'nosuch'")


def test_program_of_another_environment_is_told(on_path: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "other", symlinks=True)
    (on_path / "foreign").write_text(f"#!{tmp_path}/other/bin/python\nimport something_that_is_there_only\n")
    (on_path / "foreign").chmod(0o755)
    assert mistake(tracypy(on_path, "record", "foreign")).startswith(
        f"foreign ({on_path / 'foreign'}) belongs to another environment, that of {tmp_path}/other/bin/python: "
    )


def test_strange_first_lines_of_python_files_are_pythons_business(on_path: Path) -> None:
    for name, text in {"polyglot.py": "#!/bin/sh\n", "plain": "", "unknown": "#!/usr/bin/env some-runner\n"}.items():
        (on_path / name).write_text(f"{text}print('run')\n")
        result = tracypy(on_path, f"../bin/{name}")
        assert (result.returncode, result.stdout, result.stderr) == (0, "run\n", "")
    assert sys.executable
