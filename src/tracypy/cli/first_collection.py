"""No garbage collection from when a command line has been given until the program that it runs begins.

What we have made would bring it about, and it would be the first thing in the program's trace. Several would look at
all that was imported so far, besides, which takes a millisecond.
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
    """Let it go on, and count from here on: the program begins, or there is none."""
    global _is_held
    if _is_held:
        _is_held = False
        if gc.get_freeze_count() == 0:
            # What is there by now is old, and the next young collection does not look at it. Without the GIL there is
            # one generation, and what has been counted stays so: only a collection of everything would begin anew.
            gc.freeze()
            gc.unfreeze()
        else:
            # What somebody froze stays so, as CPython 3.12 does with some objects of its own: a young collection is
            # all that begins the count anew. Nobody is told of it: the program did not bring it about.
            callbacks = gc.callbacks[:]
            gc.callbacks.clear()
            gc.collect(0)
            gc.callbacks[:] = callbacks
        gc.enable()
