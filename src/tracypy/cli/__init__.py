"""The command line. It works in three steps, so that a watched program has as few of our frames below it as can be.

The words are read, by us if they are ordinary and by click if not, and the command returns what is to be done. Then,
click's frames gone, that is done. What it returns, if anything, is a program that is ready to run, and is run.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from tracypy.cli.program import Body


def main() -> None:
    """Run the command line in `sys.argv`.

    Raises:
        SystemExit: Always, unless a program was run to its end.
    """
    from tracypy.cli.program import forget_imports, leave_own_path, run
    from tracypy.profiler import leave_out_callers_of

    leave_out_callers_of(main.__code__)
    leave_own_path()
    loaded = set(sys.modules)
    body = start(sys.argv[1:])
    if body is not None:
        forget_imports(loaded)
        run(body)


def start(words: list[str]) -> Body | None:
    """Do what a command line says.

    Args:
        words: What follows `tracypy`.

    Returns:
        What runs the program, if there is one to run.

    Raises:
        SystemExit: It cannot be done, as a line on stderr says.
    """
    from tracypy.cli.errors import CommandError
    from tracypy.errors import SettingError

    command = _parse(words)
    try:
        return command()
    except (CommandError, SettingError) as problem:
        _fail(str(problem), getattr(problem, "exit_code", 2))


def _parse(arguments: list[str]) -> Callable[[], Body | None]:
    from tracypy.cli import first_collection

    first_collection.hold()
    from tracypy.cli.commands import read_ordinary

    command = read_ordinary(arguments)
    if command is None:
        first_collection.release()
        return _parse_with_click(arguments)
    return command


def _parse_with_click(arguments: list[str]) -> Callable[[], Body | None]:
    import click

    from tracypy.cli.app import app
    from tracypy.cli.stdout import print_nothing_more

    try:
        result = app.main(arguments, prog_name="tracypy", standalone_mode=False)
    except click.ClickException as problem:
        _fail(problem.format_message(), problem.exit_code)
    except click.Abort:
        _fail("given up", 1)
    except OSError as problem:  # --help, --version
        print_nothing_more()
        _fail(f"cannot write to the standard output: {problem.strerror}", 2)
    if not callable(result):  # --help, --version: shown, done
        sys.exit(result)
    start: Callable[[], Body | None] = result
    return start


def _fail(text: str, exit_code: int) -> NoReturn:
    from tracypy.stderr import say

    say(" ".join(text.split()))
    sys.exit(exit_code)
