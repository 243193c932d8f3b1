"""Small conversations between a toy program and the strict viewer, for the tests of the viewer's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from .stream_builder import FIRST_TICK, ToyProgram
from .viewer import PROTOCOLS, ProtocolViolation, Session

if TYPE_CHECKING:
    from collections.abc import Callable

THREAD = 7
TICK = FIRST_TICK + 1000
#: 16 bytes, as memory events have it.
SIZE = b"\x10\0\0\0\0\0"
ON_DEMAND, IGNORE_MEMORY_FAULTS, CODE_TRANSFER = 1, 2, 4


class Refusal(NamedTuple):
    """What a program does wrong, and what the viewer says."""

    act: Callable[[ToyProgram], object]
    match: str
    since: int = 66
    flags: int = 0


def make_toy(protocol: int, *, flags: int = 0, exec_time: int = 0) -> ToyProgram:
    """A program on one thread with two source locations, `f` and `g`, and a few strings."""
    toy = ToyProgram(protocol, flags=flags, exec_time=exec_time)
    toy.location(0x1000, "f", line=10)
    toy.location(0x2000, "g", line=20, color=0xAA5533)
    toy.strings |= {0x31: "thirty-one", 0x32: "thirty-two"}
    toy.stream.thread(THREAD)
    return toy


def converse(toy: ToyProgram, *, terminate: bool = True) -> Session:
    """The whole conversation."""
    session = Session(toy.stream.protocol)
    toy.converse(session, terminate=terminate)
    return session


def zone(toy: ToyProgram, tick: int = TICK, location: int = 0x1000) -> None:
    """A zone of 10 ticks."""
    toy.stream.begin(location, tick)
    toy.stream.end(tick + 10)


def serial(toy: ToyProgram, name: str, tick: int = TICK, **fields: int | bytes) -> None:
    """An event on the serial queue's clock, by the names of its fields."""
    toy.stream.serial_event(name, tick, **fields)


def each_refusal(refusals: dict[str, Refusal]) -> pytest.MarkDecorator:
    """Run the test with every refusal on every protocol that has it."""
    return pytest.mark.parametrize(
        ("protocol", "refusal"),
        [
            pytest.param(protocol, refusal, id=f"{protocol}-{name}")
            for protocol in PROTOCOLS
            for name, refusal in refusals.items()
            if protocol >= refusal.since
        ],
    )


def assert_refused(protocol: int, refusal: Refusal) -> None:
    """Let the program do it; the viewer must say so."""
    toy = make_toy(protocol, flags=refusal.flags)
    refusal.act(toy)
    with pytest.raises(ProtocolViolation, match=refusal.match):
        converse(toy)
