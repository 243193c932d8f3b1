"""Call stacks of memory: who took a block and who gave it back, by hand and by the hooks of the allocators."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tracypy
from tracypy import _core
from tracypy.filters import Instruments

from support.captures import capture_program, capture_protocols, run_capture
from support.command_line import tracypy_command
from support.recorded_program import record
from support.target import running, trace_of
from support.trace_reader import read_trace_file
from support.viewer import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.viewer.kinds.callstacks import Callstack

needs_hooks = pytest.mark.skipif(not _core.HAS_MEMORY_HOOKS, reason="no hooks without the GIL")

QUIET = "import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"

#: Blocks of the default pool and of another one, with and without call stacks; one that ends because the next begins.
BY_HAND = """
    def take(address):
        tracypy.memory_alloc(address, 10, callstack=2)
        tracypy.memory_alloc(address, 20, "arena", callstack=62)
    def give_back():
        tracypy.memory_free(1, callstack=1)
        tracypy.memory_free(1, "arena", callstack=2)
    def both():
        take(1)
        give_back()
    both()
    tracypy.memory_alloc(2, 30)
    tracypy.memory_free(2)
    take(3)
    take(3)
"""

type Frames = list[tuple[str, int]]
type Stacks = dict[str, list[tuple[Frames, Frames]]]


def meant(program: str) -> Stacks:
    """By pool: the call stacks of each block's beginning and end."""
    lines = [line.strip() for line in program.splitlines()]

    def at(function: str, text: str, which: int = 0) -> tuple[str, int]:
        return function, [number for number, line in enumerate(lines, 1) if line == text][which]

    alloc = at("take", "tracypy.memory_alloc(address, 10, callstack=2)")
    in_arena = at("take", 'tracypy.memory_alloc(address, 20, "arena", callstack=62)')
    free = at("give_back", "tracypy.memory_free(1, callstack=1)")
    from_arena = at("give_back", 'tracypy.memory_free(1, "arena", callstack=2)')
    taken, given = at("both", "take(1)"), at("both", "give_back()")
    main, first, second = at("<module>", "both()"), at("<module>", "take(3)"), at("<module>", "take(3)", 1)
    return {
        "": [([alloc, taken], [free]), ([alloc, first], []), ([alloc, second], []), ([], [])],
        "arena": [([in_arena, taken, main], [from_arena, given]), ([in_arena, first], []), ([in_arena, second], [])],
    }


def in_order(stacks: Iterable[tuple[Frames, Frames]]) -> list[tuple[Frames, Frames]]:
    return sorted(stacks, reverse=True)


def assert_file_has(path: Path, program: Path) -> None:
    """As a reader that is not tracypy's sees it."""
    facts = read_trace_file(path.read_bytes())

    def lines(stack: Frames) -> list[str]:
        return [f"{function} {program}:{line}" for function, line in stack]

    expected = {
        name: sorted([lines(one), lines(two)] for one, two in pairs)
        for name, pairs in meant(program.read_text()).items()
    }
    found = {
        name: sorted([list(block.callstack), list(block.free_callstack)] for block in blocks)
        for name, blocks in facts.memory.items()
    }
    assert found == expected


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_shows_who_took_a_block_and_who_gave_it_back(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, BY_HAND, prelude=QUIET, protocol=protocol)

    def frames(stack: Callstack | None) -> Frames:
        return [(frame.function, frame.line) for frame in stack.frames] if stack is not None else []

    found = {
        name or "": in_order((frames(block.callstack), frames(block.free_callstack)) for block in pool.allocations)
        for name, pool in trace.memory_pools.items()
    }
    expected = meant((tmp_path / "program.py").read_text())
    assert found == {name: in_order(pairs) for name, pairs in expected.items()}


def test_a_recording_has_the_call_stacks(tmp_path: Path) -> None:
    path = tmp_path / "stacks.tracy"
    with running(tmp_path, f"import tracypy\nwith tracypy.record({str(path)!r}):\n" + BY_HAND) as target:
        target.expect_success()
    trace = tracypy.open(path)
    assert (trace.version, trace.skipped) == ("0.11.0", ())

    def frames(index: int) -> Frames:
        return [(frame.function, frame.line) for frame in trace.callstacks[index]]

    expected = meant(target.path.read_text())
    for pool in trace.memory:
        blocks = list(pool.iter_allocations())
        found = [(frames(block.callstack), frames(block.end_callstack)) for block in blocks]
        assert in_order(found) == in_order(expected[pool.name])
        assert pool.allocations["begin_callstack"].tolist() == [block.callstack for block in blocks]
    assert_file_has(path, target.path)


