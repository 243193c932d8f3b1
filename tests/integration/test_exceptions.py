"""Exceptions as messages: each told once, where it is raised, whatever its text may do."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import tracypy

from support.target import running, trace_of
from support.viewer import PROTOCOLS

PRELUDE = "import tracypy\ntracypy.enable(exceptions=True)\nassert tracypy.wait_connected(100)\n"

RAISES = """
    def inner():
        raise ValueError("too deep")          # told here
    def middle():
        inner()                               # not told again
    def outer():
        try:
            middle()
        finally:
            len("")                           # RERAISE
    def again():
        try:
            outer()
        except ValueError:
            raise                             # nor here
    try:
        again()
    except ValueError:
        pass
    try:
        {}["missing"]                         # by the interpreter
    except KeyError:
        pass
    list(x for x in "ab")                     # StopIteration
    next(iter(()), None)
"""


def texts(trace: object) -> list[str]:
    """The messages, without the folder."""
    return [message.text for message in trace.messages]  # type: ignore[attr-defined]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_each_exception_once_where_it_is_raised(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, RAISES, prelude=PRELUDE, protocol=protocol)
    file = tmp_path / "program.py"
    assert texts(trace) == [f"ValueError: too deep  [inner, {file}:6]", f"KeyError: 'missing'  [<module>, {file}:24]"]
    main = trace.thread("Main thread")
    assert all(message.thread is main for message in trace.messages)
    if protocol >= 82:
        assert {message.metadata >> 4 for message in trace.messages} == {4}


def test_a_recording_has_them_with_severity_error(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    with running(tmp_path, f"import tracypy\nwith tracypy.record({str(path)!r}, exceptions=True):\n{RAISES}") as target:
        target.expect_success()
    messages = tracypy.open(path).messages
    assert [message.text.split("  [")[0] for message in messages] == ["ValueError: too deep", "KeyError: 'missing'"]
    assert {message.severity for message in messages} == {"error"}


@pytest.mark.parametrize("how", ["option", "pyproject"])
def test_the_command_line_and_the_project_switch_it_on_and_off(tmp_path: Path, how: str) -> None:
    (tmp_path / "program.py").write_text(textwrap.dedent(RAISES))
    setting = "[tool.tracypy]\nexceptions = true\n" if how == "pyproject" else ""
    (tmp_path / "pyproject.toml").write_text(setting)
    on = [] if setting else ["--exceptions"]
    for words, count in ((on, 2), (["--no-exceptions"], 0)):
        command = [sys.executable, "-m", "tracypy", "record", "-f", "-o", "out.tracy", *words, "program.py"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=100)
        assert len(tracypy.open(tmp_path / "out.tracy").messages) == count


def test_without_it_nothing_is_told(tmp_path: Path) -> None:
    assert texts(trace_of(tmp_path, RAISES)) == []


def test_raise_of_one_that_was_caught_tells_it_again(tmp_path: Path) -> None:
    body = """
        def first(): raise OSError(2, "No such file", "x.txt")
        try: first()
        except OSError as problem: caught = problem
        def second(): raise caught
        try: second()
        except OSError: pass
        def thrown():
            try: yield
            except ValueError: pass
            yield
        steps = thrown(); next(steps); steps.throw(ValueError("into it"))
    """
    trace = trace_of(tmp_path, body, prelude=PRELUDE)
    said = "FileNotFoundError: [Errno 2] No such file: 'x.txt'"
    assert [text.partition(",")[0] for text in texts(trace)] == [
        f"{said}  [first", f"{said}  [second", "ValueError: into it  [thrown",
    ]  # fmt: skip


def test_where_functions_are_left_out_the_first_one_watched_tells_where_it_comes_from(tmp_path: Path) -> None:
    (tmp_path / "hidden.py").write_text("def inside():\n    raise ValueError('hidden')\ndef swallow():\n    try: inside()\n    except ValueError: pass\n")  # fmt: skip
    prelude = "import tracypy, hidden\ntracypy.enable(exceptions=True, exclude='hidden')\nassert tracypy.wait_connected(100)\n"
    body = """
        def mine(): hidden.inside()
        try: mine()
        except ValueError: pass
        hidden.swallow()
    """
    trace = trace_of(tmp_path, body, prelude=prelude)
    assert texts(trace) == [f"ValueError: hidden  [inside, {tmp_path / 'hidden.py'}:2]"]


HOSTILE = """
    import time
    class Raises(Exception):
        def __str__(self): raise RuntimeError("in __str__")
        __repr__ = __str__
    class Recurses(Exception):
        def __str__(self): return str(self)
    class Sleeps(Exception):
        def __str__(self): time.sleep(1000)
    class Calls(Exception):
        def __str__(self):
            tracypy.message("from __str__")
            tracypy.disable()
            return "called"
    class Value:
        def __init__(self): self.x = 1
        def __repr__(self): time.sleep(1000)
    class Text(str):
        def __str__(self): time.sleep(1000)
        __repr__ = __str__
    ring = []
    ring.append(ring)
    for problem in (
        Raises("a"), Recurses(), Sleeps(1, "b"), Calls(Value()), ValueError(Value()), ValueError(Text("t")),
        KeyError(Text("k")), OSError(2, "gone", Text("f")), ValueError("x" * 70_000), ValueError("\\0 \\udc80"),
        ValueError(ring), ValueError(1 << 100_000), UnicodeDecodeError("ascii", b"\\xff", 0, 1, "why"),
        ImportError("no", name="n"), SyntaxError("bad", ("f.py", 3, 1, "text")), ExceptionGroup("many", [ValueError(1)]),
        ValueError(float("nan"), {"k": {1}, 2: b"b"}),
    ):
        try: raise problem
        except Exception: pass
"""


def test_hostile_exceptions_harm_nobody(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, HOSTILE, prelude=PRELUDE)
    assert [text.rpartition("  [")[0] for text in texts(trace)] == [
        "Raises: a", "Recurses", "Sleeps: (1, 'b')", "Calls: Value(x=1)", "ValueError: Value(x=1)",
        "ValueError: Text('t')", "KeyError: Text('k')", "FileNotFoundError: (2, 'gone')", "ValueError: " + "x" * 1000 + "…",
        "ValueError: ␀ \\udc80", "ValueError: [[[[…]]]]", "ValueError: <int of 100001 bits>",
        "UnicodeDecodeError: 'ascii' codec can't decode byte 0xff in position 0: why", "ImportError: no",
        "SyntaxError: bad (f.py, line 3)", "ExceptionGroup: ('many', [ValueError(1,)])",
        "ValueError: (nan, {'k': {1}, 2: b'b'})",
    ]  # fmt: skip


def test_in_a_recursion_that_overflows_one_is_told(tmp_path: Path) -> None:
    body = """
        def deeper(): deeper()
        try: deeper()
        except RecursionError: pass
        else: raise SystemExit("no error")
    """
    found = texts(trace_of(tmp_path, body, prelude=PRELUDE))
    assert len(found) == 1
    assert found[0].startswith("RecursionError: maximum recursion depth exceeded")


def test_the_program_ends_as_without(tmp_path: Path) -> None:
    with running(tmp_path, PRELUDE + "def fail(): raise SystemExit(7)\nfail()\n") as target:
        assert [text.partition("  ")[0] for text in texts(target.viewer().run())] == ["SystemExit: 7"]
        assert target.finish() == (7, "", "")
