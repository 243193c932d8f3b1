"""Who called whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class CallEdge(NamedTuple):
    """All calls of one function by another. Times are nanoseconds.

    Attributes:
        caller: The location of the caller; None for zones at the top of their thread.
        callee: The location of what was called.
        calls: How many calls.
        primitive_calls: Those while no call of this caller to this callee was open already.
        total_ns: With what was called: of the primitive calls, as the others are part of them.
        self_ns: Of all calls, without their direct children's time.
    """

    caller: int | None
    callee: int
    calls: int
    primitive_calls: int
    total_ns: int
    self_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class CallTree:
    """Calls merged by path: one node for each way in which a function was reached, from the outermost zones down.

    Tables of one length, with an entry for each node; a node comes after its parent. They are read-only, and
    `numpy.asarray` takes them as they are. Times are nanoseconds.

    Attributes:
        parent: The node above; -1 at the top.
        location: An index into `Trace.source_locations`.
        calls: How many calls by this path.
        total_ns: Their time with what was called. Calls by one path never lie in each other, so all of them count.
        self_ns: Their time without their direct children's.
    """

    parent: Sequence[int]
    location: Sequence[int]
    calls: Sequence[int]
    total_ns: Sequence[int]
    self_ns: Sequence[int]

    def __len__(self) -> int:
        return len(self.parent)
