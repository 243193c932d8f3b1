"""How gathering ends: with who tells its names late, or never, and that nobody is kept as a client of ours."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import tracypy

from support.stream_builder import FIRST_TICK, ToyProgram
from support.toy_server import answering
from support.viewer.queries import QUERY, Query

if TYPE_CHECKING:
    from pathlib import Path

MAIN, PLACES, ZONES = 11, 5, 100
PROTOCOL = 76
_MISMATCH = 2


class Client:
    """Has zones of five places, and goes on. It answers a question each `every_s` seconds, or none at all.

    Like Tracy's own it forgets what it was asked as soon as its viewer takes leave.
    """

    def __init__(self, every_s: float | None) -> None:
        self.every_s = every_s
        self.asked: list[Query] = []
        self.is_asked = threading.Event()
        self.is_left = threading.Event()

    def talk(self, connection: socket.socket, protocol: int) -> bool:
        if protocol != PROTOCOL:
            connection.sendall(bytes([_MISMATCH]))
            return False
        toy = ToyProgram(PROTOCOL)
        toy.stream.thread(MAIN)
        for number in range(ZONES):
            place = toy.location(0x1000 + 0x10 * (number % PLACES), f"place {number % PLACES}")
            toy.stream.begin(place, FIRST_TICK + 10 * number)
            toy.stream.end(FIRST_TICK + 10 * number + 5)
        connection.sendall(toy.stream.head() + toy.stream.block())
        while query := connection.recv(QUERY.size, socket.MSG_WAITALL):
            self.asked.append(Query(query[0]))
            self.is_asked.set()
            if self.every_s is not None and not {Query.DISCONNECT, Query.TERMINATE} & set(self.asked):
                time.sleep(self.every_s)
                connection.sendall(toy.read(query))
        self.is_left.set()  # the viewer has gone
        return True


def record(path: Path, client: Client) -> tracypy.Trace:
    """Gather the client, and end as soon as it is asked something."""
    with answering(client.talk) as port:
        tracypy.gather(port)
        with tracypy.record(path, include="nothing", gc=False):
            assert client.is_asked.wait(60)
    tracypy.stop_gathering(port)
    return tracypy.open(path)


def test_names_that_come_late_are_waited_for(tmp_path: Path) -> None:
    client = Client(every_s=0.04)
    trace = record(tmp_path / "out.tracy", client)
    assert {row.name: row.calls for row in trace.functions()} == {
        f"place {number}": ZONES // PLACES for number in range(PLACES)
    }
    assert client.asked.index(Query.DISCONNECT) > 3 * PLACES


def test_who_tells_no_names_has_its_zones_and_a_line(tmp_path: Path) -> None:
    begun = time.monotonic()
    client = Client(every_s=None)
    trace = record(tmp_path / "out.tracy", client)
    assert sum(row.calls for row in trace.functions()) == ZONES
    assert any("has not told all names in time" in line for line in trace.info.app_info)
    assert time.monotonic() - begun < 60
    assert Query.TERMINATE in client.asked


def test_who_is_gathered_no_more_tells_what_has_happened_first(tmp_path: Path) -> None:
    client = Client(every_s=0.04)
    with answering(client.talk) as port:
        tracypy.gather(port)
        with tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False):
            assert client.is_asked.wait(60)
            tracypy.stop_gathering(port)
            assert client.is_left.wait(60)
            assert Query.TERMINATE in client.asked  # no viewer is there any more
            tracypy.gather(port)
            tracypy.stop_gathering(port)
    assert {row.name: row.calls for row in tracypy.open(tmp_path / "out.tracy").functions()} == {
        f"place {number}": ZONES // PLACES for number in range(PLACES)
    }
