"""The documentation's site: what it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.clusters import needs
from support.snippets import ROOT

PARTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "examples", "third_party", "tests", "benchmarks")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the site is made of."""
    import shutil

    for name in ("docs", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("pictures", "__pycache__"))
    (tmp_path / "docs" / "pictures").symlink_to(ROOT / "docs" / "pictures")
    for name in PARTS:
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def build(copy: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(copy / "scripts" / "build_site.py")],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )


@needs("mkdocs")
def test_dead_links_and_what_comes_from_elsewhere_are_errors(copy: Path) -> None:
    page = copy / "docs" / "mcp.md"
    sound = page.read_text()
    page.write_text(sound + "\n[dead](../examples/../nowhere.md) [dead too](view.md#nothing)\n")
    result = build(copy)
    assert result.returncode
    assert "nowhere.md" in result.stderr
    assert "#nothing" in result.stderr
    page.write_text(sound + '\n<script src="https://example.com/x.js"></script>\n[a picture](pictures/calls.png)\n')
    result = build(copy)
    assert result.returncode == 1, result.stderr
    assert "mcp.html loads <script> https://example.com/x.js" in result.stdout.splitlines()
    assert (copy / "build" / "site" / "gallery.html").read_text().count("<details") > 20
