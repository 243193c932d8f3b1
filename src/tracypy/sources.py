"""The texts of source files, for viewers that ask: from disk, from archives, and what only `linecache` has.

A thread of tracypy's own calls this while a viewer waits. Nothing that the program may notice is changed: what
`linecache` keeps for tracebacks stays as it is. And nothing is imported that the program may be importing at that
moment: two threads that import modules which need each other get them half done. So this knows no more than what the
interpreter has when it begins, and looks at `linecache` and `tokenize` only if they are there.
"""

from __future__ import annotations

import os
import stat
import sys

from tracypy._core import SOURCE_TEXT_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


def text_of(file: str) -> bytes | None:
    """Return the text of a source file as UTF-8; None where there is none, or one that is too long for a viewer.

    Args:
        file: The name that code objects have for it.
    """
    for look in (_of_no_file, _of_file, _of_module):
        text = look(file)
        if text is not None:
            encoded = text.encode(errors="replace")
            return encoded if len(encoded) <= SOURCE_TEXT_LIMIT else None
    return None


def _of_no_file(file: str) -> str | None:
    """Return what a notebook, a `-c`, or whoever makes code at run time has told `linecache`."""
    entry = getattr(sys.modules.get("linecache"), "cache", {}).get(file)
    if entry is None:
        return None
    if len(entry) == 1:  # to be loaded when it is needed
        return entry[0]() if _may_decode() else None
    _size, modified, lines, _path = entry
    return "".join(lines) if modified is None else None


def _of_file(file: str) -> str | None:
    """Return the text of an ordinary file: another one might never end."""
    try:
        about = os.stat(file)
        if not stat.S_ISREG(about.st_mode) or about.st_size > SOURCE_TEXT_LIMIT:
            return None
        with open(file, "rb") as opened:
            content = opened.read(SOURCE_TEXT_LIMIT + 1)
        return content.decode(encoding_of(content), errors="replace")
    except (OSError, ValueError, LookupError):
        return None


def encoding_of(content: bytes) -> str:
    """Return the encoding that a source file says that it has, by PEP 263.

    Args:
        content: Its beginning.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for line in content.split(b"\n", 2)[:2]:
        words = line.strip(b" \t\f\r")
        if words and not words.startswith(b"#"):
            break
        for after in words.split(b"coding")[1:]:
            if after[:1] in (b":", b"="):
                name = after[1:].lstrip(b" \t").decode("latin-1")
                length = next((at for at, one in enumerate(name) if not (one.isalnum() or one in "-_.")), len(name))
                if length:
                    return name[:length]
    return "utf-8"


def _may_decode() -> bool:
    """Whether loaders find what they import to make a text of what they have read."""
    return "tokenize" in sys.modules


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
    # Programs put anything there, also what says of itself that it is a module, and has no dictionary.
    return [module for module in list(sys.modules.values()) if issubclass(type(module), type(sys))]


def _loaded(names: dict[str, object]) -> str | None:
    spec = names.get("__spec__")
    loader = getattr(spec, "loader", None)
    get_source = getattr(loader, "get_source", None)
    if get_source is None or not (_may_decode() or type(loader).__module__ == "zipimport"):
        return None
    try:
        text = get_source(getattr(spec, "name", names.get("__name__")))
    except (ImportError, OSError, ValueError, SyntaxError):
        return None
    return text if isinstance(text, str) else None
