"""Trace files hold what the program did, zone by zone: those of real capture programs, and those of `tracypy record`.

Files of real capture programs (protocols 66 and 72 from PyPI, others where they are given) are read back by
`tracypy.open`; files of `tracypy record` by it and, where it is given, by Tracy's csvexport of each release. See
support/captures.py for what is given how.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import tracypy

from support.captures import (
    PEER_RELEASES,
    capture_program,
    capture_protocols,
    csvexport,
    csvexport_program,
    run_capture,
    update_programs,
)
from support.programs import program
from support.target import running

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = program("two_files")
FILTER = ("--include", "*/program.py", "--no-gc")
RELEASES = [release for release in PEER_RELEASES.values() if csvexport_program(release) is not None]


class Zone(NamedTuple):
    """What a zone must be, or is. `texts` without the hexadecimal that later releases put behind values."""

    label: str
    line: int
    depth: int
    texts: tuple[str, ...] = ()
    name: str | None = None
    color: int = 0


def line_of(beginning: str) -> int:
    """The line of the program that begins so."""
    lines = [line.strip() for line in PROGRAM.splitlines()]
    return 1 + next(at for at, line in enumerate(lines) if line.startswith(beginning))


def call(function: str, depth: int) -> Zone:
    return Zone(function, line_of(f"def {function}("), depth)


def fib(n: int, depth: int) -> Iterator[Zone]:
    yield call("fib", depth)
    if n >= 2:
        yield from fib(n - 1, depth + 1)
        yield from fib(n - 2, depth + 1)


def labels(depth: int) -> Iterator[Zone]:
    for n in range(6):
        texts = (f"item {n}", "ünïcode 名前", str(n * 1000003))
        line = line_of('with tracypy.zone("labelled"')
        yield Zone("labelled", line, depth, texts, *((f"renamed {n}", 0xFF6347) if n % 2 else ()))


def worker() -> list[Zone]:
    """The zones of a worker thread, in the order in which they begin."""
    failing = [call("fails", 1 + depth) for depth in range(5)]
    generator = [call("numbers", 1)] * 3
    return [call("work", 0), *fib(10, 1), *failing * 3, *generator, call("labelled", 1), *labels(2)]


def task() -> list[Zone]:
    """Two coroutines; the inner one is called three times, and each time waits."""
    naps = Zone("naps", line_of("async def naps"), 0, ("Task-1",))
    return [naps, *[Zone("nap", line_of("async def nap("), 1)] * 3]


EXPECTED = {"Main thread": [Zone("<module>", 1, 0)], "naps": task(), "wörker 0": worker(), "wörker 1": worker()}


def zones_of(trace: tracypy.Trace, thread: tracypy.trace.Thread) -> list[Zone]:
    found = []
    for zone in thread.iter_zones():
        location = trace.source_locations[zone.location]
        assert Path(location.file).name == "program.py"
        texts = tuple(line.partition(" [0x")[0] for line in (zone.text or "").splitlines())
        found.append(Zone(location.label, location.line, zone.depth, texts, zone.name, zone.color))
    return found


def check_times(trace: tracypy.Trace) -> None:
    """Every zone lies in the one that it is nested in, after the one before it, and all of them in the trace."""
    for thread in trace.threads:
        ends = [trace.span_ns]
        last = 0
        for zone in thread.iter_zones():
            del ends[zone.depth + 1 :]
            assert last <= zone.start_ns <= zone.end_ns <= ends[-1]
            ends.append(zone.end_ns)
            last = zone.start_ns


def check(path: Path) -> tracypy.Trace:
    """The file holds what the program does."""
    trace = tracypy.open(path)
    assert {thread.name: zones_of(trace, thread) for thread in trace.threads if thread.zone_count} == EXPECTED
    check_times(trace)
    frames = {frames.name: frames for frames in trace.frames}
    assert set(frames) == {"", "phase"}
    assert len(frames[""]) == len(frames["phase"]) == 7
    assert all(frame.start_ns <= frame.end_ns for frame in frames["phase"].frames)
    return trace


@pytest.fixture(params=capture_protocols())
def captured(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A real capture program's file of the program."""
    output = tmp_path / "captured.tracy"
    with running(tmp_path, PROGRAM, arguments=("-m", "tracypy", "--wait", *FILTER)) as target:
        with run_capture(capture_program(request.param), target.port, output) as capture:
            capture.wait(60)
        code, _, _ = target.finish()
        assert code == 0
    return output


