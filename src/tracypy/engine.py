"""An engine's own Tracy client, told what happens: for programs whose viewer is connected to that one."""

from __future__ import annotations

import atexit
import os

from tracypy import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike

__all__ = ["leave_client", "use_client"]


def use_client(library: str | PathLike[str] | None = None) -> None:
    """Tell everything to Tracy's own client in this process, by the C functions that it exports.

    Calls, zones, messages, plots, frame marks and memory go to the viewer that is connected to that client. tracypy
    itself does not listen then, and has no thread. `enable` makes calls zones, as ever.

    Args:
        library: The library that has the client, such as "libengine.so"; None for whatever this process exports.

    Raises:
        RuntimeError: The library cannot be loaded, or has no such client; one is used already; or a viewer is connected
            to tracypy itself, or a recording goes on.
    """
    _core.use_client("" if library is None else os.fspath(library))
    atexit.register(leave_client)


def leave_client() -> bool:
    """Tell the client nothing any more.

    Returns:
        Whether one was used.
    """
    atexit.unregister(leave_client)
    return _core.leave_client()
