"""`python -m tracypy`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

try:
    from tracypy.cli import main as run_command_line
except ModuleNotFoundError:  # started by the path of this file, for a program that leaves its children no sys.path
    import os
    import sys

    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from tracypy.cli import main as run_command_line

    del sys.path[-1]  # what else of us is imported is found by our own package


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command `tracypy` does, from Python. A program that is run gets a process of its own.

    Args:
        argv: What follows `tracypy` on the command line; by default `sys.argv[1:]`.

    Returns:
        The exit code; of a program that a signal has ended, 128 and its number, as in a shell.

    Example:
        >>> from tracypy.__main__ import main
        >>> main(["record", "-o", "out.tracy", "script.py"])
        0
    """
    import sys

    from tracypy.cli.embedded import call

    return call(list(sys.argv[1:] if argv is None else argv))


if __name__ == "__main__":
    run_command_line()
