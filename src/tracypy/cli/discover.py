"""`tracypy discover`: which programs announce themselves."""

from __future__ import annotations

import click

import tracypy
from tracypy import stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.stdout import printing
from tracypy.cli.values import Value
from tracypy.config import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.captured import Announcement


@click.command(short_help="List the programs that announce themselves to viewers.")
@click.option(
    "-s",
    "--seconds",
    default=4.0,
    show_default=True,
    type=Value(number("number of seconds", 0, 3600)),
    metavar="SECONDS",
    help="How long to listen; programs announce themselves every three seconds.",
)
def command(seconds: float) -> Callable[[], None]:
    """List the programs that announce themselves to viewers, on this machine and its networks.

    A program does so while no viewer is connected to it. `tracypy capture` receives from any of them; of those,
    programs of tracypy's speak every protocol, whichever they announce.
    """

    def start() -> None:
        try:
            found = tracypy.discover(seconds)
        except OSError as problem:
            raise CommandError(problem.strerror or str(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("given up", 130) from None
        if not found:
            stderr.say(f"no program announced itself within {seconds:g} seconds")
            return
        with printing():
            _show(found)

    return start


def _show(found: list[Announcement]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from tracypy.cli.tables import stdout_console

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("Program", "Address", "Port", "Protocol", "Tracy", "Process", "Running"):
        table.add_column(title, justify="right" if title in ("Port", "Protocol", "Process", "Running") else "left")
    for entry in found:
        cells = (
            *(entry.program, entry.address, str(entry.port), str(entry.protocol), entry.release),
            *(str(entry.process_id), _duration(entry.active_seconds)),
        )
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))  # a program may be called anything
    console = stdout_console()
    if not console.is_terminal:
        console.width = 200  # lines for other programs are not folded
    console.print(table)


def _duration(seconds: int) -> str:
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
