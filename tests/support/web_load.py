"""Web servers that are recorded, the load that they get, and what is in the recording of each request."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import tracypy

from .recorded_program import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tracypy.trace import Trace


@contextmanager
def serving(
    folder: Path, port: int, module: str, *words: str, end: signal.Signals = signal.SIGINT, watch: str = "nothing"
) -> Iterator[None]:
    """Write `served.py`, record what these words run to out.tracy until the block ends, and wait until it answers."""
    (folder / "served.py").write_text(textwrap.dedent(module))
    command = [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "--no-gc", "--include", watch, "-m"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *(word.replace("PORT", str(port)) for word in words)],
            cwd=folder, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield
        process.send_signal(end)
        process.wait(100)
    finally:
        process.kill()
        process.wait()
    assert (folder / "out.tracy").exists(), (folder / "log").read_text()


def _answers(port: int) -> bool:
    try:
        return get(port, "/ready") == 200
    except OSError:
        return False


def get(port: int, path: str, method: str = "GET", host: str = "localhost") -> int:
    """Ask on a connection of its own, and read all of the answer; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def ask_all(port: int, paths: Sequence[str], threads: int = 8) -> Counter[int]:
    """Ask for all of these, so many at the same time, and return how often each status came."""
    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(lambda path: get(port, path), paths))


def requests_in(trace: Trace) -> Counter[tuple[str, str]]:
    """The zones of requests, by name and what they return, but for the questions whether the server is there."""
    found: Counter[tuple[str, str]] = Counter()
    for row in trace.threads:
        for zone in row.iter_zones():
            place = trace.source_locations[zone.location]
            if place.label.startswith(("GET", "POST", "WEBSOCKET", "OTHER")) and place.label != "GET /ready":
                found[place.label, (zone.text or "").rpartition("\n")[2]] += 1  # a task's number comes first
    return found


def frames_in(trace: Trace) -> Counter[str]:
    """How many frames each route has, in all of its sets, in which none begins before the one before has ended."""
    found: Counter[str] = Counter()
    for frames in trace.frames[1:]:
        end_ns = -1
        for frame in frames.frames:
            assert end_ns <= frame.start_ns <= frame.end_ns, f"frames of {frames.name} overlap"
            end_ns = frame.end_ns
        route = frames.name.rpartition(": ")[2].partition(" #")[0]  # a process has its name before
        if route != "GET /ready":
            found[route] += len(frames)
    return found


def lengths_of(trace: Trace, name: str) -> list[int]:
    """How long the zones of that name took, in nanoseconds."""
    return [
        zone.end_ns - zone.start_ns
        for row in trace.threads
        for zone in row.iter_zones()
        if trace.source_locations[zone.location].label == name
    ]


def paths_to(trace: Trace, name: str) -> Counter[tuple[str, ...]]:
    """The names of the zones around those of that name, outermost first, with it."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in trace.threads:
        path: list[str] = []
        for zone in row.iter_zones():
            path[zone.depth :] = [trace.source_locations[zone.location].label]
            if path[-1] == name:
                found[tuple(path)] += 1
    return found


def recorded(folder: Path) -> Trace:
    """The recording."""
    return tracypy.open(folder / "out.tracy")
