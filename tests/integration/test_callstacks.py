"""Call stacks of zones and messages: function, file and line of each call, in a viewer and in a recording."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tracypy
from tracypy.trace import StackFrame

from support.captures import capture_program, capture_protocols, run_capture
from support.target import running, trace_of, zones_named
from support.trace_reader import read_trace_file
from support.viewer import PROTOCOLS

if TYPE_CHECKING:
    from support.viewer.kinds.callstacks import Callstack
    from support.viewer.trace import Trace

QUIET = "import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"

#: The innermost call of each is known by its text, its caller by its name.
CALLS = """
    def outer():
        inner()
        inner()
    def inner():
        with tracypy.zone("with", callstack=2):
            tracypy.message("said", callstack=62)
        tracypy.zone_end(tracypy.zone_begin("by hand", callstack=1))
        tracypy.message("colored", color="red", callstack=2)
        with tracypy.zone("plain"):
            tracypy.message("plain")
    outer()
"""


def lines(stack: Callstack | None) -> list[tuple[str, int]]:
    return [(frame.function, frame.line) for frame in stack.frames] if stack is not None else []


def line_of(text: str, beginning: str) -> int:
    return 1 + next(at for at, line in enumerate(text.splitlines()) if line.strip().startswith(beginning))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_shows_function_file_and_line_of_each_call(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, CALLS, prelude=QUIET, protocol=protocol)
    program = (tmp_path / "program.py").read_text()

    def at(function: str, beginning: str, further: int = 0) -> tuple[str, int]:
        return (function, line_of(program, beginning) + further)

    first, second = at("outer", "def outer", 1), at("outer", "def outer", 2)
    module = at("<module>", "outer()")
    said = at("inner", 'tracypy.message("said"')
    assert [(message.text, lines(message.callstack)) for message in trace.messages] == [
        ("said", [said, first, module]),
        ("colored", [at("inner", 'tracypy.message("colored"'), first]),
        ("plain", []),
        ("said", [said, second, module]),
        ("colored", [at("inner", 'tracypy.message("colored"'), second]),
        ("plain", []),
    ]
    zones = trace.thread("Main thread").zones()
    by_hand = at("inner", "tracypy.zone_end")
    assert [(zone.name, lines(zone.callstack)) for zone in zones] == [
        ("with", [at("inner", "with tracypy.zone"), first]), ("by hand", [by_hand]), ("plain", []),
        ("with", [at("inner", "with tracypy.zone"), second]), ("by hand", [by_hand]), ("plain", []),
    ]  # fmt: skip
    files = {frame.file for stack in trace.callstacks for frame in stack.frames}
    assert files == {str(tmp_path / "program.py")}
    assert set(trace.image_names.values()) == {"Python"}


def test_a_recording_has_the_call_stacks(tmp_path: Path) -> None:
    path = tmp_path / "stacks.tracy"
    body = f"import tracypy\nwith tracypy.record({str(path)!r}):\n" + CALLS
    with running(tmp_path, body) as target:
        target.expect_success()
        program = target.path.read_text()
    trace = tracypy.open(path)
    assert (trace.version, trace.skipped, trace.callstacks[0]) == ("0.11.0", (), ())
    inner = StackFrame("inner", str(target.path), line_of(program, "with tracypy.zone"))
    main = next(thread for thread in trace.threads if thread.name == "Main thread")
    stacks = {
        trace.source_locations[row.location].label: trace.callstacks[row.callstack]
        for row in main.iter_zones()
        if trace.source_locations[row.location].name
    }
    assert stacks["plain"] == ()
    assert stacks["with"] == (inner, StackFrame("outer", inner.file, line_of(program, "def outer") + 2))
    assert [len(message.callstack) for message in trace.messages] == [3, 2, 0, 3, 2, 0]
    columns = main.zones
    assert {trace.zone_callstack(extra) for extra in columns["extra"]} >= set(stacks.values())


@pytest.mark.parametrize("protocol", capture_protocols())
def test_a_real_capture_tool_saves_them(tmp_path: Path, protocol: int) -> None:
    capture = capture_program(protocol)
    with (
        running(tmp_path, QUIET + textwrap.dedent(CALLS)) as target,
        run_capture(capture, target.port, tmp_path / "captured.tracy") as captured,
    ):
        result = captured.wait()
        target.expect_success()
    assert result.failure is None
    facts = read_trace_file((tmp_path / "captured.tracy").read_bytes())
    program = target.path.read_text()

    def at(function: str, line: int) -> str:
        return f"{function} {target.path}:{line}"

    outer = line_of(program, "def outer")
    first, second = at("outer", outer + 1), at("outer", outer + 2)
    inner = at("inner", line_of(program, "with tracypy.zone"))
    by_hand = at("inner", line_of(program, "tracypy.zone_end"))
    stacks = {stack: zones for stack, zones in facts.zone_callstacks.items() if stack}
    assert stacks == {(inner, first): 1, (inner, second): 1, (by_hand,): 2}
    said = at("inner", line_of(program, 'tracypy.message("said"'))
    module = at("<module>", line_of(program, "outer()"))
    assert [message.callstack for message in facts.messages if message.text == "said"] == [
        (said, first, module), (said, second, module),
    ]  # fmt: skip


def names(stack: Callstack | None) -> list[str]:
    return [name for name, _ in lines(stack)]


def stack_of_parts(trace: Trace, name: str) -> Callstack | None:
    """That of a zone, which may be in parts: only the first one has it."""
    first, *others = sorted(zones_named(trace, name), key=lambda zone: zone.begin_tick)
    assert [part.callstack for part in others] == [None] * len(others)
    return first.callstack


def test_zones_of_helpers_coroutines_and_other_threads_have_theirs(tmp_path: Path) -> None:
    body = """
        import asyncio, contextlib, threading
        @contextlib.contextmanager
        def helper():
            with tracypy.zone("in a helper", callstack=62):
                yield
        def through_a_helper():
            with helper():
                total = sum(range(1000))
        async def task():
            with tracypy.zone("awaits", callstack=1):
                await asyncio.sleep(0.001)
        def opens():
            return tracypy.zone_begin("outlasts", callstack=2)
        through_a_helper()
        asyncio.run(task())
        zone = opens()
        sum(range(1000))
        tracypy.zone_end(zone)
        def worker():
            tracypy.message("from a thread", callstack=62)
        thread = threading.Thread(target=worker)
        thread.start()
        thread.join()
    """
    trace = trace_of(tmp_path, body)
    helper = names(stack_of_parts(trace, "in a helper"))
    assert helper[0] == "helper"
    assert helper[-2:] == ["through_a_helper", "<module>"]
    assert names(stack_of_parts(trace, "awaits")) == ["task"]
    assert names(stack_of_parts(trace, "outlasts")) == ["opens", "<module>"]
    (message,) = trace.messages
    assert names(message.callstack)[0] == "worker"
    assert "<module>" not in names(message.callstack)


def test_generated_code_and_deep_recursion(tmp_path: Path) -> None:
    body = """
        exec(compile("def made():\\n    tracypy.message('made', callstack=1)\\nmade()", "<made up>", "exec"))
        def dive(n):
            if n == 0:
                tracypy.message("deep", callstack=62)
            else:
                dive(n - 1)
        dive(200)
    """
    trace = trace_of(tmp_path, body)
    made, deep = trace.messages
    assert made.callstack is not None
    (frame,) = made.callstack.frames
    assert (frame.function, frame.file, frame.line) == ("made", "<made up>", 2)
    assert names(deep.callstack) == ["dive"] * 62


def test_own_frames_are_left_out(tmp_path: Path) -> None:
    body = """
        @tracypy.profiled
        async def wrapped():
            tracypy.message("inside", callstack=62)
        import asyncio
        asyncio.run(wrapped())
    """
    trace = trace_of(tmp_path, body)
    (message,) = trace.messages
    assert message.callstack is not None
    folder = str(Path(tracypy.__file__).parent)
    assert names(message.callstack)[0] == "wrapped"
    assert not [frame for frame in message.callstack.frames if frame.file.startswith(folder)]


def test_more_stacks_than_there_is_room_for_are_told(tmp_path: Path) -> None:
    body = """
        def dive(way):
            if way < 2:
                tracypy.message("", callstack=20)
            elif way % 2:
                dive(way // 2)
            else:
                dive(way // 2)
        for way in range(70_000, 140_000):
            dive(way)
    """
    with running(tmp_path, QUIET + textwrap.dedent(body)) as target:
        trace = target.viewer().run()
        code, _out, told = target.finish()
    assert (code, told.count("more different call stacks than there is room for (65536 at most)")) == (0, 1)
    said = [message for message in trace.messages if message.text == ""]
    assert len(said) == 70_000
    assert sum(message.callstack is not None for message in said) == 65_536
    assert sum("more different call stacks than there is room for" in message.text for message in trace.messages) == 1


MISUSE = [
    ("callstack=-1", "ValueError", "callstack must be a number of frames from 0 to 62, not -1"),
    ("callstack=63", "ValueError", "callstack must be a number of frames from 0 to 62, not 63"),
    ("callstack=1 << 70", "ValueError", f"callstack must be a number of frames from 0 to 62, not {1 << 70}"),
    ("callstack='8'", "TypeError", "callstack must be an int, not str"),
    ("callstack=None", "TypeError", "callstack must be an int, not NoneType"),
]


@pytest.mark.parametrize("function", ["zone", "zone_begin", "message"])
@pytest.mark.parametrize(("argument", "error", "text"), MISUSE)
def test_misuse(function: str, argument: str, error: str, text: str) -> None:
    called = f"tracypy.{function}('x', {argument})"
    with pytest.raises({"ValueError": ValueError, "TypeError": TypeError}[error]) as caught:
        eval(called, {"tracypy": tracypy})
    shown = function if function != "message" else "message()"
    assert str(caught.value) == f"{shown}: {text}"
