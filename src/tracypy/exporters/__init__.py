"""Recordings in the formats of other tools, one file of this folder for each, and the list of them.

As in::

    import tracypy.exporters

    trace = tracypy.open("out.tracy")
    tracypy.exporters.export(trace, "out.json.gz", to="chrome")
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from tracypy.errors import ExportError
from tracypy.exporters.choice import choose
from tracypy.exporters.output import COMPRESSED, STANDARD_OUTPUT, binary_output, is_same_file, text_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracypy.exporters.output import Progress
    from tracypy.trace import Trace

__all__ = ["FORMATS", "ExportError", "Format", "default_path", "export", "format_of"]


class Format(NamedTuple):
    """One format.

    Attributes:
        name: What it is called; also of the module that writes it.
        meaning: What opens it.
        suffix: How files of it are called when nobody says.
        endings: How names end by which it is known.
        is_text: Whether it is text, which may be compressed, too.
    """

    name: str
    meaning: str
    suffix: str
    endings: tuple[str, ...] = ()
    is_text: bool = True


# One file each in this folder, with a `write` in it. To add a format, add a line.
FORMATS = {
    form.name: form
    for form in (
        Format("csv", "tables with the columns of tracy-csvexport", ".csv", (".csv",)),
        Format("chrome", "Chrome trace events, for ui.perfetto.dev", ".trace.json", (".trace.json", ".json")),
        Format("perfetto", "Perfetto's own tracks", ".pftrace", (".pftrace", ".perfetto-trace"), is_text=False),
        Format("parquet", "tables for DuckDB, Polars and Spark", ".parquet", (".parquet",), is_text=False),
        Format("speedscope", "for speedscope.app", ".speedscope.json", (".speedscope.json", ".speedscope")),
        Format(
            "pstats", "for `python -m pstats` and all that reads it", ".pstats", (".pstats", ".prof"), is_text=False
        ),
        Format("collapsed", "stacks for flamegraph.pl and inferno", ".collapsed", (".collapsed", ".folded", ".stacks")),
        Format("flamegraph", "one HTML page", ".html", (".html", ".htm")),
    )
}


_COMPRESSION = 12  # what gzip makes of such text, at its level here


def format_of(path: str) -> Format | None:
    """Return the format for a file of this name; the longest known ending wins."""
    name = path.removesuffix(COMPRESSED).lower()
    known = [(len(ending), form) for form in FORMATS.values() for ending in form.endings if name.endswith(ending)]
    return max(known, key=lambda entry: entry[0])[1] if known else None


def default_path(trace_path: str, to: str) -> str:
    """Return where an export goes by default: beside the recording, with the ending of the format."""
    return os.path.splitext(trace_path)[0] + FORMATS[to].suffix


def expected_bytes(
    trace: Trace,
    path: str,
    *,
    to: str,
    threads: Sequence[str] = (),
    filter: str | None = None,  # noqa: A002  # as there
    **options: Any,  # noqa: ANN401  # as there
) -> int:
    """Estimate how large a file `export` makes; 0 if it is small.

    Args:
        trace: As there.
        path: As there.
        to: As there.
        threads: As there.
        filter: As there.
        **options: As there.

    Raises:
        ExportError: As there.
    """
    of_format = getattr(import_module(f"tracypy.exporters.{to}"), "expected_bytes", None)
    if of_format is None:
        return 0
    expected: int = of_format(trace, choose(trace, threads, filter), **options)
    return expected // _COMPRESSION if path.endswith(COMPRESSED) else expected


def export(
    trace: Trace,
    path: str | os.PathLike[str],
    *,
    to: str | None = None,
    threads: Sequence[str] = (),
    filter: str | None = None,  # noqa: A002  # what it is called everywhere
    overwrite: bool = False,
    progress: Progress | None = None,
    **options: Any,  # noqa: ANN401  # what the format's `write` takes
) -> list[str]:
    """Write a recording in another format.

    Args:
        trace: What `tracypy.open` returned.
        path: Where to; "-" is the standard output. Text that goes to a name in .gz is compressed.
        to: One of `FORMATS`; without it, the ending of the path says.
        threads: Only these: names or ids, or parts of names.
        filter: Only functions with this in their name or file; with `*`, `?` or `[`, a glob over either. What others do
            counts for the function around them.
        overwrite: Whether a file that is there may be replaced.
        progress: Called now and then with the number of bytes that the file has so far.
        **options: Of the format: see the `write` of its module.

    Returns:
        What was left out or changed to fit the format, a sentence each.

    Raises:
        ExportError: There is nothing to export, no such format or thread, or the file exists, or is the recording.
        OSError: The file cannot be written.
    """
    name = os.fspath(path)
    form = FORMATS.get(to) if to is not None else format_of(name)
    if form is None:
        known = ", ".join(FORMATS)
        if to:
            raise ExportError("unknown_format", format=to, known=known)
        raise ExportError("no_format", path=name, known=known)
    if not form.is_text and name.endswith(COMPRESSED):
        raise ExportError("cannot_compress", format=form.name, suffix=COMPRESSED)
    if name != STANDARD_OUTPUT and is_same_file(name, trace.path):
        raise ExportError("export_over_trace", path=name)
    choice = choose(trace, threads, filter)
    write = import_module(f"tracypy.exporters.{form.name}").write
    opened = text_output if form.is_text else binary_output
    with opened(name, overwrite=overwrite, progress=progress) as out:
        notes: list[str] = write(trace, choice, out, **options)
    return notes
