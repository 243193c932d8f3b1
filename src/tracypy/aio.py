"""Locks as those of `asyncio`, whose waits and holds a trace shows on the threads that the tasks run on."""

from __future__ import annotations

import asyncio
from typing import Literal

from tracypy._core import LockStory

__all__ = ["BoundedSemaphore", "Condition", "Lock", "Semaphore"]


class Lock(asyncio.Lock):
    """As `asyncio.Lock`.

    Args:
        name: Its name in the viewer; None for the place where it is made.
    """

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__()
        self._story = LockStory("asyncio.Lock", name, False)

    async def acquire(self) -> Literal[True]:
        """Obtain it, and wait for it if need be."""
        waits = self.locked()
        if waits:
            self._story.wait()
        try:
            await super().acquire()
        except BaseException:
            if waits:
                self._story.give_up()
            raise
        self._story.obtain()
        return True

    def release(self) -> None:
        """Let go of it."""
        if self.locked():
            self._story.release()
        super().release()


class Condition(asyncio.Condition):
    """As `asyncio.Condition`, with a lock that a trace shows.

    Args:
        lock: The lock; None for one of its own.
        name: That lock's name in the viewer; None for the place where it is made.
    """

    def __init__(self, lock: Lock | None = None, *, name: str | None = None) -> None:
        super().__init__(Lock(name=name) if lock is None else lock)


class Semaphore(asyncio.Semaphore):
    """As `asyncio.Semaphore`; a trace shows it as a lock that several threads share.

    Args:
        value: How often it may be obtained at first.
        name: Its name in the viewer; None for the place where it is made.
    """

    def __init__(self, value: int = 1, *, name: str | None = None) -> None:
        super().__init__(value)
        self._story = LockStory("asyncio.Semaphore", name, True)

    async def acquire(self) -> Literal[True]:
        """Obtain it, and wait for it if need be."""
        waits = self.locked()
        if waits:
            self._story.wait()
        try:
            await super().acquire()
        except BaseException:
            if waits:
                self._story.give_up()
            raise
        self._story.obtain()
        return True

    def release(self) -> None:
        """Let go of it."""
        self._story.release()
        super().release()


class BoundedSemaphore(Semaphore, asyncio.BoundedSemaphore):
    """As `asyncio.BoundedSemaphore`."""
