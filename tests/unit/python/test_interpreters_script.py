"""The script that runs the tests on every interpreter finds each once, and tells truly what came of it."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3]))
from scripts.requirements import wanted_for
from scripts.test_all import Interpreter, Result, _read, commands, find, table

sys.path.pop(0)

ROOT = Path(__file__).parents[3]

REPORT = """<testsuites><testsuite>
<testcase classname="tests.a" name="good"/>
<testcase classname="tests.a" name="bad"><failure/></testcase>
<testcase classname="tests.a" name="broken"><error/></testcase>
<testcase classname="tests.a" name="left"><skipped/></testcase>
</testsuite></testsuites>"""


def interpreter(tag: str = "3.13") -> Interpreter:
    return Interpreter(tag, f"{tag}.1", (f"/usr/bin/python{tag}",))


def fake(folder: Path, name: str, answer: str) -> tuple[str]:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {answer}\n")
    path.chmod(0o755)
    return (str(path),)


def test_of_each_version_the_first_is_taken_and_no_old_one(tmp_path: Path) -> None:
    candidates = [
        fake(tmp_path, "a", "3 15 - 3.15.2"),
        fake(tmp_path, "b", "3 13 - 3.13.0"),
        fake(tmp_path, "c", "3 13 - 3.13.9"),
        fake(tmp_path, "d", "3 13 t 3.13.5"),
        fake(tmp_path, "e", "3 11 - 3.11.1"),
        fake(tmp_path, "f", "nonsense"),
        (str(tmp_path / "not there"),),
    ]
    found = find(candidates)
    assert [(each.tag, each.version) for each in found] == [("3.13", "3.13.0"), ("3.13t", "3.13.5"), ("3.15", "3.15.2")]
    assert len({each.venv for each in found}) == 3


def test_named_interpreters_are_the_only_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONS", "/a/python; chroot '/my root' /usr/bin/python3.14 ;\n")
    assert list(commands()) == [("/a/python",), ("chroot", "/my root", "/usr/bin/python3.14")]


def test_this_interpreter_is_found() -> None:
    (found,) = find([(sys.executable,)])
    assert found.tag.startswith(f"3.{sys.version_info.minor}")
    assert found.version == sys.version.split()[0]


def test_counts_are_those_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(REPORT)
    result = Result(interpreter())
    _read(tmp_path / "report.xml", result)
    assert (result.passed, result.failed, result.skipped) == (1, 2, 1)
    assert result.failures == ("tests.a::bad", "tests.a::broken")
    assert not result.is_good


@pytest.mark.parametrize("text", [None, "<testsuites", "<testsuites/>"])
def test_run_that_did_not_end_is_no_success(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "report.xml").write_text(text)
    result = Result(interpreter())
    _read(tmp_path / "report.xml", result)
    assert result.problem
    assert not result.is_good


def test_what_tests_need_is_there_without_any_linter() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {
        purpose: {re.split(r"[^\w-]", line)[0] for line in lines} for purpose, lines in wanted_for(document).items()
    }
    assert {"pytest", "pytest-xdist", "numpy"} <= names["frameworks"] < names["all"]
    assert names["all"] - names["frameworks"] >= {"ruff", "mypy", "pyright", "import-linter", "clang-format"}


def test_table_has_a_line_for_each() -> None:
    results = [
        Result(interpreter("3.12"), passed=2812, failed=0, skipped=31, seconds=1042.4),
        Result(interpreter("3.13t"), seconds=3.2, problem="not built, see build/test-all/3.13t.log"),
    ]
    assert table(results).splitlines() == [
        "interpreter      passed  failed  skipped  seconds",
        "3.12 (3.12.1)     2,812       0       31    1,042",
        "3.13t (3.13t.1)       -       -        -        3  not built, see build/test-all/3.13t.log",
    ]