def record(folder: Path, program: str, output: Path, *options: str) -> None:
    with running(folder, program, arguments=("-m", "tracypy", "record", "-o", str(output), *options)) as target:
        code, _, errors = target.finish()
        assert code == 0, errors


@pytest.fixture(params=["whole", "last", "saved", "saved last"])
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Our own file of the program: of a recording that is over, or goes on; of all of it, or of the last moments."""
    output, saved = tmp_path / "recorded.tracy", tmp_path / "recorded-1.tracy"
    is_saved = "saved" in request.param
    last = ("--last", "60s") if "last" in request.param else ()
    record(tmp_path, PROGRAM + ("tracypy.save_recording()\n" if is_saved else ""), output, *last, *FILTER)
    return saved if is_saved else output


def test_files_of_real_capture_programs_are_read_zone_by_zone(captured: Path) -> None:
    check(captured)


def test_a_recording_is_read_zone_by_zone(recorded: Path) -> None:
    check(recorded)


@pytest.mark.parametrize("release", RELEASES)
def test_real_tools_read_the_same_zones(recorded: Path, release: str) -> None:
    trace = tracypy.open(recorded)
    ours: Counter[tuple[str, str, str, str]] = Counter()
    for thread in trace.threads:
        for zone in thread.iter_zones():
            if zone.end_ns > zone.start_ns:  # csvexport leaves out those that took no time
                location = trace.source_locations[zone.location]
                taken = str(zone.end_ns - zone.start_ns)
                ours[location.label, str(location.line), str(zone.start_ns), taken] += 1
    theirs = Counter(
        (row["name"], row["src_line"], row["ns_since_start"], row["exec_time_ns"])
        for row in csvexport(recorded, "-u", release=release)
    )
    assert theirs == ours


@pytest.mark.parametrize("release", RELEASES)
def test_real_tools_count_every_zone(recorded: Path, release: str) -> None:
    expected = Counter((zone.label, zone.line) for zones in EXPECTED.values() for zone in zones)
    trace = tracypy.open(recorded)
    for thread in trace.threads:
        for zone in thread.iter_zones():
            if zone.end_ns == zone.start_ns:
                location = trace.source_locations[zone.location]
                expected[location.label, location.line] -= 1
    rows = csvexport(recorded, release=release)
    assert {(row["name"], int(row["src_line"])): int(row["counts"]) for row in rows} == +expected


@pytest.mark.skipif("0.14.0" not in update_programs(), reason="no tracy-update of 0.14.0 is given (TRACYPY_PEERS)")
def test_tracy_reads_the_severities_of_a_recording(tmp_path: Path) -> None:
    program = (
        "import tracypy\nfor severity in ('trace', 'info', 'fatal'):\n    tracypy.message('x', severity=severity)\n"
    )
    ours, theirs = tmp_path / "ours.tracy", tmp_path / "theirs.tracy"
    record(tmp_path, program, ours)
    subprocess.run([str(update_programs()["0.14.0"]), str(ours), str(theirs)], check=True, timeout=200)
    assert [message.severity for message in tracypy.open(theirs).messages] == ["trace", "info", "fatal"]
    assert list(tracypy.open(theirs).messages) == list(tracypy.open(ours).messages)
    for release in set(RELEASES) - {"0.14.0"}:
        with pytest.raises(RuntimeError):
            csvexport(ours, release=release)


@pytest.mark.skipif("0.13.1" not in update_programs(), reason="no tracy-update is given (TRACYPY_PEERS)")
def test_a_recording_is_no_larger_than_what_tracy_makes_of_it(tmp_path: Path) -> None:
    program = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(22)\n"
    ours, theirs = tmp_path / "ours.tracy", tmp_path / "theirs.tracy"
    record(tmp_path, program, ours)
    subprocess.run([str(update_programs()["0.13.1"]), "-z", "3", str(ours), str(theirs)], check=True, timeout=200)
    assert ours.stat().st_size <= theirs.stat().st_size
