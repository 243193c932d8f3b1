"""`--sources`: the texts of source files in a recording, for who opens it where the files are not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import tracypy

from support.captures import update_programs
from support.recorded_program import await_file, record
from support.target import running

PROGRAM = """\
import helper

def work():
    return helper.square(7)

work()
"""
HELPER = "# coding: latin-1\ndef square(x):\n    return x * x  # gr\xfcn\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_bytes(HELPER.encode("latin-1"))
    return tmp_path


def texts_of(path: Path) -> dict[str, str]:
    return {Path(name).name: text for name, text in tracypy.open(path).source_texts.items()}


def test_a_recording_has_the_texts_that_were_asked_for(folder: Path) -> None:
    record(folder, "--sources", program=PROGRAM)
    trace = tracypy.open(folder / "out.tracy")
    texts = texts_of(folder / "out.tracy")
    assert texts["p.py"] == PROGRAM
    assert texts["helper.py"] == HELPER
    named = {location.file for location in trace.source_locations}
    assert set(trace.source_texts) <= named
    assert str(folder / "helper.py") in trace.source_texts
    with pytest.raises(KeyError):
        trace.source_texts["nowhere.py"]


def test_without_it_there_are_none(folder: Path) -> None:
    record(folder, program=PROGRAM)
    assert dict(tracypy.open(folder / "out.tracy").source_texts) == {}


def test_what_was_changed_while_it_ran_is_left_out(folder: Path) -> None:
    change = "import os, time\nos.utime('helper.py', (time.time() + 5, time.time() + 5))\n"
    record(folder, "--sources", program=PROGRAM + change)
    texts = texts_of(folder / "out.tracy")
    assert "p.py" in texts
    assert "helper.py" not in texts


def test_a_file_that_is_gone_and_one_that_is_too_long_are_left_out(folder: Path) -> None:
    (folder / "long.py").write_text("def long(): pass\n" + "#" * 1024 * 1024)
    body = "import long, os\nlong.long()\nos.remove('helper.py')\n"
    record(folder, "--sources", program=PROGRAM + body)
    assert {"helper.py", "long.py"}.isdisjoint(texts_of(folder / "out.tracy"))


def test_a_killed_program_has_them_too(folder: Path) -> None:
    kill = "import os, signal, tracypy\nfrom tracypy import _core\n_core.flush_recording()\nos.kill(os.getpid(), signal.SIGKILL)\n"
    record(folder, "--sources", program=PROGRAM + kill, code=-9)
    path = folder / "out.tracy"
    await_file(path)
    assert texts_of(path)["helper.py"] == HELPER


@pytest.mark.parametrize("last", [None, "60s"])
def test_the_function_has_them(folder: Path, last: str | None) -> None:
    body = f"""\
import tracypy
tracypy.start_recording("out.tracy", sources=True, last={last!r})
{PROGRAM}
tracypy.save_recording("saved.tracy")
tracypy.stop_recording()
"""
    with running(folder, body) as target:
        target.expect_success()
    for name in ("out.tracy", "saved.tracy"):
        assert texts_of(folder / name)["helper.py"] == HELPER


@pytest.mark.parametrize(("release", "program"), sorted(update_programs().items()))
def test_real_programs_keep_them(folder: Path, release: str, program: Path) -> None:
    record(folder, "--sources", program=PROGRAM)
    subprocess.run([str(program), "out.tracy", "updated.tracy"], cwd=folder, check=True, capture_output=True)
    assert texts_of(folder / "updated.tracy") == texts_of(folder / "out.tracy"), release
