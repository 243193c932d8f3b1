"""The programs of `examples/` that make a recording show what they are there for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tracypy
from tracypy.trace import Trace

from support.recorded_program import clean_environment
from support.target import PRELUDE, running

EXAMPLES = Path(__file__).parents[2] / "examples"


def recording_of(folder: Path, name: str, *words: str, output: str = "") -> Trace:
    """Run an example in `folder`, and open the recording that it makes: itself, or by `tracypy record`."""
    program = str(EXAMPLES / f"{name}.py")
    path = folder / f"{name}.tracy"
    command = [*words, "-o", str(path), program] if words else [program]
    result = subprocess.run(
        [sys.executable, *command], cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=200
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == output
    return tracypy.open(path)


def calls_of(trace: Trace) -> dict[str, int]:
    return {row.name: row.calls for row in trace.functions()}


def texts_of(trace: Trace) -> set[str]:
    return {zone.text for thread in trace.threads for zone in thread.iter_zones() if zone.text}


def test_collections(tmp_path: Path) -> None:
    trace = recording_of(tmp_path, "gc_zones", "-m", "tracypy", "record")
    assert calls_of(trace)["garbage collection"] >= 3
    assert all(text.startswith("generation ") for text in texts_of(trace))


def test_calls_of_c_functions(tmp_path: Path) -> None:
    calls = calls_of(recording_of(tmp_path, "c_calls"))
    assert (calls["zlib.compress"], calls["zlib.decompress"], calls["pack"], calls["unpack"]) == (5,) * 4


def test_log_records(tmp_path: Path) -> None:
    messages = recording_of(tmp_path, "log_records").messages
    assert [message.text for message in messages if message.severity != "debug"] == [
        "shop: that was the last pear",
        "shop: pear is sold out",
        "shop: left: {'apple': 1, 'pear': 0}",
    ]
    assert [message.severity for message in messages] == [
        "debug", "debug", "warning", "debug", "debug", "error", "info",
    ]  # fmt: skip


def test_arguments_and_results(tmp_path: Path) -> None:
    trace = recording_of(tmp_path, "arguments", output="4.41\n")
    assert {text for text in texts_of(trace) if not text.startswith("generation ")} == {
        "price=2.5, count=1\nreturns 1",
        "price=0.8, count=3\nreturns 4",
        "prices=[2.5, 0.8, 0.8, 0.8], discount=0.1\nreturns 4.41",
    }


def test_exceptions(tmp_path: Path) -> None:
    messages = recording_of(tmp_path, "exceptions", output="3 of 5 sold\n").messages
    assert [message.text.partition("  [take, ")[0] for message in messages] == [
        "KeyError: 'plum'",
        "SoldOutError: pear",
    ]
    assert {message.severity for message in messages} == {"error"}


def test_call_stacks_says_who_called(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "call_stacks.py").read_text()) as target:
        lines = target.expect_success().splitlines()
    calls = [[word.partition(":")[0] for word in line.split(" < ")] for line in lines]
    assert calls == [
        ["asks for user 0", "ask", "from_page", "main", "<module>"],
        ["asks for user 1", "ask", "from_page", "main", "<module>"],
        ["asks for user 2", "ask", "from_page", "main", "<module>"],
        ["asks for everybody", "ask", "from_job", "main", "<module>"],
    ]
    trace = tracypy.open(tmp_path / "call_stacks.tracy")
    ((block,),) = (pool.iter_allocations() for pool in trace.memory)
    assert [call.function for call in trace.callstacks[block.end_callstack]] == ["from_job", "main", "<module>"]


def test_source_text_has_the_text_of_what_was_made(tmp_path: Path) -> None:
    path = str(EXAMPLES / "source_text.py")
    program = PRELUDE + f"import runpy\nrunpy.run_path({path!r}, run_name='__main__')\n"
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        target.expect_success()
    text = trace.sources["<rule tax>"]
    assert text is not None
    assert text.decode().splitlines()[-1].strip() == "return price * 1.19"
    rules = {zone.name for zone in trace.thread("Main thread").zones() if zone.file == "<rule tax>"}
    assert rules == {"<module>", "tax"}


def test_tracy_client_records_itself(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "tracy_client.py").read_text()) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "tracy_client.tracy")
    assert [message.text for message in trace.messages] == ["done"]
    assert {(plot.name, len(plot)) for plot in trace.plots if plot.name == "load"} == {("load", 100)}
    assert {(frames.name, len(frames)) for frames in trace.frames if frames.name} == {("frame", 100)}
    assert [(pool.name, pool.peak, pool.in_use) for pool in trace.memory] == [("arena", 4096, 0)]
