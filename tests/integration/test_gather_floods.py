"""Clients that tell more names, places and call stacks than there is room for: what has room is there, the rest is said."""

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
    from collections.abc import Callable, Sequence
    from pathlib import Path

MAIN, FIRST = 11, 0x40_0000
PROTOCOL = 76
_MISMATCH = 2

#: Says how much its memory has grown, in KiB, before the file is made and when it is. (The most that `resource` tells is
#: that of the process by which a program is started, if that has more.)
ROOT = """
import sys, tracypy
def most():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
tracypy.gather(int(sys.stdin.readline()))
with tracypy.record("out.tracy", include="nothing", gc=False):
    before = most()
    sys.stdin.read()
    print(most() - before)
print(most() - before)
"""


type Talk = Callable[[socket.socket, int], bool]
#: Says the event of that number.
type Say = Callable[[ToyProgram, int], None]


def sample(toy: ToyProgram, number: int, name_bytes: int = 1000) -> None:
    """At an address of its own, in a function of its own whose name is so long."""
    address = FIRST + 16 * number
    toy.frames[address] = [(f"f{number}".ljust(name_bytes, "_"), "b.c", 1, address, 16)]
    toy.stream.stack_of_addresses(address)
    toy.stream.switch_event("CallstackSample", FIRST_TICK + 1000 * number, thread=MAIN)


def dynamic_zone(toy: ToyProgram, number: int) -> None:
    toy.stream.begin_dynamic(FIRST_TICK + 1000 * number, f"f{number}".ljust(400, "_"))
    toy.stream.end(FIRST_TICK + 1000 * number + 10)


def static_zone(toy: ToyProgram, number: int) -> None:
    place = toy.location(0x10_0000 + 16 * number, f"f{number}".ljust(400, "_"), f"file{number}.py")
    toy.stream.begin(place, FIRST_TICK + 1000 * number)
    toy.stream.end(FIRST_TICK + 1000 * number + 10)


def app_info(toy: ToyProgram, number: int) -> None:
    toy.stream.single(f"line {number}".ljust(1000, "_"))
    toy.stream.event("MessageAppInfo", FIRST_TICK + 1000 * number)


def lock(toy: ToyProgram, number: int) -> None:
    toy.stream.event("LockAnnounce", number, FIRST_TICK + 1000 * number, toy.location(0x99, "lock"), 0)


def flooding(say: Say, count: int) -> Talk:
    """A client that says that many events, and answers what it is asked; or is cut off meanwhile."""

    def talk(connection: socket.socket, protocol: int) -> bool:
        if protocol != PROTOCOL:
            connection.sendall(bytes([_MISMATCH]))
            return False
        toy = ToyProgram(PROTOCOL, exec_time=5, flags=CODE_TRANSFER)
        toy.stream.thread(MAIN)
        connection.sendall(toy.stream.head())
        try:
            for number in range(count):
                say(toy, number)
                if number % 200 == 199:
                    connection.sendall(toy.stream.block())
            toy.stream.event("Terminate")
            connection.sendall(toy.stream.block())
            while not toy.is_terminated and (query := connection.recv(1000 * QUERY.size)):
                if rest := len(query) % QUERY.size:
                    query += connection.recv(QUERY.size - rest, socket.MSG_WAITALL)
                for at in range(0, len(query), 200 * QUERY.size):
                    connection.sendall(toy.read(query[at : at + 200 * QUERY.size]))
        except ConnectionError:
            pass
        return True

    return talk


def sampled(addresses: int, name_bytes: int) -> Talk:
    return flooding(lambda toy, number: sample(toy, number, name_bytes), addresses)


def gathered(tmp_path: Path, talk: Talk, megabytes: int = 256) -> tuple[int, int, str]:
    """How many KiB the program's memory has grown, at first and with the file, and what it has said on stderr."""
    with running(tmp_path, ROOT, environment={"TRACYPY_BUFFER_MB": str(megabytes)}) as target:
        with answering(talk) as port:
            target.say(str(port))
        code, out, err = target.finish()
    assert code == 0, err
    before_the_file, at_most = map(int, out.split())
    return before_the_file, at_most, err


def test_many_addresses_are_named(tmp_path: Path) -> None:
    addresses = 10_000
    gathered(tmp_path, sampled(addresses, 16))
    system = read_trace_file((tmp_path / "out.tracy").read_bytes()).system
    (samples,) = (lists[2] for lists in system["samples"].values())
    assert len({stack for _, stack in samples}) == len(samples) == addresses


@pytest.mark.heavy
def test_a_flood_of_addresses_takes_no_more_than_its_room(tmp_path: Path) -> None:
    grown, _at_most, said = gathered(tmp_path, sampled(100_000, 1000))
    assert "than there is room for" in said
    assert grown < 400 * 1024
    system = read_trace_file((tmp_path / "out.tracy").read_bytes()).system
    assert sum(len(lists[2]) for lists in system["samples"].values()) > 1000  # what came before is there


FLOODS: Sequence[tuple[Say, int]] = [
    (sample, 60_000), (dynamic_zone, 200_000), (static_zone, 80_000), (app_info, 80_000), (lock, 500_000),
]  # fmt: skip


@pytest.mark.parametrize(("say", "count"), FLOODS, ids=[say.__name__ for say, _ in FLOODS])
def test_floods_stay_within_the_memory_for_events(tmp_path: Path, say: Say, count: int) -> None:
    megabytes = 64
    grown, at_most, said = gathered(tmp_path, flooding(say, count), megabytes)
    assert "than there is room for (TRACYPY_BUFFER_MB)" in said
    assert grown < megabytes * 1024 * 5 // 4  # what the client has sent and what goes to the file is on its way besides
    assert at_most < megabytes * 1024 * 3 // 2
    read_trace_file((tmp_path / "out.tracy").read_bytes())
