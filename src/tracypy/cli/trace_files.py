"""Trace files that commands are given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import tracypy
from tracypy import left_behind
from tracypy.cli.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.trace import Trace


class Excerpt(NamedTuple):
    """Which part of a trace is asked for; as in `tracypy.open`."""

    from_ns: int = 0
    until_ns: int | None = None
    min_duration_ns: int = 0


_ALL = Excerpt()


def open_trace(path: str, excerpt: Excerpt = _ALL) -> Trace:
    """Open the trace in that file.

    Args:
        path: The file.
        excerpt: Only this part of it.

    Raises:
        CommandError: It cannot be read; the text says why.
    """
    return opened(path, lambda: tracypy.open(path, **excerpt._asdict()))


def open_sums(
    path: str, excerpt: Excerpt, *, functions: bool = False, of_threads: bool = False, trees: bool = False
) -> Trace:
    """Open the trace in that file, of any size, for a command that only asks for sums.

    Args:
        path: The file.
        excerpt: Only this part of it.
        functions: As `tracypy.trace.summed.read_summed` takes it, and so are the others.
        of_threads: See there.
        trees: See there.

    Raises:
        CommandError: It cannot be read; the text says why.
    """
    from tracypy.trace.summed import read_summed

    return opened(
        path,
        lambda: read_summed(path, **excerpt._asdict(), functions=functions, of_threads=of_threads, trees=trees),
    )


def open_zones(path: str, excerpt: Excerpt) -> Trace:
    """Open the trace in that file, of any size, for a command that goes through its zones.

    Args:
        path: The file.
        excerpt: Only this part of it.

    Raises:
        CommandError: It cannot be read; the text says why.
    """
    from tracypy.trace.streamed import read_streamed

    return opened(path, lambda: read_streamed(path, **excerpt._asdict()))


def opened[Opened](path: str, read: Callable[[], Opened]) -> Opened:
    """Return what `read` makes of the trace in that file.

    Args:
        path: The file.
        read: Raises what `tracypy.open` does.

    Raises:
        CommandError: It cannot be read; the text says why.
    """
    if not os.path.lexists(path) and (text := left_behind.text_for(path)):
        raise CommandError(f"there is no {path}: {text}")
    try:
        return read()
    except OSError as problem:
        raise CommandError(str(problem.strerror)) from None  # which names the file
    except ValueError as problem:  # TraceError among them
        raise CommandError(str(problem)) from None
    except MemoryError:
        raise CommandError(f"{path}: there is not enough memory to read it") from None
