"""Recordings that are saved while they go on: whenever the program says so, or by themselves when something happens."""

from __future__ import annotations

import os

from tracypy import _core
from tracypy.config import parse_duration, parse_size
from tracypy.errors import RecordingError, SettingError, retold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from tracypy.summary import RecordingSummary

__all__ = ["save_recording"]

_ERROR = "error"
_LEAST_SIZE = 4_000_000


def save_recording(path: str | os.PathLike[str] | None = None, *, overwrite: bool = False) -> RecordingSummary:
    """Write what was recorded so far to a file; program and recording go on.

    From any thread, as often as wanted. With `last`, it is the last moments. Zones that are open end in the file at
    this moment.

    Args:
        path: The `.tracy` file to make; by default that of the recording with a number: `OUT-1.tracy`, `OUT-2.tracy`.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        What is in the file.

    Raises:
        FileExistsError: The file is there, or is the one that the recording makes at its end.
        OSError: The file cannot be made.
        RecordingError: Nothing is being recorded. In a forked child that is so: the recording is its parent's.
        KeyboardInterrupt: Ctrl-C; no file is made.
    """
    target = "" if path is None else full_path(path)
    try:
        saved = _core.save_recording(target, overwrite=overwrite, progress=None)
    except RuntimeError as problem:
        raise retold(RecordingError, problem) from None
    from tracypy.summary import summary_of

    return summary_of(saved.path, saved.recorded)


class Saving:
    """What of a recording is kept, and what makes it save itself; checked.

    Args:
        last: How much is kept: a time ("30s") or a size on the disk ("500MB"); None for all of it.
        save_on: A signal ("USR2"), and "error" for exceptions that nobody catches.
        save_slower: A time ("50ms") for zones that the program has marked and for frames; "NAME=50ms" for zones of any
            kind whose name matches.

    Raises:
        SettingError: One of them is invalid.
    """

    __slots__ = ("on_error", "options")

    def __init__(
        self,
        *,
        last: str | None = None,
        save_on: str | Iterable[str] = (),
        save_slower: str | Iterable[str] = (),
    ) -> None:
        self.options: _core.SavingOptions = _core.SavingOptions()
        self.on_error: bool = False
        if last is not None:
            self._set_last(_checked("last", parse_last, last))
        for word in _words(save_on):
            self._add_occasion(*_checked("save_on", parse_occasion, word))
        named: list[tuple[str, float]] = []
        for word in _words(save_slower):
            name, seconds = _checked("save_slower", parse_slower, word)
            if name:
                named.append((name, seconds))
            else:
                self.options.slower = seconds
        self.options.slower_named = named

    def _set_last(self, last: float) -> None:
        if isinstance(last, int):
            self.options.last_bytes = last
        else:
            self.options.last_seconds = last

    def _add_occasion(self, name: str, number: int) -> None:
        if name == _ERROR:
            self.on_error = True
        elif self.options.signal in (0, number):
            self.options.signal, self.options.signal_name = number, name
        else:
            raise SettingError("save_on: only one signal is possible; name one")


def parse_last(text: str) -> float | int:
    """Read how much to keep: seconds as a float, bytes as an int.

    Raises:
        ValueError: It is neither.
    """
    try:
        return parse_duration(text)
    except ValueError:
        pass
    try:
        size = parse_size(text) if text.strip()[-1:].lower() == "b" else 0
    except ValueError:
        size = 0
    if size == 0:
        raise ValueError("is neither a time, such as 30s or 5min, nor a size, such as 500MB")
    if size < _LEAST_SIZE:
        raise ValueError("is too little: a recording takes 4MB at least")
    return size


def parse_occasion(text: str) -> tuple[str, int]:
    """Read a signal that a program may spare, as its name and number; or "error" and 0.

    Raises:
        ValueError: It is neither.
    """
    import _signal  # type: ignore[import-not-found]  # not signal: it takes as long as all of tracypy

    word = text.strip().upper().removeprefix("SIG")
    if word == _ERROR.upper():
        return _ERROR, 0
    spare = _spare_signals(_signal)
    for name, number in spare.items():
        if word in (name, str(number)):
            return f"SIG{name}", number
    is_known = hasattr(_signal, f"SIG{word}") or (word.isdecimal() and int(word) in _signal.valid_signals())
    what = (
        "is a signal that Python, the system or the end of the program needs"
        if is_known
        else "is not a signal on this system"
    )
    raise ValueError(f"{what}: name USR1, USR2 or RTMIN+0, RTMIN+1, …; or error")


def _spare_signals(signals: ModuleType) -> dict[str, int]:
    """Return the signals that only a user sends, and that a program hardly ever handles."""
    spare = {name: getattr(signals, f"SIG{name}") for name in ("USR1", "USR2") if hasattr(signals, f"SIG{name}")}
    first = getattr(signals, "SIGRTMIN", 0)
    for number in range(first, getattr(signals, "SIGRTMAX", -1) + 1):
        spare[f"RTMIN+{number - first}"] = number
    if first:
        spare["RTMIN"], spare["RTMAX"] = first, signals.SIGRTMAX
    return spare


def parse_slower(text: str) -> tuple[str, float]:
    """Read "50ms" or "NAME=50ms" as a pattern, which may be empty, and seconds.

    Raises:
        ValueError: It is neither.
    """
    name, equals, limit = text.rpartition("=")
    try:
        seconds = parse_duration(limit)
    except ValueError:
        seconds = 0.0
    if seconds <= 0 or (equals and not name.strip()):
        raise ValueError("is neither a time, such as 50ms or 1.5s, nor a name with one, such as handle_*=50ms")
    return name.strip(), seconds


def full_path(path: str | os.PathLike[str]) -> str:
    """Return the absolute path, as the program may change its folder.

    Raises:
        TypeError: It is made of bytes.
    """
    full = os.path.abspath(os.fspath(path))
    if not isinstance(full, str):
        raise TypeError("a path is a str or an os.PathLike of str, not bytes")
    return full


def _words(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _checked[T](name: str, parse: Callable[[str], T], text: str) -> T:
    if not isinstance(text, str):
        raise TypeError(f"{name}: {text!r} is not a text")
    try:
        return parse(text)
    except ValueError as problem:
        raise SettingError(f"{name}: {text!r} {problem}") from None
