"""Zones for every Python call, by `sys.monitoring`: on, off, or for a block."""

from __future__ import annotations

import sys

from tracypy import _core
from tracypy._core import is_enabled
from tracypy.server import ensure_listening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Self

__all__ = ["PROFILER_ID", "disable", "enable", "is_enabled", "profile"]

PROFILER_ID = sys.monitoring.PROFILER_ID


def enable(tool_id: int = PROFILER_ID, name: str = "tracypy") -> None:
    """Makes every Python call in every thread a zone, from now on.

    Also starts listening for viewers. Until one connects, the program runs at full speed.

    Args:
        tool_id: The slot of `sys.monitoring` to use, 0 to 5.
        name: The name under which to claim it.

    Raises:
        RuntimeError: tracypy is enabled already, or another tool, which the text names, has the slot.
        SettingError: An environment variable has a value that cannot be meant.

    Example:
        >>> import tracypy
        >>> tracypy.enable()
    """
    _core.enable(tool_id, name)
    try:
        ensure_listening()
    except BaseException:
        _core.disable()
        raise


def disable() -> None:
    """Stops making calls zones, and frees the slot of `sys.monitoring`; nothing happens when it was not on."""
    _core.disable()


def leave_out_callers_of(code: CodeType) -> None:
    """The program begins with what `code` calls: its frame and those of its callers never become zones.

    Args:
        code: Where a launcher, such as our command line, hands over to the program.
    """
    _core.set_program_root(code)


class profile:  # noqa: N801  # reads like a function, as in the PyPI package of old
    """A context manager, or a decorator, that enables tracypy for a block.

    Args:
        tool_id: The slot of `sys.monitoring` to use, 0 to 5.
        name: The name under which to claim it.

    Example:
        >>> with tracypy.profile():
        ...     work()
    """

    __slots__ = ("name", "tool_id")

    def __init__(self, tool_id: int = PROFILER_ID, name: str = "tracypy") -> None:
        self.tool_id = tool_id
        self.name = name

    def __enter__(self) -> Self:
        enable(self.tool_id, self.name)
        return self

    def __exit__(self, *exc_info: object) -> None:
        disable()

    def __call__[**P, R](self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorates a function: tracypy is enabled while it runs."""
        from functools import wraps

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with type(self)(self.tool_id, self.name):
                return function(*args, **kwargs)

        return run
