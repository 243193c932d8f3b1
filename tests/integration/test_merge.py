"""`tracypy.merge` and the command: recordings, captures and built files on one axis of time."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

import tracypy
from tracypy.merging import MergeSummary

from support.all_kinds import file_of_all_kinds, program_of_all_kinds
from support.captures import csvexport, csvexport_program, update_programs
from support.command_line import tracypy_command
from support.containers import contents
from support.toy_server import answering, playing
from support.trace_file import TraceFileBuilder
from support.trace_reader import read_trace_file

WORK = """\
import sys, tracypy

def work(count):
    for number in range(count):
        with tracypy.zone("step") as zone:
            zone.text(f"item {number}")
        tracypy.plot("progress", number)
        tracypy.frame_mark()
    tracypy.message("done")

with tracypy.record(sys.argv[1]):
    work(int(sys.argv[2]))
"""

#: Plays ping-pong with the other program, each turn a zone: what one has ended before it sent, the other begins after it.
PING_PONG = """\
import sys, tracypy

path, is_first = sys.argv[1], sys.argv[2] == "first"
ball, court = sys.stdin.buffer, sys.stdout.buffer
with tracypy.record(path):
    for turn in range(200):
        if turn or not is_first:
            assert ball.read(1)
        with tracypy.zone(f"turn"):
            pass
        court.write(b".")
        court.flush()
