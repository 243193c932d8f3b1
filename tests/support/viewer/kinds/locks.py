"""Locks: announced, waited for, obtained, released, by one thread or shared by several."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .kind import Kind

if TYPE_CHECKING:
    from support.viewer.decoder import Handler
    from support.viewer.trace import SourceLocation

# The bits of a lock's list of waiting threads (MaxLockThreads of TracyEvent.hpp).
_LOCK_THREADS = 64
# What its count of holders can hold (LockEventPtr::lockCount).
_HOLDS = 255
_SHARED_LOCK = 1


@dataclass
class LockEvent:
    """One event: "wait", "obtain", "release", and the same with "shared " before it. `mark` is where in the source."""

    kind: str
    tick: int
    thread: int
    mark: SourceLocation | None = None


@dataclass
class Lock:
    """One lock.

    Attributes:
        location: where it was made.
        holder: the thread that holds it; it can hold it `held` times.
        waiting: threads that wait for it, or have given up: the protocol has no word for that.
        sharing: threads that share it.
    """

    id: int
    is_shared: bool
    location: SourceLocation
    announce_tick: int
    name: str | None = None
    terminate_tick: int | None = None
    events: list[LockEvent] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    holder: int | None = None
    held: int = 0
    waiting: set[int] = field(default_factory=set)
    waiting_to_share: set[int] = field(default_factory=set)
    sharing: set[int] = field(default_factory=set)
    is_contended: bool = False

    def count(self, kind: str) -> int:
        """How many of its events are of this kind."""
        return sum(event.kind == kind for event in self.events)


class LockKind(Kind):
    """Handlers of locks. Announce and terminate have absolute times; the rest runs on the serial queue's clock."""

    def handlers(self) -> dict[str, Handler]:
        return {
            "LockAnnounce": self._announce,
            "LockTerminate": self._terminate,
            "LockWait": self._wait,
            "LockObtain": self._obtain,
            "LockRelease": self._release,
            "LockSharedWait": self._wait_to_share,
            "LockSharedObtain": self._share,
            "LockSharedRelease": self._release_share,
            "LockMark": self._mark,
            "LockName": self._name,
        }

    @property
    def _is_strict(self) -> bool:
        # LockableCtx::AfterUnlock: Tracy's own client says that a lock is free when the next thread may have it already.
        return "LockOrder" not in self._tolerated

    def _lock(self, identity: int) -> Lock:
        lock = self._trace.locks.get(identity)
        if lock is None:
            raise self._decoder.refuse(f"lock {identity} was not announced")
        return lock

    def _announce(self, identity: int, tick: int, location: int, kind: int) -> None:
        # W::ProcessLockAnnounce.
        if identity in self._trace.locks or kind > _SHARED_LOCK:
            raise self._decoder.refuse(f"lock {identity} is announced twice, or is of the unknown kind {kind}")
        self._decoder.check_range(tick)
        place = self._decoder.location(location)
        self._trace.locks[identity] = Lock(identity, kind == _SHARED_LOCK, place, tick)
        self._count("LockAnnounce")

    def _terminate(self, identity: int, tick: int) -> None:
        lock = self._lock(identity)
        if lock.terminate_tick is not None:
            raise self._decoder.refuse(f"lock {identity} is terminated twice")
        if tick < (lock.events[-1].tick if lock.events else lock.announce_tick):
            raise self._decoder.refuse(f"lock {identity} is terminated before its last event")
        lock.terminate_tick = tick
        self._count("LockTerminate")

    def _event(self, lock: Lock, kind: str, thread: int, delta: int) -> None:
        # W::InsertLockEvent.
        tick = self._decoder.advance_serial(delta)
        refuse = self._decoder.refuse
        if tick < (lock.events[-1].tick if lock.events else lock.announce_tick):
            raise refuse(f"an event of lock {lock.id} lies before the one that came before it")
        if lock.terminate_tick is not None:
            raise refuse(f"lock {lock.id} is used after its LockTerminate")
        self._decoder.notice(thread)
        lock.threads.add(thread)
        if len(lock.threads) > _LOCK_THREADS:
            raise refuse(f"lock {lock.id} is used by more than {_LOCK_THREADS} threads")
        lock.events.append(LockEvent(kind, tick, thread))
        # W::UpdateLockCount: what the viewer lists as contended.
        lock.is_contended |= bool(lock.held and (lock.waiting or lock.waiting_to_share)) or bool(
            lock.sharing and lock.waiting
        )
        self._count("LockEvent")

    def _wait(self, thread: int, identity: int, time: int) -> None:
        lock = self._lock(identity)
        lock.waiting.add(thread)
        self._event(lock, "wait", thread, time)

    def _obtain(self, thread: int, identity: int, time: int) -> None:
        # W::UpdateLockCountLockable.
        lock = self._lock(identity)
        refuse = self._decoder.refuse
        if thread not in lock.waiting and "LockObtain" not in self._tolerated:
            # LockableCtx::AfterTryLock does so; a viewer built with its checks on stops at it.
            raise refuse(f"thread {thread} obtains lock {identity} without waiting for it")
        if lock.held and lock.holder != thread and self._is_strict:
            raise refuse(f"thread {thread} obtains lock {identity}, which thread {lock.holder} holds")
        if lock.sharing and self._is_strict:
            raise refuse(f"thread {thread} obtains lock {identity}, which {sorted(lock.sharing)} share")
        if lock.held == _HOLDS:
            raise refuse(f"lock {identity} is held more than {_HOLDS} times")
        lock.waiting.discard(thread)
        lock.holder = thread
        lock.held += 1
        self._event(lock, "obtain", thread, time)

    def _release(self, identity: int, time: int) -> None:
        # The event names no thread: the viewer takes the one that obtained the lock last.
        lock = self._lock(identity)
        if lock.held == 0 or lock.holder is None:
            raise self._decoder.refuse(f"lock {identity} is released, but nobody holds it")
        thread = lock.holder
        lock.held -= 1
        lock.holder = thread if lock.held else None
        self._event(lock, "release", thread, time)

    # Shared: W::UpdateLockCountSharedLockable

    def _shared(self, identity: int) -> Lock:
        lock = self._lock(identity)
        if not lock.is_shared:
            raise self._decoder.refuse(f"a shared event of lock {identity}, which is not a shared lock")
        return lock

    def _wait_to_share(self, thread: int, identity: int, time: int) -> None:
        lock = self._shared(identity)
        lock.waiting_to_share.add(thread)
        self._event(lock, "shared wait", thread, time)

    def _share(self, thread: int, identity: int, time: int) -> None:
        lock = self._shared(identity)
        if thread not in lock.waiting_to_share and "LockObtain" not in self._tolerated:
            raise self._decoder.refuse(f"thread {thread} shares lock {identity} without waiting for it")
        if thread in lock.sharing:
            raise self._decoder.refuse(f"thread {thread} shares lock {identity} twice")
        if lock.held and self._is_strict:
            raise self._decoder.refuse(f"thread {thread} shares lock {identity}, which thread {lock.holder} holds")
        lock.waiting_to_share.discard(thread)
        lock.sharing.add(thread)
        self._event(lock, "shared obtain", thread, time)

    def _release_share(self, identity: int, time: int, thread: int) -> None:
        lock = self._shared(identity)
        if thread not in lock.sharing:
            raise self._decoder.refuse(f"thread {thread} does not share lock {identity} and releases it")
        lock.sharing.discard(thread)
        self._event(lock, "shared release", thread, time)

    def _mark(self, thread: int, identity: int, location: int) -> None:
        # W::ProcessLockMark looks back for a wait or an obtain of this thread, and does not stop at the first event.
        place = self._decoder.location(location)
        for event in reversed(self._lock(identity).events):
            if event.thread == thread and not event.kind.endswith("release"):
                event.mark = place
                self._count("LockMark")
                return
        raise self._decoder.refuse(f"a mark of lock {identity} by thread {thread}, which never used it")

    def _name(self, identity: int) -> None:
        self._lock(identity).name = self._decoder.take_single("LockName")
        self._count("LockName")
