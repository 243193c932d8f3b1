"""The strict viewer's rules for locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.toy_conversations import THREAD, TICK, Refusal, assert_refused, converse, each_refusal
from support.viewer import Session

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram

OTHER = 8


def lock(toy: ToyProgram, *events: tuple[str, int] | str, kind: int = 0, since: int = TICK) -> None:
    """Announce lock 1, then its events in turn, each with its thread: a tick between them."""
    toy.stream.event("LockAnnounce", 1, TICK, 0x1000, kind)
    go_on(toy, *events, since=since)


def go_on(toy: ToyProgram, *events: tuple[str, int] | str, since: int = TICK) -> None:
    for number, event in enumerate(events):
        name, thread = (event, THREAD) if isinstance(event, str) else event
        toy.stream.serial_event(name, since + number, id=1, thread=thread)


def test_a_contended_lock_goes_from_thread_to_thread(toy: ToyProgram) -> None:
    lock(toy, "LockWait", "LockObtain", ("LockWait", OTHER), "LockRelease", ("LockObtain", OTHER), "LockRelease")
    toy.stream.event("LockMark", OTHER, 1, 0x2000)
    toy.stream.single("a name")
    toy.stream.event("LockName", 1)
    toy.stream.event("LockTerminate", 1, TICK + 10)
    trace = converse(toy).trace
    found = trace.lock("a name")
    assert [(event.kind, event.tick - TICK, event.thread) for event in found.events] == [
        ("wait", 0, THREAD), ("obtain", 1, THREAD), ("wait", 2, OTHER), ("release", 3, THREAD), ("obtain", 4, OTHER),
        ("release", 5, OTHER),
    ]  # fmt: skip
    assert [event.mark and event.mark.name for event in found.events] == [None, None, None, None, "g", None]
    assert (found.location.name, found.is_contended, found.holder, found.waiting) == ("f", True, None, set())
    assert (found.announce_tick, found.terminate_tick) == (TICK, TICK + 10)
    assert {thread.name for thread in trace.threads.values()} == {"thread 7", "thread 8"}


def test_a_lock_without_contention(toy: ToyProgram) -> None:
    lock(toy, "LockWait", "LockObtain", "LockRelease", "LockWait")
    found = converse(toy).trace.lock("f")
    assert (found.is_contended, found.waiting, found.count("wait"), found.count("obtain")) == (False, {THREAD}, 2, 1)


def test_a_lock_may_be_held_several_times_by_its_holder(toy: ToyProgram) -> None:
    lock(toy, *("LockWait", "LockObtain") * 2, *("LockRelease",) * 2)
    assert converse(toy).trace.locks[1].held == 0


def test_a_lock_may_be_shared(toy: ToyProgram) -> None:
    share = [("LockSharedWait", THREAD), ("LockSharedObtain", THREAD), ("LockSharedWait", OTHER)]
    lock(toy, *share, ("LockSharedObtain", OTHER), ("LockWait", 9), ("LockSharedRelease", OTHER), kind=1)
    found = converse(toy).trace.locks[1]
    assert (found.is_shared, found.sharing, found.is_contended) == (True, {THREAD}, True)


def share_and(toy: ToyProgram, *events: tuple[str, int] | str) -> None:
    lock(toy, "LockSharedWait", "LockSharedObtain", *events, kind=1)


def hold_and(toy: ToyProgram, *events: tuple[str, int] | str, kind: int = 0) -> None:
    lock(toy, "LockWait", "LockObtain", *events, kind=kind)


def terminated(toy: ToyProgram, tick: int) -> None:
    hold_and(toy, "LockRelease")
    toy.stream.event("LockTerminate", 1, tick)


REFUSALS: dict[str, Refusal] = {
    "obtained without waiting": Refusal(lambda toy: lock(toy, "LockObtain"), "obtains lock 1 without waiting for it"),
    "obtained twice for one wait": Refusal(
        lambda toy: hold_and(toy, "LockRelease", "LockObtain"), "obtains lock 1 without waiting for it"
    ),
    "held by two": Refusal(
        lambda toy: hold_and(toy, ("LockWait", OTHER), ("LockObtain", OTHER)),
        "thread 8 obtains lock 1, which thread 7 holds",
    ),
    "released twice": Refusal(lambda toy: hold_and(toy, "LockRelease", "LockRelease"), "released, but nobody holds"),
    "backwards": Refusal(
        lambda toy: (lock(toy, "LockWait"), go_on(toy, "LockObtain", since=TICK - 1)), "before the one that came before"
    ),
    "before its announcement": Refusal(lambda toy: lock(toy, "LockWait", since=TICK - 1), "before the one that came"),
    "65 threads": Refusal(
        lambda toy: lock(toy, *[("LockWait", 100 + number) for number in range(65)]), "by more than 64 threads"
    ),
    "held 256 times": Refusal(lambda toy: lock(toy, *("LockWait", "LockObtain") * 256), "held more than 255 times"),
    "kind": Refusal(lambda toy: lock(toy, kind=2), "unknown kind 2"),
    "announced without a place": Refusal(
        lambda toy: toy.stream.event("LockAnnounce", 1, TICK, 0, 0), "source location 0"
    ),
    "shared without waiting": Refusal(lambda toy: lock(toy, "LockSharedObtain", kind=1), "shares lock 1 without wait"),
    "shared twice": Refusal(
        lambda toy: share_and(toy, "LockSharedWait", "LockSharedObtain"), "thread 7 shares lock 1 twice"
    ),
    "shared while held": Refusal(
        lambda toy: hold_and(toy, ("LockSharedWait", OTHER), ("LockSharedObtain", OTHER), kind=1),
        "thread 8 shares lock 1, which thread 7 holds",
    ),
    "obtained while shared": Refusal(
        lambda toy: share_and(toy, ("LockWait", OTHER), ("LockObtain", OTHER)), r"obtains lock 1, which \[7\] share"
    ),
    "share of another released": Refusal(
        lambda toy: share_and(toy, ("LockSharedRelease", OTHER)), "thread 8 does not share lock 1 and releases it"
    ),
    "marked by a stranger": Refusal(
        lambda toy: (hold_and(toy), toy.stream.event("LockMark", OTHER, 1, 0x2000)), "by thread 8, which never used it"
    ),
    "marked before it is announced": Refusal(
        lambda toy: toy.stream.event("LockMark", THREAD, 1, 0x2000), "lock 1 was not announced"
    ),
    "named without a text": Refusal(
        lambda toy: (lock(toy), toy.stream.event("LockName", 1)), "LockName without SingleStringData"
    ),
    "terminated in the past": Refusal(lambda toy: terminated(toy, TICK + 1), "terminated before its last event"),
    "terminated twice": Refusal(
        lambda toy: [terminated(toy, TICK + 9), toy.stream.event("LockTerminate", 1, TICK + 9)], "terminated twice"
    ),
    "used after its end": Refusal(
        lambda toy: [terminated(toy, TICK + 9), go_on(toy, "LockWait", since=TICK + 9)], "used after its LockTerminate"
    ),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


@pytest.mark.parametrize("events", [["LockObtain"], ["LockWait", "LockObtain", ("LockWait", 8), ("LockObtain", 8)]])
def test_what_tracy_s_own_client_does_is_tolerated_where_asked_for(
    toy: ToyProgram, events: list[tuple[str, int] | str]
) -> None:
    lock(toy, *events)
    session = Session(toy.stream.protocol, tolerated=frozenset({"LockObtain", "LockOrder"}))
    toy.converse(session)
    assert session.is_done
