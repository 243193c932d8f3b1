"""What a recording is called when nobody says."""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".tracy"
_MOST_NAMES = 10_000
# Of a program's name. With the time, a number and the endings of the files beside it that stays below what the
# strictest of the usual file systems take (143).
_MOST_BYTES = 90


def default_stem(program: str) -> str:
    """Return the program's name and the time, such as demo-20261123-141502."""
    return f"{_short(program)}-{time.strftime('%Y%m%d-%H%M%S')}"


def stem_of_job(program: str, tag: str) -> str:
    """Return the program's name, the day and the job: ranks do not begin in the same second."""
    return f"{_short(program)}-{time.strftime('%Y%m%d')}-{tag}"


def _short(program: str) -> str:
    letters = "".join(letter if letter.isalnum() or letter in "_." else "-" for letter in program.removesuffix(".py"))
    short = os.fsencode(letters)[:_MOST_BYTES].decode(errors="ignore")
    words = "-".join(word for word in short.split("-") if word).strip("-.")
    return words or "python"


def numbered(stem: str) -> Iterator[str]:
    """Yield free names of recordings: STEM.tracy, STEM-2.tracy and so on."""
    for number in range(1, _MOST_NAMES):
        path = f"{stem}{SUFFIX}" if number == 1 else f"{stem}-{number}{SUFFIX}"
        if not os.path.lexists(path) and not os.path.lexists(f"{path}.journal"):
            yield path
