"""The texts of source files, for viewers that ask: from disk, from archives, and what only `linecache` has.

A thread of tracypy's own calls this while a viewer waits. Nothing that the program may notice is changed: what
`linecache` keeps for tracebacks stays as it is.
"""

from __future__ import annotations

import io
import linecache
import os
import stat
import sys
import tokenize
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What fits into one answer; of a longer text there is none, since half of it would have the wrong end.
LIMIT = 256 * 1024 - 16


def text_of(file: str) -> bytes | None:
    """Return the text of a source file as UTF-8; None where there is none, or one that is too long for a viewer.

    Args:
        file: The name that code objects have for it.
    """
    for look in (_of_no_file, _of_file, _of_module):
        text = look(file)
        if text is not None:
            encoded = text.encode(errors="replace")
            return encoded if len(encoded) <= LIMIT else None
    return None


def _of_no_file(file: str) -> str | None:
    """Return what a notebook, a `-c`, or whoever makes code at run time has told `linecache`."""
    entry = linecache.cache.get(file)
    if entry is None:
        return None
    if len(entry) == 1:  # to be loaded when it is needed
        return entry[0]()
    _size, modified, lines, _path = entry
    return "".join(lines) if modified is None else None


def _of_file(file: str) -> str | None:
    """Return the text of an ordinary file: another one might never end."""
    try:
        about = os.stat(file)
        if not stat.S_ISREG(about.st_mode) or about.st_size > LIMIT:
            return None
        with open(file, "rb") as opened:
            content = opened.read(LIMIT + 1)
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding, errors="replace")
    except (OSError, ValueError, SyntaxError):
        return None


def _of_module(file: str) -> str | None:
    """Return the text of a module in an archive, from its loader, or of one that the interpreter has in itself."""
    frozen = file[8:-1] if file.startswith("<frozen ") else None
    for module in _modules():
        names = object.__getattribute__(module, "__dict__")  # a lazy module would be loaded by any other way
        if frozen is not None and names.get("__name__") == frozen:
            path = names.get("__file__")
            return _of_file(path) if isinstance(path, str) else None
        if names.get("__file__") == file:
            return _loaded(names)
    return None


def _modules() -> Iterable[ModuleType]:
    return [module for module in list(sys.modules.values()) if isinstance(module, ModuleType)]


def _loaded(names: dict[str, object]) -> str | None:
    spec = names.get("__spec__")
    get_source = getattr(getattr(spec, "loader", None), "get_source", None)
    if get_source is None:
        return None
    try:
        text = get_source(getattr(spec, "name", names.get("__name__")))
    except (ImportError, OSError, ValueError, SyntaxError):
        return None
    return text if isinstance(text, str) else None
