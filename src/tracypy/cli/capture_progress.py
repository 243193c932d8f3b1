"""What a capture shows while it goes on: a line that changes on a terminal, few lines elsewhere."""

from __future__ import annotations

from tracypy import stderr
from tracypy.cli.status_line import StatusLine
from tracypy.formatting import counted, duration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.captured import CaptureProgress


class Progress(StatusLine):
    """On stderr. Use as a context manager.

    Args:
        place: Where the program is awaited, as HOST:PORT.
    """

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place
        self._phase = ""
        self._bytes = 0
        self._seconds = 0.0

    def tell(self, state: CaptureProgress) -> None:
        """Show how far the capture is."""
        text = self._words(state)
        if self.is_shown:
            self.show(text)
        elif state.phase != self._phase:
            stderr.say(text)
        self._phase = state.phase
        self._bytes, self._seconds = state.bytes_received, state.seconds

    def _words(self, state: CaptureProgress) -> str:
        if state.phase == "connecting":
            return f"waiting for a program at {self._place} (Ctrl-C: give up)"
        if state.phase == "knocking":
            return f"waiting for the program at {self._place}, which may have another viewer (Ctrl-C: give up)"
        if state.phase == "saving":
            return f"saving {counted(state.zones, 'zone')}"
        what = "stopping" if state.phase == "stopping" else "receiving (Ctrl-C: stop and save)"
        if not self.is_shown:
            return what
        passed = state.seconds - self._seconds
        rate = (state.bytes_received - self._bytes) * 8 / 1e6 / passed if passed > 0 else 0.0
        return f"{what}: {rate:.1f} Mbit/s, {counted(state.zones, 'zone')}, {duration(state.span_ns)}"
