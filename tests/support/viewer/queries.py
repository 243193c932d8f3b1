"""What the viewer asks, how many questions may be under way, and whether an answer was asked for."""

from __future__ import annotations

import struct
from collections import Counter, deque
from enum import IntEnum

from .errors import ProtocolViolation
from .tables import DEFERRED_QUERIES_SINCE


class Query(IntEnum):
    """Query kinds. Those below DISCONNECT overtake the others when the viewer has to queue them."""

    TERMINATE = 0
    STRING = 1
    THREAD_STRING = 2
    SOURCE_LOCATION = 3
    PLOT_NAME = 4
    FRAME_NAME = 5
    PARAMETER = 6
    FIBER_NAME = 7
    EXTERNAL_NAME = 8
    DISCONNECT = 9
    CALLSTACK_FRAME = 10
    SYMBOL = 11
    SYMBOL_CODE = 12
    SOURCE_CODE = 13
    DATA_TRANSFER = 14
    DATA_TRANSFER_PART = 15


QUERY = struct.Struct("<BQI")

# The real limit is the socket's send buffer in queries, at most 8192, less 4; a default Linux socket reaches it.
QUERY_LIMIT = 8 * 1024 - 4

_ANSWERED_WITH_NOOP = frozenset({Query.PARAMETER, Query.DATA_TRANSFER, Query.DATA_TRANSFER_PART})


def pack_query(kind: Query, pointer: int = 0, extra: int = 0) -> bytes:
    """One query as it goes over the wire."""
    return QUERY.pack(kind, pointer, extra)


class QueryBook:
    """Questions waiting to be sent, sent, and answered.

    A question counts against the limit from the moment it is sent until its answer comes. Before protocol 82
    it leaves at once if nothing waits before it; in 82 all leave at the end of a block, the urgent kinds first.
    """

    def __init__(self, protocol: int, limit: int = QUERY_LIMIT) -> None:
        self._deferred = protocol >= DEFERRED_QUERIES_SINCE
        self._space = limit
        self._urgent: list[bytes] = []
        self._patient: list[bytes] = []
        self._outgoing = bytearray()
        # How often each is asked: older viewers ask for a frame again before its answer has come.
        self._unanswered: dict[Query, Counter[int]] = {kind: Counter() for kind in Query}
        self._locations: deque[int] = deque()
        self._noops: deque[Query] = deque()
        self.asked: Counter[Query] = Counter()

    def ask(self, kind: Query, pointer: int, extra: int = 0) -> None:
        """Ask one question, now or as soon as there is space."""
        self.asked[kind] += 1
        if kind in _ANSWERED_WITH_NOOP:
            self._noops.append(kind)
        elif kind is Query.SOURCE_LOCATION:
            self._locations.append(pointer)
        else:
            self._unanswered[kind][pointer] += 1
        packet = QUERY.pack(kind, pointer, extra)
        if not self._deferred and self._space > 0 and not self._urgent and not self._patient:
            self._space -= 1
            self._outgoing += packet
        elif kind < Query.DISCONNECT:
            self._urgent.append(packet)
        else:
            self._patient.append(packet)

    def end_of_block(self) -> None:
        """Send what waits, as far as the limit allows."""
        for waiting in (self._urgent, self._patient):
            count = min(self._space, len(waiting))
            if count > 0:
                self._outgoing += b"".join(waiting[:count])
                del waiting[:count]
                self._space -= count

    def take_outgoing(self) -> bytes:
        """The bytes to send to the program now."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def answered(self, kind: Query, pointer: int, event: str) -> None:
        """Check that this answer was asked for, and strike the question out."""
        if pointer not in self._unanswered[kind]:
            raise ProtocolViolation(f"{event} answers 0x{pointer:x}, which is not asked for (or answered already)")
        self._unanswered[kind][pointer] -= 1
        if not self._unanswered[kind][pointer]:
            del self._unanswered[kind][pointer]
        self._space += 1

    def location_answered(self) -> int:
        """A source location came: it has no id and answers the oldest question."""
        if not self._locations:
            raise ProtocolViolation("SourceLocation answers a question that was not asked")
        self._space += 1
        return self._locations.popleft()

    def noop_answered(self) -> None:
        """An acknowledgement came: it has no id and answers the oldest question of its sort."""
        if not self._noops:
            raise ProtocolViolation("AckServerQueryNoop acknowledges nothing that was asked")
        self._space += 1
        self._noops.popleft()

    def symbol_code_answered(self, event: str) -> None:
        """The answer came that there is no code: it has no id and answers the oldest question."""
        oldest = next(iter(self._unanswered[Query.SYMBOL_CODE]), None)
        if oldest is None:
            raise ProtocolViolation(f"{event}, but no symbol code is asked for")
        self.answered(Query.SYMBOL_CODE, oldest, event)

    def is_asked(self, kind: Query, pointer: int) -> bool:
        """Whether an answer to this question is still to come."""
        return pointer in self._unanswered[kind]

    def missing(self) -> list[str]:
        """Every question without an answer, in words."""
        words = [f"{kind.name} 0x{pointer:x}" for kind, pointers in self._unanswered.items() for pointer in pointers]
        words += [f"SOURCE_LOCATION 0x{pointer:x}" for pointer in self._locations]
        words += [f"acknowledgement of {kind.name}" for kind in self._noops]
        return words

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits and everything is answered."""
        return not (
            self._urgent
            or self._patient
            or self._locations
            or self._noops
            or any(self._unanswered[kind] for kind in self._unanswered)
        )
