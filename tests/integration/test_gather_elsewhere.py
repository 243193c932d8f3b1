"""Clients that read another clock, of other machines and behind tunnels: where their times lie among ours, and what is said of that."""

from __future__ import annotations

import itertools
import re
import selectors
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.own_network import ADDRESS, AN_HOUR_LATER, AT_AN_ADDRESS, needs_other_clock
from support.stream_builder import FIRST_TICK, ToyProgram
from support.toy_server import answering
from support.viewer.queries import QUERY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAIN, PLACE = 11, 0x1000
PROTOCOL = 76
_MISMATCH = 2
#: How long a tick is, is measured: so exact are times over the seconds that a test takes.
MEASURED_NS = 1_000_000


class Ball:
    """Goes from us to the client and back: whoever has it, the other one has thrown it before."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()

    def throw(self) -> None:
        self.ours.send(b".")
        assert self.ours.recv(1)

    def is_caught(self) -> bool:
        """Nobody throws it any more: False."""
        return bool(self.theirs.recv(1))

    def throw_back(self) -> None:
        self.theirs.send(b".")


def elsewhere(
    ball: Ball,
    *,
    rate: float = 1.0,
    asks_for: float = 0,
    tells_for: float = 0,
    on_demand: bool = True,
    age_s: float = 0,
) -> Callable[[socket.socket, int], bool]:
    """A client with a clock of its own, which goes `rate` times as fast as ours. A zone whenever it has the ball.

    It hears a question `asks_for` seconds later, and is heard first after `tells_for` seconds. If it does not record on
    demand, it has begun with a zone, `age_s` seconds ago.
    """

    def talk(connection: socket.socket, protocol: int) -> bool:
        if protocol != PROTOCOL:
            connection.sendall(bytes([_MISMATCH]))
            return False
        toy = ToyProgram(PROTOCOL, flags=int(on_demand))
        stream = toy.stream
        time.sleep(asks_for)
        begun = time.monotonic_ns()

        def reads() -> int:
            return FIRST_TICK + 200 + int((time.monotonic_ns() - begun) * rate + age_s * 1e9)

        time.sleep(tells_for)
        stream.thread(MAIN)
        if not on_demand:
            stream.begin(toy.location(PLACE + 0x100, "long ago"), FIRST_TICK + 10)
            stream.end(FIRST_TICK + 20)
        connection.sendall(stream.head() + stream.block())
        place = toy.location(PLACE, "there")
        with selectors.DefaultSelector() as selector:
            for each in (connection, ball.theirs):
                selector.register(each, selectors.EVENT_READ)
            while not toy.is_terminated:
                for ready, _ in selector.select():
                    if ready.fileobj is ball.theirs:
                        if ball.is_caught():
                            stream.begin(place, reads())
                            ball.throw_back()
                            stream.end(reads())
                        else:
                            selector.unregister(ball.theirs)
                            stream.event("Terminate")
                        connection.sendall(stream.block())
                    elif query := connection.recv(QUERY.size, socket.MSG_WAITALL):
                        connection.sendall(toy.read(query))
                    else:
                        return True
        return True

    return talk


def play(path: Path, talk: Callable[[socket.socket, int], bool], ball: Ball, throws: int, every_s: float = 0) -> None:
    """Gather the client while the ball is thrown so many times, and record it."""
    with ball.theirs, tracypy.record(path, include="nothing", gc=False), answering(talk) as port:
        tracypy.gather(port)
        with ball.ours:
            ball.throw()  # the client is there
            for _ in range(throws):
                time.sleep(every_s)
                with tracypy.zone("here"):
                    ball.throw()
    tracypy.stop_gathering(port)


def begins(trace: tracypy.Trace, name: str) -> list[tuple[int, int]]:
    return sorted(
        (zone.start_ns, zone.end_ns)
        for thread in trace.threads
        for zone in thread.iter_zones()
        if trace.source_locations[zone.location].label == name
    )


def errors_ns(trace: tracypy.Trace) -> list[int]:
    """How far each zone of the client begins outside of the one of ours in which it has begun."""
    here, there = begins(trace, "here"), [begin for begin, _ in begins(trace, "there")]
    there = there[len(there) - len(here) :]  # but for the one before
    return [max(begin - each, each - end, 0) for (begin, end), each in zip(here, there, strict=True)]


def stated_ns(said: str) -> int:
    """The error that is stated there."""
    (microseconds,) = re.findall(r"reads another clock: its times are estimated, to (\d+) microseconds", said)
    return int(microseconds) * 1000


def told(trace: tracypy.Trace) -> str:
    return "\n".join(trace.info.app_info)


@pytest.mark.parametrize(
    "way", [{}, {"asks_for": 0.2}, {"tells_for": 0.2}], ids=["at once", "asked late", "heard late"]
)
def test_a_clock_is_estimated_by_a_round_trip(tmp_path: Path, way: dict[str, float]) -> None:
    ball = Ball()
    play(tmp_path / "out.tracy", elsewhere(ball, **way), ball, 100)
    trace = tracypy.open(tmp_path / "out.tracy")
    stated = stated_ns(told(trace))
    assert stated >= sum(way.values()) * 0.5e9
    assert max(errors_ns(trace)) <= stated + MEASURED_NS


def test_a_clock_that_drifts_is_followed(tmp_path: Path) -> None:
    ball = Ball()
    rate, throws, every_s = 1.2, 100, 0.02
    play(tmp_path / "out.tracy", elsewhere(ball, rate=rate), ball, throws, every_s)
    trace = tracypy.open(tmp_path / "out.tracy")
    unfollowed_ns = (rate - 1) * throws * every_s * 1e9
    assert errors_ns(trace)[-1] < unfollowed_ns / 2
    assert re.search(r": its clock was put right \d+ times?, by \d+ microseconds to earlier in all", told(trace))
    there = [begin for begin, _ in begins(trace, "there")]
    assert all(one <= other for one, other in itertools.pairwise(there))


def test_who_does_not_say_what_its_clock_is_is_placed_by_its_newest_event(tmp_path: Path) -> None:
    ball = Ball()
    play(tmp_path / "out.tracy", elsewhere(ball, on_demand=False, age_s=600), ball, 20, 0.01)
    trace = tracypy.open(tmp_path / "out.tracy")
    assert "its times are estimated, its newest event is taken to have happened when it came" in told(trace)
    late_ns = 1_000_000_000
    assert max(errors_ns(trace)[1:]) < late_ns
    assert max(end for _, end in begins(trace, "there")) < min(begin for begin, _ in begins(trace, "here")) + 100e9


#: Is told where its ball is thrown, and throws it back.
PLAYER = """
import sys, tracypy
tracypy.listen(address=sys.argv[1], port=int(sys.argv[2]))
print("listens", flush=True)
assert tracypy.wait_connected(100)
for line in sys.stdin:
    with tracypy.zone("there"):
        print(line, end="", flush=True)
