"""A client that tells more of its machine code than there is room for: what has room is there, the rest is said."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from support.stream_builder import FIRST_TICK, ToyProgram
from support.target import running
from support.toy_conversations import CODE_TRANSFER
from support.toy_server import answering
from support.trace_reader import read_trace_file
from support.viewer.queries import QUERY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAIN, FIRST = 11, 0x40_0000
PROTOCOL = 76
_MISMATCH = 2

#: Says how much its memory has grown, in KiB.
ROOT = """
import resource, sys, tracypy
tracypy.gather(int(sys.stdin.readline()))
with tracypy.record("out.tracy", include="nothing", gc=False):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdin.read()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def sampled(addresses: int, name_bytes: int) -> Callable[[socket.socket, int], bool]:
    """A client that is sampled at so many addresses, each of them in a function of its own whose name is so long."""

    def talk(connection: socket.socket, protocol: int) -> bool:
        if protocol != PROTOCOL:
            connection.sendall(bytes([_MISMATCH]))
            return False
        toy = ToyProgram(PROTOCOL, exec_time=5, flags=CODE_TRANSFER)
        toy.stream.thread(MAIN)
        connection.sendall(toy.stream.head())
        for number in range(addresses):
            address = FIRST + 16 * number
            toy.frames[address] = [(f"f{number}".ljust(name_bytes, "_"), "b.c", 1, address, 16)]
            toy.stream.stack_of_addresses(address)
            toy.stream.switch_event("CallstackSample", FIRST_TICK + 1000 * number, thread=MAIN)
            if number % 500 == 499:
                connection.sendall(toy.stream.block())
        toy.stream.event("Terminate")
        connection.sendall(toy.stream.block())
        while not toy.is_terminated and (query := connection.recv(1000 * QUERY.size)):
            query += (
                b""
                if len(query) % QUERY.size == 0
                else connection.recv(QUERY.size - len(query) % QUERY.size, socket.MSG_WAITALL)
            )
            for at in range(0, len(query), 200 * QUERY.size):
                connection.sendall(toy.read(query[at : at + 200 * QUERY.size]))
        return True

    return talk


def gathered(tmp_path: Path, talk: Callable[[socket.socket, int], bool]) -> tuple[int, str]:
    """How many KiB the program's memory has grown, and what it has said on stderr."""
    with running(tmp_path, ROOT) as target:
        with answering(talk) as port:
            target.say(str(port))
        code, out, err = target.finish()
    assert code == 0, err
    return int(out), err


def test_many_addresses_are_named(tmp_path: Path) -> None:
    addresses = 10_000
    _grown, _said = gathered(tmp_path, sampled(addresses, 16))
    system = read_trace_file((tmp_path / "out.tracy").read_bytes()).system
    (samples,) = (lists[2] for lists in system["samples"].values())
    assert len({stack for _, stack in samples}) == len(samples) == addresses


@pytest.mark.heavy
def test_a_flood_of_addresses_takes_no_more_than_its_room(tmp_path: Path) -> None:
    grown, said = gathered(tmp_path, sampled(100_000, 1000))
    assert "than there is room for" in said
    assert grown < 400 * 1024
    system = read_trace_file((tmp_path / "out.tracy").read_bytes()).system
    assert sum(len(lists[2]) for lists in system["samples"].values()) > 1000  # what came before is there
