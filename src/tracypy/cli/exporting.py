"""What `export` and `flamegraph` share: a recording is opened, a file is written, and one line says so."""

from __future__ import annotations

import os

import click

from tracypy import left_behind, stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.status_line import StatusLine
from tracypy.cli.stdout import printing
from tracypy.cli.trace_files import open_sums, open_zones
from tracypy.errors import ExportError
from tracypy.formatting import printable, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracypy.cli.trace_files import Excerpt
    from tracypy.trace import Trace

_INTERRUPTED = 130
_OF_SUMS = ("flamegraph",)  # what needs no zones
_WORTH_A_WORD = 100_000_000
_LARGE = 2_000_000_000
# So many bytes for a zone are many: a recording with fewer zones makes no large file, and need not be looked into.
_MOST_FOR_ZONE = 1_000


def choice_options[F: Callable[..., object]](command: F) -> F:
    """Add -f, --thread and --filter."""
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
    excerpt: Excerpt,
    *,
    any_size: bool = False,
) -> None:
    """Export a file, and say on stderr what was written and what was left out.

    Args:
        source: The recording.
        out: Where to; "-" is the standard output, None beside the recording.
        to: The format.
        threads: Only these threads.
        pattern: Only these functions.
        force: Whether a file that is there may be replaced.
        options: What the writer of the format takes.
        excerpt: Only this part of the recording.
        any_size: Whether the file may become very large.

    Raises:
        CommandError: It cannot be read or written, or makes no sense.
    """
    from tracypy.exporters import default_path, export
    from tracypy.exporters.output import STANDARD_OUTPUT, refuse_existing

    notes: Sequence[str] = ()
    out = out or default_path(source, to)
    try:
        refuse_existing(out, overwrite=force)  # before a large recording is read
        with _Line(f"reading {source}"):
            trace = open_sums(source, excerpt, trees=True) if to in _OF_SUMS else open_zones(source, excerpt)
        expected = _tell_size(trace, out, to, threads, pattern, any_size, options)
        with (
            printing("to the standard output" if out == STANDARD_OUTPUT else out),
            _Line(f"writing {out}", expected, is_hidden=out == STANDARD_OUTPUT) as line,
        ):
            notes = export(
                trace, out, to=to, threads=threads, filter=pattern, overwrite=force, progress=line.show_bytes, **options
            )
    except ExportError as problem:
        raise CommandError(str(problem)) from None
    except ValueError as problem:
        if not hasattr(problem, "code"):
            raise
        raise CommandError(f"{source}: {problem}") from None  # the file was sound when it was read first
    except KeyboardInterrupt:
        raise CommandError("given up; nothing was written", _INTERRUPTED) from None
    for note in notes:
        stderr.say(note)
    if out != STANDARD_OUTPUT:
        stderr.say(f"wrote {out}{_size(out)}")
        left_behind.tell(out)


def _tell_size(
    trace: Trace,
    out: str,
    to: str,
    threads: Sequence[str],
    pattern: str | None,
    any_size: bool,
    options: dict[str, object],
) -> int:
    """Warn before writing: a file may have a hundred times the size of the recording.

    Returns:
        How large it will be, about; 0 if that is not known, or small.
    """
    from tracypy.exporters import expected_bytes

    if trace.zone_count * _MOST_FOR_ZONE < _WORTH_A_WORD:
        return 0
    expected = expected_bytes(trace, out, to=to, threads=threads, filter=pattern, **options)
    what = "what is printed" if out == "-" else out
    if expected > _LARGE and not any_size:
        raise CommandError(
            f"{what} would have about {size(expected)}: --from, --until, --thread and --filter choose a part, a name "
            "in .gz makes a tenth of it; --any-size writes it all the same"
        )
    if expected > _WORTH_A_WORD:
        stderr.say(f"{what} will have about {size(expected)}")
    return expected


class _Line(StatusLine):
    """What is done, and how far it is.

    Args:
        what: What is done.
        expected: Of about so many bytes; 0 if nobody knows.
        is_hidden: Whether the terminal is needed for something else.
    """

    def __init__(self, what: str, expected: int = 0, *, is_hidden: bool = False) -> None:
        self._what, self._expected = f"tracypy: {printable(what)}", expected
        super().__init__(self._what, is_hidden=is_hidden)

    def show_bytes(self, written: int) -> None:
        """Show how many bytes there are so far."""
        if not self.is_shown:
            return
        so_far = size(written)
        if self._expected > 0:
            so_far = f"{min(99, written * 100 // self._expected)}%, {so_far} of about {size(self._expected)}"
        self.show(f"{self._what}: {so_far}")


def _size(path: str) -> str:
    try:
        return f" ({size(os.stat(path).st_size)})"
    except OSError:
        return ""
