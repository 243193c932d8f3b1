"""Numbers for names: of frames, plots and pools of memory. One for each name, for the life of the process."""

from __future__ import annotations

import threading

import tracypy

_MOST_NAMES = 4096
_TEXT_LIMIT = 65_535  # bytes, which Tracy's own client does not take any more

_lock = threading.Lock()
_numbers: dict[str, int] = {}
_names: list[str] = []


def number_of(name: str) -> int | None:
    """Return the number of a name, a new one if need be; None for the 4,097th name."""
    if not isinstance(name, str):
        raise TypeError(f"a name must be a str, not {type(name).__name__}")
    with _lock:
        if name not in _numbers:
            if len(_names) >= _MOST_NAMES:
                return None
            _numbers[name] = len(_names)
            _names.append(name)
        return _numbers[name]


def name_of(number: int) -> str | None:
    """Return the name that has a number; None if none has."""
    return _names[number] if 0 <= number < len(_names) else None


def is_short(text: str) -> bool:
    """Say whether Tracy's own client would take a text."""
    return len(text.encode(errors="surrogatepass")) < _TEXT_LIMIT


def frame_mark_start(name: str) -> int | None:
    """Begin a frame of the set `name`, and return the number that `frame_mark_end` takes; None for the 4,097th name."""
    number = number_of(name)
    if number is not None:
        tracypy.frame_mark_start(name)
    return number


def frame_mark_end(name: int) -> bool:
    """End the frame that `frame_mark_start` has begun. False if no name has this number."""
    known = name_of(name)
    if known is None:
        return False
    tracypy.frame_mark_end(known)
    return True