"""

ROOT = """
import os, subprocess, sys, tracypy
address, port = sys.argv[1], int(sys.argv[2])
player = subprocess.Popen(
    [*sys.argv[3:], sys.executable, "player.py", address, str(port)], text=True,
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TRACYPY_CLOCK": "monotonic"},
)
assert player.stdout.readline() == "listens\\n"
tracypy.gather(port, address=address)
with tracypy.record("out.tracy", include="nothing", gc=False):
    for number in range(301):
        with tracypy.zone("here" if number else "until it is there"):
            player.stdin.write("ball\\n"); player.stdin.flush()
            assert player.stdout.readline() == "ball\\n"
    player.stdin.close()
    assert player.wait(100) == 0
"""


@needs_other_clock
def test_a_program_of_another_machine(tmp_path: Path) -> None:
    """A process that has another address than ours, and a clock that reads an hour more."""
    (tmp_path / "player.py").write_text(PLAYER)
    (tmp_path / "root.py").write_text(ROOT)
    result = subprocess.run(
        [*AT_AN_ADDRESS, sys.executable, "root.py", ADDRESS, "8086", *AN_HOUR_LATER],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    trace = tracypy.open(tmp_path / "out.tracy")
    stated = stated_ns(result.stderr)
    assert stated == stated_ns(told(trace))
    assert len(begins(trace, "there")) == 301
    assert max(errors_ns(trace)) <= stated + MEASURED_NS


@needs_other_clock
def test_a_program_at_another_address_that_reads_our_clock(tmp_path: Path) -> None:
    """It is of this machine, whatever its address looks like: its times are exact, and nothing is said."""
    (tmp_path / "player.py").write_text(PLAYER)
    (tmp_path / "root.py").write_text(ROOT.replace('"monotonic"', '"auto"'))
    result = subprocess.run(
        [*AT_AN_ADDRESS, sys.executable, "root.py", ADDRESS, "8086"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert max(errors_ns(tracypy.open(tmp_path / "out.tracy"))) <= 1_000
