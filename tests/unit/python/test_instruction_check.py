"""`make instructions` cannot be skipped by accident."""

from __future__ import annotations

import sys

import pytest
from scripts import check_instructions


def test_without_valgrind_it_fails_and_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["check_instructions.py"])
    assert check_instructions.main() == 1
    assert "apt-get install valgrind" in capsys.readouterr().out
