"""What a capture shows while it goes on: a line that changes on a terminal, few lines elsewhere."""

from __future__ import annotations

from rich.console import Console
from rich.status import Status

from tracypy import stderr
from tracypy.formatting import counted, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from tracypy.captured import CaptureProgress


class Progress:
    """On stderr. Use as a context manager.

    Args:
        place: Where the program is awaited, as HOST:PORT.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._status = Status("", console=Console(stderr=True, highlight=False)) if stderr.is_terminal() else None
        self._phase = ""
        self._bytes = 0
        self._seconds = 0.0

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, state: CaptureProgress) -> None:
        """Show how far the capture is."""
        text = self._text(state)
        if self._status is not None:
            self._status.update(text)
        elif state.phase != self._phase:
            stderr.say(text)
        self._phase = state.phase
        self._bytes, self._seconds = state.bytes_received, state.seconds

    def _text(self, state: CaptureProgress) -> str:
        if state.phase == "connecting":
            return f"waiting for a program at {self._place} (Ctrl-C: give up)"
        if state.phase == "knocking":
            return f"waiting for the program at {self._place}, which may have another viewer (Ctrl-C: give up)"
        if state.phase == "saving":
            return f"saving {counted(state.zones, 'zone')}"
        what = "stopping" if state.phase == "stopping" else "receiving (Ctrl-C: stop and save)"
        if self._status is None:
            return what
        passed = state.seconds - self._seconds
        rate = (state.bytes_received - self._bytes) * 8 / 1e6 / passed if passed > 0 else 0.0
        return f"{what}: {rate:.1f} Mbit/s, {counted(state.zones, 'zone')}, {duration(state.span_ns)}"
