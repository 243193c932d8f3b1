"""`tracypy recover`: what a killed recording left behind, made into a trace."""

from __future__ import annotations

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.recording_report import Report
from tracypy.errors import RecordingError, TraceError
from tracypy.recording import recover_with_progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@click.command(short_help="Make a trace of what a killed recording left behind.")
@click.argument("journal", metavar="FILE")
@click.option("-o", "--output", metavar="FILE", help="The file to make.  [default: the one that was to be made]")
@click.option("-f", "--force", is_flag=True, help="Overwrite the file.")
def command(journal: str, output: str | None, force: bool) -> Callable[[], None]:
    """Make a trace of FILE, the journal (OUT.tracy.journal) of a recording that did not come to its end.

    That is so when the program was killed, or the disk was full. What was written of it is in the trace; when that is
    made, the journal is deleted.
    """

    def start() -> None:
        report = Report()
        try:
            summary = recover_with_progress(journal, output, overwrite=force, progress=report.progress)
        except OSError as problem:
            report.clear()
            raise CommandError(problem.strerror or str(problem)) from None
        except (RecordingError, TraceError) as problem:
            report.clear()
            raise CommandError(str(problem)) from None
        report.show(summary)

    return start
