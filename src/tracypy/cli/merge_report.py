"""What a merge says when it is done."""

from __future__ import annotations

import click

from tracypy.cli.stdout import printing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.merging import MergedPart, MergeSummary


def show(path: str, summary: MergeSummary) -> None:
    """Say where each trace lies now, and what is in the file."""
    from tracypy.formatting import count, quoted, size

    lines = [_line(part, place == 0) for place, part in enumerate(summary.parts)]
    lines += [f"Note:      {note}" for note in summary.notes]
    lines += [
        f"Zones:     {count(summary.zones)}",
        f"Threads:   {count(summary.threads)}",
        f"Saved:     {path}, {size(summary.file_bytes)}, for viewers from {summary.version} on",
    ]
    word = quoted(path)
    lines += [f"Open it:   tracy-profiler {word}", f"More:      tracypy view {word}, tracypy report {word}"]
    with printing():
        click.echo("\n".join(lines))


def _line(part: MergedPart, is_first: bool) -> str:
    from tracypy.formatting import count, duration

    known = {
        "told": "" if is_first else ", as told",
        "counter": f", by the machine's counter, to {duration(part.error_ns)}",
        "clock": ", by the clocks of the systems, as far as they agree",
        "round trips": f", by round trips, to {duration(part.error_ns)}",
        "seconds": ", by the clocks of the systems, to a second: --offset says it better",
    }[part.placed_by]
    return f"{part.path}: {count(part.zones)} zones, from {duration(part.begin_ns)} on{known}"
