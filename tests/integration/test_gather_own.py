"""Clients that announce themselves, of this process and those that it starts: `tracypy.gather()`, in a network of the test's own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.own_network import ALONE, PROGRAM, needs_own_network

if TYPE_CHECKING:
    from pathlib import Path

#: A program that nobody of ours has started, beside the root.
SCENE = """\
import subprocess, sys
stranger = subprocess.Popen([sys.executable, "program.py", "stranger", "9"])
root = subprocess.Popen([sys.executable, *sys.argv[1:]])
code = root.wait(200)
stranger.kill()
sys.exit(code)
"""

#: Listens itself, so that it announces itself, too.
ROOT = """\
import os, subprocess, sys, tracypy
tracypy.listen()
CHOICE
with tracypy.record("out.tracy", include="nothing", gc=False), tracypy.zone("here"):
    child = subprocess.Popen([sys.executable, "program.py", "child", "5"], env={**os.environ, "TRACY_NO_EXIT": "1"})
    assert child.wait(100) == 0
"""


@needs_own_network
@pytest.mark.parametrize(
    ("choice", "words"),
    [("tracypy.gather()", []), ("", ["-m", "tracypy", "run", "--no-children", "--gather", "self"])],
    ids=["by the program", "by the command line"],
)
def test_clients_of_children_are_found_and_no_others(tmp_path: Path, choice: str, words: list[str]) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "scene.py").write_text(SCENE)
    (tmp_path / "root.py").write_text(ROOT.replace("CHOICE", choice))
    result = subprocess.run(
        [*ALONE, sys.executable, "scene.py", *words, "root.py"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    calls = {row.name: row.calls for row in tracypy.open(tmp_path / "out.tracy").functions()}
    assert (calls["step"], calls["here"]) == (5, 1)


def test_who_is_not_gathered_is_told() -> None:
    with pytest.raises(tracypy.SettingError, match="that announce themselves are not gathered"):
        tracypy.stop_gathering()