@pytest.mark.parametrize("protocol", capture_protocols())
def test_a_real_capture_tool_saves_them(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "captured.tracy"
    with (
        running(tmp_path, QUIET + textwrap.dedent(BY_HAND)) as target,
        run_capture(capture_program(protocol), target.port, path) as captured,
    ):
        result = captured.wait()
        target.expect_success()
    assert result.failure is None
    assert_file_has(path, target.path)


#: Sizes that nothing else asks for: in a comprehension, a generator, a class body, a thread, a coroutine; code that no
#: event has come for, whose names are no ASCII.
HOOKED = """
import asyncio, threading, tracypy
kept = []
def grow(size):
    kept.append(bytes(size))
def made():
    yield grow(40_001)
def caller():
    next(made())
    [grow(size) for size in [40_002]]
    class Body:
        grow(40_003)
    thread = threading.Thread(target=grow, args=(40_004,))
    thread.start(); thread.join()
    async def task():
        await asyncio.sleep(0)
        grow(40_005)
    asyncio.run(task())
    exec(compile("def größe_\\U00020000(): grow(40_006)\\ngröße_\\U00020000()", "<\\udc80 дом>", "exec"), globals())
    kept.append(bytearray(41_000))
    kept[-1].extend(bytes(42_000))
def clear():
    kept.clear()
with tracypy.record("out.tracy", include=INCLUDE, memory="all", memory_callstacks=DEPTH):
    caller()
    clear()
"""


def hooked(folder: Path, include: str, depth: int) -> dict[int, tuple[list[str], list[str]]]:
    """By size: the functions that had taken the block, and those that gave it back."""
    program = HOOKED.replace("INCLUDE", repr(include)).replace("DEPTH", str(depth))
    with running(folder, program) as target:
        target.expect_success()
    trace = tracypy.open(folder / "out.tracy")

    def names(index: int) -> list[str]:
        return [frame.function for frame in trace.callstacks[index]]

    head = b"".__sizeof__()
    return {
        block.size - head: (names(block.callstack), names(block.end_callstack))
        for pool in trace.memory
        for block in pool.iter_allocations()
    }


@needs_hooks
@pytest.mark.parametrize("include", ["*", "nothing.at.all"])
def test_hooks_see_the_calls_whatever_runs(tmp_path: Path, include: str) -> None:
    blocks = hooked(tmp_path, include, 62)
    assert {size: blocks[size][0][:2] for size in range(40_001, 40_006)} == {
        40_001: ["grow", "made"],
        40_002: ["grow", "caller"],
        40_003: ["grow", "caller.<locals>.Body"],
        40_004: ["grow", "Thread.run"],
        40_005: ["grow", "caller.<locals>.task"],
    }
    assert blocks[40_006][0][:4] == ["grow", "größe_\U00020000", "<module>", "caller"]
    assert blocks[40_001][0] == ["grow", "made", "caller", "<module>"]
    assert all(blocks[size][1][:2] == ["clear", "<module>"] for size in range(40_001, 40_007))
    assert "<module>" not in blocks[40_004][0]


@needs_hooks
def test_as_many_calls_as_were_asked_for(tmp_path: Path) -> None:
    blocks = hooked(tmp_path, "nothing.at.all", 1)
    assert (blocks[40_001], blocks[40_006]) == ((["grow"], ["clear"]), (["grow"], ["clear"]))
    assert max(len(stack) for pair in blocks.values() for stack in pair) == 1


@needs_hooks
def test_no_call_of_tracypys_own_is_in_them(tmp_path: Path) -> None:
    program = """
        kept = []
        def take():
            kept.append(bytes(60_000))
        take()
    """
    record(tmp_path, "--memory", "all", "--memory-callstacks", "62", program=program)
    trace = tracypy.open(tmp_path / "out.tracy")
    own = Path(tracypy.__file__).parent
    assert [frame for stack in trace.callstacks for frame in stack if Path(frame.file).is_relative_to(own)] == []
    (block,) = [
        block for pool in trace.memory for block in pool.iter_allocations() if block.size == 60_000 + b"".__sizeof__()
    ]
    assert [frame.function for frame in trace.callstacks[block.callstack]] == ["take", "<module>"]


@needs_hooks
def test_hooks_name_the_same_places_as_zones(tmp_path: Path) -> None:
    body = """
        def take():
            tracypy.message("here", callstack=62)
            return bytes(50_000)
        def above():
            return take()
        import tracypy
        with tracypy.record("out.tracy", memory="all", memory_callstacks=62):
            above()
    """
    with running(tmp_path, body) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "out.tracy")
    (message,) = trace.messages
    (block,) = [
        block for pool in trace.memory for block in pool.iter_allocations() if block.size == 50_000 + b"".__sizeof__()
    ]
    first, *others = trace.callstacks[block.callstack]
    assert first == message.callstack[0]._replace(line=first.line)
    assert first.line == message.callstack[0].line + 1
    assert tuple(others) == message.callstack[1:]


