"""Locks as those of `asyncio`, whose waits and holds a trace shows on the threads that the tasks run on."""

from __future__ import annotations

import asyncio
from typing import Literal

from tracypy._core import LockStory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["BoundedSemaphore", "Condition", "Lock", "Semaphore"]


async def _obtain(story: LockStory, waits: bool, acquire: Callable[[], Awaitable[object]]) -> Literal[True]:
    if waits:
        story.wait()
    try:
        await acquire()
    except BaseException:
        if waits:
            story.give_up()
        raise
    story.obtain()
    return True


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
        return await _obtain(self._story, self.locked(), super().acquire)

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
        value: How many tasks may hold it at once.
        name: Its name in the viewer; None for the place where it is made.
    """

    def __init__(self, value: int = 1, *, name: str | None = None) -> None:
        super().__init__(value)
        self._story = LockStory("asyncio.Semaphore", name, True)

    async def acquire(self) -> Literal[True]:
        """Obtain it, and wait for it if need be."""
        return await _obtain(self._story, self.locked(), super().acquire)

    def release(self) -> None:
        """Let go of it."""
        self._story.release()
        super().release()


class BoundedSemaphore(Semaphore, asyncio.BoundedSemaphore):
    """As `asyncio.BoundedSemaphore`."""
