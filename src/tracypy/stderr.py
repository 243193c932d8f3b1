"""What is told on stderr. That may be closed, full, not there or the program's own: nothing of that is an error.

Plain Python that imports nothing, since it also serves a program that is at its end.
"""

from __future__ import annotations

import sys


def is_terminal() -> bool:
    """Whether somebody may be looking."""
    try:
        return bool(sys.stderr.isatty())
    except Exception:  # noqa: BLE001  # the program may have put anything in its place
        return False


def write(text: str) -> None:
    """Writes text as it is, with escapes for what the encoding has not."""
    try:
        sys.stderr.write(_in_encoding(text, getattr(sys.stderr, "encoding", None) or "utf-8"))
        sys.stderr.flush()
    except Exception:  # noqa: BLE001, S110  # likewise
        pass


def say(text: str) -> None:
    """Writes a line."""
    write(f"tracypy: {text}\n")


def _in_encoding(text: str, encoding: str) -> str:
    try:
        return text.encode(encoding).decode(encoding)
    except UnicodeEncodeError:
        return text.replace(" µs", " us").encode(encoding, "backslashreplace").decode(encoding)
