"""Programs by name, as a shell finds them: `pytest` is a script of this environment, or one on PATH."""

from __future__ import annotations

import os
import sys

from tracypy.cli.errors import CommandError

_PYTHONS = ("python", "pypy")
_FIRST_BYTES = 1024
_BINARIES = {b"\x7fELF": "binary", b"\xcf\xfa\xed\xfe": "binary", b"MZ": "binary"}
# Those whose programs are no Python for sure; who writes another word there may know a Python that we do not.
_OTHERS = ("sh", "bash", "dash", "zsh", "ksh", "fish", "perl", "ruby", "node", "lua", "php", "awk", "tclsh", "Rscript")


def find(name: str) -> str | None:
    """Return the path of a Python program of this name: of this environment, else the first on PATH.

    Args:
        name: Without a folder.
    """
    return next((path for path in _places(name) if not _what_else(path) and _begins_like_a_script(path)), None)


def is_known(name: str) -> bool:
    """Return whether any program has this name."""
    return bool(_places(name))


def script_meant(target: str) -> str:
    """Return the file that is meant: `target` itself or, if it does not exist, a Python program of this name.

    Args:
        target: What stands on the command line.

    Raises:
        CommandError: It is not a Python program.
    """
    if os.path.exists(target) and not _is_folder_without_main(target):
        _refuse_other_kinds(target, target)
        return target
    found = find(target)
    if found is None:
        for path in _places(target):
            _refuse_other_kinds(target, path)
        return target
    _refuse_foreign_environment(target, found)
    return found


def _is_folder_without_main(path: str) -> bool:
    return os.path.isdir(path) and not any(os.path.exists(os.path.join(path, f"__main__.py{c}")) for c in ("", "c"))


def _refuse_other_kinds(name: str, path: str) -> None:
    kind = _what_else(path)
    if kind:
        place = "" if path == name else f" ({path})"
        raise CommandError(f"{name}{place} is a {kind}, not a Python program")


def _refuse_foreign_environment(name: str, path: str) -> None:
    interpreter = _foreign_interpreter(path)
    if interpreter is not None:
        raise CommandError(
            f"{name} ({path}) belongs to another environment, that of {interpreter}: install tracypy there, and run it "
            "with that"
        )


def _what_else(path: str) -> str:
    """Say in a few words what that file is if it is certainly not a Python program; else nothing."""
    head = _head(path)
    if path.endswith((".py", ".pyc", ".pyw", ".pyz")) or _is_archive(path, head):
        return ""
    for magic, kind in _BINARIES.items():
        if head.startswith(magic):
            return kind
    interpreter = _interpreter(head)
    return f"program for {interpreter}" if interpreter in _OTHERS and not _is_in_disguise(head) else ""


def _foreign_interpreter(path: str) -> str | None:
    """Return the interpreter that a script names if it belongs to another virtual environment."""
    words = _shebang(_head(path))
    if not words or not os.path.isabs(words[0]):
        return None
    prefix = os.path.dirname(os.path.dirname(words[0]))
    is_other = os.path.exists(os.path.join(prefix, "pyvenv.cfg")) and not os.path.samefile(prefix, sys.prefix)
    return words[0] if is_other else None


def _places(name: str) -> list[str]:
    """Yield the places where programs of that name are, ours first."""
    import sysconfig

    if not name or os.path.basename(name) != name:
        return []
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable), *os.get_exec_path()]
    names = [name, f"{name}.exe"] if os.name == "nt" else [name]  # with an archive at its end, which Python runs
    paths = [os.path.join(folder, known) for folder in folders for known in names]
    return [path for path in dict.fromkeys(paths) if os.path.isfile(path) and os.access(path, os.X_OK)]


def _begins_like_a_script(path: str) -> bool:
    head = _head(path)
    return _interpreter(head).startswith(_PYTHONS) or _is_in_disguise(head) or _is_archive(path, head)


def _head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_FIRST_BYTES)
    except OSError:
        return b""


def _shebang(head: bytes) -> list[str]:
    line = head.partition(b"\n")[0]
    return os.fsdecode(line[2:]).split() if line.startswith(b"#!") else []


def _interpreter(head: bytes) -> str:
    """Return what the first line names, such as "python3.13" or "sh"; empty without such a line."""
    words = [word for word in _shebang(head) if not word.startswith("-") and "=" not in word]
    names = [os.path.basename(word) for word in words]
    if names[:1] == ["env"]:
        del names[0]
    return names[0] if names else ""


def _is_in_disguise(head: bytes) -> bool:
    """Return whether sh and Python both read it: installers do so if the interpreter's path is too long."""
    second = head.partition(b"\n")[2]
    return second.startswith((b"'''", b'"""', b'""":"'))


def _is_archive(path: str, head: bytes) -> bool:
    if not head.startswith((b"PK", b"MZ", b"#!")):
        return False
    import zipfile

    return zipfile.is_zipfile(path)
