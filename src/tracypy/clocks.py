"""Which clock events are stamped with, and why."""

from __future__ import annotations

from tracypy import _core


def text() -> str:
    """Return which clock it is, and why if it is not the usual one."""
    counts, reason, source = _core.clock()
    clock = "the processor's counter" if counts else "the system's monotonic clock"
    return clock + _REASONS[reason].format(source=source)


_REASONS = {
    "usual": "",
    "asked": ", as TRACYPY_CLOCK says",
    "no counter": ", since there is no counter that programs can read",
    "unsteady": ", since the processor does not promise that its counter runs at one rate",
    "other clock": ", since the system takes its own time from {source}, not from the counter",
}
