"""Source texts: a viewer that cannot read a file itself asks the program, which knows more than the disk does."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

import tracypy.sources
from tracypy._core import SOURCE_TEXT_LIMIT

from support.target import PRELUDE, running
from support.viewer import PROTOCOLS

if TYPE_CHECKING:
    from pathlib import Path

    from support.viewer import Trace

# What it makes is newer than the process, so that a viewer on this machine asks for it as one elsewhere does.
MAKER = """
import linecache, sys, time, zipfile
open("plain.py", "w").write("def plain():\\n    return 'ä'\\n")
open("latin.py", "w", encoding="latin-1").write("# coding: latin-1\\ndef latin():\\n    return 'ä'\\n")
with zipfile.ZipFile("archive.zip", "w") as archive:
    archive.writestr("zipped.py", "def zipped():\\n    return 1\\n")
sys.path[:0] = [".", "archive.zip"]
"""
BODY = """
import plain, latin, zipped
text = "def noted():\\n    return 2\\n"
linecache.cache["<note 1>"] = (len(text), None, text.splitlines(True), "<note 1>")
space = {}
exec(compile(text, "<note 1>", "exec"), space)
exec(compile("def made():\\n    return 3\\n", "<made up>", "exec"), space)
plain.plain(), latin.latin(), zipped.zipped(), space["noted"](), space["made"]()
"""


def sources_of(trace: Trace, folder: Path) -> dict[str, bytes | None]:
    return {file.removeprefix(f"{folder}/").removeprefix("./"): text for file, text in trace.sources.items()}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_gets_files_archives_and_what_only_linecache_has(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, MAKER + PRELUDE + BODY) as target:
        trace = target.viewer(protocol).run()
        target.expect_success()
    sources = sources_of(trace, tmp_path)
    expected = {
        "plain.py": "def plain():\n    return 'ä'\n",
        "latin.py": "# coding: latin-1\ndef latin():\n    return 'ä'\n",
        "archive.zip/zipped.py": "def zipped():\n    return 1\n",
        "<note 1>": "def noted():\n    return 2\n",
    }
    assert {name: text and text.decode() for name, text in sources.items() if name in expected} == expected
    assert sources["<made up>"] is None
    # Nobody sees that it was looked for.
    assert {thread.name for thread in trace.threads.values()} == {"Main thread"}
    assert not [zone for zone in trace.thread("Main thread").zones() if "text_of" in zone.name]


def test_only_files_of_the_trace_are_handed_out(tmp_path: Path) -> None:
    secret = tmp_path / "secret.py"
    secret.write_text("password = 1\n")
    body = """
        tracypy.plot(SECRET, 1)
        tracypy.message(SECRET)
        with tracypy.zone(SECRET):
            pass
        input()
    """
    with running(tmp_path, PRELUDE + f"SECRET = {str(secret)!r}\n" + textwrap.dedent(body)) as target:
        viewer = target.viewer()
        viewer.receive_until(lambda trace: bool(trace.messages) and str(secret) in trace.plots)
        decoder = viewer.session._decoder
        assert decoder is not None
        decoder.source_needed(str(secret), "Python")
        target.say()
        trace = viewer.run()
        target.expect_success()
    assert trace.sources[str(secret)] is None
    assert trace.sources[str(tmp_path / "program.py")] is not None


def test_no_finalizer_of_the_program_runs_while_files_are_read(tmp_path: Path) -> None:
    """They would run on a thread of tracypy's, where calls are not recorded."""
    body = """
        import gc, threading
        collecting = set()
        gc.callbacks.append(lambda phase, info: collecting.add(threading.current_thread().name))
        gc.set_threshold(1)
        open("late.py", "w").write("def late(): pass\\n")
        import late
        late.late()
        input()
        gc.set_threshold(0)
        print(*collecting)
    """
    with running(tmp_path, PRELUDE + textwrap.dedent(body)) as target:
        viewer = target.viewer()
        viewer.receive_until(lambda trace: trace.sources.get(str(tmp_path / "late.py")) is not None)
        target.say()
        viewer.run()
        assert target.expect_success() == "MainThread\n"


def test_a_loader_that_never_comes_back_holds_up_nobody(tmp_path: Path) -> None:
    body = """
        import threading, types
        class Loader:
            def get_source(self, name):
                threading.Event().wait(1000)
        module = types.ModuleType("stuck")
        module.__file__ = "<stuck>"
        module.__spec__ = types.SimpleNamespace(loader=Loader(), name="stuck")
        sys.modules["stuck"] = module
        exec(compile("def f(): pass", "<stuck>", "exec"), module.__dict__)
        module.f()
    """
    with running(tmp_path, "import sys\n" + PRELUDE + textwrap.dedent(body)) as target:
        trace = target.viewer().run()
        target.expect_success()
    assert trace.sources["<stuck>"] is None


def test_forks_go_on_without_a_warning(tmp_path: Path) -> None:
    body = """
        import os
        exec(compile("def f(): pass\\nf()", "<other>", "exec"), {})
        for _ in range(20):
            if (child := os.fork()) == 0:
                os._exit(0)
            os.waitpid(child, 0)
    """
    with running(tmp_path, PRELUDE + textwrap.dedent(body), arguments=("-W", "error")) as target:
        target.viewer().run()
        target.expect_success()


# What is a text


def test_texts_that_are_too_long_or_no_files_are_none(tmp_path: Path) -> None:
    long, folder, binary = tmp_path / "long.py", tmp_path / "folder.py", tmp_path / "binary.py"
    long.write_bytes(b"#" * (SOURCE_TEXT_LIMIT + 1))
    folder.mkdir()
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (long, folder, tmp_path / "missing.py"):
        assert tracypy.sources.text_of(str(path)) is None
    assert tracypy.sources.text_of("nul\0byte") is None
    long.write_bytes(b"#" * SOURCE_TEXT_LIMIT)
    assert len(tracypy.sources.text_of(str(long)) or b"") == SOURCE_TEXT_LIMIT


def test_other_things_among_the_modules_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """As cffi's libraries, which say that they are modules."""

    class Pretends:
        __slots__ = ()
        __class__ = type(sys)  # type: ignore[assignment]

    pretends = Pretends()
    assert isinstance(pretends, type(sys))
    monkeypatch.setitem(sys.modules, "pretends", pretends)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "no module", None)  # type: ignore[arg-type]
    assert tracypy.sources.text_of("<frozen os>")
    assert tracypy.sources.text_of("missing.py") is None


def test_frozen_modules_have_the_text_of_their_files() -> None:
    assert (tracypy.sources.text_of("<frozen os>") or b"").startswith(b'r"""OS routines')


def test_linecache_stays_as_it_is(tmp_path: Path) -> None:
    import linecache

    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    assert tracypy.sources.text_of(str(path)) == b"x = 1\n"
    assert str(path) not in linecache.cache
