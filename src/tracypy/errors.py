"""What goes wrong in tracypy itself, as opposed to in the program it watches."""

from __future__ import annotations


class SettingError(ValueError):
    """A setting has an invalid value.

    The text names the environment variable or the argument, and says what is valid.
    """


class TraceError(ValueError):
    """A file is not a readable trace: damaged, incomplete, foreign, or of a release that is too new or too old.

    The text is one line that names the file and says what is wrong with it.
    """


class ExportError(ValueError):
    """A recording cannot be exported as it was asked for.

    The text is one line that says why, and what to do instead.
    """


class RecordingError(RuntimeError):
    """A recording cannot begin, or its file could not be made; the text says why, and what to do."""
