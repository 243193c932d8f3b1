"""Fibers, locks, memory, sections, call stacks and GPU zones: enough of each to see what the viewer would refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .queries import Query

if TYPE_CHECKING:
    from .decoder import Decoder, Handler
    from .trace import ThreadTrace

_LOCK_THREADS = 64
_SHARED_LOCK = 1
# The viewer's id of the first fiber; they are threads beyond the 32 bits of the real ones.
_FIRST_FIBER = 1 << 32


@dataclass
class _Lock:
    kind: int
    last: int = 0
    held: int = 0
    threads: set[int] = field(default_factory=set)
    sharing: set[int] = field(default_factory=set)


@dataclass
class _Pool:
    last: int = 0
    active: set[int] = field(default_factory=set)


class ResourceHandlers:
    """Handlers that keep what is needed to check the next event; of most kinds the trace has the count only."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        self._decoder = decoder
        self._tolerated = tolerated
        self._trace = decoder.trace
        self._fibers: dict[int, ThreadTrace] = {}
        self._locks: dict[int, _Lock] = {}
        self._pools: dict[int, _Pool] = {0: _Pool()}
        self._pool_payload = 0
        self._cpus: set[int] = set()

    def handlers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {
            "FiberEnter": self._fiber_enter,
            "FiberLeave": self._fiber_leave,
            "ThreadGroupHint": self._group_hint,
            "CpuTopology": self._cpu_topology,
            "LockAnnounce": self._lock_announce,
            "LockTerminate": self._lock_terminate,
            "LockWait": self._lock_event,
            "LockObtain": self._lock_obtain,
            "LockRelease": self._lock_release,
            "LockSharedWait": self._lock_shared,
            "LockSharedObtain": self._lock_shared_obtain,
            "LockSharedRelease": self._lock_shared_release,
            "LockMark": self._lock_mark,
            "LockName": self._lock_name,
            "MemNamePayload": self._pool_name,
            "MemDiscard": self._discard,
            "MemDiscardCallstack": self._discard,
            "SectionEnter": self._section_enter,
            "SectionLeave": self._section_leave,
            "SectionSetup": self._section_setup,
        }
        for suffix in ("", "Callstack"):
            handlers["MemAlloc" + suffix] = self._allocate
            handlers["MemFree" + suffix] = self._free
            handlers["MemAlloc" + suffix + "Named"] = self._allocate_named
            handlers["MemFree" + suffix + "Named"] = self._free_named
        handlers.update(self._gpu_handlers())
        return handlers

    def _count(self, name: str) -> None:
        self._trace.other[name] += 1

    # Threads and fibers

    def _group_hint(self, thread: int, hint: int) -> None:
        known = self._trace.threads.get(thread)
        if known is None:
            raise self._decoder.refuse(f"ThreadGroupHint for thread {thread}, which the viewer has not seen yet")
        known.group_hint = hint

    def _fiber_enter(self, time: int, fiber: int, thread: int, hint: int = 0) -> None:
        self._decoder.advance(time)
        known = self._fibers.get(fiber)
        if known is None:
            identity = _FIRST_FIBER | len(self._fibers)
            known = self._fibers[fiber] = self._decoder.new_timeline(identity, fiber)
            known.group_hint = hint
            self._decoder.queries.ask(Query.FIBER_NAME, fiber)
        carrier = self._decoder.notice(thread)
        carrier.fiber = known
        if thread == self._decoder.thread_id:
            self._decoder.timeline = known
        self._count("FiberEnter")

    def _fiber_leave(self, time: int, thread: int) -> None:
        self._decoder.advance(time)
        carrier = self._trace.threads.get(thread)
        if carrier is None or carrier.fiber is None:
            raise self._decoder.refuse(f"FiberLeave on thread {thread}, which runs no fiber")
        carrier.fiber = None
        if thread == self._decoder.thread_id:
            self._decoder.timeline = carrier
        self._count("FiberLeave")

    def _cpu_topology(self, *fields: int) -> None:
        if fields[-1] in self._cpus:
            raise self._decoder.refuse(f"CpuTopology names CPU {fields[-1]} twice")
        self._cpus.add(fields[-1])
        self._count("CpuTopology")

    # Locks

    def _lock(self, identity: int) -> _Lock:
        lock = self._locks.get(identity)
        if lock is None:
            raise self._decoder.refuse(f"lock {identity} was not announced")
        return lock

    def _lock_announce(self, identity: int, _time: int, location: int, kind: int) -> None:
        if identity in self._locks or kind > _SHARED_LOCK:
            raise self._decoder.refuse(f"lock {identity} is announced twice, or is of the unknown kind {kind}")
        self._locks[identity] = _Lock(kind)
        self._decoder.location(location)
        self._count("LockAnnounce")

    def _lock_terminate(self, identity: int, _time: int) -> None:
        self._lock(identity)
        self._count("LockTerminate")

    def _lock_event(self, thread: int, identity: int, time: int) -> None:
        lock = self._lock(identity)
        self._lock_time(lock, identity, time)
        self._decoder.notice(thread)
        lock.threads.add(thread)
        if len(lock.threads) > _LOCK_THREADS:
            raise self._decoder.refuse(f"lock {identity} is used by more than {_LOCK_THREADS} threads")
        self._count("LockEvent")

    def _lock_time(self, lock: _Lock, identity: int, delta: int) -> None:
        tick = self._decoder.advance_serial(delta)
        if tick < lock.last:
            raise self._decoder.refuse(f"an event of lock {identity} lies before the one that came before it")
        lock.last = tick

    def _lock_obtain(self, thread: int, identity: int, time: int) -> None:
        # An obtain without a wait is what Tracy's own client sends for a try-lock; release builds accept it.
        self._lock_event(thread, identity, time)
        self._lock(identity).held += 1

    def _lock_release(self, identity: int, time: int) -> None:
        lock = self._lock(identity)
        self._lock_time(lock, identity, time)
        if lock.held == 0:
            raise self._decoder.refuse(f"lock {identity} is released, but nobody holds it")
        lock.held -= 1
        self._count("LockEvent")

    def _lock_shared(self, thread: int, identity: int, time: int) -> None:
        if self._lock(identity).kind != _SHARED_LOCK:
            raise self._decoder.refuse(f"a shared event of lock {identity}, which is not a shared lock")
        self._lock_event(thread, identity, time)

    def _lock_shared_obtain(self, thread: int, identity: int, time: int) -> None:
        self._lock_shared(thread, identity, time)
        if thread in self._lock(identity).sharing:
            raise self._decoder.refuse(f"thread {thread} shares lock {identity} twice")
        self._lock(identity).sharing.add(thread)

    def _lock_shared_release(self, identity: int, time: int, thread: int) -> None:
        self._lock_shared(thread, identity, time)
        if thread not in self._lock(identity).sharing:
            raise self._decoder.refuse(f"thread {thread} does not share lock {identity} and releases it")
        self._lock(identity).sharing.discard(thread)

    def _lock_mark(self, thread: int, identity: int, location: int) -> None:
        self._decoder.location(location)
        if thread not in self._lock(identity).threads:
            raise self._decoder.refuse(f"a mark of lock {identity} by thread {thread}, which never used it")
        self._count("LockMark")

    def _lock_name(self, identity: int) -> None:
        self._lock(identity)
        self._decoder.take_single("LockName")
        self._count("LockName")

    # Memory

    def _pool_name(self, pool: int) -> None:
        if self._pool_payload != 0 or pool == 0:
            raise self._decoder.refuse("MemNamePayload twice, or naming pool 0")
        self._pool_payload = pool

    def _take_pool(self, is_named: bool) -> _Pool:
        name, self._pool_payload = self._pool_payload, 0
        if (name != 0) != is_named:
            raise self._decoder.refuse("a memory event and MemNamePayload do not go together")
        pool = self._pools.get(name)
        if pool is None:
            self._decoder.string(name)
            pool = self._pools[name] = _Pool()
        return pool

    def _allocate(self, time: int, thread: int, address: int, _size: bytes, is_named: bool = False) -> None:
        pool = self._take_pool(is_named)
        tick = self._decoder.advance_serial(time)
        if address in pool.active and not (self._decoder.protocol >= 82 and self._trace.welcome.ignores_memory_faults):
            raise self._decoder.refuse(f"address 0x{address:x} is allocated twice")
        if tick < pool.last:
            raise self._decoder.refuse("an allocation lies before the one that came before it")
        self._decoder.notice(thread)
        pool.last = tick
        pool.active.add(address)
        self._count("MemAlloc")

    def _free(self, time: int, thread: int, address: int, is_named: bool = False) -> None:
        pool = self._take_pool(is_named)
        self._decoder.advance_serial(time)
        self._count("MemFree")
        if address in pool.active:
            self._decoder.notice(thread)
            pool.active.discard(address)
            return
        welcome = self._trace.welcome
        if address != 0 and not (welcome.is_on_demand or welcome.ignores_memory_faults):
            raise self._decoder.refuse(f"address 0x{address:x} is freed without an allocation")

    def _allocate_named(self, time: int, thread: int, address: int, size: bytes) -> None:
        self._allocate(time, thread, address, size, is_named=True)

    def _free_named(self, time: int, thread: int, address: int) -> None:
        self._free(time, thread, address, is_named=True)

    def _discard(self, time: int, thread: int, name: int) -> None:
        pool = self._pools.get(name) if name else None
        if self._pool_payload != 0 or pool is None:
            # The viewer skips it together with its time difference: all later serial times would be wrong.
            raise self._decoder.refuse(f"MemDiscard of pool 0x{name:x}, which the viewer does not know")
        self._decoder.advance_serial(time)
        self._decoder.notice(thread)
        pool.active.clear()
        self._count("MemDiscard")

    # Sections

    def _section_enter(self, time: int, _identity: int, _category: int) -> None:
        self._decoder.advance(time)
        self._decoder.take_single("SectionEnter")
        self._count("SectionEnter")

    def _section_leave(self, time: int, _identity: int) -> None:
        self._decoder.advance(time)
        self._count("SectionLeave")

    def _section_setup(self, _category: int) -> None:
        if self._decoder.single is None and "SectionSetup" in self._tolerated:
            self._count("SectionSetup without text")
            return
        self._decoder.take_single("SectionSetup")
        self._count("SectionSetup")

    # GPU zones: they share the time references and the staged texts with everything else

    def _gpu_handlers(self) -> dict[str, Handler]:
        def zone(name: str, is_serial: bool, is_dynamic: bool) -> Handler:
            def handle(time: int, _thread: int, _query: int, _context: int, location: int = 0) -> None:
                if location:
                    self._decoder.location(location)
                if is_dynamic and self._decoder.payload is None:
                    raise self._decoder.refuse(f"{name} without SourceLocationPayload before it")
                self._decoder.payload = None if is_dynamic else self._decoder.payload
                (self._decoder.advance_serial if is_serial else self._decoder.advance)(time)
                self._count(name)

            return handle

        def named(name: str) -> Handler:
            def handle(*_fields: int) -> None:
                self._decoder.take_single(name)
                self._count(name)

            return handle

        names = ["GpuZoneEnd", "GpuZoneEndSerial", *(f"GpuZoneBegin{form}" for form in ("", "Serial"))]
        for form in ("Callstack", "AllocSrcLoc", "AllocSrcLocCallstack"):
            names += [f"GpuZoneBegin{form}", f"GpuZoneBegin{form}Serial"]
        zones = {name: zone(name, name.endswith("Serial"), "AllocSrcLoc" in name) for name in names}
        return {**zones, "GpuContextName": named("GpuContextName"), "GpuAnnotationName": named("GpuAnnotationName")}

    def missing(self) -> list[str]:
        """What was sent ahead and never used."""
        return ["the event that uses MemNamePayload"] if self._pool_payload else []
