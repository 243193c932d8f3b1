"""Zones and frames of blocks and functions."""

from __future__ import annotations

import sys
from functools import wraps
from typing import TYPE_CHECKING, Self

from tracypy._core import Zone, zone_at
from tracypy.tracy_client.names import frame_mark_end, frame_mark_start, is_short

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.tracy_client.colors import ColorType

    type Color = int | ColorType
else:
    Color = int

_MOST_FRAMES = 62


class ScopedZone:
    """A zone for a `with` statement, or between `enter()` and `exit()`; it may be entered again.

    It belongs to the line at which it is made.

    Args:
        name: Shown in place of the function's name.
        color: 0xRRGGBB or a ColorType; 0 for the viewer's choice.
        depth: How many frames of the call stack go with it.
        active: False for a zone that is not there.
    """

    def __init__(
        self, name: str | None = None, color: Color = 0, depth: int | None = None, active: bool = True
    ) -> None:
        frame = sys._getframe(1)  # noqa: SLF001
        place = (frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno)
        self._set_up(name, color, depth, active, place)

    def _set_up(
        self, name: str | None, color: Color, depth: int | None, active: bool, place: tuple[str, str, int]
    ) -> None:
        self._name = name
        self._color = int(color) & 0xFFFFFF
        self._frames = frames(depth)
        self._is_active = active
        self._place = place
        self._zone: Zone | None = None

    @property
    def is_active(self) -> bool:
        """Whether the zone is there when it is entered."""
        return self._is_active

    def enter(self) -> None:
        """Begin the zone; what is open of it ends."""
        self.exit()
        if self._is_active:
            self._zone = zone_at(self._name, *self._place, self._color, self._frames)
            self._zone.__enter__()

    def exit(self) -> None:
        """End the zone; nothing happens if it is not open."""
        zone, self._zone = self._zone, None
        if zone is not None:
            zone.__exit__(None, None, None)

    def text(self, text: object) -> bool:
        """Add a line of text. False if the zone is not open, or the text has 65,535 bytes or more."""
        line = str(text)
        if self._zone is None or not is_short(line):
            return False
        self._zone.text(line)
        return True

    def name(self, name: str) -> bool:
        """Rename the zone, also when it is entered again. False if the name has 65,535 bytes or more."""
        if not is_short(name):
            return False
        self._name = name
        if self._zone is not None:
            self._zone.name(name)
        return True

    def color(self, color: Color) -> None:
        """Colour the zone, also when it is entered again."""
        self._color = int(color) & 0xFFFFFF
        if self._zone is not None:
            self._zone.color(self._color)

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.exit()


def ScopedZoneDecorator[**P, R](  # noqa: N802  # Tracy's name
    name: str | None = None,
    color: Color = 0,
    depth: int | None = None,
    active: bool = True,
    class_name: str | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that makes each call of a function a zone. Arguments as those of ScopedZone.

    Args:
        name: As there.
        color: As there.
        depth: As there.
        active: As there.
        class_name: Put before the function's name.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        code = function.__code__
        shown = function.__name__ if class_name is None else f"{class_name}:{function.__name__}"

        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            zone = ScopedZone.__new__(ScopedZone)  # one for each call: a function may call itself
            zone._set_up(  # noqa: SLF001
                name, color, depth, active, (shown, code.co_filename, code.co_firstlineno)
            )
            with zone:
                return function(*args, **kwargs)

        return wrapped

    return decorate


class ScopedFrame:
    """A frame of the set `name` for a `with` statement."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._id: int | None = None

    def __enter__(self) -> Self:
        self._id = frame_mark_start(self._name)
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._id is not None:
            frame_mark_end(self._id)


def ScopedFrameDecorator[**P, R](name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:  # noqa: N802  # Tracy's name
    """Return a decorator that makes each call of a function a frame of the set `name`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
            with ScopedFrame(name):
                return function(*args, **kwargs)

        return wrapped

    return decorate


def frames(depth: int | None) -> int:
    """Return how many calls are shown for a `depth`."""
    return max(0, min(depth or 0, _MOST_FRAMES))
