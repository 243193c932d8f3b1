"""`tracypy view`: a recording as a timeline in the browser."""

from __future__ import annotations

import os
import sys

import click

from tracypy import left_behind, stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.trace_files import opened
from tracypy.cli.values import Value
from tracypy.config import whole_number
from tracypy.errors import ExportError
from tracypy.formatting import size

_INTERRUPTED = 130
_WITH_WINDOWS = ("win32", "darwin")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.view.answers import Answers


@click.command(short_help="Look at a recording in the browser, as a timeline.")
@click.argument("file", type=click.Path())
@click.option(
    "--port",
    type=Value(whole_number(0, 65535)),
    default="0",
    metavar="PORT",
    help="Where to listen, on this machine only.  [default: any]",
)
@click.option("--no-browser", is_flag=True, help="Only say the address, and open no browser.")
@click.option("-o", "--output", "out", metavar="OUT", help="Write a page that is complete in itself, and serve none.")
@click.option(
    "--max-zones",
    type=Value(whole_number(1)),
    metavar="N",
    help="-o: how many zones the page has; of more, the shortest are left out.  [default: 1,000,000]",
)
@click.option("-f", "--force", is_flag=True, help="-o: overwrite a file that is there.")
@click.option(
    "--no-index", is_flag=True, help="Keep no index of a large recording in the cache for the next time, and use none."
)
def command(
    file: str, port: int, no_browser: bool, out: str | None, max_zones: int | None, force: bool, no_index: bool
) -> Callable[[], None]:
    """Look at FILE in the browser: threads and fibers with their zones, frames, messages, plots, locks, memory.

    The page comes from this machine and goes nowhere else; it is there until Ctrl-C. With -o it is written to a file,
    to be kept or sent to somebody.
    """

    def start() -> None:
        if out is not None:
            _write(file, out, max_zones, force, kept=not no_index)
        else:
            _serve(_read(file, kept=not no_index), port, opens=not no_browser, keeps=not no_index)

    return start


def _read(path: str, *, kept: bool) -> Answers:
    from tracypy.view.answers import read

    try:
        return opened(path, lambda: read(path, kept=kept))
    except KeyboardInterrupt:
        raise CommandError("given up", _INTERRUPTED) from None


def _write(path: str, out: str, max_zones: int | None, force: bool, *, kept: bool) -> None:
    from tracypy.cli.stdout import printing
    from tracypy.exporters.output import STANDARD_OUTPUT, is_same_file, refuse_existing, text_output
    from tracypy.view.single import MOST_ZONES, page

    try:
        refuse_existing(out, overwrite=force)  # before a large recording is read
        if is_same_file(path, out):
            raise CommandError(f"{out} is the recording itself: name another file")
        text, notes = page(_read(path, kept=kept), max_zones or MOST_ZONES)
        with (
            printing("to the standard output" if out == STANDARD_OUTPUT else out),
            text_output(out, overwrite=force) as file,
        ):
            file.write(text)
    except ExportError as problem:
        raise CommandError(str(problem)) from None
    for note in notes:
        stderr.say(note)
    if out != STANDARD_OUTPUT:
        stderr.say(f"wrote {out} ({size(os.stat(out).st_size)})")
        left_behind.tell(out)


def _has_windows() -> bool:
    """Return whether a browser would have a window; one for the terminal would take that away."""
    if sys.platform in _WITH_WINDOWS:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def _serve(answers: Answers, port: int, *, opens: bool, keeps: bool) -> None:
    from tracypy.view import index
    from tracypy.view.page import served
    from tracypy.view.server import serve

    def say(address: str) -> None:
        stderr.say(f"the timeline is at {address} until Ctrl-C")
        if opens and _has_windows():
            import webbrowser

            webbrowser.open(address)
        if keeps and answers.is_new:
            index.keep(answers.path, answers.timeline, answers.zone_count)

    try:
        serve(answers, served(answers), port, say)
    except OSError as problem:
        raise CommandError(f"cannot listen on port {port}: {problem.strerror or problem}") from None
