"""Locks: who waited for them, and who had them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracypy._core import TraceFile
    from tracypy.trace.threads import Thread

KINDS = ("wait", "obtain", "release", "shared wait", "shared obtain", "shared release")


class LockEvent(NamedTuple):
    """One thing that happened to a lock.

    Attributes:
        time_ns: When.
        thread: The index of the thread in `Trace.threads`; None if the trace does not have it.
        kind: wait, obtain or release; of a lock that several threads may have, with "shared" before it.
    """

    time_ns: int
    thread: int | None
    kind: str


class Lock:
    """One lock.

    Attributes:
        location: The index of the place where it was made, in `Trace.source_locations`.
        is_shared: Whether several threads may have it at once.
        made_ns: When it was made; 0 for before the recording.
        events: What happened to it, by time.
    """

    __slots__ = ("events", "is_shared", "location", "made_ns")

    def __init__(self, file: TraceFile, index: int, threads: Sequence[Thread]) -> None:
        row = file.lock(index)
        self.location: int = row.location
        self.is_shared: bool = row.is_shared
        self.made_ns: int = row.made_ns
        numbers = {thread.id: thread.index for thread in threads}
        self.events: tuple[LockEvent, ...] = tuple(
            LockEvent(time, numbers.get(thread), KINDS[kind]) for time, thread, kind in row.events
        )

    def __repr__(self) -> str:
        return f"<Lock at location {self.location}: {len(self.events)} events>"
