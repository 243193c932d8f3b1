"""The programs of `examples/` that record collections, C functions, the log, arguments and exceptions show these."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tracypy
from tracypy.trace import Trace

from support.recorded_program import clean_environment

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
