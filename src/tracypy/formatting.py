"""Quantities and names as people read them, the same wherever they are shown.

Plain Python that imports nothing, since it also serves a program that is at its end.
"""

from __future__ import annotations

_TIMES = ((60_000_000_000, "min"), (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"))
_PLAIN = "%+,-./:=@_"  # beside letters and digits
_SIZES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def duration(ns: float) -> str:
    """Format nanoseconds as three digits and a unit."""
    return _three_digits(ns, _TIMES) or f"{ns:.0f} ns"


def size(number: int) -> str:
    """Format bytes as three digits and a unit."""
    return _three_digits(number, _SIZES) or counted(number, "byte")


def count(number: int) -> str:
    """Format a number with its thousands apart."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Format a number of something, in the plural if need be."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """Return `text` in one line, without anything that a terminal would obey."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))


def quoted(path: str) -> str:
    """Quote `path` as one word for a shell; `shlex.quote` does the same, but imports much."""
    is_plain = path != "" and all(letter in _PLAIN or (letter.isalnum() and letter.isascii()) for letter in path)
    return path if is_plain else "'" + path.replace("'", "'\"'\"'") + "'"


def _three_digits(number: float, units: tuple[tuple[int, str], ...]) -> str | None:
    """Format in the largest unit that fits at least once; None if none does."""
    for factor, unit in units:
        if abs(number) >= 0.9995 * factor:
            value = number / factor
            digits = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2
            return f"{value:,.{digits}f} {unit}"
    return None
