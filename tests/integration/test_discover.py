"""`tracypy.discover` and the command: programs that announce themselves by datagrams to UDP port 8086."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

import tracypy

from support.command_line import tracypy_command
from support.target import running

# Broadcast version 3: version u16, port u16, protocol u32, process u64, seconds active i32, name.
LAYOUT = struct.Struct("<HHIQi")
SOURCE = "import sys, tracypy\ntracypy.listen()\nprint('ready', flush=True)\nsys.stdin.readline()\n"


def _datagram(name: str, *, port: int = 9000, protocol: int = 76, process: int = 4711, active: int = 12) -> bytes:
    return LAYOUT.pack(3, port, protocol, process, active) + name.encode() + b"\0"


@contextmanager
def _announcing(*datagrams: bytes, each_round: Callable[[int], list[bytes]] = lambda _number: []) -> Iterator[None]:
    """Sends them all, in their order, again and again, those of the round first."""
    done = threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in count():
                for datagram in (*each_round(number), *datagrams):
                    sender.sendto(datagram, ("127.0.0.1", 8086))
                if done.wait(0.05):
                    return

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _discover(process: int) -> list[tracypy.captured.Announcement]:
    """All that is found when this process is. Another test on the machine may have the port for a while."""
    for _ in range(30):
        found = tracypy.discover(1.0)
        if any(entry.process_id == process for entry in found):
            return found
    raise AssertionError(f"{process} was not found; the last time there were {found}")


def test_programs_that_announce_themselves_are_found() -> None:
    first = _datagram("größer.py", protocol=82)
    second = _datagram("an engine", port=9001, protocol=74, process=99, active=3700)
    noise = (b"", b"\3", b"\xff" * 40, struct.pack("<H", 4) + bytes(60))
    with _announcing(*noise, first, second):
        found = _discover(99)
    assert ("größer.py", "127.0.0.1", 9000, 82, 4711, 12) in found
    (engine,) = [entry for entry in found if entry.process_id == 99]
    assert engine == ("an engine", "127.0.0.1", 9001, 74, 99, 3700)
    assert engine.release == "0.12.0 - 0.12.2"


def test_a_program_that_says_goodbye_is_not_listed() -> None:
    def comes_and_goes(number: int) -> list[bytes]:
        return [_datagram("gone", process=10_000 + number, active=active) for active in (12, -1)]

    with _announcing(_datagram("here"), each_round=comes_and_goes):
        found = _discover(4711)
    # The time may be over between the two datagrams of the last one.
    assert len([entry for entry in found if entry.program == "gone"]) <= 1


def test_a_protocol_of_no_release_is_unknown() -> None:
    with _announcing(_datagram("from the future", protocol=1000)):
        (found,) = [entry for entry in _discover(4711) if entry.process_id == 4711]
    assert found.release == "unknown"


def test_a_program_of_ours_is_found(tmp_path: Path) -> None:
    with running(tmp_path, SOURCE, environment={"TRACYPY_ANNOUNCE": "1"}) as target:
        assert target.hear() == "ready"
        (entry,) = [entry for entry in _discover(target.process.pid) if entry.process_id == target.process.pid]
        target.say()
        target.expect_success()
    assert (entry.program, entry.address, entry.port, entry.protocol) == ("program.py", "127.0.0.1", target.port, 82)
    assert 0 <= entry.active_seconds < 60


@pytest.mark.parametrize("name", ["a program", "[bold]no markup[/bold]"])
def test_the_command_lists_them(name: str) -> None:
    lines: list[str] = []
    with _announcing(_datagram(name, active=3725)):
        for _ in range(10):
            result = tracypy_command("discover", "-s", "1.5")
            assert result.returncode == 0, result.stderr
            lines = [line for line in result.stdout.splitlines() if "4711" in line]
            if lines:
                break
    (line,) = lines
    assert result.stderr == ""
    assert line.split() == [*name.split(), "127.0.0.1", "9000", "76", "0.13.0", "-", "0.13.1", "4711", "1:02:05"]


def test_ctrl_c_gives_up() -> None:
    command = [sys.executable, "-m", "tracypy", "discover", "-s", "3000"]
    process = subprocess.Popen(
        command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not _hears_announcements(process.pid):
        assert process.poll() is None, process.communicate()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert (process.returncode, out, err) == (130, "", "tracypy: given up\n")


def _hears_announcements(process: int) -> bool:
    """Whether it has a socket by now."""
    descriptors = Path(f"/proc/{process}/fd")
    with suppress(OSError):  # they come and go
        return any(os.readlink(entry).startswith("socket:") for entry in descriptors.iterdir())
    return False


def test_the_command_says_so_when_there_is_none() -> None:
    result = tracypy_command("discover", "-s", "0")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "tracypy: no program announced itself within 0 seconds\n"