"""


def record(tmp_path: Path, name: str, count: int) -> Path:
    program, path = tmp_path / f"{name}.py", tmp_path / f"{name}.tracy"
    program.write_text(WORK)
    subprocess.run([sys.executable, str(program), str(path), str(count)], check=True, timeout=100)
    return path


def names(path: Path) -> Counter[str]:
    trace = tracypy.open(path)
    return Counter(
        trace.source_locations[zone.location].label for thread in trace.threads for zone in thread.iter_zones()
    )


def test_two_recordings_are_one_with_everything_of_both(tmp_path: Path) -> None:
    one, two, both = record(tmp_path, "one", 3), record(tmp_path, "two", 5), tmp_path / "both.tracy"
    summary = tracypy.merge([one, two], both)
    assert names(both) == names(one) + names(two)
    assert [part.placed_by for part in summary.parts] == ["told", "counter"]
    assert summary.parts[1].begin_ns > 0 == summary.parts[0].begin_ns
    assert summary.zones == sum(part.zones for part in summary.parts)
    assert (summary.version, summary.notes) == ("0.11.0", ())
    parts = [f"{part.program} ({part.process_id})" for part in summary.parts]
    trace = tracypy.open(both)
    assert [thread.name.split(": ")[0] for thread in trace.threads if thread.zone_count] == parts
    assert len({thread.id for thread in trace.threads}) == len(trace.threads)
    assert sorted(len(plot.points) for plot in trace.plots if plot.name.endswith(": progress")) == [3, 5]
    assert {marks.name: len(marks.frames) for marks in trace.frames if marks.frames} == {"": 3, parts[1]: 5}
    assert [message.text for message in trace.messages] == ["done", "done"]
    assert trace.info.program == ", ".join(part.program for part in summary.parts)


def test_every_function_has_the_calls_and_times_of_both(tmp_path: Path) -> None:
    one, two, both = record(tmp_path, "one", 30), record(tmp_path, "two", 50), tmp_path / "both.tracy"
    tracypy.merge([one, two], both)

    def table(path: Path) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for row in tracypy.open(path).functions():
            found[row.name, "calls"] += row.calls
            found[row.name, "total"] += row.total_ns
            found[row.name, "self"] += row.self_ns
        return found

    assert table(both) == table(one) + table(two)


@pytest.mark.skipif(csvexport_program() is None, reason="no csvexport is given (TRACYPY_PEERS)")
def test_a_real_tool_reads_the_rows_of_both(tmp_path: Path) -> None:
    one, two, both = record(tmp_path, "one", 30), record(tmp_path, "two", 50), tmp_path / "both.tracy"
    tracypy.merge([one, two], both)

    def rows(path: Path) -> Counter[tuple[str, str]]:
        return Counter((row["name"], row["exec_time_ns"]) for row in csvexport(path, "-u"))

    assert rows(both) == rows(one) + rows(two)


def test_two_programs_of_one_machine_agree_to_a_microsecond(tmp_path: Path) -> None:
    program, both = tmp_path / "play.py", tmp_path / "both.tracy"
    program.write_text(PING_PONG)
    paths = [tmp_path / "first.tracy", tmp_path / "second.tracy"]
    words = [[sys.executable, str(program), str(path), path.stem] for path in paths]
    with subprocess.Popen(words[0], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        second = subprocess.run(words[1], stdin=first.stdout, stdout=first.stdin, timeout=100, check=False)
        assert first.stdin is not None
        first.stdin.close()
        assert (first.wait(100), second.returncode) == (0, 0)
    summary = tracypy.merge(paths, both)
    error_ns = summary.parts[1].error_ns  # by how well each knows the length of a tick: some nanoseconds as a rule
    assert error_ns < 10_000
    trace = tracypy.open(both)
    turns = sorted(
        (zone.start_ns, zone.end_ns, number)
        for number, thread in enumerate(trace.threads)
        for zone in thread.iter_zones()
        if trace.source_locations[zone.location].label == "turn"
    )
    assert len(turns) == 400
    for (_, end, player), (begin, _, other) in zip(turns, turns[1:], strict=False):
        assert player != other
        assert end <= begin + 1000 + error_ns


def test_an_offset_says_where_a_trace_lies(tmp_path: Path) -> None:
    one, two = record(tmp_path, "one", 3), record(tmp_path, "two", 5)
    later = tracypy.merge([one, two], tmp_path / "later.tracy", offsets={two: 2.5})
    assert [part.begin_ns for part in later.parts] == [0, 2_500_000_000]
    earlier = tracypy.merge([one, two], tmp_path / "earlier.tracy", offsets=[None, -1])
    assert [(part.begin_ns, part.placed_by) for part in earlier.parts] == [(1_000_000_000, "told"), (0, "told")]
    zones = [min(zone.start_ns for zone in thread.iter_zones()) for thread in tracypy.open(tmp_path / "earlier.tracy").threads
             if thread.zone_count]  # fmt: skip
    alone = [min(zone.start_ns for zone in thread.iter_zones()) for path in (one, two) for thread in tracypy.open(path).threads
             if thread.zone_count]  # fmt: skip
    assert zones == [alone[0] + 1_000_000_000, alone[1]]


def built(tmp_path: Path, name: str, file: TraceFileBuilder) -> Path:
    path = tmp_path / f"{name}.tracy"
    path.write_bytes(file.to_bytes())
    return path


def test_every_kind_of_a_built_file_is_there_twice(tmp_path: Path) -> None:
    one, two = built(tmp_path, "one", file_of_all_kinds()), built(tmp_path, "two", file_of_all_kinds())
    single = read_trace_file(one.read_bytes())
    summary = tracypy.merge([one, two], tmp_path / "both.tracy", offsets=[0, 0])
    both = read_trace_file((tmp_path / "both.tracy").read_bytes())
    assert both.version == single.version
    assert sorted(both.threads.values()) == sorted([*single.threads.values()] * 2)
    assert both.zone_callstacks == single.zone_callstacks + single.zone_callstacks
    assert [(lock.name, len(lock.events)) for lock in both.locks] == [
        (lock.name, len(lock.events)) for lock in single.locks
    ] * 2
    assert sorted(both.messages, key=str) == sorted(single.messages * 2, key=str)
    assert sorted(map(len, both.memory.values())) == sorted(
        [0, *map(len, single.memory.values()), *map(len, single.memory.values())]
    )
    assert list(chain(*both.gpu.values())) == list(chain(*single.gpu.values())) * 2
    assert summary.notes == tuple(
        f"1 frame images of {path} were left out" for path in (one, two)
    )  # they are of no frame
    assert both.sources == single.sources
    assert sorted(map(len, both.plots.values())) == sorted([*map(len, single.plots.values())] * 2)
    assert sorted(map(len, both.fiber_runs.values())) == sorted([*map(len, single.fiber_runs.values())] * 2)
    assert len(both.app_info) == 2 * len(single.app_info)


@pytest.mark.parametrize("protocol", [66, 82])
def test_captures_are_merged_and_real_tools_read_them(protocol: int, tmp_path: Path) -> None:
    paths = [tmp_path / "one.tracy", tmp_path / "two.tracy", tmp_path / "three.tracy"]
    for path in paths:
        toy = program_of_all_kinds(protocol)
        toy.stream.event("Terminate")
        with answering(playing(toy)) as port:
            tracypy.capture(path, port=port, connect_timeout=60)
    merged = tmp_path / "all.tracy"
    tracypy.merge(paths, merged, offsets=[0, 1, 2])
    single, three = read_trace_file(paths[0].read_bytes()), read_trace_file(merged.read_bytes())
    assert len(three.locks) == 3 * len(single.locks)
    assert three.zone_callstacks.total() == 3 * single.zone_callstacks.total()
    assert len(three.gpu) == 3
    assert len(three.images) == 3
    for release, program in update_programs().items():
        if protocol == 82 and release != "0.14.0":
            continue
        again = tmp_path / f"{release}.tracy"
        subprocess.run([str(program), str(merged), str(again)], check=True, timeout=200)
        assert len(read_trace_file(again.read_bytes()).threads) == len(three.threads)


def test_what_was_merged_can_be_merged_again(tmp_path: Path) -> None:
    paths = [record(tmp_path, name, 3) for name in ("one", "two", "three")]
    tracypy.merge(paths[:2], tmp_path / "pair.tracy")
    pair = tracypy.merge([tmp_path / "pair.tracy", paths[2]], tmp_path / "again.tracy")
    at_once = tracypy.merge(paths, tmp_path / "at once.tracy")
    assert pair.parts[1].placed_by == "counter"
    error_ns = pair.parts[1].error_ns + at_once.parts[2].error_ns
    assert abs(pair.parts[1].begin_ns - at_once.parts[2].begin_ns) <= error_ns
    assert names(tmp_path / "again.tracy") == names(tmp_path / "at once.tracy")
    assert {thread.name for thread in tracypy.open(tmp_path / "again.tracy").threads} == {
        thread.name for thread in tracypy.open(tmp_path / "at once.tracy").threads
    }


def refused(match: str, *arguments: object, **options: object) -> None:
    with pytest.raises(ValueError, match=match):
        tracypy.merge(*arguments, **options)  # type: ignore[arg-type]


def test_what_cannot_be_merged_is_refused(tmp_path: Path) -> None:
    one, out = record(tmp_path, "one", 3), tmp_path / "out.tracy"
    copy, no_date = tmp_path / "copy.tracy", built(tmp_path, "built", file_of_all_kinds())
    copy.write_bytes(one.read_bytes())
    no_trace = tmp_path / "no.tracy"
    no_trace.write_text("hello")
    refused("name two traces", [one], out)
    refused("named twice", [one, tmp_path / "." / "one.tracy"], out)
    refused("is the same recording as", [one, copy], out)
    refused("not one of the traces", [one, no_date], out, offsets={"elsewhere": 1})
    refused("2 traces and 1 offsets", [one, no_date], out, offsets=[1])
    refused("less than 39 hours", [one, no_date], out, offsets=[0, float("nan")])
    refused("further apart", [one, no_date], out, offsets=[140_000, -1_000])
    refused("no.tracy: ", [one, no_trace], out)
    with pytest.raises(FileNotFoundError):
        tracypy.merge([one, tmp_path / "not there.tracy"], out)
    assert not list(tmp_path.glob("out*"))
    out.write_text("kept")
    with pytest.raises(FileExistsError):
        tracypy.merge([one, no_date], out, offsets=[0, 0])
    assert out.read_text() == "kept"
    assert isinstance(tracypy.merge([one, no_date], out, offsets=[0, 0], overwrite=True), MergeSummary)


def test_the_command_says_where_each_trace_lies(tmp_path: Path) -> None:
    record(tmp_path, "one", 3)
    record(tmp_path, "two", 5)
    result = tracypy_command("merge", "one.tracy", "two.tracy", "-o", "both.tracy", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("one.tracy: ")
    assert "two.tracy: " in lines[1]
    assert "by the machine's counter" in lines[1]
    assert "Saved:     both.tracy" in result.stdout
    result = tracypy_command(
        "merge", "one.tracy", "two.tracy", "-o", "both.tracy", "--offset", "two.tracy=1.5", "-f", cwd=tmp_path
    )
    assert "from 1.50 s on, as told" in result.stdout, result.stdout
    result = tracypy_command("merge", "one.tracy", "two.tracy", "-o", "both.tracy", "--offset", "1", "-f", cwd=tmp_path)
    assert "from 1.00 s on, as told" in result.stdout, result.stdout


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["one.tracy", "two.tracy", "-o", "one.tracy"], "exists already"),
        (["one.tracy", "one.tracy", "-o", "both.tracy"], "named twice"),
        (["one.tracy", "two.tracy", "-o", "both.tracy", "--offset", "three=1"], "'three' is not one of the traces"),
        (["one.tracy", "two.tracy", "-o", "both.tracy", "--offset", "two.tracy=soon"], "'soon' is not a number"),
        (["one.tracy", "two.tracy", "-o", "both.tracy", "--offset", "1", "--offset", "2"], "no more than 2 traces"),
        (["one.tracy", "-o", "both.tracy"], "name two traces"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, words: list[str], text: str) -> None:
    built(tmp_path, "one", file_of_all_kinds())
    built(tmp_path, "two", file_of_all_kinds())
    result = tracypy_command("merge", *words, cwd=tmp_path)
    assert result.returncode == 2
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.skipif(not update_programs(), reason="no tracy-update is given (TRACYPY_PEERS)")
@pytest.mark.parametrize("release", update_programs())
def test_what_a_real_tool_has_saved_again_still_knows_its_counter(release: str, tmp_path: Path) -> None:
    one, two = record(tmp_path, "one", 3), record(tmp_path, "two", 5)
    again = tmp_path / "again.tracy"
    subprocess.run([str(update_programs()[release]), str(two), str(again)], check=True, timeout=200)
    direct = tracypy.merge([one, two], tmp_path / "direct.tracy").parts[1]
    found = tracypy.merge([one, again], tmp_path / "both.tracy").parts[1]
    assert (found.placed_by, found.begin_ns) == (direct.placed_by, direct.begin_ns)


LAST = """\
import sys, time, tracypy

