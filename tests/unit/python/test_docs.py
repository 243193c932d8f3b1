"""What the pages say is what the code says."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

import tracypy
from tracypy.filters import OPTIONS

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from write_docs import environment_page, with_help, with_watch_options  # noqa: E402

sys.path.pop(0)

PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "tests" / "README.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").glob("*.md"),
    ]
)


def test_environment_page_is_what_the_table_makes() -> None:
    assert (ROOT / "docs" / "environment.md").read_text() == environment_page(), "run `make docs`"


def test_table_of_filters_is_what_their_table_makes() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    assert with_watch_options(page) == page, "run `make docs`"
    assert all(f"`{option.flag}`" in page for option in OPTIONS)


@pytest.mark.skipif(sys.version_info[:2] != (3, 13), reason="the page is written with the version that is developed on")
def test_help_texts_are_what_the_commands_print() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    assert with_help(page) == page, "run `make docs`"


@pytest.mark.parametrize("name", ["README.md", "docs/protocol.md"])
def test_table_of_viewers_is_complete(name: str) -> None:
    rows = re.findall(r"^\|(.*)\|$", (ROOT / name).read_text(), re.MULTILINE)
    numbers = {int(cell) for row in rows for cell in row.split("|") if cell.strip().isdigit()}
    assert numbers == {number for number, _ in tracypy.PROTOCOLS}


def test_api_page_names_everything_public() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    missing = [name for name in tracypy.__all__ if not re.search(rf"\b{name}\b", page)]
    assert missing == ["Zone", "__version__"]


def test_version_is_that_of_the_project_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert tracypy.__version__ == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_page_of_the_tests_names_every_folder_and_support_module() -> None:
    page = (ROOT / "tests" / "README.md").read_text()
    folders = [path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "_."]
    modules = [path.stem for path in (ROOT / "tests" / "support").iterdir() if path.name[0] not in "_."]
    assert [name for name in [*folders, *modules] if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    named = set(re.findall(r"`((?:cpp|src|scripts|tests)/[\w/.]+\.\w+)`", page.read_text()))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
