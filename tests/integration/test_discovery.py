"""The datagrams by which a viewer finds programs, as its own listener (UDP port 8086) would receive them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from support.target import running

# Broadcast version 3: version u16, port u16, protocol u32, process u64, seconds active i32, name of up to 64 bytes.
LAYOUT = struct.Struct("<HHIQi")


class Datagram(NamedTuple):
    version: int
    port: int
    protocol: int
    process: int
    active: int
    name: str


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        receiver.bind(("127.0.0.1", 8086))
        receiver.settimeout(100)
        yield receiver


def receive(listener: socket.socket, process: int) -> Datagram:
    """The next one of our process: other tests' programs may announce themselves as well."""
    while True:
        data, sender = listener.recvfrom(2048)
        assert sender[0] == "127.0.0.1"
        fields = LAYOUT.unpack_from(data)
        assert len(data) <= LAYOUT.size + 64
        if fields[3] == process:
            return Datagram(*fields, data[LAYOUT.size :].split(b"\0")[0].decode())


SOURCE = "import sys, tracypy\ntracypy.listen()\nprint('ready', flush=True)\nsys.stdin.readline()\n"


def test_a_program_announces_itself_and_says_goodbye(tmp_path: Path, listener: socket.socket) -> None:
    with running(tmp_path, SOURCE, environment={"TRACYPY_ANNOUNCE": "1"}) as target:
        first = receive(listener, target.process.pid)
        assert first.version == 3
        assert first.port == target.port
        assert first.protocol == 82
        assert 0 <= first.active < 10
        assert first.name == "program.py"
        target.say()
        target.expect_success()
        while (last := receive(listener, target.process.pid)).active != -1:
            pass
        assert last._replace(active=0) == first._replace(active=0)


def test_the_announced_protocol_can_be_chosen(tmp_path: Path, listener: socket.socket) -> None:
    chosen = {"TRACYPY_ANNOUNCE": "1", "TRACYPY_ANNOUNCE_PROTOCOL": "74", "TRACYPY_PROGRAM_NAME": "mein Prögramm"}
    with running(tmp_path, SOURCE, environment=chosen) as target:
        found = receive(listener, target.process.pid)
        target.say()
        target.expect_success()
    assert (found.protocol, found.name) == (74, "mein Prögramm")


def test_a_program_that_serves_a_viewer_is_not_offered_to_others(tmp_path: Path, listener: socket.socket) -> None:
    with running(tmp_path, SOURCE, environment={"TRACYPY_ANNOUNCE": "1"}) as target:
        assert receive(listener, target.process.pid).active >= 0
        viewer = target.viewer()
        while receive(listener, target.process.pid).active != -1:
            pass
        viewer.leave()
        assert receive(listener, target.process.pid).active >= 0
        target.say()
        target.expect_success()


def test_silence_is_kept_where_asked(tmp_path: Path, listener: socket.socket) -> None:
    listener.settimeout(0)
    with running(tmp_path, SOURCE, environment={"TRACYPY_ANNOUNCE": "0"}) as target:
        target.viewer().leave()
        target.say()
        target.expect_success()
        pid = target.process.pid
    with pytest.raises(BlockingIOError):
        receive(listener, pid)
