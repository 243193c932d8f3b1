"""Memory: allocations and frees, in the default pool or in named ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .kind import Kind

if TYPE_CHECKING:
    from .callstacks import Callstack
    from support.viewer.decoder import Decoder, Handler

# Until 76 IgnoreMemFaults excuses frees only; since then also an address that is allocated twice.
_FORGIVES_ALLOCATIONS_SINCE = 82


@dataclass
class Allocation:
    """One block of memory; without an end while it lives. `thread` and `free_thread` are the system's ids."""

    address: int
    size: int
    thread: int
    begin_tick: int
    end_tick: int | None = None
    free_thread: int | None = None
    callstack: Callstack | None = None
    free_callstack: Callstack | None = None


@dataclass
class MemoryPool:
    """One pool. `usage` is what the viewer shows as used now, `peak` the most that it ever was; `unmatched` counts
    the frees of what it does not know, which it overlooks on demand.
    """

    pointer: int
    allocations: list[Allocation] = field(default_factory=list)
    active: dict[int, Allocation] = field(default_factory=dict)
    last_tick: int = 0
    usage: int = 0
    peak: int = 0
    frees: int = 0
    unmatched: int = 0

    def add(self, allocation: Allocation) -> None:
        self.allocations.append(allocation)
        self.active[allocation.address] = allocation
        self.usage += allocation.size
        self.peak = max(self.peak, self.usage)

    def remove(self, address: int, tick: int, thread: int, callstack: Callstack | None) -> None:
        allocation = self.active.pop(address)
        allocation.end_tick, allocation.free_thread, allocation.free_callstack = tick, thread, callstack
        self.usage -= allocation.size
        self.frees += 1


class MemoryKind(Kind):
    """Handlers of memory. All of it runs on the clock of the serial queue."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        super().__init__(decoder, tolerated)
        # The constructor of W makes the default pool, under pointer 0.
        self._pools = self._trace.pools = {0: MemoryPool(0)}
        self._payload = 0

    def handlers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {"MemNamePayload": self._pool_name}
        for stack in ("", "Callstack"):
            for name in ("", "Named"):
                handlers[f"MemAlloc{stack}{name}"] = self._handler(self._allocate, bool(name), stack)
                handlers[f"MemFree{stack}{name}"] = self._handler(self._free, bool(name), stack)
            handlers[f"MemDiscard{stack}"] = self._handler(self._discard, False, stack)
        return handlers

    def _handler(self, act: Handler, is_named: bool, stack: str) -> Handler:
        def handle(*fields: object) -> None:
            # W::ProcessMemAllocCallstack and its likes take the stack behind the event; nothing can come between.
            callstack = self._decoder.callstacks.take_serial("a memory event") if stack else None
            act(self._take_pool(is_named), callstack, *fields)

        return handle

    def _pool_name(self, pool: int) -> None:
        # W::ProcessMemNamePayload.
        if self._payload != 0 or pool == 0:
            raise self._decoder.refuse("MemNamePayload twice, or naming pool 0")
        self._payload = pool

    def _take_pool(self, is_named: bool) -> MemoryPool:
        name, self._payload = self._payload, 0
        if (name != 0) != is_named:
            raise self._decoder.refuse("a memory event and MemNamePayload do not go together")
        pool = self._pools.get(name)
        if pool is None:
            self._decoder.string(name)
            pool = self._pools[name] = MemoryPool(name)
        return pool

    def _tick(self, pool: MemoryPool, delta: int, what: str) -> int:
        # W::ProcessMemAllocImpl asserts it of allocations; the pool's curve (MemAllocChanged) needs it of frees too.
        tick = self._decoder.advance_serial(delta)
        if tick < pool.last_tick:
            raise self._decoder.refuse(f"{what} lies before the one that came before it in its pool")
        pool.last_tick = tick
        return tick

    def _allocate(
        self, pool: MemoryPool, stack: Callstack | None, time: int, thread: int, address: int, raw: bytes
    ) -> None:
        # W::ProcessMemAllocImpl.
        tick = self._tick(pool, time, "an allocation")
        if address in pool.active:
            forgives = self._decoder.protocol >= _FORGIVES_ALLOCATIONS_SINCE
            if not (forgives and self._trace.welcome.ignores_memory_faults):
                raise self._decoder.refuse(f"address 0x{address:x} is allocated twice")
            pool.remove(address, tick, thread, None)
        self._decoder.notice(thread)
        pool.add(Allocation(address, int.from_bytes(raw, "little"), thread, tick, callstack=stack))
        self._count("MemAlloc")

    def _free(self, pool: MemoryPool, stack: Callstack | None, time: int, thread: int, address: int) -> None:
        # W::ProcessMemFreeImpl.
        self._count("MemFree")
        if address in pool.active:
            tick = self._tick(pool, time, "a free")
            self._decoder.notice(thread)
            pool.remove(address, tick, thread, stack)
            return
        self._decoder.advance_serial(time)
        welcome = self._trace.welcome
        if address != 0 and not (welcome.is_on_demand or welcome.ignores_memory_faults):
            raise self._decoder.refuse(f"address 0x{address:x} is freed without an allocation")
        pool.unmatched += address != 0

    def _discard(self, default: MemoryPool, stack: Callstack | None, time: int, thread: int, name: int) -> None:
        # W::ProcessMemDiscard.
        pool = default if name == 0 else self._pools.get(name)
        if pool is None:
            # The viewer skips it together with its time difference: all later serial times would be wrong.
            raise self._decoder.refuse(f"MemDiscard of pool 0x{name:x}, which the viewer does not know")
        tick = self._tick(pool, time, "a discard")
        self._decoder.notice(thread)
        for address in list(pool.active):
            pool.remove(address, tick, thread, stack)
        self._count("MemDiscard")

    def missing(self) -> list[str]:
        return ["the event that uses MemNamePayload"] if self._payload else []

    def at_terminate(self) -> None:
        # The viewer keeps pools by pointer (W::ProcessMemAllocNamed): two with one name are two lists.
        names = [self._trace.strings[pointer] for pointer in self._pools if pointer in self._trace.strings]
        if len(names) != len(set(names)):
            raise self._decoder.refuse(f"two memory pools have the same name: {sorted(names)}")
