"""What goes wrong in tracypy itself, as opposed to in the program it watches."""

from __future__ import annotations


class SettingError(ValueError):
    """A setting has a value that cannot be meant.

    The text names the environment variable, or the argument, and says what would do.
    """
