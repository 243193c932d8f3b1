"""What a program says of itself, once for all: viewers that connect later, and recordings, have it too."""

from __future__ import annotations

from tracypy import _core
from tracypy._core import app_info, set_program_name

__all__ = ["app_info", "set_program_name", "set_thread_name"]


def set_thread_name(name: str) -> None:
    """Give the calling thread a name of its own in traces.

    Its name in `threading`, and what the program logs, stay as they are. Viewers that connect later have it, and every
    recording; one that is connected already may have asked for the name before.

    Args:
        name: The name; of more than 1,024 bytes of UTF-8 the beginning.

    Raises:
        TypeError: The name is not a str.
        ValueError: It is empty.
    """
    import threading  # few programs call this

    _core.set_thread_name(threading.current_thread(), name)
