"""Numbers as people read them."""

from __future__ import annotations

_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_SIZES = ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "bytes"))


def as_time(nanoseconds: float) -> str:
    """Such as "1.25 s"."""
    return _scaled(nanoseconds, _TIMES)


def as_bytes(count: float) -> str:
    """Such as "24.5 KiB"."""
    return _scaled(count, _SIZES)


def _scaled(value: float, units: tuple[tuple[float, str], ...]) -> str:
    factor, unit = next((entry for entry in units if value >= entry[0]), units[-1])
    digits = 0 if factor == 1 else 2
    return f"{value / factor:.{digits}f} {unit}"
