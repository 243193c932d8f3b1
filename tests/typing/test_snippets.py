"""The installed package as mypy sees it, and thereby an editor: signatures, types, docstrings."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from mypy import api

import tracypy

FOLDER = Path(__file__).parent
SNIPPETS = ("accepted.py", "rejected.py")


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[int]]:
    """The lines with errors, by file. Without the project's settings: as a user has it."""
    settings = tmp_path_factory.mktemp("mypy") / "mypy.ini"
    settings.write_text("[mypy]\nstrict = true\n")
    files = [str(FOLDER / name) for name in SNIPPETS]
    options = ["--config-file", str(settings), "--python-executable", sys.executable, "--no-error-summary"]
    out, err, _code = api.run([*options, "--cache-dir", str(settings.parent), *files])
    assert err == ""
    found: dict[str, set[int]] = {name: set() for name in SNIPPETS}
    for line in out.splitlines():
        match = re.match(r"(.*?):(\d+): (error|note): ", line)
        assert match, line
        if match[3] == "error":
            found[Path(match[1]).name].add(int(match[2]))
    return found


def test_right_uses_are_accepted(errors: dict[str, set[int]]) -> None:
    assert errors["accepted.py"] == set()


def test_wrong_uses_are_rejected(errors: dict[str, set[int]]) -> None:
    lines = (FOLDER / "rejected.py").read_text().splitlines()
    assert errors["rejected.py"] == {number for number, line in enumerate(lines, 1) if line.endswith("# error")}


@pytest.mark.parametrize("name", [name for name in tracypy.__all__ if not name.isupper() and not name.startswith("_")])
def test_everything_public_has_a_docstring(name: str) -> None:
    assert getattr(tracypy, name).__doc__
