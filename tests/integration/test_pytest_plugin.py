"""pytest's plugin: what `--tracypy` records of a session, and that it leaves all other sessions alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.frameworks import required
from support.pytest_runs import (
    WITH_ASYNCIO,
    await_no_journal,
    only_trace,
    outlines,
    pytest_command,
    rows_of,
    run_pytest,
    write_project,
)
from support.recorded_program import await_file, clean_environment
from support.target import PRELUDE, only_zone, running

MODULE = """
    import pytest

    def work():
        pass

    @pytest.fixture(scope="module")
    def server():
        work()
        return 1

    @pytest.fixture
    def client(server):
        work()
        yield server
        work()
        work()

    def test_one(client):
        work()

    class TestGroup:
        @pytest.mark.parametrize("number", [1, 2])
        def test_two(self, number, server):
            work()

    def test_wrong():
        assert not work, "it is there"
"""
#: When all that has happened so far is on the disk.
CRASHES = """
    import os, tracypy

    def test_crash():
        tracypy.save_recording('so_far.tracy')
        os.abort()

    def test_after():
        pass
"""
FEW = """
    import pytest

    def work():
        pass

    @pytest.mark.parametrize("number", range(20))
    def test_it(number):
        work()
"""
OUTLINE = [
    (1, "setup"),
    (2, "fixture server: setup"),
    (3, "server"),
    (4, "work"),
    (2, "fixture client: setup"),
    (3, "client"),
    (4, "work"),
    (1, "call"),
    (2, "test_one"),
    (3, "work"),
    (1, "teardown"),
    (2, "fixture client: teardown"),
    (3, "client"),
    (4, "work"),
    (4, "work"),
]
PHASES = [(1, "setup"), (1, "call"), (1, "teardown")]


def test_tests_phases_and_fixtures_are_zones(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=MODULE)
    said = run_pytest(tmp_path, "--tracypy=traces", "test_it.py", code=1)
    trace = only_trace(tmp_path / "traces")
    tests = outlines(trace)
    assert tests["test_it.py::test_one"] == OUTLINE
    assert [zone for zone in tests["test_it.py::test_wrong"] if zone[0] == 1] == PHASES
    assert set(tests) == {f"test_it.py::{name}" for name in (
        "test_one", "TestGroup::test_two[1]", "TestGroup::test_two[2]", "test_wrong",
    )}  # fmt: skip
    (row,) = (row for row in trace.threads if row.name == "Main thread")
    failed = [zone for zone in row.iter_zones() if zone.text == "failed in call"]
    place = trace.source_locations[failed[0].location]
    line = 1 + MODULE.splitlines().index("    def test_wrong():")
    assert (len(failed), place.label) == (1, "test_it.py::test_wrong")
    assert (place.file, place.line, bool(failed[0].color)) == (str(tmp_path / "test_it.py"), line, True)
    assert [message.text for message in trace.messages] == ["test_it.py::test_wrong failed in call"]
    assert "tracypy: recording to traces/pytest-" in said
    rows = re.findall(r"^ *((?:[\d.]+ [nµm]?s +){4})(test_it\.py::\S+)$", said, re.MULTILINE)
    assert {node for _, node in rows} == set(tests)
    assert f"tracypy report {Path(trace.path).relative_to(tmp_path)}" in said


def test_the_word_behind_a_bare_option_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    write_project(tmp_path / "tests", test_it=FEW, conftest="def pytest_addoption(parser): parser.addoption('--shop')")
    said = run_pytest(tmp_path, "--tracypy", "tests", "--shop", "x")
    assert "20 passed" in said
    assert len(outlines(only_trace(tmp_path))) == 20


@pytest.mark.parametrize("words", [(), ("-p", "no:tracypy")])
def test_without_the_option_nothing_is_imported(tmp_path: Path, words: tuple[str, ...]) -> None:
    write_project(
        tmp_path,
        test_it="""
            import sys, pytest

            @pytest.mark.tracypy_budget("1ns")
            def test_it():
                pass

            def test_tracypy_is_not_here(pytestconfig):
                assert not [name for name in sys.modules if name.startswith("tracypy")]
                assert pytestconfig.pluginmanager.hasplugin("tracypy") == (WORDS == ())
        """.replace("WORDS", repr(words)),
    )
    strict = () if words else ("--strict-markers",)
    said = run_pytest(tmp_path, *strict, "-W", "default", *words)
    assert "2 passed" in said
    assert "tracypy:" not in said


def test_what_runs_nothing_records_nothing(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    said = run_pytest(tmp_path, "--tracypy", "--collect-only")
    assert "tracypy:" not in said
    assert not list(tmp_path.glob("*.tracy*"))


@required("xdist")
def test_workers_of_xdist_are_in_one_file(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    said = run_pytest(tmp_path, "--tracypy", "-n", "2")
    assert "20 passed" in said
    assert "of 3 processes" in said
    trace = only_trace(tmp_path)
    outline = [*PHASES[:2], (2, "test_it"), (3, "work"), PHASES[2]]
    assert outlines(trace) == {f"test_it.py::test_it[{number}]": outline for number in range(20)}
    calls = rows_of(trace, "work")
    assert calls.total() == 20
    assert {re.sub(r"\d+\)", "N)", name) for name in calls} <= {"gw0 (N): Main thread", "gw1 (N): Main thread"}


@required("xdist")
def test_a_worker_that_crashes_costs_its_last_moments_only(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        test_it=FEW,
        test_other=CRASHES.replace("tracypy.save_recording('so_far.tracy')", "tracypy._core.hand_over_to_family()"),
    )
    said = run_pytest(tmp_path, "--tracypy", "-n", "1", code=1)
    assert "1 failed, 21 passed" in said
    trace = only_trace(tmp_path)
    assert rows_of(trace, "work").total() == 20
    assert "test_other.py::test_after" in outlines(trace)


@required("pytest_asyncio")
@required("anyio")
def test_coroutines_have_the_rows_of_their_tasks(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        test_it="""
            import asyncio, pytest

            async def work():
                await asyncio.sleep(0)

            @pytest.fixture
            def anyio_backend():
                return "asyncio"

            @pytest.mark.asyncio
            async def test_asyncio():
                await work()

            @pytest.mark.anyio
            async def test_anyio():
                await work()
        """,
    )
    assert "2 passed" in run_pytest(tmp_path, "--tracypy", *WITH_ASYNCIO)
    trace = only_trace(tmp_path)
    assert set(outlines(trace)) == {"test_it.py::test_asyncio", "test_it.py::test_anyio"}
    tasks = {row.name for row in trace.threads if row.is_fiber}
    assert set(rows_of(trace, "work")) <= tasks
    assert rows_of(trace, "work").total() == 2


@pytest.mark.parametrize("words", [(), pytest.param(("-n", "2"), marks=required("xdist"))])
def test_a_recording_of_each_test(tmp_path: Path, words: tuple[str, ...]) -> None:
    write_project(tmp_path, test_it=MODULE)
    said = run_pytest(tmp_path, "--tracypy=traces", "--tracypy-per-test", *words, code=1)
    (folder,) = (tmp_path / "traces").iterdir()
    assert f"tracypy: 4 recordings in traces/{folder.name}" in said
    traces = [tracypy.open(path) for path in folder.iterdir()]
    tests = [outlines(trace) for trace in traces]
    assert all(len(each) == 1 for each in tests)
    assert {name for each in tests for name in each} == {trace.info.program for trace in traces}
    assert {"test_it.py::test_one", "test_it.py::test_wrong"} <= {trace.info.program for trace in traces}


@pytest.mark.parametrize(
    ("words", "program", "code"),
    [
        (("-x",), "def test_b(): assert 0", 1),
        ((), "def test_b(): raise KeyboardInterrupt", 2),
        ((), "import sys\ndef test_b(): sys.exit(3)", 1),
        ((), "import pytest\ndef test_b(): pytest.exit('enough', 7)", 7),
    ],
    ids=["first failure", "interrupt", "sys.exit", "pytest.exit"],
)
def test_the_file_is_there_however_the_session_ends(
    tmp_path: Path, words: tuple[str, ...], program: str, code: int
) -> None:
    write_project(tmp_path, test_a="def work(): pass\ndef test_a(): work()", test_b=program)
    said = run_pytest(tmp_path, "--tracypy", *words, code=code)
    assert ("tracypy report" in said) == (code != 7)  # where pytest sums up nothing
    trace = only_trace(tmp_path)
    assert {"test_a.py::test_a", "test_b.py::test_b"} == set(outlines(trace))
    assert not list(tmp_path.glob("*.journal"))


def test_ctrl_c_ends_the_recording(tmp_path: Path) -> None:
    write_project(
        tmp_path,
        test_it="import time, pathlib\ndef test_it():\n    pathlib.Path('here').touch()\n    time.sleep(100)\n",
    )
    with subprocess.Popen(
        pytest_command("--tracypy"), cwd=tmp_path, env=clean_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        await_file(tmp_path / "here")
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=200)
    assert (process.returncode, "tracypy report" in said) == (2, True), said
    assert set(outlines(only_trace(tmp_path))) == {"test_it.py::test_it"}


def test_a_session_that_crashes_leaves_a_file(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW, test_other=CRASHES)
    run_pytest(tmp_path, "--tracypy=traces", code=-signal.SIGABRT)
    await_no_journal(tmp_path / "traces")
    assert len(outlines(only_trace(tmp_path / "traces"))) == 21


RECORDS = """
    import pytest, tracypy

    def test_asks():
        with pytest.raises(tracypy.RecordingError, match="one file at a time"):
            tracypy.start_recording("mine.tracy")

    def test_ends():
        if tracypy.is_recording():
            tracypy.stop_recording()
        tracypy.start_recording("mine.tracy")
        tracypy.stop_recording()

    def test_after():
        pass
