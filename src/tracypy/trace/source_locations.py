"""Where zones come from."""

from __future__ import annotations

from typing import NamedTuple


class SourceLocation(NamedTuple):
    """A function, or a block that was marked by hand.

    Attributes:
        name: What was given as the name; empty if only the function was.
        function: The function's name.
        file: The file as the program knew it.
        line: The line, from 1; 0 if unknown.
        color: 0xRRGGBB; 0 for none.
    """

    name: str
    function: str
    file: str
    line: int
    color: int

    @property
    def label(self) -> str:
        """What a viewer shows: the name, or the function if there is none."""
        return self.name or self.function
