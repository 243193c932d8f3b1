"""What commands print: it may go to a reader that leaves early, to a full disk, or nowhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from tracypy.cli.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def printing(place: str = "to the standard output") -> Iterator[None]:
    """Ignore, around everything that is printed, a reader that has gone, such as `head`.

    Args:
        place: What the message says could not be written.

    Raises:
        CommandError: It cannot be written.
    """
    if sys.stdout is None:  # closed before we came
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # as long as we run
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        print_nothing_more()
    except OSError as problem:
        print_nothing_more()
        raise CommandError(f"cannot write {place}: {problem.strerror or problem}") from None


def print_json(document: Mapping[str, object]) -> None:
    """Print a JSON object."""
    import json  # not when a program is run, which this file is imported for, too

    with printing():
        sys.stdout.write(f"{json.dumps(document, indent=2)}\n")


def print_nothing_more() -> None:
    """Keep the interpreter from flushing a broken stdout at exit, and complaining."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
