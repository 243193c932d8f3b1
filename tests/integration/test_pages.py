"""What the README and the pages of `docs` show: their Python runs, and their commands are such."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tracypy

from support.frameworks import required
from support.notebooks import Below, run_notebook
from support.snippets import ROOT, Snippet, commands, pages, run_in_order, snippets, words_of

NOTEBOOKS = "docs/notebooks.md"
#: What is not run here, and why.
ELSEWHERE = {
    "import tracypy.integrations.dask": "needs a cluster: examples/dask_cluster.py is the same, and runs in test_dask",
    "import tracypy.integrations.ray": "needs Ray: examples/ray_tasks.py is the same, and runs in test_ray",
    "import tracypy.integrations.mpi": "needs mpirun: examples/mpi_ranks.py is the same, and runs in test_mpi",
    'tracypy.use_client("libengine.so")': "needs an engine: test_engine has one",
    "timeline = tracypy.TorchTimeline()": "needs a CUDA device: test_gpu has an imitation",
    "tracypy.gather(8087)": "needs an engine: test_gather has one",
    'summary = tracypy.capture("out.tracy", port=8090, seconds=30)': "needs programs: test_capture has them",
}
#: What a page leaves to its reader, given before the first piece of it, or before the one that begins so.
GIVEN = {
    "README.md": "work = handle = lambda: sum(range(10))",
    "docs/api.md": """
import functools, logging, tracypy
class Lasting:
    def __init__(self): self.left = 3
    def __bool__(self): self.left -= 1; return self.left >= 0
class Anything:
    VERSION = DATABASE = bytes = 1
    value = read = timestamp = staticmethod(lambda: 1_000_000)
    reserve = staticmethod(lambda size: 4096)
    timestamps = staticmethod(lambda: (Anything, Anything))
    draw = staticmethod(lambda what: None)
work = load = sell = dump_state = lambda: None
cache = device = commands = shop = settings = Anything
queue, size, shadows, running = [], 100, None, Lasting()
render = lambda: memoryview(bytes(64 * 64 * 3)).cast("B", (64, 64, 3))
step = lambda speed, shadows: None
""",
    "speed = tracypy.parameter": "running = Lasting()",
    "from tracypy.__main__ import main": "open('script.py', 'w').close()",
    "docs/recording.md": "import tracypy\nwork = lambda: sum(range(10))\nfor _ in range(3): work()",
    "docs/traces.md": """
import tracypy
def parse(): return [tracypy.memory_alloc(4096, 100, "arena"), tracypy.memory_free(4096, "arena")]
with tracypy.record("out.tracy"): parse()
""",
    "docs/pytest.md": "import pytest",
    "docs/questions/slow-test.md": "import pytest",
    "docs/questions/slow-server.md": "import asyncio\ncheck_password, name = str.isalpha, 'Ada'",
    "from tracypy.integrations.asgi": "from fastapi import FastAPI\napp = FastAPI()\nget_asgi_application = lambda: app",
    "from tracypy.integrations.wsgi": "from flask import Flask\napp = Flask('shop')\nget_wsgi_application = lambda: app",
}
#: Programs that are not ours, and commands that the pages have besides those of this repository.
STRANGERS = {"tracy-profiler", "kill", "ssh", "docker", "podman", "kubectl", "git", "python", "cc", "code"}
#: Programs that start ours.
STARTERS = {"mpirun", "docker"}
#: What is installed beside tracypy.
PACKAGES = {"trace0", "viztracer", "pyperformance", "py-spy", "pyinstrument", "memray"}


def python_of(page: str) -> list[tuple[str, Snippet]]:
    """The pieces of a page that run, each with what it is given."""
    found = []
    for number, part in enumerate(part for part in snippets(page, "python") if part.first not in ELSEWHERE):
        given = [code for start, code in GIVEN.items() if part.first.startswith(start)]
        found.append(("\n".join([GIVEN.get(page, "") if number == 0 else "", *given]), part))
    return found


WITH_PYTHON = [
    page for page in pages() if not page.startswith("docs/recipes/") and page != NOTEBOOKS and python_of(page)
]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[required("fastapi"), required("flask")] if page == "docs/web.md" else [], id=page)
        for page in WITH_PYTHON
    ],
)
def test_python_of_a_page_runs(tmp_path: Path, page: str) -> None:
    run_in_order(tmp_path, python_of(page))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> list[Below]:
    """The page about notebooks as one: not in the test, as what talks to kernels keeps sockets for the next one."""
    cells = [part.text for part in snippets(NOTEBOOKS, "python")]
    given = "import tracypy\nload, report = len, print\nasync def work(): pass"
    return run_notebook(tmp_path_factory.mktemp("notebook"), given, *cells)


@required("ipykernel")
@required("nbclient")
def test_cells_of_the_page_about_notebooks_run(notebook: list[Below]) -> None:
    assert len(notebook) > 3
    assert [cell.error for cell in notebook] == [""] * len(notebook)


def test_tables_about_pages_are_not_old() -> None:
    parts = [part for page in pages() for part in snippets(page, "python")]
    assert {part.first for part in parts} >= set(ELSEWHERE)
    assert all(name in pages() or any(part.first.startswith(name) for part in parts) for name in GIVEN)


PARSE = """
import json, sys
from tracypy.cli import _parse
for words in json.load(sys.stdin):
    try:
        _parse(words)
    except SystemExit as end:
        if end.code: print("tracypy", *words)
