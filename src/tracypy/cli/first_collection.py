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
        # There is no other way to count from nothing than to collect, which would be seen. What is there is old then.
        if gc.get_freeze_count() == 0:
            gc.freeze()
            gc.unfreeze()
        gc.enable()
