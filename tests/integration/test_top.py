"""`tracypy top`: what it counts is what happened, and the terminal is as it was when it goes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.command_line import mistake, tracypy_command
from support.stream_builder import FIRST_TICK, ToyProgram
from support.target import Target, running, unused_port
from support.terminal import Terminal
from support.toy_server import answering, playing, saying

SCENE = """\
import threading, tracypy

def leaf():
    pass

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def work(count):
    for _ in range(count):
        leaf()
        with tracypy.zone("by hand"):
            fib(4)

tracypy.enable(gc=False)
assert tracypy.wait_connected(100)
threads = [threading.Thread(target=work, args=(100,), name=f"worker-{number}") for number in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for _ in range(7):
    tracypy.frame_mark()
    tracypy.plot("queue", 2.5)
tracypy.message("hello")
tracypy.disable()
"""

#: One that goes on until it is told to end; it has done all that it does when it says "ready".
STAYS = """\
import tracypy

def leaf():
    pass

def other():
    pass

tracypy.enable(gc=False)
assert tracypy.wait_connected(100)
for _ in range(1234):
    leaf()
other()
print("ready")
input()
"""


def documents(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def calls_of(document: dict[str, Any]) -> dict[str, int]:
    return {row["name"]: row["calls"] for row in document["functions"]}


@pytest.mark.parametrize("protocol", ["66", "76", "82"])
def test_every_call_is_counted(tmp_path: Path, protocol: str) -> None:
    with running(tmp_path, SCENE) as target:
        words = (
            "top",
            "-p",
            str(target.port),
            "--json",
            "--interval",
            "0.2",
            "--timeout",
            "60",
            "--protocol",
            protocol,
        )
        result = tracypy_command(*words)
        target.expect_success()
    assert result.returncode == 0, result.stderr
    *_, last = documents(result.stdout)
    assert (last["schema"], last["protocol"], last["has_ended"]) == ("tracypy.top/1", int(protocol), True)
    counted = calls_of(last)
    assert {name: counted[name] for name in ("work", "leaf", "by hand", "fib")} == {
        "work": 3, "leaf": 300, "by hand": 300, "fib": 2700,
    }  # fmt: skip
    assert last["zones"] == sum(counted.values()) == sum(row["zones"] for row in last["threads"])
    workers = {row["name"]: row for row in last["threads"] if row["name"].startswith("worker-")}
    assert len(workers) == 3
    assert all(row["zones"] >= 1101 and row["busy_ns"] > 0 for row in workers.values())
    assert {row["name"]: row["frames"] for row in last["frames"]} == {"": 7}
    assert [(row["name"], row["points"], row["last"]) for row in last["plots"]] == [("queue", 7, 2.5)]
    assert last["messages"] == 1
    fib = next(row for row in last["functions"] if row["name"] == "fib")
    assert 0 < fib["self_ns"] == fib["total_ns"]  # it calls itself alone
    assert result.stderr.splitlines()[-1] == "tracypy: program.py has ended"


def test_times_are_those_of_the_program(tmp_path: Path) -> None:
    # outer 100..1000 with two of inner in it, 200..300 and 400..450, on a clock of two nanoseconds a tick; one more that
    # never ends, which counts as far as the last event.
    program = ToyProgram(76)
    program.stream.timer_mul = 2.0
    outer, inner = program.location(0x1000, "outer"), program.location(0x2000, "inner")
    program.stream.thread(11)
    for begins, place, tick in (
        (True, outer, 100), (True, inner, 200), (False, 0, 300), (True, inner, 400), (False, 0, 450), (False, 0, 1000),
    ):  # fmt: skip
        if begins:
            program.stream.begin(place, FIRST_TICK + tick)
        else:
            program.stream.end(FIRST_TICK + tick)
    program.stream.begin(inner, FIRST_TICK + 2000)
    program.stream.message(FIRST_TICK + 2500, "last")
    program.stream.event("Terminate")
    with answering(playing(program)) as port:
        result = tracypy_command("top", "-p", str(port), "--json", "--interval", "0.1")
    *_, last = documents(result.stdout)
    assert last["time_ns"] == 5000
    found = {row["name"]: (row["calls"], row["total_ns"], row["self_ns"]) for row in last["functions"]}
    assert found == {"outer": (1, 1800, 1500), "inner": (3, 1300, 1300)}
    assert [(row["name"], row["zones"], row["busy_ns"]) for row in last["threads"]] == [("thread 11", 4, 2800)]


def test_a_zone_in_parts_is_one_call(tmp_path: Path) -> None:
    program = ToyProgram(76)
    whole, part = program.location(0x1000, "step", line=7), program.location(0x2000, "step (continued)", line=7)
    program.stream.thread(11)
    for place, begin, end in ((whole, 0, 100), (part, 200, 250), (part, 300, 310)):
        program.stream.begin(place, FIRST_TICK + begin)
        program.stream.end(FIRST_TICK + end)
    program.stream.event("Terminate")
    with answering(playing(program)) as port:
        result = tracypy_command("top", "-p", str(port), "--json", "--interval", "0.1")
    *_, last = documents(result.stdout)
    assert [(row["name"], row["calls"], row["self_ns"]) for row in last["functions"]] == [("step", 1, 160)]


def test_a_task_that_waits_takes_no_time(tmp_path: Path) -> None:
    # A fiber's zone from 0 to 1000 that ran for 100 and 50 of it; another zone on its thread meanwhile.
    program = ToyProgram(76)
    step, other = program.location(0x1000, "step"), program.location(0x2000, "other")
    stream = program.stream
    stream.thread(11)
    stream.fiber_enter(0x77, 11, FIRST_TICK)
    stream.begin(step, FIRST_TICK)
    stream.fiber_leave(11, FIRST_TICK + 100)
    stream.begin(other, FIRST_TICK + 200)
    stream.end(FIRST_TICK + 300)
    stream.fiber_enter(0x77, 11, FIRST_TICK + 950)
    stream.end(FIRST_TICK + 1000)
    stream.fiber_leave(11, FIRST_TICK + 1000)
    stream.event("Terminate")
    with answering(playing(program)) as port:
        result = tracypy_command("top", "-p", str(port), "--json", "--interval", "0.1")
    *_, last = documents(result.stdout)
    found = {row["name"]: (row["calls"], row["total_ns"]) for row in last["functions"]}
    assert found == {"step": (1, 150), "other": (1, 100)}
    assert {row["name"]: row["busy_ns"] for row in last["threads"] if row["is_fiber"]} == {"fiber 119": 150}


def test_memory_is_what_is_in_use(tmp_path: Path) -> None:
    body = """
    import tracypy
    tracypy.enable(include="nothing", gc=False)
    assert tracypy.wait_connected(100)
    for number in range(10):
        tracypy.memory_alloc(0x1000 + 64 * number, 64, "arena")
    for number in range(4):
        tracypy.memory_free(0x1000 + 64 * number, "arena")
    """
    with running(tmp_path, body) as target:
        result = tracypy_command("top", "-p", str(target.port), "--json", "--interval", "0.2")
        target.expect_success()
    *_, last = documents(result.stdout)
    assert last["memory"] == [{"name": "arena", "bytes": 384, "blocks": 6, "is_whole": True}]


def test_tables_are_printed_without_a_terminal(tmp_path: Path) -> None:
    with running(tmp_path, STAYS) as target:
        target.say()  # it need not stay
        result = tracypy_command("top", "-p", str(target.port), "--interval", "0.2", "--filter", "LEAF", "--limit", "7")
        assert target.finish()[0] == 0
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout
    *_, last, _ = result.stdout.splitlines()
    assert last.split()[-4:-1:2] == ["1,234", "leaf"]
    assert "other" not in result.stdout


def test_there_are_as_many_tables_as_were_asked_for(tmp_path: Path) -> None:
    with running(tmp_path, STAYS) as target:
        result = tracypy_command("top", "-p", str(target.port), "--count", "2", "--interval", "0.1")
        once = tracypy_command("top", "-p", str(target.port), "--once", "--interval", "0.1", "--show", "threads")
        target.say()
        assert target.finish()[0] == 0
    assert (result.returncode, once.returncode) == (0, 0), result.stderr
    titles = [line for line in result.stdout.splitlines() if line.endswith("  Function")]
    assert len(titles) == 2
    assert once.stdout.count("  Thread\n") == 1
    assert result.stdout.startswith(f"program.py at 127.0.0.1:{target.port} (Tracy ")


def shown(lines: list[str]) -> list[str]:
    """The names in the table."""
    heading = next(index for index, line in enumerate(lines) if line.endswith(("Function", "Thread")))
    return [line.split("  ")[-1] if ":" not in line else line.split()[-2] for line in lines[heading + 1 :] if line]


def top(target: Target, tmp_path: Path, *words: str, **environment: str) -> Terminal:
    return Terminal("top", "-p", str(target.port), "--interval", "0.1", *words, cwd=tmp_path, **environment)


def test_keys_sort_filter_and_leave(tmp_path: Path) -> None:
    with running(tmp_path, STAYS) as target, top(target, tmp_path) as terminal:
        lines = terminal.wait_for_text("1,234")
        assert all(len(line) <= 80 for line in lines)
        assert lines[0].startswith(f"program.py at 127.0.0.1:{target.port} (Tracy ")
        assert target.hear() == "ready"
        terminal.press("c")
        terminal.wait_for(lambda lines: "[by calls]" in lines[3] and "leaf" in lines[5])  # it is drawn line by line
        terminal.press("n")
        terminal.wait_for(lambda lines: "[by name]" in lines[3] and shown(lines)[:1] == ["<module>"])
        terminal.press("/oth")
        lines = terminal.wait_for(lambda lines: shown(lines) == ["other"])
        assert lines[3].startswith("Filter: oth_")
        terminal.press("x\x7f\r")
        terminal.wait_for(lambda lines: "[by name, filter: oth]" in lines[3])
        terminal.press("\x1b")
        terminal.wait_for(lambda lines: "leaf" in shown(lines))
        terminal.press("2")
        terminal.wait_for_text("Main thread")
        terminal.press("\t")
        terminal.wait_for_text("All, or range")
        terminal.press("1p")
        assert "PAUSED" in terminal.wait_for_text("PAUSED")[3]
        terminal.press("q")
        assert terminal.end() == 0
        assert terminal.attributes() == terminal.before
        target.say()
        assert target.finish()[0] == 0
    assert terminal.written.startswith(b"\x1b[?1049h")
    assert terminal.written.endswith(b"\x1b[?25h\x1b[?1049l")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)]
)
def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path, number: signal.Signals, code: int) -> None:
    port = unused_port()
    with Terminal("top", "-p", str(port), cwd=tmp_path) as terminal:
        terminal.wait_for_text("waiting for a program")
        assert terminal.attributes() != terminal.before
        assert terminal.end(number) == code
        assert terminal.attributes() == terminal.before
    assert terminal.written.endswith(b"\x1b[?25h\x1b[?1049l")


def test_an_error_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    # What listens there is no program with Tracy.
    with (
        answering(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port,
        Terminal("top", "-p", str(port), cwd=tmp_path) as terminal,
    ):
        assert terminal.end() == 2
        assert terminal.attributes() == terminal.before
    left = terminal.written.index(b"\x1b[?1049l")
    assert b"what listens there is not a program with Tracy" in terminal.written[left:]


def test_another_size_is_another_picture(tmp_path: Path) -> None:
    with running(tmp_path, STAYS) as target, top(target, tmp_path) as terminal:
        terminal.wait_for_text("1,234")
        terminal.resize(140, 10)
        wide = terminal.wait_for(lambda lines: any("program.py:3" in line for line in lines))
        assert len(wide) == 10
        terminal.resize(40, 24)
        narrow = terminal.wait_for(lambda lines: lines[4].endswith("Function") and "Now" not in lines[4])
        assert "1,234" in " ".join(narrow)
        terminal.press("q")
        assert terminal.end() == 0
        target.say()
        assert target.finish()[0] == 0


def test_the_next_program_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with running(tmp_path, STAYS) as target, top(target, tmp_path) as terminal:
        terminal.wait_for_text("1,234")
        target.say()
        assert target.finish()[0] == 0
        lines = terminal.wait_for_text("has ended; waiting for the next program")
        assert "1,234" in " ".join(lines)
        again = STAYS.replace("1234", "77")
        with running(tmp_path / "second", again, environment={"TRACY_PORT": str(target.port)}) as second:
            lines = terminal.wait_for(lambda lines: " 77 " in " ".join(lines))
            assert "1,234" not in " ".join(lines)
            terminal.press("q")
            assert terminal.end() == 0
            second.say()
            assert second.finish()[0] == 0


def test_without_colours_nothing_stands_out(tmp_path: Path) -> None:
    with running(tmp_path, STAYS) as target, top(target, tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_for_text("1,234")
        terminal.press("q")
        assert terminal.end() == 0
        target.say()
        assert target.finish()[0] == 0
    assert b"\x1b[7m" not in terminal.written


def test_a_terminal_that_can_nothing_gets_lines(tmp_path: Path) -> None:
    with (
        running(tmp_path, STAYS) as target,
        Terminal("top", "-p", str(target.port), "--interval", "0.1", cwd=tmp_path, TERM="dumb") as terminal,
    ):
        terminal.wait_for_text("1,234")
        target.say()
        assert target.finish()[0] == 0
        assert terminal.end() == 0
    assert b"\x1b[?1049h" not in terminal.written


def test_names_of_others_do_nothing_to_the_terminal(tmp_path: Path) -> None:
    program = ToyProgram(76)
    program.stream.name = "evil\x1b[2J"
    program.stream.thread(11)
    program.stream.begin(program.location(0x1000, "na\x1b]0;me\x07\nここ" * 20), FIRST_TICK)
    program.stream.end(FIRST_TICK + 100)
    program.stream.event("Terminate")
    with answering(playing(program)) as port, Terminal("top", "-p", str(port), cwd=tmp_path) as terminal:
        terminal.wait_for_text("has ended")
        terminal.press("q")
        assert terminal.end() == 0
    drawn = terminal.written
    assert b"\x07" not in drawn
    assert b"\x1b]0" not in drawn
    assert drawn.count(b"\x1b[2J") == 1  # its own


def test_mistakes_are_told() -> None:
    port = str(unused_port())
    assert "no program has answered" in mistake_of("-p", port, "--once", "--timeout", "0.1")
    assert mistake(tracypy_command("top", "--once", "--count", "2")) == "--once is --count 1: give one of them"
    assert "--interval: '0'" in mistake(tracypy_command("top", "--interval", "0"))


def mistake_of(*words: str) -> str:
    result = tracypy_command("top", *words)
    assert (result.returncode, result.stdout) == (2, ""), result
    return result.stderr


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_a_real_terminal_is_given_back(tmp_path: Path) -> None:
    def tmux(*words: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "tmux"), "-f", os.devnull, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, check=True).stdout

    def wait_for(*texts: str) -> str:
        for _ in range(2000):  # each asks another process
            if all(text in (screen := tmux("capture-pane", "-p")) for text in texts):
                return screen
        raise AssertionError(screen)

    with running(tmp_path, STAYS) as target:
        tmux("new-session", "-d", "-x", "80", "-y", "24", "PS1='here ' ENV= sh -i")
        try:
            wait_for("here")
            tmux("send-keys", f"{sys.executable} -m tracypy top -p {target.port}", "Enter")
            screen = wait_for("1,234")
            assert "here" not in screen
            assert max(map(len, screen.splitlines())) <= 80
            tmux("send-keys", "C-z")
            wait_for("here", "Stopped")
            tmux("send-keys", "fg", "Enter")
            wait_for("1,234", "[by self]")
            tmux("send-keys", "q")
            wait_for("here", "Stopped")
            state = tmux("display-message", "-p", "#{cursor_flag} #{alternate_on} #{wrap_flag}")
            assert state.split() == ["1", "0", "1"]
            tmux("send-keys", "echo left with $?", "Enter")
            wait_for("left with 0")
        finally:
            tmux("kill-server")
        target.say()
        assert target.finish()[0] == 0
