"""Which interpreter this is. There is one recorder for the process, and it is the main interpreter's."""

from __future__ import annotations

import _thread


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
