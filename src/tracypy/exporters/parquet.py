"""Apache Parquet: zones, messages or points of plots as a table, for DuckDB, Polars, Spark and all that reads it.

Written thread by thread, in groups of at most a million rows. pyarrow makes the file; `pip install tracypy[parquet]`.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

import tracypy
from tracypy.errors import ExportError
from tracypy.exporters.names import plot_name, thread_name
from tracypy.trace.columns import zone_dtype
from tracypy.trace.trace import native_file, zone_supply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import BinaryIO

    import numpy as np
    import numpy.typing as npt

    from tracypy._core import ZoneSupply
    from tracypy.exporters.choice import Choice
    from tracypy.trace import Thread, Trace

    type _Arrow = Any  # of pyarrow, which has no types

_MOST_ROWS = 1_000_000  # of a group
_BYTES_OF_ZONE = 6


def write(trace: Trace, choice: Choice, out: BinaryIO, table: str = "zones") -> list[str]:
    """Write one table.

    Args:
        trace: The recording.
        choice: What of it.
        out: Where to.
        table: "zones", "messages" or "plots".

    Returns:
        Nothing that the user must be told.

    Raises:
        ExportError: The trace has nothing of what was asked for, or pyarrow or NumPy is not installed.
    """
    arrow, parquet = _pyarrow()
    schema, groups = _TABLES[table](arrow, trace, choice)
    first = next(groups, None)
    if first is None:
        raise _nothing_of(table, trace)
    with parquet.ParquetWriter(out, schema.with_metadata(_about(trace)), compression="zstd") as writer:
        writer.write_table(first)
        for group in groups:
            writer.write_table(group)
    return []


def expected_bytes(trace: Trace, choice: Choice, table: str = "zones") -> int:
    """Estimate the size of the file; 0 for tables that do not grow with the zones."""
    return choice.expected_bytes(trace, [_BYTES_OF_ZONE] * len(trace.source_locations)) if table == "zones" else 0


def _nothing_of(table: str, trace: Trace) -> ExportError:
    if table == "messages":
        return ExportError("no_messages", trace=trace.path)
    if table == "plots":
        return ExportError("no_plots", trace=trace.path)
    return ExportError("no_zones", trace=trace.path)


def _pyarrow() -> tuple[ModuleType, ModuleType]:
    try:
        import numpy as np  # noqa: F401  # for the columns of zones
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as problem:
        raise ExportError("needs_package", format="parquet", package=problem.name or "pyarrow") from None
    return pa, pq


def _about(trace: Trace) -> dict[str, str]:
    info = trace.info
    about = {"program": info.program, "recording": info.name, "exporter": f"tracypy {tracypy.__version__}"}
    if info.captured_at is not None:
        about["captured_at"] = info.captured_at.isoformat()
    return {f"tracypy.{name}": text for name, text in about.items() if text}


# --- zones ---


def _zones(arrow: ModuleType, trace: Trace, choice: Choice) -> tuple[_Arrow, Iterator[_Arrow]]:
    words = arrow.dictionary(arrow.int32(), arrow.string())
    numbers = {"start_ns": "int64", "end_ns": "int64", "duration_ns": "int64", "self_ns": "int64", "depth": "int32"}
    schema = arrow.schema(
        [("thread", words), ("thread_id", arrow.uint64())]
        + [(name, words) for name in ("name", "function", "file")]
        + [("line", arrow.int32())]
        + [(name, getattr(arrow, kind)()) for name, kind in numbers.items()]
        + [("text", arrow.string()), ("color", arrow.uint32())]
    )
    return schema, _zone_groups(arrow, schema, trace, choice)


def _zone_groups(arrow: ModuleType, schema: _Arrow, trace: Trace, choice: Choice) -> Iterator[_Arrow]:
    import numpy as np

    writer = _ZoneColumns(arrow, trace)
    kept = np.array(choice.is_kept, bool)
    zones = zone_supply(trace)
    for thread in choice.threads:
        for rows, times in _groups_of(zones, thread, kept):
            yield arrow.table(writer.columns(thread, rows, times), schema=schema)


def _groups_of(
    zones: ZoneSupply, thread: Thread, kept: npt.NDArray[np.bool_]
) -> Iterator[tuple[npt.NDArray[np.void], npt.NDArray[np.int64]]]:
    """Yield the zones of a thread that are kept, so many together as a group has, and the times in their children."""
    import numpy as np

    zones.start(thread.index, with_children=True)
    pieces: list[tuple[npt.NDArray[np.void], npt.NDArray[np.int64]]] = []
    room = _MOST_ROWS
    while True:
        rows, times = zones.columns(room)
        if rows:
            some = np.frombuffer(rows, zone_dtype())
            is_wanted = kept[some["location"]]
            pieces.append((some[is_wanted], np.frombuffer(times, np.int64)[is_wanted]))
            room -= len(pieces[-1][0])
        if pieces and (not rows or not room):
            group = np.concatenate([piece for piece, _ in pieces]), np.concatenate([piece for _, piece in pieces])
            pieces, room = [], _MOST_ROWS
            if len(group[0]):
                yield group
        if not rows:
            return


class _ZoneColumns:
    """Makes the columns of some zones of a thread."""

    def __init__(self, arrow: ModuleType, trace: Trace) -> None:
        self._arrow = arrow
        self._native = native_file(trace)
        places = trace.source_locations
        self._names = [place.label for place in places]
        self._functions = [place.function for place in places]
        self._files = [place.file for place in places]
        self._lines = [place.line for place in places]

    def columns(self, thread: Thread, zones: npt.NDArray[np.void], children: npt.NDArray[np.int64]) -> list[_Arrow]:
        import numpy as np

        arrow = self._arrow
        location = zones["location"].astype(np.int32)
        start, end = zones["start_ns"], zones["end_ns"]
        is_open = end < 0
        duration = np.maximum(end - start, 0)
        names, texts, colors = self._extras(zones["extra"], location)
        return [
            self._words(np.zeros(len(zones), np.int32), [thread_name(thread)]),
            arrow.array(np.full(len(zones), thread.id, np.uint64)),
            names,
            self._words(location, self._functions),
            self._words(location, self._files),
            arrow.array(np.array(self._lines, np.int32)[location]),
            arrow.array(start),
            arrow.array(end, mask=is_open),
            arrow.array(duration, mask=is_open),
            arrow.array(np.maximum(duration - children, 0), mask=is_open),
            arrow.array(zones["depth"].astype(np.int32)),
            arrow.array(texts, arrow.string()),
            arrow.array(colors, mask=colors == 0),
        ]

    def _words(self, indices: npt.NDArray[np.int32], words: list[str]) -> _Arrow:
        return self._arrow.DictionaryArray.from_arrays(self._arrow.array(indices), self._arrow.array(words, "string"))

    def _extras(self, extra: npt.NDArray[np.uint32], location: npt.NDArray[np.int32]) -> tuple[_Arrow, _Arrow, _Arrow]:
        """Return names, texts and colours: what only a few zones have of their own."""
        import numpy as np

        names, indices = self._names, location
        places: dict[str, int] = {}  # of names that are no location's
        texts = np.full(len(extra), None, object)
        colors = np.zeros(len(extra), np.uint32)
        for row in np.flatnonzero(extra):
            more = self._native.zone_extra(int(extra[row]))
            texts[row], colors[row] = more.text, more.color
            if more.name:
                if not places:
                    names, indices = list(names), location.copy()
                if more.name not in places:
                    places[more.name] = len(names)
                    names.append(more.name)
                indices[row] = places[more.name]
        return self._words(indices, names), texts, colors


# --- the other tables ---


def _messages(arrow: ModuleType, trace: Trace, choice: Choice) -> tuple[_Arrow, Iterator[_Arrow]]:
    words = [(name, arrow.string()) for name in ("text", "severity", "thread")]
    schema = arrow.schema([("time_ns", arrow.int64()), *words, ("color", arrow.uint32())])
    rows = (
        {
            "time_ns": told.time_ns,
            "text": told.text,
            "severity": told.severity,
            "thread": None if told.thread is None else thread_name(trace.threads[told.thread]),
            "color": told.color or None,
        }
        for told in trace.messages
        if choice.has_message_of(told.thread)
    )
    return schema, (arrow.Table.from_pylist(list(some), schema) for some in batched(rows, _MOST_ROWS))


def _plots(arrow: ModuleType, trace: Trace, _choice: Choice) -> tuple[_Arrow, Iterator[_Arrow]]:
    schema = arrow.schema(
        [("plot", arrow.string()), ("format", arrow.string()), ("time_ns", arrow.int64()), ("value", arrow.float64())]
    )

    def groups() -> Iterator[_Arrow]:
        for plot in trace.plots:
            if len(plot):
                points, count = plot.points, len(plot)
                name = plot_name(plot)
                yield arrow.table(
                    [[name] * count, [plot.format] * count, points["time_ns"], points["value"]], schema=schema
                )

    return schema, groups()


# By name, what makes them.
_TABLES = {"zones": _zones, "messages": _messages, "plots": _plots}
