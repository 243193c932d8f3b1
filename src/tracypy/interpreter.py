"""Which interpreter this is, and what it has of its system.

There is one recorder for the process, and it is the main interpreter's.
"""

from __future__ import annotations

import _thread
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: The module that is behind `os`: a program that replaces functions of `os` leaves those of this one.
if sys.platform == "win32":
    import nt as system
else:
    import posix as system

__all__ = ["call_in_forked_child", "embedding_program", "enter", "host_name", "system"]


def call_in_forked_child(function: Callable[[], object]) -> None:
    """Have a function called in each process that is forked from this one, on a system that forks.

    Args:
        function: What to call.
    """
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=function)


def embedding_program() -> str:
    """Return the file name of the program that Python is embedded in; "" if this is Python itself, or not known."""
    try:
        name = os.path.basename(os.readlink("/proc/self/exe"))
    except OSError:  # not Linux, or no /proc
        return ""
    return "" if name.startswith(("python", "ld-", "ld.")) else name  # the system's loader can be what is started


def host_name() -> str:
    """Return what this machine calls itself."""
    from _socket import gethostname

    return gethostname()


def enter() -> None:
    """Prepare what `tracypy` imports; call this before anything else of it is imported.

    In the main interpreter that is nothing. In another one, calls are recorded from here on whenever those of the main
    one are, and the rest of tracypy is not there: see `tracypy.subinterpreter`.

    Raises:
        ImportError: Calls cannot be recorded here.
    """
    if not _is_main():
        from tracypy.subinterpreter import join

        join()


def _is_main() -> bool:
    try:
        return bool(_thread._is_main_interpreter())  # type: ignore[attr-defined]  # noqa: SLF001
    except AttributeError:  # Python 3.12
        from importlib import import_module

        interpreters = import_module("_xxsubinterpreters")
        return bool(interpreters.get_current() == interpreters.get_main())
