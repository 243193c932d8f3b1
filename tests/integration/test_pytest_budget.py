"""`@pytest.mark.tracypy_budget`: a test that takes longer fails, and is told the calls that took it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.frameworks import required
from support.pytest_runs import WITH_ASYNCIO, run_pytest, write_project

MODULE = """
    import asyncio, time
    import pytest

    def load():
        time.sleep(0.03)

    async def wait():
        await asyncio.sleep(0.03)

    @pytest.fixture
    def slow_fixture():
        time.sleep(0.05)
        yield
        time.sleep(0.05)

    @pytest.mark.tracypy_budget("20ms")
    def test_over():
        load()
        load()

    @pytest.mark.tracypy_budget("100s")
    def test_within(slow_fixture):
        load()

    @pytest.mark.tracypy_budget("20ms")
    def test_of_its_own():
        load()
        assert 0, "another reason"

    @pytest.mark.parametrize("number", range(3))
    def test_without(number):
        load()
"""
COROUTINES = """
    import asyncio, pytest

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    async def wait_asyncio():
        await asyncio.sleep(0.03)

    async def wait_anyio():
        await asyncio.sleep(0.03)

    @pytest.mark.asyncio
    @pytest.mark.tracypy_budget("20ms")
    async def test_asyncio():
        await wait_asyncio()

    @pytest.mark.anyio
    @pytest.mark.tracypy_budget("20ms")
    async def test_anyio():
        await wait_anyio()
"""
#: self time, total time, calls, function, place
ROW = r"^ *[\d.]+ m?s +[\d.]+ m?s +{calls} +{function} +test_it\.py:\d+$"


def has_row(said: str, test: str, function: str, calls: int) -> bool:
    """Whether the table below a test's failure has that function."""
    table = said.partition(f" {test} ")[2].partition("the calls that took it")[2].partition("\n__")[0]
    return re.search(ROW.format(function=function, calls=calls), table, re.MULTILINE) is not None


@pytest.mark.parametrize(
    ("words", "before"),
    [
        ((), ()),
        (("--tracypy-per-test",), ()),
        pytest.param(("-n", "2"), (), marks=required("xdist")),
        ((), ("-m", "tracypy", "record", "-o", "out.tracy")),
    ],
    ids=["session", "per test", "xdist", "joined"],
)
def test_a_test_over_its_budget_fails_with_the_call(
    tmp_path: Path, words: tuple[str, ...], before: tuple[str, ...]
) -> None:
    write_project(tmp_path, test_it=MODULE)
    said = run_pytest(tmp_path, "--tracypy", *words, code=1, before=before)
    assert "2 failed, 4 passed" in said
    assert re.search(r"^it took [\d.]+ m?s, and its budget is 20\.0 ms$", said, re.MULTILINE)
    assert has_row(said, "test_over", "load", 2), said
    assert said.count("the calls that took it") == 1
    assert "another reason" in said


@pytest.mark.parametrize("words", [(), ("-n", "1")], ids=["session", "xdist"])
@required("pytest_asyncio")
@required("anyio")
@required("xdist")
def test_a_coroutine_over_its_budget(tmp_path: Path, words: tuple[str, ...]) -> None:
    write_project(tmp_path, test_it=COROUTINES)
    said = run_pytest(tmp_path, "--tracypy", *WITH_ASYNCIO, *words, code=1)
    for backend in ("asyncio", "anyio"):
        assert has_row(said, f"test_{backend}", f"wait_{backend}", 1), said


MARKS = ("('20 parsecs')", "(20)", "", "('20ms', '30ms')")


def test_a_budget_that_is_none_fails_the_test_with_what_to_write(tmp_path: Path) -> None:
    tests = (f"@pytest.mark.tracypy_budget{mark}\ndef test_{number}(): pass\n" for number, mark in enumerate(MARKS))
    write_project(tmp_path, test_it="import pytest\n" + "".join(tests))
    said = run_pytest(tmp_path, "--tracypy", code=1)
    wrong = re.findall(r'^tracypy_budget: .*: @pytest\.mark\.tracypy_budget\("20ms"\)$', said, re.MULTILINE)
    assert len(wrong) == len(MARKS), said
