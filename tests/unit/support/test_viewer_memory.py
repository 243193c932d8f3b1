"""The strict viewer's rules for memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.toy_conversations import (
    IGNORE_MEMORY_FAULTS,
    ON_DEMAND,
    THREAD,
    TICK,
    Refusal,
    assert_refused,
    converse,
    each_refusal,
    make_toy,
    serial,
)  # fmt: skip

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram

POOL = 0x31


def allocate(toy: ToyProgram, address: int, size: int, tick: int = TICK, pool: int = 0, thread: int = THREAD) -> None:
    if pool:
        toy.stream.event("MemNamePayload", pool)
    name = "MemAllocNamed" if pool else "MemAlloc"
    serial(toy, name, tick, thread=thread, address=address, size=size.to_bytes(6, "little"))


def free(toy: ToyProgram, address: int, tick: int = TICK, pool: int = 0, thread: int = THREAD) -> None:
    if pool:
        toy.stream.event("MemNamePayload", pool)
    serial(toy, "MemFreeNamed" if pool else "MemFree", tick, thread=thread, address=address)


def test_pools_have_their_allocations_and_sums(toy: ToyProgram) -> None:
    allocate(toy, 0x10, 100, TICK)
    allocate(toy, 0x20, (1 << 48) - 1, TICK + 1)
    allocate(toy, 0x10, 7, TICK + 2, POOL)
    free(toy, 0x20, TICK + 3, thread=8)
    allocate(toy, 0x20, 50, TICK + 4)
    free(toy, 0x10, TICK + 4, POOL)
    pools = converse(toy).trace.memory_pools
    default, named = pools[None], pools["thirty-one"]
    assert (default.usage, default.peak, default.frees, len(default.allocations)) == (150, (1 << 48) + 99, 1, 3)
    assert (named.usage, named.peak, named.frees, named.active) == (0, 7, 1, {})
    block = default.allocations[1]
    assert (block.address, block.thread, block.begin_tick, block.end_tick, block.free_thread) == (
        0x20, THREAD, TICK + 1, TICK + 3, 8,
    )  # fmt: skip


def test_both_ends_have_call_stacks(toy: ToyProgram) -> None:
    for number, name in enumerate(("MemAllocCallstackNamed", "MemFreeCallstackNamed")):
        toy.stream.stack_of_texts((name, "app.py", number))
        toy.stream.event("CallstackSerial")
        toy.stream.event("MemNamePayload", POOL)
        fields: dict[str, bytes] = {"size": b"\1\0\0\0\0\0"} if number == 0 else {}
        serial(toy, name, TICK + number, thread=THREAD, address=5, **fields)
    (block,) = converse(toy).trace.memory_pools["thirty-one"].allocations
    assert block.callstack is not None
    assert block.free_callstack is not None
    assert [stack.frames[0].function for stack in (block.callstack, block.free_callstack)] == [
        "MemAllocCallstackNamed", "MemFreeCallstackNamed",
    ]  # fmt: skip


def test_a_pool_is_discarded_as_a_whole(protocol: int) -> None:
    if protocol < 72:
        assert "MemDiscard" not in make_toy(protocol).stream.dialect.by_name
        return
    toy = make_toy(protocol)
    for address in (1, 2):
        allocate(toy, address, 10, TICK, POOL)
        allocate(toy, address, 10, TICK)
    serial(toy, "MemDiscard", TICK + 1, thread=THREAD, pool=POOL)
    allocate(toy, 1, 30, TICK + 2, POOL)
    pools = converse(toy).trace.memory_pools
    assert (pools["thirty-one"].usage, pools["thirty-one"].frees, pools[None].usage) == (30, 2, 20)
    assert [block.end_tick for block in pools["thirty-one"].allocations] == [TICK + 1, TICK + 1, None]


def test_frees_of_what_was_before_the_connection_change_nothing(protocol: int) -> None:
    toy = make_toy(protocol, flags=ON_DEMAND)
    free(toy, 5)
    allocate(toy, 5, 10, TICK + 1)
    pool = converse(toy).trace.memory_pools[None]
    assert (pool.usage, pool.frees, pool.unmatched) == (10, 0, 1)


def test_a_second_allocation_frees_the_first_where_faults_are_forgiven() -> None:
    toy = make_toy(82, flags=IGNORE_MEMORY_FAULTS)
    allocate(toy, 5, 10)
    allocate(toy, 5, 30, TICK + 1)
    pool = converse(toy).trace.memory_pools[None]
    assert (pool.usage, pool.frees, pool.allocations[0].end_tick) == (30, 1, TICK + 1)


def two_pools_of_one_name(toy: ToyProgram) -> None:
    toy.strings[0x33] = "thirty-one"
    for pool in (POOL, 0x33):
        allocate(toy, 1, 10, pool=pool)
    # The names have to be there before the end.
    toy.stream.event("ThreadName", THREAD, tail=b"t")
    for pool in (POOL, 0x33):
        toy.stream.event("StringData", pool, tail=b"thirty-one")


REFUSALS: dict[str, Refusal] = {
    "twice in a pool": Refusal(
        lambda toy: [allocate(toy, 5, 10, pool=POOL) for _ in range(2)], "address 0x5 is allocated twice"
    ),
    "freed twice": Refusal(
        lambda toy: (allocate(toy, 5, 10), free(toy, 5), free(toy, 5)), "0x5 is freed without an allocation"
    ),
    "freed from another pool": Refusal(
        lambda toy: (allocate(toy, 5, 10), free(toy, 5, pool=POOL)), "0x5 is freed without an allocation"
    ),
    "freed in the past": Refusal(
        lambda toy: (allocate(toy, 5, 10), free(toy, 5, TICK - 1)), "a free lies before the one that came before it"
    ),
    "discarded in the past": Refusal(
        lambda toy: (allocate(toy, 5, 10), serial(toy, "MemDiscard", TICK - 1, thread=THREAD, pool=0)),
        "a discard lies before",
        since=72,
    ),
    "free with the wrong form": Refusal(
        lambda toy: serial(toy, "MemFreeNamed", thread=THREAD, address=5), "do not go together"
    ),
    "name twice": Refusal(
        lambda toy: [toy.stream.event("MemNamePayload", POOL) for _ in range(2)], "MemNamePayload twice"
    ),
    "pool 0": Refusal(lambda toy: toy.stream.event("MemNamePayload", 0), "naming pool 0"),
    "free without its stack": Refusal(
        lambda toy: serial(toy, "MemFreeCallstack", thread=THREAD, address=5), "without CallstackSerial before it"
    ),
    "two pools of one name": Refusal(two_pools_of_one_name, "two memory pools have the same name"),
}


@each_refusal(REFUSALS)
def test_refuses(protocol: int, refusal: Refusal) -> None:
    assert_refused(protocol, refusal)


def test_the_goodbye_waits_for_the_event_of_a_pool(toy: ToyProgram) -> None:
    toy.stream.event("MemNamePayload", POOL)
    assert converse(toy).missing() == ["the event that uses MemNamePayload"]
