"""Which threads and which functions of a recording are exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracypy.errors import ExportError
from tracypy.trace.functions import is_match
from tracypy.trace.trace import call_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracypy.trace import Thread, Trace

_LISTED = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """Some threads, and some functions, of a trace.

    Attributes:
        threads: The threads, in the order of the trace.
        is_kept: For each source location, whether its zones are exported.
        has_all_threads: Whether no thread is left out.
    """

    threads: tuple[Thread, ...]
    is_kept: Sequence[bool]
    has_all_threads: bool

    def expected_bytes(self, trace: Trace, of_zone: Sequence[int]) -> int:
        """Estimate how much is written for all zones.

        Args:
            trace: The recording.
            of_zone: How much for one, for each source location.
        """
        return sum(
            calls * of_zone[location]
            for thread in ([None] if self.has_all_threads else self.threads)
            for location, calls in call_counts(trace, thread)
            if self.is_kept[location]
        )

    def require_anything(self, trace: Trace) -> None:
        """Raise unless there is something that has a time.

        Raises:
            ExportError: There is nothing to show.
        """
        if not any(thread.zone_count for thread in self.threads) and not len(trace.messages) and not trace.plots:
            raise ExportError("nothing_to_export", trace=trace.path)

    def has_message_of(self, thread: int | None) -> bool:
        """Return whether messages of the thread with this index are exported; None: of no thread."""
        return self.has_all_threads or any(chosen.index == thread for chosen in self.threads)


def choose(trace: Trace, threads: Sequence[str] = (), pattern: str | None = None) -> Choice:
    """Return what the user's words stand for.

    Args:
        trace: The recording.
        threads: Names or ids of threads, or parts of names, regardless of case; none means all.
        pattern: Only functions with this in their name or file; with `*`, `?` or `[`, a glob over either.

    Raises:
        ExportError: A word stands for no thread, or there is no such function.
    """
    chosen = _threads(trace, threads)
    is_kept = [pattern is None or is_match(pattern, place.label, place.file) for place in trace.source_locations]
    if pattern is not None and not any(is_kept):
        raise ExportError("no_function", trace=trace.path, pattern=pattern)
    return Choice(chosen, is_kept, len(chosen) == len(trace.threads))


def _threads(trace: Trace, words: Sequence[str]) -> tuple[Thread, ...]:
    chosen: set[int] = set()
    for word in words:
        found = _matching(trace, word)
        if not found:
            names = [repr(thread.name) if thread.name else str(thread.id) for thread in trace.threads]
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            raise ExportError("no_thread", trace=trace.path, thread=word, known=", ".join(names[:_LISTED]) + more)
        chosen.update(found)
    return tuple(thread for thread in trace.threads if not words or thread.index in chosen)


def _matching(trace: Trace, word: str) -> list[int]:
    """Return the thread with that name or id; if there is none, those with it in their name."""
    exact = [thread.index for thread in trace.threads if word in (thread.name, str(thread.id))]
    return exact or [thread.index for thread in trace.threads if word and word.lower() in thread.name.lower()]
