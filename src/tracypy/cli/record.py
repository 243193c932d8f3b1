"""`tracypy record`: a program, recorded to a file."""

from __future__ import annotations

import atexit
import os
import re
import time

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.options import filter_options
from tracypy.cli.program import current_folder
from tracypy.cli.recorded import Report
from tracypy.cli.target import ProgramCommand
from tracypy.cli.values import Value
from tracypy.cli.watch import chosen_filter
from tracypy.config import number, parse_size
from tracypy.profiler import enable_for_program
from tracypy.recording import begin_recording, finish_recording, is_pending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.cli.program import Body, Program


@click.command(cls=ProgramCommand, short_help="Run a program, record it to a file, and sum up what took the time.")
@click.option("-o", "--output", metavar="FILE", help="The file to make.  [default: the program's name and the time]")
@click.option("-f", "--force", is_flag=True, help="Overwrite the file, and what a killed recording left behind.")
@click.option(
    "--seconds",
    type=Value(number("number of seconds", above=True)),
    metavar="S",
    help="Stop recording after S seconds; the program goes on.",
)
@click.option(
    "--max-size",
    type=Value(parse_size),
    metavar="SIZE",
    help="Stop recording when so much was written, such as 500MB; the program goes on. The file is smaller.",
)
@filter_options
def command(
    program: Program,
    output: str | None,
    force: bool,
    seconds: float | None,
    max_size: int | None,
    **watch: object,
) -> Callable[[], Body]:
    """Run a Python program as `python` would, and record every call to a file that any Tracy viewer opens.

    At the end a summary on stderr says what took the time. What stands after the program is the program's, options too.

    If the program is killed, what was recorded is in FILE.journal: `tracypy recover` makes the file of it.
    """

    def start() -> Body:
        report = Report()
        chosen = chosen_filter(program, watch)
        body = program.prepare()
        path = output if output is not None else _default_name(program.name)
        path = os.path.normpath(path if os.path.isabs(path) else os.path.join(current_folder(), path))
        if program.kind == "script" and os.path.exists(path) and os.path.samefile(path, program.target):
            raise CommandError(f"{output} is the program itself; name another file with -o")
        try:
            enable_for_program(chosen)
            begin_recording(
                path, chosen, overwrite=force, seconds=seconds, max_size=max_size, program_name=program.name
            )
        except OSError as problem:
            raise CommandError(f"cannot record: {problem.strerror}") from None
        except RuntimeError as problem:
            raise CommandError(str(problem)) from None
        # After the program's own handlers, which come later and are called earlier; they are still recorded.
        atexit.register(_finish, report)
        return body

    return start


def _default_name(program: str) -> str:
    """Such as demo-20261123-141502.tracy, in the current folder."""
    stem = re.sub(r"[^\w.]+", "-", program.removesuffix(".py")).strip("-.") or "python"
    name = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 1
    path = f"{name}.tracy"
    while os.path.lexists(path) or os.path.lexists(f"{path}.journal"):
        number += 1
        path = f"{name}-{number}.tracy"
    return path


def _finish(report: Report) -> None:
    if not is_pending():  # this is a forked child, or the program has stopped the recording itself
        return
    try:
        summary = finish_recording(report.progress)
    except KeyboardInterrupt:
        report.clear()  # where the journal is was said
    except RuntimeError as problem:
        report.say(str(problem))
    else:
        report.show(summary)
