"""What all kinds have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.viewer.decoder import Decoder, Handler


class Kind:
    """Handlers of the events of one kind, with the state that its rules need.

    Args:
        decoder: the conversation's decoder.
        tolerated: faults of Tracy's own client to overlook, see `Session`.
    """

    def __init__(self, decoder: Decoder, tolerated: frozenset[str] = frozenset()) -> None:
        self._decoder = decoder
        self._trace = decoder.trace
        self._queries = decoder.queries
        self._tolerated = tolerated

    def handlers(self) -> dict[str, Handler]:
        """The handlers by the name of their event."""
        raise NotImplementedError

    def missing(self) -> list[str]:
        """What was sent ahead of an event and is not used yet, in words."""
        return []

    def at_terminate(self) -> None:
        """Check what must be complete when the program has sent its last event."""

    def _count(self, name: str) -> None:
        self._trace.other[name] += 1
