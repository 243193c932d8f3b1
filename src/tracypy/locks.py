"""Locks as those of `threading`, whose waits and holds a trace shows; and those of `threading` itself, made so."""

from __future__ import annotations

import _thread
import threading
from typing import TYPE_CHECKING

from tracypy._core import Lock, LockStory, RLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ["BoundedSemaphore", "Condition", "Lock", "RLock", "Semaphore", "instrument_locks"]

_MOST_RELEASES = 1000  # to tell at once: a viewer follows 64 threads


class Condition(threading.Condition):
    """As `threading.Condition`, with a lock that a trace shows.

    Args:
        lock: The lock; None for an `RLock` of its own.
        name: That lock's name in the viewer; None for the place where it is made.
    """

    def __init__(self, lock: Lock | RLock | None = None, *, name: str | None = None) -> None:
        super().__init__(RLock(name=name) if lock is None else lock)  # type: ignore[arg-type]  # it passes for one


class Semaphore(threading.Semaphore):
    """As `threading.Semaphore`; a trace shows it as a lock that several threads share.

    Args:
        value: How many threads may hold it at once.
        name: Its name in the viewer; None for the place where it is made.
    """

    def __init__(self, value: int = 1, *, name: str | None = None) -> None:
        super().__init__(value)
        self._story = LockStory("Semaphore", name, True)

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Obtain it, and wait for it if need be and wanted. Return whether it was obtained."""
        if not blocking or super().acquire(blocking=False):
            is_ours = blocking or super().acquire(blocking=False, timeout=timeout)
            if is_ours:
                self._story.obtain()
            return is_ours
        self._story.wait()
        is_ours = False
        try:
            is_ours = super().acquire(timeout=timeout)
        finally:
            (self._story.obtain if is_ours else self._story.give_up)()
        return is_ours

    __enter__ = acquire

    def release(self, n: int = 1) -> None:
        """Let go of it, `n` times."""
        for _ in range(min(n, _MOST_RELEASES)):
            self._story.release()
        super().release(n)


class BoundedSemaphore(Semaphore, threading.BoundedSemaphore):
    """As `threading.BoundedSemaphore`; a trace shows it as a lock that several threads share."""


class _StandIn(type):
    """Of classes that stand in for a lock's own: they make locks of ours, and pass for it."""

    make: Callable[..., object]
    own: type

    def __call__(cls, *arguments: object, **options: object) -> object:
        return cls.make(*arguments, **options)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.own)


class _Lock(metaclass=_StandIn):
    make = Lock
    own = type(_thread.allocate_lock())


class _RLock(metaclass=_StandIn):
    make = RLock
    own = _thread.RLock


_ORIGINALS = {"Lock": threading.Lock, "RLock": threading.RLock}
_STAND_INS = {"Lock": _Lock, "RLock": _RLock}
_guard = _thread.allocate_lock()
_holders = 0


class instrument_locks:  # noqa: N801  # reads like a function
    """Let a trace show all locks that `threading` makes from now on, also those of events, conditions and queues.

    Who has taken `Lock` or `RLock` out of `threading` before has what was there. Until `undo`, or for the block of a
    with statement.

    Raises:
        RuntimeError: The locks of `threading` are not the interpreter's own; gevent and eventlet put theirs there.
    """

    __slots__ = ("_is_on",)

    def __init__(self) -> None:
        global _holders
        self._is_on = False
        with _guard:
            if _holders == 0:
                _require_own()
                for name, stand_in in _STAND_INS.items():
                    setattr(threading, name, stand_in)
            _holders += 1
            self._is_on = True

    def undo(self) -> None:
        """Let `threading` make locks as before. Those that were made meanwhile stay as they are."""
        global _holders
        with _guard:
            if not self._is_on:
                return
            self._is_on = False
            _holders -= 1
            for name, stand_in in _STAND_INS.items():
                if _holders == 0 and getattr(threading, name) is stand_in:
                    setattr(threading, name, _ORIGINALS[name])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.undo()


def _require_own() -> None:
    is_own = isinstance(threading.Lock(), _Lock.own) and isinstance(threading.RLock(), _RLock.own)
    if not is_own or any(getattr(threading, name) is not own for name, own in _ORIGINALS.items()):
        raise RuntimeError(
            "the locks of threading are not the interpreter's own: another library has put its own there"
        )
