"""Saved traces on one axis of time: `tracypy.merge`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from tracypy import _core

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: By what it is known where a trace lies: it was told, or it is the first one; the machine's counter; the clock of the
#: system, in nanoseconds, or in seconds only; round trips between its machine and that of the first one.
type PlacedBy = Literal["told", "counter", "clock", "seconds", "round trips"]


class ClockReading(NamedTuple):
    """The counters of two machines at one moment: in the middle of a question and its answer.

    Attributes:
        other: That of another trace.
        own: That of the trace whose reading it is.
        error_ns: By how much they may be apart: half of the time from the question to the answer.
    """

    other: int
    own: int
    error_ns: int


class MergePart(NamedTuple):
    """One of the traces, with what is known of its clock.

    Attributes:
        path: Its file.
        readings: Of its counter, and of that of another trace.
        other: Which one that is: the number of one that comes before it.
    """

    path: str
    readings: Sequence[ClockReading] = ()
    other: int = 0


class MergedPart(NamedTuple):
    """One of the traces, in the one that they were merged into.

    Attributes:
        path: The file that it was in.
        program: Its program.
        process_id: The process of that; 0 if there were several.
        begin_ns: Where its time 0 lies now.
        placed_by: By what that is known. By "clock" and "seconds" it is as right as the clocks of the systems are. One
            that lies by the counter of a trace on its own machine is as right as that one, and says so.
        error_ns: How far off it may be for all that is known; of "clock", the clocks alone.
        zones: How many zones it has.
    """

    path: str
    program: str
    process_id: int
    begin_ns: int
    placed_by: PlacedBy
    error_ns: int
    zones: int


class MergeSummary(NamedTuple):
    """What was merged.

    Attributes:
        parts: The traces, in the order in which they were named.
        zones: In the file.
        threads: In the file, fibers included.
        file_bytes: The size of the file.
        version: The layout of the file: viewers of older releases refuse it.
        notes: What did not go over as it was, one line each.
    """

    parts: tuple[MergedPart, ...]
    zones: int
    threads: int
    file_bytes: int
    version: str
    notes: tuple[str, ...]


def merge(
    paths: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    offsets: Mapping[str | os.PathLike[str], float] | Sequence[float | None] | None = None,
    overwrite: bool = False,
) -> MergeSummary:
    """Put saved traces on one axis of time, as one file.

    Everything that they have goes over. Where there is more than one program, rows are called
    `program (process): thread`, and sets of frames, plots and pools of memory of the same name are kept apart by their
    program. Traces that tracypy recorded or captured on one machine lie where they did; others where the clock of their
    system says, or where `offsets` tells.

    Args:
        paths: The traces: `.tracy` files, two or more.
        output: The file to write. It appears when it is whole.
        offsets: How many seconds the time 0 of a trace lies behind that of the first one: by its path, as in `paths`,
            or for all in their order, None for what is to be found out.
        overwrite: Whether to replace a file that is there already.

    Returns:
        Where each trace lies now, and what is in the file.

    Raises:
        FileExistsError: The file is there already.
        OSError: A file cannot be read or written.
        ValueError: A file is not a trace; a trace is named twice, or does not say when it was made; a path of `offsets`
            is not one of `paths`; or the result is too large for a file.
    """
    found = _in_order(paths, offsets)
    if len(found) < 2:
        raise ValueError("name two traces at least")
    inputs = [(os.fspath(path), offset, 0, ()) for path, offset in zip(paths, found, strict=True)]
    return _merge(inputs, os.fspath(output), overwrite=overwrite)


def failure_of(problem: OSError | ValueError | MemoryError) -> str:
    """Return by what a merge has failed, in a few words."""
    return getattr(problem, "strerror", None) or str(problem) or "there is not enough memory"


def merge_parts(parts: Sequence[MergePart], output: str, *, overwrite: bool = False) -> MergeSummary:
    """Do what `merge` does, with what is known of the clocks. One part is enough.

    Args:
        parts: The traces.
        output: As there.
        overwrite: As there.
    """
    return _merge([(part.path, None, part.other, part.readings) for part in parts], output, overwrite=overwrite)


def _merge(
    inputs: Sequence[tuple[str, float | None, int, Sequence[ClockReading]]], output: str, *, overwrite: bool
) -> MergeSummary:
    result = _core.merge(inputs, output, overwrite=overwrite)
    notes = list(result.notes)
    if result.zones_elsewhere:
        notes.append(f"{result.zones_elsewhere} zones of functions that a file has no room for are 'other functions'")
    parts = (
        MergedPart(path, place.program, place.process_id, place.begin_ns, place.by, place.error_ns, place.zones)
        for (path, *_), place in zip(inputs, result.places, strict=True)
    )
    return MergeSummary(
        parts=tuple(parts),
        zones=result.zones,
        threads=result.threads,
        file_bytes=result.file_bytes,
        version=result.layout,
        notes=tuple(notes),
    )


def _in_order(
    paths: Sequence[str | os.PathLike[str]],
    offsets: Mapping[str | os.PathLike[str], float] | Sequence[float | None] | None,
) -> list[float | None]:
    if offsets is None:
        return [None] * len(paths)
    if hasattr(offsets, "items"):
        by_path = {os.fspath(path): offset for path, offset in offsets.items()}
        found: list[float | None] = [by_path.pop(os.fspath(path), None) for path in paths]
        if by_path:
            raise ValueError(f"there is an offset for {next(iter(by_path))}, which is not one of the traces")
    else:
        found = list(offsets)
        if len(found) != len(paths):
            raise ValueError(f"there are {len(paths)} traces and {len(found)} offsets: give one for each, or None")
    for offset in found:
        if offset is not None and not abs(offset) < _MOST_SECONDS:
            raise ValueError("an offset must be a number of seconds, and less than 39 hours")
    return found


#: As long as a trace can be.
_MOST_SECONDS = 2**47 / 1e9
