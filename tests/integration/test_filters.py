"""Filters: what is left out, that it costs nothing, and that it comes back."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from support.target import QUIET, only_zone, running, trace_of, tree, zones_named

#: main > (helper.help_out > leaf), json.dumps, leaf
BODY = """
    import json, helper
    def leaf():
        pass
    def main():
        helper.help_out(leaf)
        json.dumps(1)
        leaf()
    with tracypy.profile(OPTIONS):
        main()
"""


def trace_with(folder: Path, options: str) -> tuple:
    (folder / "helper.py").write_text("def help_out(call):\n    call()\n", encoding="utf-8")
    trace = trace_of(folder, BODY.replace("OPTIONS", options), prelude=QUIET)
    return tuple(root.tree() for root in trace.thread("Main thread").roots)


JSON = tree("dumps", tree("JSONEncoder.encode", "JSONEncoder.iterencode"))
ALL = tree("main", tree("help_out", "leaf"), JSON, "leaf")

CASES = {
    "everything": ("", tree("<module>", ALL)),
    "a module excluded": ("exclude=['json']", tree("<module>", tree("main", tree("help_out", "leaf"), "leaf"))),
    "a path excluded": ("exclude='helper.py'", tree("<module>", tree("main", "leaf", JSON, "leaf"))),
    "one module included": ("include='helper'", tree("help_out")),
    "included but for": ("include=['helper', '__main__'], exclude='helper'", tree("<module>", tree("main", "leaf", "leaf"))),
    "only user code": ("only_user_code=True", tree("<module>", tree("main", tree("help_out", "leaf"), "leaf"))),
    "two deep": ("max_depth=2", tree("<module>", "main")),
    "three deep": ("max_depth=3", tree("<module>", tree("main", "help_out", "dumps", "leaf"))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_tree_has_what_was_asked_for(tmp_path: Path, case: str) -> None:
    options, expected = CASES[case]
    assert trace_with(tmp_path, options) == (expected,)


def test_another_filter_brings_code_back(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        def work():
            pass
        def main():
            work()
        for options in ({"include": "nothing"}, {}, {"max_depth": 2}, {"exclude": "__main__"}, {}):
            with tracypy.profile(**options):
                main()
        """,
        prelude=QUIET,
    )
    full = tree("<module>", tree("main", "work"))
    assert [root.tree() for root in trace.thread("Main thread").roots] == [full, tree("<module>", "main"), full]


def test_excluded_functions_raise_no_events_after_their_first_call(tmp_path: Path) -> None:
    """As the interpreter sees it: every place in the code object is disabled for our tool."""
    source = QUIET + textwrap.dedent("""
        import dis
        def excluded():
            return 1
        tracypy.enable(exclude="__main__")
        def instrumented():
            return [i.opname for i in dis.get_instructions(excluded, adaptive=True) if i.opname.startswith("INSTRUMENTED")]
        for _ in range(3):
            excluded()
        print(instrumented())
        tracypy.disable()
        tracypy.enable()
        excluded()
        print(len(instrumented()))
        """)
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        first, second = target.expect_success().splitlines()
    assert first == "[]"
    assert int(second) >= 2
    assert len(zones_named(trace, "excluded")) == 1


def test_exceptions_and_throws_through_excluded_code(tmp_path: Path) -> None:
    helper = """\
    def through(call):
        call()
    def generator():
        try:
            yield 1
        except KeyError:
            yield 2
    """
    (tmp_path / "helper.py").write_text(textwrap.dedent(helper), encoding="utf-8")
    trace = trace_of(
        tmp_path,
        """
        import helper
        def fails():
            raise ValueError
        def main():
            try:
                helper.through(fails)
            except ValueError:
                pass
            generator = helper.generator()
            next(generator)
            generator.throw(KeyError())
        with tracypy.profile(exclude="helper"):
            main()
        """,
        prelude=QUIET,
    )
    assert only_zone(trace, "main").tree() == tree("main", "fails")


def test_auto_throttle_says_what_it_leaves_out(tmp_path: Path) -> None:
    source = QUIET + textwrap.dedent("""
        import time
        def tiny():
            pass
        def work():
            for _ in range(20_000):
                tiny()
        tracypy.enable(auto_throttle=True)
        from tracypy import _core
        end = time.monotonic() + 60
        while not _core.throttled() and time.monotonic() < end:
            work()
            time.sleep(0.02)  # often enough all the same, and less for the viewer to read
        for _ in range(5):
            work()
    """)
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        code, _, err = target.finish()
    assert code == 0
    assert "auto_throttle" in err
    assert "tiny" in err
    assert [m for m in trace.messages if "tiny" in m.text and "left out" in m.text]
    works = zones_named(trace, "work")
    calls = [len(work.children) for work in works]
    assert sum(calls) > 10_000  # in half a second, or it would not be often
    assert calls == sorted(calls, reverse=True)  # once left out, it stays away
    assert sum(0 < count < 20_000 for count in calls) <= 1
    assert calls[-3:] == [0] * 3


@pytest.mark.skipif(sys.platform == "win32", reason="needs /proc")
def test_the_command_line_and_the_project_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.tracypy]\nonly-user-code = true\nmax-depth = 3\n")
    source = "import json\ndef main():\n    json.dumps(1)\n    deep()\ndef deep():\n    deeper()\ndef deeper():\n    pass\nmain()\n"
    for options, expected in (
        (("--no-gc",), tree("<module>", tree("main", "deep"))),
        (
            ("--no-gc", "--max-depth", "9", "--exclude", "nothing"),
            tree("<module>", tree("main", tree("deep", "deeper"))),
        ),
    ):
        with running(tmp_path, source, arguments=("-m", "tracypy", "run", "--wait", *options)) as target:
            trace = target.viewer().run()
            target.finish()
        assert [root.tree() for root in trace.thread("Main thread").roots][0] == expected


def test_a_bad_project_file_is_one_line_and_code_2(tmp_path: Path) -> None:
    for content, word in (("[tool.tracypy]\nonly_user = true\n", "only_user"), ("[tool.tracypy", "pyproject.toml"), ("[tool.tracypy]\nmax_depth = 'x'\n", "max_depth")):  # fmt: skip
        (tmp_path / "pyproject.toml").write_text(content)
        with running(tmp_path, "pass\n", arguments=("-m", "tracypy")) as target:
            code, _, err = target.finish()
        assert code == 2
        assert len(err.splitlines()) == 1
        assert word in err
    (tmp_path / "pyproject.toml").write_text("[tool")  # what does not name us is not read as TOML
    with running(tmp_path, "pass\n", arguments=("-m", "tracypy")) as target:
        target.expect_success()


def test_a_program_that_enables_tracypy_itself_runs_under_the_command_line_too(tmp_path: Path) -> None:
    source = """\
    import tracypy
    def work():
        pass
    work()
    with tracypy.profile():
        work()
        try:
            tracypy.enable()
        except RuntimeError as problem:
            print(problem)
    work()
    print(tracypy.is_enabled())
    """
    with running(tmp_path, source, arguments=("-m", "tracypy", "--wait")) as target:
        trace = target.viewer().run()
        _, out, _ = target.finish()
    assert len(zones_named(trace, "work")) == 3
    problem, enabled = out.splitlines()
    assert "already" in problem
    assert enabled == "True"
