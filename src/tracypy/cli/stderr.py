"""What commands tell their user on stderr. It may be closed, full, or not there: nothing of that is an error.

Plain Python, since `recorded` needs it when a recorded program is at its end.
"""

from __future__ import annotations

import sys

from tracypy.cli.texts import in_encoding


def is_terminal() -> bool:
    """Whether somebody may be looking."""
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False


def write(text: str) -> None:
    """Writes text as it is."""
    try:
        sys.stderr.write(in_encoding(text, sys.stderr.encoding or "utf-8"))
        sys.stderr.flush()
    except (AttributeError, LookupError, OSError, TypeError, ValueError):
        pass


def say(text: str) -> None:
    """Writes a line."""
    write(f"tracypy: {text}\n")
