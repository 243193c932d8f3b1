"""The plugin with pytest 8, with its own xdist and pytest-asyncio, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.pytest_runs import WITH_ASYNCIO, only_trace, outlines, rows_of, run_pytest, write_project

pytestmark = pytest.mark.heavy

MODULE = """
    import asyncio, time
    import pytest

    def work():
        pass

    @pytest.fixture
    def client():
        work()
        yield 1
        work()

    @pytest.mark.parametrize("number", range(10))
    def test_it(client, number):
        work()

    @pytest.mark.asyncio
    @pytest.mark.tracypy_budget("20ms")
    async def test_over():
        await asyncio.sleep(0.03)

    def test_version():
        assert pytest.version_tuple[0] == 8
"""
OUTLINE = [
    (1, "setup"),
    (2, "fixture client: setup"),
    (3, "client"),
    (4, "work"),
    (1, "call"),
    (2, "test_it"),
    (3, "work"),
    (1, "teardown"),
    (2, "fixture client: teardown"),
    (3, "client"),
    (4, "work"),
]


@pytest.fixture(scope="module")
def pytest_8(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("pytest-8")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder,
         "pytest>=8,<9", "pytest-xdist", "pytest-asyncio>=1,<1.3"], check=True, timeout=280,
    )  # fmt: skip
    return os.fspath(folder)


def test_pytest_7_is_told_so(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("pytest-7")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder, "pytest<8"],
        check=True, timeout=280,
    )  # fmt: skip
    write_project(tmp_path, test_it="def test_it(): pass\n")
    variables = {"PYTHONPATH": os.fspath(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugin = ("-p", "_tracypy_pytest")
    assert "--tracypy needs pytest 8 or later" in run_pytest(tmp_path, *plugin, "--tracypy", code=4, **variables)
    assert "1 passed" in run_pytest(tmp_path, *plugin, **variables)


@pytest.mark.parametrize("words", [(), ("-n", "2"), ("--tracypy-per-test",)], ids=["session", "xdist", "per test"])
def test_pytest_8(tmp_path: Path, pytest_8: str, words: tuple[str, ...]) -> None:
    write_project(tmp_path, test_it=MODULE)
    said = run_pytest(tmp_path, "--tracypy", *WITH_ASYNCIO, *words, code=1, PYTHONPATH=pytest_8)
    assert "1 failed, 11 passed" in said
    assert "the calls that took it" in said
    if "--tracypy-per-test" in words:
        return
    trace = only_trace(tmp_path)
    tests = {
        name: [zone for zone in outline if "event_loop_policy" not in zone[1]]  # a fixture of pytest-asyncio's
        for name, outline in outlines(trace).items()
    }
    assert [tests[f"test_it.py::test_it[{number}]"] for number in range(10)] == [OUTLINE] * 10
    assert rows_of(trace, "work").total() == 30
