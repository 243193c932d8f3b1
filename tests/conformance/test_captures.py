"""Real capture programs count exactly the zones that a program makes.

Those of protocols 66 and 72 come from PyPI and always run; those of other releases where they are given (see
support/captures.py).
"""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path

import pytest

from support.captures import (
    PEER_RELEASES,
    CaptureResult,
    capture_program,
    capture_protocols,
    csvexport,
    csvexport_program,
    run_capture,
)
from support.target import QUIET, running

WORK = """
import _thread
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def numbers():
    yield from range(9)
def fails():
    raise ValueError
def work(start, done):
    start.acquire()
    fib(16)
    sum(numbers())
    try:
        fails()
    except ValueError:
        pass
    done.release()
def locks():
    pair = _thread.allocate_lock(), _thread.allocate_lock()
    for lock in pair:
        lock.acquire()
    return pair
pairs = [locks() for _ in range(3)]
for pair in pairs:
    _thread.start_new_thread(work, pair)
with tracypy.profile():
    for start, done in pairs:
        start.release()
    for start, done in pairs:
        done.acquire()
    with tracypy.zone("by hand", color="tomato") as z:
        z.text("text")
        z.value(5)
for _ in range(10):
    tracypy.frame_mark()
"""
#: fib(16) is 3193 calls, numbers() runs ten times, and the module's frame runs when profile() begins.
EXPECTED = {"<module>": 1, "work": 3, "fib": 3 * 3193, "numbers": 30, "fails": 3, "by hand": 1}


def capture(tmp_path: Path, protocol: int, body: str) -> tuple[CaptureResult, Path]:
    output = tmp_path / "out.tracy"
    with running(tmp_path, QUIET + textwrap.dedent(body)) as target:
        with run_capture(capture_program(protocol), target.port, output) as running_capture:
            result = running_capture.wait(60)
        code, _, _ = target.finish()
        assert code == 0
    return result, output


def exported(output: Path, *options: str) -> list[dict[str, str]]:
    if csvexport_program() is None:
        pytest.skip("no csvexport is given (TRACYPY_PEERS)")
    return csvexport(output, *options)


@pytest.mark.parametrize("protocol", capture_protocols())
def test_every_call_is_counted(tmp_path: Path, protocol: int) -> None:
    result, _ = capture(tmp_path, protocol, WORK)
    assert result.zones == sum(EXPECTED.values())
    assert result.frames == 10 + 3  # a viewer counts three more than the marks of an on-demand program


@pytest.mark.parametrize("protocol", capture_protocols())
def test_every_function_has_its_count(tmp_path: Path, protocol: int) -> None:
    _, output = capture(tmp_path, protocol, WORK)
    counts = {row["name"]: int(row["counts"]) for row in exported(output)}
    assert counts == EXPECTED


@pytest.mark.parametrize("protocol", capture_protocols())
def test_more_functions_than_a_viewer_can_hold(tmp_path: Path, protocol: int) -> None:
    functions = 34_000
    body = f"""
    source = "\\n".join(f"def function_{{n}}(): pass" for n in range({functions}))
    exec(compile(source, "many.py", "exec"))
    functions = [globals()[f"function_{{n}}"] for n in range({functions})]
    with tracypy.profile():
        for function in functions:
            function()
    """
    result, output = capture(tmp_path, protocol, body)
    assert result.zones == functions + 1
    counts = Counter({row["name"]: int(row["counts"]) for row in exported(output)})
    assert counts["function_0"] == 1
    assert counts["other functions"] > 1000
    assert counts.total() == functions + 1
    messages = [row["MessageName"] for row in exported(output, "-m")]
    assert len([text for text in messages if "other functions" in text]) == 1


def test_each_release_given_here_has_its_capture() -> None:
    assert {66, 72} <= set(capture_protocols()) <= {66, 72, *PEER_RELEASES}
