"""`tracypy view` as a server: who is answered, what with, and how it ends."""

from __future__ import annotations

import http.client
import subprocess
import sys
import urllib.error
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracypy

from support.command_line import mistake, tracypy_command
from support.recorded_program import await_file, record
from support.timeline_page import Viewing, parts_of, viewing

PROGRAM = """
import threading

def leaf(number):
    return number + 1

def branch(number):
    for each in range(number % 7):
        leaf(each)

def work():
    for number in range(3000):
        branch(number)

thread = threading.Thread(target=work, name="worker")
thread.start()
work()
thread.join()
"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("view")
    record(folder, program=PROGRAM)
    return folder / "out.tracy"


@pytest.fixture(scope="module")
def view(recording: Path) -> Iterator[Viewing]:
    with viewing(recording) as view:
        yield view


def _status(view: Viewing, path: str, host: str | None = None) -> int:
    place = urllib.parse.urlsplit(view.address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    try:
        connection.request("GET", path, headers={} if host is None else {"Host": host})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def test_whoever_does_not_know_the_secret_gets_nothing(view: Viewing) -> None:
    place = urllib.parse.urlsplit(view.address)
    assert place.hostname == "127.0.0.1"
    assert len(place.path) > 20
    assert _status(view, place.path) == 200
    for path in ("/", place.path.rstrip("/"), "/wrong/", f"{place.path[:-2]}/", f"{place.path}nothing", "/%00/", "//"):
        assert _status(view, path) == 404, path


def test_a_name_that_leads_here_is_refused(view: Viewing) -> None:
    place = urllib.parse.urlsplit(view.address)
    for host in ("evil.example", f"evil.example:{place.port}", "127.0.0.1", f"127.0.0.1:{place.port}.evil.example"):
        assert _status(view, place.path, host) == 403, host
    assert _status(view, place.path, f"localhost:{place.port}") == 200


@pytest.mark.parametrize(
    "question",
    ["tile?level=99&number=0&parts=z0.0", "tile?level=3&number=0&parts=z99.0", "tile?level=3&number=0&parts=c7.0",
     "tile?level=3&number=0&parts=q", "tile?level=3", "tile?level=x&number=0&parts=z0.0", "zone?place=0,0,99999999",
     "zone?place=0,0", "zone?place=-1,0,0", "zone?place=0,0,99999999999999999999", "span?from=0&to=9&lanes=77",
     "function?location=99999", "message?number=-1&count=1", f"tile?level=3&number={1 << 70}&parts=z0.0",
     "find?text=x&time=0&place=0&forward=1"],
)  # fmt: skip
def test_nonsense_is_an_error_and_no_end(view: Viewing, question: str) -> None:
    what, _, query = question.partition("?")
    with pytest.raises(urllib.error.HTTPError) as refused:
        view.get(what, **dict(urllib.parse.parse_qsl(query)))
    assert refused.value.code == 400
    refused.value.close()
    assert view.get().startswith(b"<!doctype html>")


def test_tiles_hold_every_zone_at_every_scale(view: Viewing, recording: Path) -> None:
    trace = tracypy.open(recording)
    for level in (8, 11, 14, 20, 40):
        last = trace.span_ns // (512 << level)
        if last > 300:
            continue
        for thread in trace.threads:
            counts: dict[int, int] = {}
            for number in range(last + 1):
                parts = parts_of(view.get("tile", level=level, number=number, parts=f"z{thread.index}.0"))
                for depth, boxes in enumerate(parts[f"z{thread.index}.0"]["rows"]):
                    for box in boxes:
                        assert box.count == 1 or box.end - box.start <= 1 << level
                        reaches_in = box.start < number * (512 << level)  # the tile before has it
                        assert not reaches_in or box.count == 1
                        counts[depth] = counts.get(depth, 0) + (0 if reaches_in else box.count)
            assert counts == Counter(row.depth for row in thread.iter_zones())


def test_a_zone_is_told_exactly(view: Viewing, recording: Path) -> None:
    trace = tracypy.open(recording)
    thread = next(thread for thread in trace.threads if thread.name == "worker")
    rows = list(thread.iter_zones())
    numbers: dict[int, int] = {}
    for index, row in enumerate(rows[:200]):
        number = numbers.get(row.depth, 0)
        numbers[row.depth] = number + 1
        told = view.json("zone", place=f"{thread.index},{row.depth},{number}")
        assert (told["start"], told["end"], told["location"]) == (row.start_ns, row.end_ns, row.location)
        inside = [one for one in rows[index + 1 :] if one.start_ns < row.end_ns]
        children = [one for one in inside if one.depth == row.depth + 1]
        assert told["children"] == len(children)
        assert told["self"] == row.end_ns - row.start_ns - sum(one.end_ns - one.start_ns for one in children)
        assert (told["parent"] is None) == (row.depth == 0)


def test_sums_are_those_of_the_report(view: Viewing, recording: Path) -> None:
    trace = tracypy.open(recording)
    lanes = ",".join(str(thread.index) for thread in trace.threads)
    told = view.json("span", **{"from": 0, "to": trace.span_ns + 1, "lanes": lanes})
    functions = {row.location: row for row in trace.functions()}
    assert {row[0]: tuple(row[1:]) for row in told["functions"]} == {
        location: (row.calls, row.total_ns, row.self_ns) for location, row in functions.items()
    }
    leaf = next(row for row in functions.values() if row.name == "leaf")
    steps = view.json("function", location=leaf.location)["steps"]
    assert sum(count for _, count in steps) == leaf.calls
    assert steps[0][0] <= leaf.min_ns
    assert steps[-1][0] <= leaf.max_ns < steps[-1][0] * 1.126 + 1


def test_search_meets_every_call_of_a_function(view: Viewing, recording: Path) -> None:
    calls = next(row.calls for row in tracypy.open(recording).functions() if row.name == "work")
    time, place, found = -1, [0, 0, 0], []
    while answer := view.json("find", text="WORK", time=time, place=",".join(map(str, place)), forward=1)["found"]:
        place, time = answer[0], answer[1]
        found.append((time, *place))
        assert len(found) <= calls
    assert len(found) == calls == 2
    assert found == sorted(found)


def test_ctrl_c_ends_it_without_a_word(recording: Path) -> None:
    with viewing(recording) as view:
        view.get()
        assert view.interrupt() == (0, "")


def test_what_cannot_be_shown_is_said_in_a_line(tmp_path: Path, recording: Path) -> None:
    assert "no.tracy" in mistake_of(tmp_path / "no.tracy")
    (tmp_path / "text.tracy").write_text("hello")
    assert "not a Tracy trace" in mistake_of(tmp_path / "text.tracy")
    with viewing(recording) as view:
        port = urllib.parse.urlsplit(view.address).port
        result = tracypy_command("view", recording, "--no-browser", "--port", str(port))
        assert result.returncode != 0
        assert f"cannot listen on port {port}" in result.stderr
        assert result.stderr.count("\n") == 1
    assert mistake(tracypy_command("view", recording, "--port", "70000")).startswith("--port")


def mistake_of(path: Path) -> str:
    result = tracypy_command("view", path, "--no-browser")
    assert result.returncode != 0
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_page_of_its_own_is_written(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    result = tracypy_command("view", recording, "-o", out, "--max-zones", "1000")
    assert result.returncode == 0
    left_out, wrote = result.stderr.splitlines()
    assert " are left out of this page: tracypy view has all" in left_out
    assert wrote.startswith(f"tracypy: wrote {out} (")
    assert "connect-src" not in out.read_text(encoding="utf-8").partition("<style>")[0]
    assert "exists" in mistake(tracypy_command("view", recording, "-o", out))
    assert "recording itself" in mistake(tracypy_command("view", recording, "-f", "-o", recording))
    assert tracypy_command("view", recording, "-f", "-o", out).stderr.startswith("tracypy: wrote")


def test_the_browser_is_opened_on_the_page(recording: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{asked}.part && mv {asked}.part {asked}\n', encoding="utf-8")
    browser.chmod(0o755)
    with viewing(recording, opens=True, BROWSER=f"{browser} %s") as view:
        await_file(asked)
        assert asked.read_text(encoding="utf-8") == view.address


# Ctrl-C as soon as the reading has begun: by a timer, for nobody else could be sure to come in time.
INTERRUPTED = """
import signal, sys
import tracypy._core as core
from tracypy.cli import main

name = "read_timeline" if sys.argv[1] == "view" else "read_summed"
read, is_reading = getattr(core, name), False

def on_alarm(number, frame):
    if is_reading:
        signal.setitimer(signal.ITIMER_REAL, 0)
        raise KeyboardInterrupt

def interrupted(*arguments):
    global is_reading
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
    is_reading = True
    file = read(*arguments)
    is_reading = False
    print("it was read to its end")
    return file

setattr(core, name, interrupted)
main()
"""


def test_ctrl_c_while_a_recording_is_read_ends_it(tmp_path: Path) -> None:
    record(tmp_path, program="def leaf(): pass\nfor _ in range(4_000_000): leaf()\n")
    (tmp_path / "interrupted.py").write_text(INTERRUPTED, encoding="utf-8")
    for words in (["view", "--no-browser"], ["report"]):
        result = subprocess.run(
            [sys.executable, tmp_path / "interrupted.py", *words, tmp_path / "out.tracy"],
            capture_output=True, encoding="utf-8", timeout=100, check=False,
        )  # fmt: skip
        assert (result.returncode, result.stdout, result.stderr) == (130, "", "tracypy: given up\n")
