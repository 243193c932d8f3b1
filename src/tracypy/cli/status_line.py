"""A line on the terminal that says what goes on, changes, and goes away in the end; elsewhere there is none."""

from __future__ import annotations

from tracypy import stderr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from rich.status import Status
    from rich.text import Text


class StatusLine:
    """On stderr. Use as a context manager.

    Args:
        text: What it says at first.
        is_hidden: Whether the terminal is needed for something else.

    Attributes:
        is_shown: Whether there is one.
    """

    def __init__(self, text: str = "", *, is_hidden: bool = False) -> None:
        self.is_shown: bool = stderr.is_terminal() and not is_hidden
        self._text = text
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self.is_shown:
            from rich.console import Console
            from rich.status import Status

            self._status = Status(_plain(self._text), console=Console(stderr=True, highlight=False, markup=False))
            self._status.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, text: str) -> None:
        """Say something else from now on."""
        if self._status is not None:
            self._status.update(_plain(text))


def _plain(text: str) -> Text:
    from rich.text import Text

    return Text(text)
