"""Which interpreter this is. There is one recorder for the process, and it is the main interpreter's."""

from __future__ import annotations

import _thread


def refuse_subinterpreter() -> None:
    """Refuse to work in a subinterpreter; call this before `_core` is imported.

    A subinterpreter that shares the GIL, such as mod_wsgi's, may import what it likes. Of tracypy it would get the main
    interpreter's recorder, and end its recording with itself.

    Raises:
        ImportError: This is a subinterpreter.
    """
    if not _is_main():
        raise ImportError("tracypy works in the main interpreter only, and this is a subinterpreter")


def _is_main() -> bool:
    try:
        return bool(_thread._is_main_interpreter())  # type: ignore[attr-defined]  # noqa: SLF001
    except AttributeError:  # Python 3.12
        from importlib import import_module

        interpreters = import_module("_xxsubinterpreters")
        return bool(interpreters.get_current() == interpreters.get_main())
