"""Trace files that commands are given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import tracypy
from tracypy import left_behind
from tracypy.cli.errors import CommandError

if TYPE_CHECKING:
    from tracypy.trace import Trace


class Excerpt(NamedTuple):
    """Which part of a trace is asked for; as in `tracypy.open`."""

    from_ns: int = 0
    until_ns: int | None = None
    min_duration_ns: int = 0


_ALL = Excerpt()


def open_trace(path: str, excerpt: Excerpt = _ALL) -> Trace:
    """Open the trace in that file.

    Raises:
        CommandError: It cannot be read; the text says why.
    """
    if not os.path.lexists(path) and (text := left_behind.text_for(path)):
        raise CommandError(f"there is no {path}: {text}")
    try:
        return tracypy.open(path, **excerpt._asdict())
    except OSError as problem:
        raise CommandError(str(problem.strerror)) from None  # which names the file
    except ValueError as problem:  # TraceError among them
        raise CommandError(str(problem)) from None
    except MemoryError:
        raise CommandError(f"{path}: there is not enough memory to read it") from None