with tracypy.record(sys.argv[1], last="1s"):
    for _ in range(50):
        with tracypy.zone("step"):
            time.sleep(0.05)
"""


def clock(path: Path) -> tuple[str, int, int]:
    """What the file says of its counter: whose it is, its number at time 0, nanoseconds since 1970 then."""
    found = re.search(rb"\x01tracypy clock: (\S+) (\d+) (\d+)", contents(path.read_bytes()))
    assert found is not None
    return found[1].decode(), int(found[2]), int(found[3])


def test_a_recording_of_the_last_moments_knows_when_they_began(tmp_path: Path) -> None:
    one, path = record(tmp_path, "one", 3), tmp_path / "last.tracy"
    (tmp_path / "last.py").write_text(LAST)
    subprocess.run([sys.executable, str(tmp_path / "last.py"), str(path)], check=True, timeout=100)
    (machine, tick, unix_ns), (other, last_tick, last_unix_ns) = clock(one), clock(path)
    assert machine == other
    part = tracypy.merge([one, path], tmp_path / "both.tracy").parts[1]
    assert last_tick > tick
    assert part.placed_by == "counter"
    # By the system's clock it is the same, but for what that clock was set by meanwhile.
    assert abs((last_unix_ns - unix_ns) - part.begin_ns) < 100_000_000
