"""Zones for every Python call, by `sys.monitoring`: on, off, or for a block."""

from __future__ import annotations

import sys

from tracypy import _core
from tracypy._core import is_enabled
from tracypy.errors import RecordingError
from tracypy.filters import Watch
from tracypy.server import ensure_listening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Self, Unpack

    from tracypy.filters import NativeWatch, WatchOptions

__all__ = ["PROFILER_ID", "disable", "enable", "is_enabled", "profile"]

#: `compile(source, file_name, "exec", dont_inherit=True)`, in less time; no frame of ours is in its errors.
compile_program: Callable[[bytes | str, str], CodeType] = _core.compile_program

PROFILER_ID = sys.monitoring.PROFILER_ID


def enable(tool_id: int = PROFILER_ID, name: str = "tracypy", **watch: Unpack[WatchOptions]) -> None:
    """Make every Python call in every thread a zone, from now on.

    Also starts listening for viewers. Until one connects, the program runs at full speed.

    Args:
        tool_id: The slot of `sys.monitoring` to use, 0 to 5.
        name: The name under which to claim it.
        **watch: Which calls, as in `Filter`: include, exclude, only_user_code, max_depth, auto_throttle,
            hide_imports, tasks_as_slices. And what besides: the switches of docs/api.md, such as exceptions.

    Raises:
        RuntimeError: tracypy is enabled already, or another tool, which the text names, has the slot.
        SettingError: An environment variable has an invalid value.
        TypeError: A pattern is not a str, or an option is unknown.
        ValueError: A pattern is empty, or `max_depth` is not at least 1.

    Example:
        >>> import tracypy
        >>> tracypy.enable(only_user_code=True, exclude=["myapp.vendored", "tests/"])
    """
    if _core.enable(_core.Settings(tool_id, name, **Watch(**watch).native())):
        _listen_or(_core.disable)


def _listen_or(undo: Callable[[], None]) -> None:
    try:
        ensure_listening()
    except BaseException:
        undo()
        raise


def disable() -> None:
    """Stop making calls zones, and free the slot of `sys.monitoring`. Do nothing if it is not enabled.

    Blocks of `profile` that go on are over with it. In a program that was started by the `tracypy` command, calls stay
    zones to its end; while a recording goes on that was begun without `enable`, to the recording's end.
    """
    _core.disable()


def enable_for_program(watch: Watch) -> None:
    """Enable tracypy for a program that does not know of it, and may enable it itself.

    Until the program ends everything is watched; what the program enables and disables changes nothing.

    Args:
        watch: Which calls, and what besides.

    Raises:
        RuntimeError: As `enable`.
    """
    _core.hold(_unobtrusive(watch), watch.is_given)


def hold_enabled(watch: Watch) -> bool:
    """Enable tracypy for a recording, unless the program is enabled as a whole, or by hand.

    Args:
        watch: Which calls, and what besides.

    Returns:
        True if it was not enabled; then `let_go` has to follow.

    Raises:
        RecordingError: Another tool has the slot, or other calls than these are what tracypy is enabled for.
    """
    try:
        return _core.hold(_unobtrusive(watch), watch.is_given)
    except RuntimeError as problem:
        raise RecordingError(str(problem)) from None


def enable_as_root(settings: NativeWatch) -> None:
    """Enable tracypy in a process that descends from one for which that was asked.

    Args:
        settings: What is watched there.

    Raises:
        RuntimeError: As `enable`.
    """
    _core.hold(_core.Settings(_core.unobtrusive_tool_id(), "tracypy", **settings), True)


def leave_family() -> None:
    """Do not hand over any more what happens to the process that this one descends from, if it does."""
    if _core.is_followed():
        _core.leave_family()
        _core.let_go()


def let_go() -> None:
    """End what `hold_enabled` began. What the program has enabled meanwhile is in force now."""
    if _core.let_go():
        ensure_listening()


def _unobtrusive(watch: Watch) -> _core.Settings:
    return _core.Settings(_core.unobtrusive_tool_id(), "tracypy", **watch.native())


def leave_out_callers_of(code: CodeType) -> None:
    """Leave out the frame that runs `code` and those of its callers: the program begins with what it calls.

    Args:
        code: Where a launcher, such as our command line, hands over to the program.
    """
    _core.set_program_root(code)


# As compiled, wherever it lies now.
_core.set_own_folder(leave_out_callers_of.__code__.co_filename.removesuffix("profiler.py"))


def ask_before_start(callback: Callable[[object, object, bool], list[str] | None]) -> None:
    """Ask `callback` before the program starts another one, or becomes it.

    Args:
        callback: Gets the path and the words of the command, and whether the program becomes it; returns the words to
            start instead, or None.
    """
    _core.ask_before_start(callback)


class profile:  # noqa: N801  # reads like a function, as in the PyPI package of old
    """A context manager, or a decorator, that enables tracypy for a block.

    Blocks may nest, and run in several threads and tasks at once: the first one to begin enables, the last one to end
    disables. Those that begin meanwhile join what is enabled; if they have other filters or switches, these do not
    count, and a line on stderr says so, once. The same holds within `enable`, whose `disable` ends the blocks, too.

    A coroutine, generator or async generator that is decorated enables from its first step until it has ended, also
    while it waits in between.

    Args:
        tool_id: The slot of `sys.monitoring` to use, 0 to 5.
        name: The name under which to claim it.
        **watch: Which calls, and what besides, as in `enable`.

    Raises:
        RuntimeError: Where the block begins: another tool, which the text names, has the slot.
        SettingError: There, too: an environment variable has an invalid value.
        TypeError: The parentheses are missing in `@tracypy.profile()`, a pattern is not a str, or an option is unknown.
        ValueError: A pattern is empty, or `max_depth` is not at least 1.

    Example:
        >>> with tracypy.profile():
        ...     work()
    """

    __slots__ = ("_settings", "_tickets", "name", "tool_id", "watch")

    def __init__(
        self,
        tool_id: int = PROFILER_ID,
        name: str = "tracypy",
        **watch: Unpack[WatchOptions],
    ) -> None:
        if callable(tool_id):
            raise TypeError("profile() needs parentheses: @tracypy.profile()")
        self.tool_id: int = tool_id
        self.name: str = name
        self.watch: Watch = Watch(**watch)
        self._settings = _core.Settings(tool_id, name, **self.watch.native())
        # Of the blocks that have begun with this object and go on; which is whose does not matter.
        self._tickets: list[int] = []

    def __enter__(self) -> Self:
        self._tickets.append(_enter_block(self._settings))
        return self

    def __exit__(self, *exc_info: object) -> None:
        try:
            ticket = self._tickets.pop()
        except IndexError:  # it has not begun
            return
        _core.leave_block(ticket)

    def __call__[**P, R](self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function of any kind: tracypy is enabled while it runs."""
        from tracypy.wrappers import wrap

        return wrap(function, lambda: _Block(self._settings))


class _Block:
    """One run of a decorated function."""

    __slots__ = ("settings", "ticket")

    def __init__(self, settings: _core.Settings) -> None:
        self.settings = settings

    def __enter__(self) -> None:
        self.ticket = _enter_block(self.settings)

    def __exit__(self, *exc_info: object) -> None:
        _core.leave_block(self.ticket)


def _enter_block(settings: _core.Settings) -> int:
    block = _core.enter_block(settings)
    if block.has_switched_on:
        _listen_or(lambda: _core.leave_block(block.ticket))
    return block.ticket
