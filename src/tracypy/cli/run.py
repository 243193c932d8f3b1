"""`tracypy run`: a program, watched."""

from __future__ import annotations

import os

import click

import tracypy
from tracypy.cli.errors import CommandError
from tracypy.cli.options import filter_options, server_options
from tracypy.cli.target import ProgramCommand
from tracypy.cli.watch import chosen_filter
from tracypy.config import Config
from tracypy.profiler import enable_for_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.cli.program import Body, Program


@click.command(cls=ProgramCommand, short_help="Run a program; every call is a zone in the viewer that connects.")
@server_options
@filter_options
def command(
    program: Program, wait: bool, no_exit: bool | None, port: int | None, address: str | None, **watch: object
) -> Callable[[], Body]:
    """Run a Python program as `python` would, with every call a zone in the Tracy viewer that connects.

    A viewer may connect at any time, leave and come back; while none is connected the program runs at full speed. What
    stands after the program is the program's, options too.
    """

    def start() -> Body:
        if wait:  # imports rich; once the program's own folder is on sys.path, it might find another one
            from tracypy.cli.waiting import wait_for_viewer
        chosen = chosen_filter(program, watch)
        body = program.prepare()
        _listen(program, no_exit, port, address)
        if wait:
            wait_for_viewer()
        try:
            enable_for_program(chosen)
        except RuntimeError as problem:
            raise CommandError(str(problem)) from None
        return body

    return start


def _listen(program: Program, no_exit: bool | None, port: int | None, address: str | None) -> None:
    name = Config(os.environ).program_name or program.name
    try:
        tracypy.listen(no_exit=no_exit, port=port, address=address, program_name=name)
    except OSError as problem:
        raise CommandError(f"cannot listen: {problem.strerror}") from None
