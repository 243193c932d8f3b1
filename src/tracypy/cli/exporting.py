"""What `export` and `flamegraph` share: a recording is opened, a file is written, and one line says so."""

from __future__ import annotations

import os

import click

from tracypy import stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.stdout import printing
from tracypy.cli.trace_files import open_trace
from tracypy.errors import ExportError
from tracypy.texts import size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_INTERRUPTED = 130


def choice_options[F: Callable[..., object]](command: F) -> F:
    """Adds -f, --thread and --filter."""
    decorators = (
        click.option("-f", "--force", is_flag=True, help="Overwrite a file that is there."),
        click.option(
            "--thread",
            "threads",
            multiple=True,
            metavar="NAME",
            help="Only this thread: its name or id, or a part of its name; repeatable.",
        ),
        click.option(
            "--filter",
            "pattern",
            metavar="PATTERN",
            help="Only functions with this in their name or file; with *, ? or [ in it, a glob over either. What the "
            "others do counts for the function around.",
        ),
    )
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def write_export(
    source: str,
    out: str | None,
    to: str,
    threads: Sequence[str],
    pattern: str | None,
    force: bool,
    options: dict[str, object],
) -> None:
    """Exports a file, and says on stderr what was written and what was left out.

    Args:
        source: The recording.
        out: Where to; "-" is the standard output, None beside the recording.
        to: The format.
        threads: Only these threads.
        pattern: Only these functions.
        force: Whether a file that is there may be replaced.
        options: What the writer of the format takes.

    Raises:
        CommandError: It cannot be read or written, or makes no sense.
    """
    from tracypy.exporters import default_path, export
    from tracypy.exporters.output import STANDARD_OUTPUT, refuse_existing

    notes: Sequence[str] = ()
    out = out or default_path(source, to)
    try:
        refuse_existing(out, overwrite=force)  # before a large recording is read
        trace = open_trace(source)
        with printing("to the standard output" if out == STANDARD_OUTPUT else out):
            notes = export(trace, out, to=to, threads=threads, filter=pattern, overwrite=force, **options)
    except ExportError as problem:
        raise CommandError(str(problem)) from None
    except KeyboardInterrupt:
        raise CommandError("given up; nothing was written", _INTERRUPTED) from None
    for note in notes:
        stderr.say(note)
    if out != STANDARD_OUTPUT:
        stderr.say(f"wrote {out}{_size(out)}")


def _size(path: str) -> str:
    try:
        return f" ({size(os.stat(path).st_size)})"
    except OSError:
        return ""
