"""Zones for every Python call, by `sys.monitoring`: on, off, or for a block."""

from __future__ import annotations

import sys

from tracypy import _core
from tracypy._core import is_enabled
from tracypy.errors import RecordingError
from tracypy.filters import Filter
from tracypy.server import ensure_listening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Self

__all__ = ["PROFILER_ID", "disable", "enable", "is_enabled", "profile"]

PROFILER_ID = sys.monitoring.PROFILER_ID


def enable(
    tool_id: int = PROFILER_ID,
    name: str = "tracypy",
    *,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    only_user_code: bool = False,
    max_depth: int | None = None,
    auto_throttle: bool = False,
) -> None:
    """Makes every Python call in every thread a zone, from now on.

    Also starts listening for viewers. Until one connects, the program runs at full speed.

    Args:
        tool_id: The slot of `sys.monitoring` to use, 0 to 5.
        name: The name under which to claim it.
        include: Only modules and files that match one of these patterns (see `Filter`); nothing given means all.
        exclude: Not those that match one of these, even if they are included.
        only_user_code: Not the standard library, not installed packages, not frozen modules.
        max_depth: Not what is nested deeper than this many zones on its thread.
        auto_throttle: Not functions that turn out to be called very often for almost nothing; they are named in the
            trace and on stderr.

    Raises:
        RuntimeError: tracypy is enabled already, or another tool, which the text names, has the slot.
        SettingError: An environment variable has a value that cannot be meant.
        TypeError: A pattern is no str, or an option is unknown.
        ValueError: A pattern is empty, or `max_depth` is not at least 1.

    Example:
        >>> import tracypy
        >>> tracypy.enable(only_user_code=True, exclude=["myapp.vendored", "tests/"])
    """
    watch = Filter(
        include=include,
        exclude=exclude,
        only_user_code=only_user_code,
        max_depth=max_depth,
        auto_throttle=auto_throttle,
    )
    _enable(tool_id, name, watch)


# tracypy was enabled by the command line, for the whole program, or by a recording, to its end. The program's own
# enable and disable nest inside that.
_is_held = False
_nested: tuple[int, str, Filter] | None = None


def enable_for_program(watch: Filter) -> None:
    """Enables tracypy on behalf of a program that does not know of it, and may well do so itself.

    Until the program ends everything is watched; what the program enables and disables changes nothing.

    Args:
        watch: Which calls.

    Raises:
        RuntimeError: As `enable`.
    """
    global _is_held
    _core.enable(_core.unobtrusive_tool_id(), "tracypy", **watch.native())
    _is_held = True


def hold_enabled(watch: Filter) -> bool:
    """Enables tracypy for a recording, unless it is enabled already.

    Args:
        watch: Which calls.

    Returns:
        Whether it was not; then `let_go` has to follow.

    Raises:
        RuntimeError: Another tool has the slot.
        RecordingError: Other calls than these are what tracypy is enabled for.
    """
    if _is_held:
        return False
    if _core.is_enabled():
        if watch.is_given:
            raise RecordingError(
                "tracypy is enabled already, and what it is enabled for is recorded: leave out the filters, "
                "or call tracypy.disable() first"
            )
        return False
    enable_for_program(watch)
    return True


def let_go() -> None:
    """Ends what `hold_enabled` began. If the program has enabled tracypy meanwhile, that is in force now."""
    global _is_held, _nested
    nested, _nested = _nested, None
    _is_held = False
    _core.disable()
    if nested is not None:
        _enable(*nested)


def _enable(tool_id: int, name: str, watch: Filter) -> None:
    global _nested
    native = watch.native()
    if _is_held and _nested is None:
        _nested = (tool_id, name, watch)
        return
    _core.enable(tool_id, name, **native)
    try:
        ensure_listening()
    except BaseException:
        _core.disable()
        raise


def disable() -> None:
    """Stops making calls zones, and frees the slot of `sys.monitoring`; nothing happens when it was not on.

    In a program that was started by the `tracypy` command, calls stay zones to its end; while a recording goes on that
    was begun without `enable`, to the recording's end.
    """
    global _nested
    _nested = None
    if not _is_held:
        _core.disable()


def leave_out_callers_of(code: CodeType) -> None:
    """The program begins with what `code` calls: its frame and those of its callers never become zones.

    Args:
        code: Where a launcher, such as our command line, hands over to the program.
    """
    _core.set_program_root(code)


def ask_before_start(callback: Callable[[object, object], list[str] | None]) -> None:
    """From now on `callback` is asked before the program starts another one, or becomes it.

    Args:
        callback: Gets the path and the words of the command; returns the words to start instead, or None.
    """
    _core.ask_before_start(callback)


class profile:  # noqa: N801  # reads like a function, as in the PyPI package of old
    """A context manager, or a decorator, that enables tracypy for a block.

    Args:
        tool_id: The slot of `sys.monitoring` to use, 0 to 5.
        name: The name under which to claim it.
        include, exclude, only_user_code, max_depth, auto_throttle: Which calls, as in `enable`.

    Example:
        >>> with tracypy.profile():
        ...     work()
    """

    __slots__ = ("name", "tool_id", "watch")

    def __init__(
        self,
        tool_id: int = PROFILER_ID,
        name: str = "tracypy",
        *,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        only_user_code: bool = False,
        max_depth: int | None = None,
        auto_throttle: bool = False,
    ) -> None:
        self.tool_id = tool_id
        self.name = name
        self.watch = Filter(
            include=include,
            exclude=exclude,
            only_user_code=only_user_code,
            max_depth=max_depth,
            auto_throttle=auto_throttle,
        )

    def __enter__(self) -> Self:
        _enable(self.tool_id, self.name, self.watch)
        return self

    def __exit__(self, *exc_info: object) -> None:
        disable()

    def __call__[**P, R](self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorates a function: tracypy is enabled while it runs."""
        from functools import wraps

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return function(*args, **kwargs)

        return run
