"""The command line, called from a program in Python."""

from __future__ import annotations

import os
import subprocess
import sys

from tracypy.cli import start
from tracypy.cli.commands import command_and_rest, launch_of

_MAIN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "__main__.py")


def call(words: list[str]) -> int:
    """Do what a command line says, and return its exit code.

    Args:
        words: What follows `tracypy` on the command line.
    """
    if words and launch_of(command_and_rest(words)[0]) is not None:  # a program, which gets a process of its own
        code = subprocess.call([sys.executable, _MAIN, *words])  # noqa: S603  # as its user says
        return code if code >= 0 else 128 - code
    try:
        start(words)
    except SystemExit as end:
        return _exit_code(end.code)
    return 0


def _exit_code(code: object) -> int:
    """Return what the interpreter makes of the value of a SystemExit."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1
