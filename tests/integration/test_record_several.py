"""Several recordings at once: one goes on, and the others are told why not."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.target import running


def calls_of(path: Path) -> dict[str, int]:
    return {function.name: function.calls for function in tracypy.open(path).functions()}


SECOND = {
    "a block": "with tracypy.record('second.tracy', include='json'): pass",
    "a call": "tracypy.start_recording('second.tracy')",
    "in a thread": "\n    def other():\n        try: tracypy.start_recording('second.tracy')\n        except Exception as p: raised.append(p)\n"
    "    raised = []\n    thread = threading.Thread(target=other)\n    thread.start()\n    thread.join()\n    raise raised[0]",
    "in a task": "\n    async def other():\n        with tracypy.record('second.tracy'): pass\n    asyncio.run(other())",
}


@pytest.mark.parametrize("second", SECOND.values(), ids=SECOND)
def test_second_recording_is_refused_with_a_reason_and_the_first_goes_on(tmp_path: Path, second: str) -> None:
    source = f"""
import asyncio, os, threading
import tracypy
def work(): pass
def try_it():
    {second}
with tracypy.record("first.tracy", exclude=["asyncio", "threading"]):
    work()
    try:
        try_it()
    except tracypy.RecordingError as problem:
        text = str(problem)
    work()
assert text.startswith(os.path.abspath("first.tracy") + " is being recorded already"), text
for part in ("one file at a time", "tracypy.stop_recording()", "--filter"):
    assert part in text, text
assert not os.path.exists("second.tracy") and not os.path.exists("second.tracy.journal")
with tracypy.record("second.tracy"):  # one after the other
    work()
"""
    with running(tmp_path, source) as target:
        target.expect_success()
    assert calls_of(tmp_path / "first.tracy")["work"] == 2
    assert calls_of(tmp_path / "second.tracy")["work"] == 1


def test_of_several_threads_that_begin_at_once_one_does_and_has_its_calls(tmp_path: Path) -> None:
    source = """
import os, threading
import tracypy
def work(): pass
THREADS = 6
for round in range(25):
    barrier = threading.Barrier(THREADS)
    begun, refused = [], []
    def begin(number):
        barrier.wait()
        try:
            tracypy.start_recording(f"{round}-{number}.tracy")
        except tracypy.RecordingError as problem:
            refused.append(str(problem))
        else:
            begun.append(number)
    threads = [threading.Thread(target=begin, args=(number,)) for number in range(THREADS)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert (len(begun), len(refused)) == (1, THREADS - 1), (begun, refused)
    assert all("one file at a time" in text or "is running already" in text for text in refused), refused
    assert tracypy.is_enabled()
    work()
    tracypy.stop_recording()
    assert not tracypy.is_enabled()
    (path,) = [name for name in os.listdir() if name.endswith(".tracy")]
    calls = {function.name: function.calls for function in tracypy.open(path).functions()}
    assert calls["work"] == 1, calls
    os.remove(path)
"""
    with running(tmp_path, source) as target:
        target.expect_success()
