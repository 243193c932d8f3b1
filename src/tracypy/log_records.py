"""Log records as messages: a handler for the program's own logging. Loaded when it is asked for: it imports logging."""

from __future__ import annotations

import logging
import threading

from tracypy import _core
from tracypy.server import ensure_listening, is_heard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    type Severity = Literal["trace", "debug", "info", "warning", "error", "fatal"]

__all__ = ["LoggingHandler"]

_SEVERITIES: tuple[tuple[int, Severity], ...] = (
    (50, "fatal"),
    (40, "error"),
    (30, "warning"),
    (20, "info"),
    (10, "debug"),
)
_MOST_NESTED = 3


class _Depth(threading.local):
    """How many records are being formatted on this thread, one inside the other."""

    value = 0


class LoggingHandler(logging.Handler):
    """Add each log record to the timeline, as a message with its severity at this moment of its thread.

    The text is what the handler's formatter makes of the record. Records are not formatted unless a viewer is
    connected or a recording runs. Those that are logged while a record is formatted are added up to three deep.

    Args:
        level: The lowest level to add.

    Example:
        >>> logging.getLogger().addHandler(tracypy.LoggingHandler())
    """

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(level)
        self._depth = _Depth()
        ensure_listening()

    def emit(self, record: logging.LogRecord) -> None:
        """Add a record. What goes wrong is reported as `logging` does, and never raised into the program."""
        if self._depth.value >= _MOST_NESTED or not is_heard():
            return
        self._depth.value += 1
        try:
            _core.message(self.format(record), severity=_severity(record.levelno))
        except RecursionError:  # as in logging itself: the program has to know
            raise
        except Exception:  # noqa: BLE001
            self.handleError(record)
        finally:
            self._depth.value -= 1


def _severity(level: int) -> Severity:
    return next((severity for least, severity in _SEVERITIES if level >= least), "trace")
