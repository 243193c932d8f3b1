"""What docs/editors.md lets editors start: each configuration is one that runs, with its variables replaced as editors do."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from support.recorded_program import clean_environment
from support.recording_facts import calls_of
from support.snippets import snippets
from support.target import running, zones_named

PAGE = "docs/editors.md"
PROGRAM = "def work(): pass\nfor _ in range(7): work()\n"
TESTS = "def test_one(): pass\n"


def configurations(key: str) -> dict[str, dict[str, Any]]:
    """The entries of the JSON files that have this key, by name."""
    files = [json.loads(part.text) for part in snippets(PAGE, "json")]
    (entries,) = (file[key] for file in files if key in file)
    return {entry.get("name") or entry["label"]: entry for entry in entries}


def replaced(folder: Path, word: str) -> str:
    """A word as the editor passes it on, when `p.py` of the folder is open."""
    known = {
        "${workspaceFolder}": str(folder), "${file}": str(folder / "p.py"), "${command:python.interpreterPath}": sys.executable,
        "$ProjectFileDir$": str(folder), "$FilePath$": str(folder / "p.py"),
    }  # fmt: skip
    for variable, value in known.items():
        word = word.replace(variable, value)
    assert "$" not in word
    return word


def start(folder: Path, *words: str) -> str:
    (folder / "p.py").write_text(PROGRAM)
    (folder / "test_p.py").write_text(TESTS)
    result = subprocess.run(
        [replaced(folder, word) for word in words],
        cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_launch_configuration_of_vs_code_records_the_file(tmp_path: Path) -> None:
    launch = configurations("configurations")["tracypy: record this file"]
    assert (launch["type"], launch["request"], launch["noDebug"]) == ("debugpy", "launch", True)
    for _ in range(2):  # a second time, too
        start(tmp_path, sys.executable, "-m", launch["module"], *launch["args"])
    assert calls_of(tmp_path / "out.tracy")["work"] == 7
    tasks = configurations("tasks")
    report = tasks["tracypy: what took the time"]
    assert "work" in start(tmp_path, report["command"], *report["args"])
    suite = tasks["tracypy: which test is slow"]
    assert "1 passed" in start(tmp_path, suite["command"], *suite["args"], "-p", "no:cacheprovider")
    assert len(list((tmp_path / "traces").iterdir())) == 1


def test_live_configuration_of_vs_code_waits_for_a_viewer(tmp_path: Path) -> None:
    launch = configurations("configurations")["tracypy: run this file, for a viewer"]
    assert (launch["module"], launch["args"][0]) == ("tracypy", "--wait")
    with running(tmp_path, PROGRAM, arguments=("-m", launch["module"], launch["args"][0])) as target:
        trace = target.viewer().run()
        assert target.finish()[0] == 0
    assert len(zones_named(trace, "work")) == 7


def test_run_configuration_of_pycharm_records_the_file(tmp_path: Path) -> None:
    (part,) = snippets(PAGE, "xml")
    options = {one.get("name"): one.get("value") or "" for one in ET.fromstring(part.text).iter("option")}
    assert options["MODULE_MODE"] == "true"
    start(tmp_path, sys.executable, "-m", options["SCRIPT_NAME"], *shlex.split(options["PARAMETERS"]))
    assert calls_of(tmp_path / "out.tracy")["work"] == 7


@pytest.mark.parametrize("key", ["configurations", "tasks"])
def test_names_are_said_in_full(key: str) -> None:
    assert all(re.fullmatch(r"tracypy: .+", name) for name in configurations(key))
