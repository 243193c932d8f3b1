"""`tracypy run`: a program, watched."""

from __future__ import annotations

import os

import tracypy
from tracypy.cli.errors import CommandError
from tracypy.cli.options import PROGRAM_OPTIONS, SERVER_OPTIONS, WATCH_OPTIONS
from tracypy.cli.restarting import Restarts
from tracypy.cli.watch import chosen, gather_clients, lead_children
from tracypy.cli.words import Launch
from tracypy.config import Config
from tracypy.profiler import enable_for_program, leave_family
from tracypy.server import listen_beside_parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.cli.program import Body, Program


def start(
    program: Program,
    wait: bool,
    no_exit: bool | None,
    port: int | None,
    address: str | None,
    again: str | None,
    children: bool | None,
    gather: tuple[tuple[int | None, str], ...],
    skip_first_line: bool,
    **watch: object,
) -> Body:
    """Run a Python program as `python` would, with every call a zone in the Tracy viewer that connects.

    Processes that it starts have rows in the same viewer.

    A viewer may connect at any time, leave and come back; while none is connected the program runs at full speed. What
    stands after the program is the program's, options too.
    """
    wait = wait and again is None
    if wait:  # imports rich; once the program's own folder is on sys.path, it might find another one
        from tracypy.cli.waiting import wait_for_viewer
    leave_family()
    watched, follows = chosen(program, watch, children=children)
    program.skips_first_line = skip_first_line
    body = program.prepare()
    gather_clients(gather)
    if follows:
        lead_children(watched, records=False)
    _listen(program, no_exit, port, address, is_restarted=again is not None)
    Restarts(program, "run", only_exec=follows).base = ""
    if wait:
        wait_for_viewer()
    try:
        enable_for_program(watched)
    except RuntimeError as problem:
        raise CommandError(str(problem)) from None
    return body


def _listen(
    program: Program, no_exit: bool | None, port: int | None, address: str | None, *, is_restarted: bool
) -> None:
    name = Config(os.environ).program_name or program.name
    try:
        listen = listen_beside_parent if is_restarted else tracypy.listen
        listen(no_exit=no_exit, port=port, address=address, program_name=name)
    except OSError as problem:
        raise CommandError(f"cannot listen: {problem.strerror}") from None


LAUNCH = Launch(
    "run",
    (*SERVER_OPTIONS, *WATCH_OPTIONS, *PROGRAM_OPTIONS),
    "Run a program; every call is a zone in the viewer that connects.",
    start,
)
