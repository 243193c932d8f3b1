"""No garbage collection from when a program is about to be watched until it begins.

What we have made would bring it about, and it would be the first thing in the program's trace.
"""

from __future__ import annotations

import gc

_is_held = False


def hold() -> None:
    """Let the collector wait; unless something has switched it off."""
    global _is_held
    if not gc.isenabled():
        return
    gc.disable()
    _is_held = True


def release() -> None:
    """Let it go on, and count from here on: the program begins."""
    global _is_held
    if _is_held:
        _is_held = False
        # Of what we have made: nobody is told.
        told = gc.callbacks[:]
        gc.callbacks.clear()
        gc.collect(0)
        gc.callbacks[:] = told
        gc.enable()