"""


def own_words(words: list[str]) -> list[str] | None:
    """What follows `tracypy` in a command, also in one that others start."""
    if words[0] in STARTERS and "tracypy" in words:
        words = words[words.index("tracypy") :]
    return words[1:] if words[0] == "tracypy" else None


ALL_COMMANDS = [(page, words) for page in pages() for words in map(words_of, commands(page)) if words]


def test_commands_are_ones_that_tracypy_takes() -> None:
    told = [own for _, words in ALL_COMMANDS if (own := own_words(words)) is not None]
    assert len(told) > 25
    result = subprocess.run(
        [sys.executable, "-c", PARSE], input=json.dumps(told), capture_output=True, text=True, timeout=200, check=False
    )
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


def is_known(words: list[str]) -> bool:
    """Whether a command that is not ours is there, as far as that can be seen."""
    words = [word for word in words if not re.fullmatch(r"[A-Z_]+=.*", word)]
    match words:
        case [("pip" | "pipx" | "uvx"), *rest] | [_, "-m", "pip", *rest]:
            return all(is_installable(word) for word in rest[1:] if not word.startswith("-"))
        case ["make", *rest]:
            targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
            return all(word in targets for word in rest)
        case ["pytest", *options]:
            known = (ROOT / "src" / "_tracypy_pytest.py").read_text()
            return all(f'"{word.partition("=")[0]}"' in known for word in options if word.startswith("--tracypy"))
        case [(".venv/bin/python" | "python"), script, *_] if script.endswith(".py"):
            return (ROOT / script).is_file()
        case ["build/native/write_trace", *_]:
            return (ROOT / "tests/native/write_trace.cpp").is_file()
        case [name, *_]:
            return name in STRANGERS
    return False


def is_installable(word: str) -> bool:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    match = re.fullmatch(r"tracypy(?:\[(\w+)\])?(-[….*]+whl)?", word)
    return word in (".", *PACKAGES) or bool(match and (match[1] is None or match[1] in extras))


@pytest.mark.parametrize("page", pages())
def test_other_commands_are_there(page: str) -> None:
    others = [words for at, words in ALL_COMMANDS if at == page and own_words(words) is None]
    assert [words for words in others if not is_known(words)] == []


def test_public_names_in_pieces_exist() -> None:
    """Also in those that do not run here."""
    for page in pages():
        for part in snippets(page, "python"):
            for name in re.findall(r"\btracypy\.(\w+)", part.text):
                assert hasattr(tracypy, name) or (ROOT / "src" / "tracypy" / name).is_dir() or name == "__main__", (
                    page,
                    name,
                )
