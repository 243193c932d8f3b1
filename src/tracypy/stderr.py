"""What is told on stderr: the process's own, where the interpreter's messages go too, whatever is in `sys.stderr`.

It may be closed, full, or a file of the program's that got its number: nothing of that is an error. Plain Python that
imports nothing, since it also serves a program that is at its end.
"""

from __future__ import annotations

import sys

from tracypy import _core

_DESCRIPTOR = 2
_original = sys.__stderr__


def is_terminal() -> bool:
    """Return whether somebody may be looking."""
    import os

    return _core.has_stderr() and os.isatty(_DESCRIPTOR)


def columns() -> int:
    """Return the width of the terminal; a very large number without one."""
    import os

    try:
        return (_core.has_stderr() and os.get_terminal_size(_DESCRIPTOR).columns) or sys.maxsize
    except OSError:
        return sys.maxsize


def write(text: str) -> None:
    """Write text as it is, with escapes for what the encoding does not have."""
    _flush()
    _core.write_stderr(_in_encoding(text, getattr(_original, "encoding", None) or "utf-8"))


def write_when_made(before: str, after: str) -> None:
    """Write text when the file of a recording is made that was left, with the file's size in between."""
    _flush()
    encoding = getattr(_original, "encoding", None) or "utf-8"
    _core.leave_recording(_in_encoding(before, encoding), _in_encoding(after, encoding))


def _flush() -> None:
    """Write out first what the program has written of a line."""
    try:
        if _original is not None:
            _original.flush()
    except Exception:  # noqa: BLE001  # it is closed, or full
        return


def say(text: str) -> None:
    """Write a line."""
    write(f"tracypy: {text}\n")


def _in_encoding(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.replace(" µs", " us").encode(encoding, "backslashreplace")
