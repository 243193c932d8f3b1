"""Many threads enable, record and listen at once, in an order that nobody knows; in the end all of it is over.

usage: switch_from_many_threads.py FOLDER

Prints which traces were begun, and which of them a summary has named, as JSON.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from pathlib import Path

import tracypy
from tracypy.activity import activity

THREADS = 8
ROUNDS = 40
FOLDER = Path(sys.argv[1])

begun: list[str] = []
summed_up: list[str] = []
unexpected: list[BaseException] = []


def work() -> None:
    pass


def enable(_name: str) -> None:
    tracypy.enable()
    work()


def block(_name: str) -> None:
    with tracypy.profile():
        work()


def record_block(name: str) -> None:
    with tracypy.record(FOLDER / name) as recording:
        begun.append(name)
        work()
    if recording.summary is not None:
        summed_up.append(Path(recording.summary.path).name)


def start(name: str) -> None:
    tracypy.start_recording(FOLDER / name)
    begun.append(name)


def stop(_name: str) -> None:
    summed_up.append(Path(tracypy.stop_recording().path).name)


def mark(_name: str) -> None:
    tracypy.frame_mark()
    with tracypy.zone("by hand"):
        work()


CHOICES = (
    enable,
    lambda _name: tracypy.disable(),
    block,
    record_block,
    start,
    stop,
    lambda _name: tracypy.listen(),
    lambda _name: tracypy.stop_listening(),
    mark,
)


def switch(number: int, barrier: threading.Barrier) -> None:
    chance = random.Random(number)
    barrier.wait()
    for turn in range(ROUNDS):
        try:
            chance.choice(CHOICES)(f"{number}-{turn}.tracy")
        except RuntimeError:  # enabled already, recorded already, not recorded; RecordingError is one
            pass
        except BaseException as problem:
            unexpected.append(problem)
            raise


def main() -> None:
    barrier = threading.Barrier(THREADS)
    threads = [threading.Thread(target=switch, args=(number, barrier)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not unexpected, unexpected
    if tracypy.is_recording():
        stop("")
    tracypy.disable()
    tracypy.stop_listening()
    left = {
        "enabled": tracypy.is_enabled(),
        "recording": tracypy.is_recording() or activity.recording,
        "listening": tracypy.is_listening() or activity.listener or not activity.is_stopped,
    }
    assert not any(left.values()), left
    assert [tool for tool in range(6) if sys.monitoring.get_tool(tool) is not None] == []
    assert len(sys._current_frames()) == 1
    with tracypy.record(FOLDER / "last.tracy", include="__main__"):
        for _ in range(100):
            work()
    print(json.dumps([begun, summed_up]))


if __name__ == "__main__":
    main()
