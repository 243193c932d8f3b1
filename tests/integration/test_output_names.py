"""What recordings are called when nobody says: each has a name of its own, whatever else begins at that moment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tracypy.output_names import default_stem

from support.command_line import tracypy_command
from support.recording_facts import calls_of

AT_ONCE = 16


def test_all_that_begin_at_once_run_and_are_recorded(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(
        "import sys\nprint('ready', flush=True)\nsys.stdin.read()\ndef work(): pass\nwork()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tracypy", "record", "job.py"], cwd=tmp_path, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(AT_ONCE)
    ]  # fmt: skip
    try:
        said = [process.stdout.readline() for process in processes if process.stdout is not None]
        ends = [(process.communicate()[1], process.returncode) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert said == ["ready\n"] * AT_ONCE, ends
    assert [code for _err, code in ends] == [0] * AT_ONCE, ends
    paths = [path for path in tmp_path.iterdir() if path.suffix != ".py"]
    assert [path.suffix for path in paths] == [".tracy"] * AT_ONCE
    assert [calls_of(path)["work"] for path in paths] == [1] * AT_ONCE


@pytest.mark.parametrize("letter", ["x", "ä", "é计"])
def test_name_of_a_program_may_be_as_long_as_names_can_be(tmp_path: Path, letter: str) -> None:
    name = letter
    while len(os.fsencode(f"{name}{letter}.py")) <= 255:
        name += letter
    (tmp_path / f"{name}.py").write_text("def work(): pass\nwork()\n")
    result = tracypy_command("record", f"{name}.py", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (made,) = tmp_path.glob("*.tracy")
    assert made.name.startswith(letter)
    assert calls_of(made)["work"] == 1


def test_name_is_made_of_what_a_file_may_be_called() -> None:
    for program, stem in {
        "demo.py": "demo", "my tool": "my-tool", "a/b:c*.py": "a-b-c", "python -c": "python-c", "größe.py": "größe",
        "..": "python", "pkg.mod": "pkg.mod", "\udcff": "python", "-x-": "x",
    }.items():  # fmt: skip
        assert re.sub(r"-\d{8}-\d{6}$", "", default_stem(program)) == stem


def test_restarted_program_of_a_long_name_is_recorded_too(tmp_path: Path) -> None:
    name = "x" * 200
    (tmp_path / f"{name}.py").write_text(
        "import os, subprocess, sys\n"
        "if not os.environ.get('AGAIN'):\n"
        "    subprocess.run([sys.executable, *sys.orig_argv[1:]], env={**os.environ, 'AGAIN': '1'}, check=True)\n"
    )
    result = tracypy_command("record", "--no-children", f"{name}.py", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert len(list(tmp_path.glob("*.tracy"))) == 2
