"""What goes wrong in tracypy itself, as opposed to in the program it watches."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class SettingError(ValueError):
    """A setting has an invalid value.

    The text names the environment variable or the argument, and says what is valid.
    """


class TraceError(ValueError):
    """A file is not a readable trace: damaged, incomplete, foreign, or of a release that is too new or too old.

    The text is one line that names the file and says what is wrong with it.

    Attributes:
        code: What is wrong, for programs: a word such as "journal_is_damaged".
        facts: With what.
    """

    code: str = ""
    facts: Mapping[str, object] = {}


class ExportError(ValueError):
    """A recording cannot be exported as it was asked for.

    The text is one line that says why, and what to do instead.

    Attributes:
        code: Why not, for programs: a word such as "no_function".
        facts: What the text is made of: the trace, say, and the name that was asked for.
    """

    def __init__(self, code: str, **facts: object) -> None:
        from tracypy.wording import words  # now: the words are needed only when something goes wrong

        super().__init__(words(code, facts))
        self.code: str = code
        self.facts: Mapping[str, object] = facts


class RecordingError(RuntimeError):
    """A recording cannot begin, or its file could not be made; the text says why, and what to do.

    Attributes:
        code: Why not, for programs: a word such as "signal_is_used"; empty where there is none.
        facts: With what.
    """

    code: str = ""
    facts: Mapping[str, object] = {}


def retold[Error: (RecordingError, TraceError)](kind: type[Error], cause: BaseException, text: str = "") -> Error:
    """Return an error of the native module as one of ours, with its code and facts.

    Args:
        kind: The class of the error.
        cause: The native module's.
        text: What is said, if not the same.
    """
    error = kind(text or str(cause))
    error.code = getattr(cause, "code", "")
    error.facts = getattr(cause, "facts", {})
    return error