@needs_hooks
def test_stacks_in_the_middle_of_everything_do_no_harm(tmp_path: Path) -> None:
    body = """
        import gc, os, sys, threading, tracypy
        gc.set_threshold(7)
        class Weird:
            def __del__(self): self.left = [bytes(600)]
        def dive(n):
            return [Weird()] + dive(n - 1) if n else []
        def work():
            for i in range(10):
                dive(90)
                try: dive(10_000)
                except RecursionError: pass
                {str(i): (yield_from := list(x for x in range(50))) for i in range(50)}
                exec(f"def made_{i}(x=[]): return x\\nmade_{i}()")
        tracypy.start_recording("out.tracy", memory="all", memory_callstacks=62)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads: thread.start()
        for _ in range(5):
            pid = os.fork()
            if pid == 0:
                work()
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        for thread in threads: thread.join()
        print(tracypy.stop_recording().path is not None)
    """
    with running(tmp_path, body, arguments=("-W", "ignore::DeprecationWarning")) as target:
        code, out, told = target.finish()
    assert (code, out) == (0, "True\n"), told
    trace = tracypy.open(tmp_path / "out.tracy")
    deepest = max(len(trace.callstacks[block.callstack]) for pool in trace.memory for block in pool.iter_allocations())
    assert deepest == 62


@needs_hooks
def test_the_command_line_and_the_project_have_the_switch(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def take(): return bytes(4_000_000)\nkept = [take() for _ in range(10)]\n")

    def innermost() -> set[str]:
        trace = tracypy.open(tmp_path / "out.tracy")
        stacks = {trace.callstacks[block.callstack] for pool in trace.memory for block in pool.iter_allocations()}
        return {stack[0].function for stack in stacks if stack}

    words = ["record", "-f", "-o", "out.tracy"]
    result = tracypy_command(*words, "--memory", "all", "--memory-callstacks", "3", "p.py", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "take" in innermost()
    (tmp_path / "pyproject.toml").write_text('[tool.tracypy]\nmemory = "all"\nmemory_callstacks = 1\n')
    assert tracypy_command(*words, "p.py", cwd=tmp_path).returncode == 0
    assert "take" in innermost()
    assert tracypy_command(*words, "--memory-callstacks", "0", "p.py", cwd=tmp_path).returncode == 0
    assert innermost() == set()
    result = tracypy_command(*words, "--memory-callstacks", "63", "p.py", cwd=tmp_path)
    assert result.returncode != 0
    assert "is not a whole number from 0 to 62" in result.stderr


def test_what_the_switch_may_be() -> None:
    assert Instruments(memory_callstacks=62).native()["memory_callstacks"] == 62
    assert Instruments().native()["memory_callstacks"] == 0
    for wrong in (-1, 63):
        with pytest.raises(ValueError, match=f"memory_callstacks must be from 0 to 62, not {wrong}"):
            tracypy.profile(memory_callstacks=wrong)
    for kind in (True, "5", None):
        with pytest.raises(TypeError, match="memory_callstacks is a int, not"):
            tracypy.profile(memory_callstacks=kind)  # type: ignore[arg-type]


@pytest.mark.parametrize("call", ["memory_alloc(1, 1", "memory_free(1"])
def test_misuse(call: str) -> None:
    function = call.partition("(")[0]
    for value, problem in (("63", "a number of frames from 0 to 62, not 63"), ("'1'", "an int, not str")):
        with pytest.raises((TypeError, ValueError)) as caught:
            eval(f"tracypy.{call}, callstack={value})", {"tracypy": tracypy})
        assert str(caught.value) == f"{function}(): callstack must be {problem}"
    with pytest.raises(TypeError, match="by keyword"):
        eval(f"tracypy.{call}, 'pool', 5)", {"tracypy": tracypy})
