"""`tracypy view`: a recording as a timeline in the browser."""

from __future__ import annotations

import click

from tracypy import left_behind, stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.values import Value
from tracypy.config import whole_number

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
def command(file: str, port: int, no_browser: bool) -> Callable[[], None]:
    """Look at FILE in the browser: threads and fibers with their zones, frames, messages, plots, locks, memory.

    The page comes from this machine and goes nowhere else; it is there until Ctrl-C.
    """

    def start() -> None:
        answers = _read(file)
        _serve(answers, port, opens=not no_browser)

    return start


def _read(path: str) -> Answers:
    import os

    from tracypy.view.answers import read

    if not os.path.lexists(path) and (text := left_behind.text_for(path)):
        raise CommandError(f"there is no {path}: {text}")
    try:
        return read(path)
    except OSError as problem:
        raise CommandError(str(problem.strerror)) from None  # which names the file
    except ValueError as problem:  # TraceError among them
        raise CommandError(str(problem)) from None
    except MemoryError:
        raise CommandError(f"{path}: there is not enough memory to read it") from None


def _serve(answers: Answers, port: int, *, opens: bool) -> None:
    from tracypy.view.page import served
    from tracypy.view.server import serve

    def say(address: str) -> None:
        stderr.say(f"the timeline is at {address} until Ctrl-C")
        if opens:
            import webbrowser

            webbrowser.open(address)

    try:
        serve(answers, served(answers), port, say)
    except OSError as problem:
        raise CommandError(f"cannot listen on port {port}: {problem.strerror or problem}") from None