"""


def test_a_test_that_ends_the_recording_is_named(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=RECORDS)
    said = run_pytest(tmp_path, "--tracypy=traces")
    assert said.count("test_it.py::test_ends has ended the recording of the session") == 1
    assert "3 passed" in said
    assert {"test_it.py::test_asks", "test_it.py::test_ends"} == set(outlines(only_trace(tmp_path / "traces")))


@required("xdist")
def test_a_test_that_records_itself_in_a_worker_is_named(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=RECORDS.replace("test_asks", "_asks"))
    said = run_pytest(tmp_path, "--tracypy=traces", "-n", "1")
    assert said.count("tracypy: gw0 was followed to test_it.py::test_ends") == 1
    assert "2 passed" in said


def test_a_folder_that_cannot_be_made_is_an_error_at_once(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    (tmp_path / "file").touch()
    for words in (("--tracypy=file/traces",), ("--tracypy=file/traces", "--tracypy-per-test")):
        assert "ERROR: --tracypy" in run_pytest(tmp_path, *words, code=4)


def test_settings_of_the_project_that_are_wrong_are_an_error_at_once(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    (tmp_path / "pyproject.toml").write_text("[tool.tracypy]\nexcept = 3\n")
    assert "has no setting 'except'" in run_pytest(tmp_path, "--tracypy", code=4)


def test_tests_are_zones_in_a_recording_that_goes_on(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=MODULE)
    before = ("-m", "tracypy", "record", "-o", "out.tracy")
    said = run_pytest(tmp_path, "--tracypy", code=1, before=before)
    assert "tracypy: joins the recording" in said
    assert outlines(only_trace(tmp_path))["test_it.py::test_one"] == OUTLINE


def test_tests_are_zones_for_a_viewer_that_is_connected(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    program = (
        PRELUDE.replace("gc=False", "gc=False, include='test_*'")
        + "import pytest\nassert pytest.main(['--tracypy', '-q', '-p', 'no:asyncio', '-p', 'no:cacheprovider']) == 0\n"
    )
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        said = target.expect_success()
    assert "20 passed" in said
    assert all(only_zone(trace, f"test_it.py::test_it[{number}]") for number in range(20))
    assert not list(tmp_path.glob("*.tracy"))


def test_a_recorded_pytest_is_not_warned_of_what_it_cannot_rewrite(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    said = run_pytest(tmp_path, before=("-m", "tracypy", "record", "-o", "out.tracy"))
    assert "warning" not in said.lower()
    assert not outlines(only_trace(tmp_path))


def test_two_sessions_of_one_process(tmp_path: Path) -> None:
    write_project(tmp_path, test_it=FEW)
    program = "import pytest, sys\nsys.exit(max(pytest.main(['--tracypy=' + name, '-p', 'no:cacheprovider']) for name in 'ab'))"
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    for name in "ab":
        assert len(outlines(only_trace(tmp_path / name))) == 20


def test_plugin_is_inert_here() -> None:
    assert "_tracypy_pytest" in sys.modules
    assert "tracypy.integrations.pytest_plugin" not in sys.modules
    assert "TRACYPY_FOLLOW" not in os.environ
