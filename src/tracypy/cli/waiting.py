"""The line that is shown while a viewer is awaited."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.status import Status

import tracypy
from tracypy.server import place


def wait_for_viewer() -> None:
    """Waits until a viewer has connected, and says on stderr, in one line, where it can.

    Raises:
        KeyboardInterrupt: The user gave up; the interpreter will not show a traceback for it.
    """
    text = f"tracypy: waiting for a viewer to connect to {place()} (Ctrl-C: give up)"
    try:
        if sys.stderr.isatty():
            with Status(text, console=Console(stderr=True, highlight=False)):
                tracypy.wait_connected()
        else:
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()
            tracypy.wait_connected()
    except KeyboardInterrupt:
        sys.excepthook = lambda *_: None
        raise
