"""What `export` and `flamegraph` share: a recording is opened, a file is written, and one line says so."""

from __future__ import annotations

import os
import sys

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.texts import size
from tracypy.cli.trace_files import open_trace
from tracypy.errors import ExportError

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
        threads: Only these.
        pattern: Only these functions.
        force: Whether a file that is there may be replaced.
        options: What the writer of the format takes.

    Raises:
        CommandError: It cannot be read or written, or makes no sense.
    """
    from tracypy.exporters import default_path, export
    from tracypy.exporters.output import STANDARD_OUTPUT, refuse_existing

    out = out or default_path(source, to)
    try:
        refuse_existing(out, overwrite=force)  # before a large recording is read
        notes = export(open_trace(source), out, to=to, threads=threads, filter=pattern, overwrite=force, **options)
    except ExportError as problem:
        raise CommandError(str(problem)) from None
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as problem:
        raise CommandError(f"cannot write {out}: {problem.strerror or problem}") from None
    except KeyboardInterrupt:
        raise CommandError("given up; nothing was written", _INTERRUPTED) from None
    for note in notes:
        sys.stderr.write(f"tracypy: {note}\n")
    if out != STANDARD_OUTPUT:
        sys.stderr.write(f"tracypy: wrote {out}{_size(out)}\n")


def _size(path: str) -> str:
    try:
        return f" ({size(os.stat(path).st_size)})"
    except OSError:
        return ""
