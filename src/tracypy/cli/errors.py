"""What a command tells the user before it leaves."""

from __future__ import annotations


class CommandError(Exception):
    """A command cannot do what it was asked; its text is one line for the user.

    Args:
        text: What is wrong, and if possible what to do.
        exit_code: With what to leave; 2 is a mistake in how the command was called.
    """

    def __init__(self, text: str, exit_code: int = 2) -> None:
        super().__init__(text)
        self.exit_code = exit_code
