"""Journals of recordings that did not come to their end, and that nobody makes a trace of: whoever comes by is told.

`tracypy record` sees to its own, except where it could not. The API does not.
"""

from __future__ import annotations

import os

from tracypy import _core, stderr

JOURNAL = ".journal"
_LIKE_OURS = ".tracy" + JOURNAL
_MOST_ENTRIES = 10_000  # of a folder: nobody waits for a larger one to be looked through
_has_told = False
_known: set[str] = set()  # what this process has left there, and has said so


def tell(path: str) -> None:
    """Say in one line on stderr, once in the life of the process, what was left behind in a folder.

    Args:
        path: A file in the folder, that was made just now.
    """
    say(look_beside(path))


def look_beside(path: str) -> str:
    """Return what there is to say.

    Args:
        path: A file in the folder. Its own journal does not count.
    """
    if _has_told:
        return ""
    found = _found(os.path.dirname(path) or os.curdir, os.path.basename(path) + JOURNAL)
    more = f" (as is what is in {len(found) - 1} more there)" if len(found) > 1 else ""
    return f"{_what_to_do(found[0])}{more}" if found else ""


def say(text: str) -> None:
    """Say it, once in the life of the process.

    Args:
        text: What `look_beside` has found.
    """
    global _has_told
    if text:
        _has_told = True
        stderr.say(text)


def make_known(trace: str) -> None:
    """Note that a recording of this process has failed, and that the user knows where its journal is.

    Args:
        trace: What was to be made, absolute.
    """
    _known.add(trace + JOURNAL)


def text_for(trace: str) -> str:
    """Say what to do if only the journal of that file exists; wait for a trace that is just being made.

    Args:
        trace: The file.
    """
    journal = trace + JOURNAL
    _core.await_trace_of(journal)
    return _what_to_do(journal) if not os.path.lexists(trace) and _core.is_left_behind(journal) else ""


def _what_to_do(journal: str) -> str:
    import shlex  # which hardly anybody needs: it imports re

    return (
        f"{journal} was left behind by a recording that did not come to its end: "
        f"`tracypy recover {shlex.quote(journal)}` makes a trace of it"
    )


def _found(folder: str, own: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for _number, entry in zip(range(_MOST_ENTRIES), entries, strict=False)
                if entry.name.endswith(_LIKE_OURS) and entry.name != own
            ]
    except OSError:
        return []
    paths = [name if folder == os.curdir else os.path.join(folder, name) for name in sorted(names)]
    return [path for path in paths if path not in _known and _core.is_left_behind(path)]
