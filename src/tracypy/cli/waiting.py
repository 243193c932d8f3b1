"""The line that is shown while a viewer is awaited."""

from __future__ import annotations

import sys

import tracypy
from tracypy import stderr
from tracypy.server import place

try:
    from rich.console import Console
    from rich.status import Status
except ImportError:  # another interpreter than the one that tracypy is installed in: --python
    Status = None  # type: ignore[assignment, misc]


def wait_for_viewer() -> None:
    """Wait until a viewer has connected, and say on stderr, in one line, where it can.

    Raises:
        KeyboardInterrupt: The user gave up; the interpreter will not show a traceback for it.
    """
    text = f"waiting for a viewer to connect to {place()} (Ctrl-C: give up)"
    try:
        if stderr.is_terminal() and Status is not None:
            with Status(f"tracypy: {text}", console=Console(stderr=True, highlight=False)):
                tracypy.wait_connected()
        else:
            stderr.say(text)
            tracypy.wait_connected()
    except KeyboardInterrupt:
        sys.excepthook = lambda *_: None
        raise
