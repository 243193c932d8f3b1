"""The interface of Tracy's own Python bindings, on tracypy: `import tracypy.tracy_client as tracy`.

Names, arguments and results are those of `tracy_client`; docs/tracy-client.md has the differences.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Literal

import tracypy
from tracypy.tracy_client.colors import ColorType
from tracypy.tracy_client.names import frame_mark_end, frame_mark_start, is_short, name_of, number_of
from tracypy.tracy_client.scoped import (
    Color,
    ScopedFrame,
    ScopedFrameDecorator,
    ScopedZone,
    ScopedZoneDecorator,
    frames,
)

__all__ = [
    "Color",
    "ColorType",
    "PlotFormatType",
    "PlotType",
    "ScopedFrame",
    "ScopedFrameDecorator",
    "ScopedZone",
    "ScopedZoneDecorator",
    "alloc",
    "app_info",
    "frame_image",
    "frame_mark",
    "frame_mark_end",
    "frame_mark_start",
    "free",
    "is_enabled",
    "message",
    "plot",
    "plot_config",
    "program_name",
    "thread_name",
]


class PlotFormatType(IntEnum):
    """How a viewer writes the values of a plot."""

    Number = 0
    Memory = 1
    Percentage = 2


_FORMATS: dict[PlotFormatType, Literal["number", "memory", "percentage"]] = {
    PlotFormatType.Number: "number",
    PlotFormatType.Memory: "memory",
    PlotFormatType.Percentage: "percentage",
}

if TYPE_CHECKING:
    type PlotType = int | PlotFormatType
else:
    PlotType = int


def is_enabled() -> bool:
    """Return True: tracypy is there."""
    return True


def program_name(name: str) -> bool:
    """Say how the program is called. False for an empty name."""
    if not name:
        return False
    tracypy.set_program_name(name)
    return True


def thread_name(name: str) -> None:
    """Name the calling thread, in traces."""
    if name:
        tracypy.set_thread_name(name)


def app_info(text: str) -> bool:
    """Say something about the program. False if the text has 65,535 bytes or more."""
    if not is_short(text):
        return False
    tracypy.app_info(text)
    return True


def message(message: str, color: Color | None = None) -> bool:
    """Add a line of text to the timeline. False if the text has 65,535 bytes or more."""
    if not is_short(message):
        return False
    tracypy.message(message, color=None if color is None else int(color) & 0xFFFFFF)
    return True


def frame_mark() -> None:
    """Mark the end of a frame and the beginning of the next."""
    tracypy.frame_mark()


def plot_config(name: str, type: PlotType, step: bool = False, flip: bool = False, color: Color = 0) -> int | None:  # noqa: A002
    """Make a plot, and return the number that `plot` takes; None for the 4,097th name.

    Args:
        name: The plot's name.
        type: A PlotFormatType.
        step: A value holds until the next one.
        flip: What is below the curve is filled; the name is Tracy's.
        color: 0xRRGGBB or a ColorType; 0 for the viewer's choice.
    """
    number = number_of(name)
    if number is not None:
        tracypy.plot_config(
            name,
            format=_FORMATS[PlotFormatType(type)],
            step=bool(step),
            fill=bool(flip),
            color=(int(color) & 0xFFFFFF) or None,
        )
    return number


def plot(id: int, value: float) -> bool:  # noqa: A002
    """Add a value to the plot that has this number. False if none has."""
    name = name_of(id)
    if name is None:
        return False
    tracypy.plot(name, value)
    return True


def alloc(
    ptr: object,
    size: int,
    name: str | None = None,
    id: int | None = None,  # noqa: A002
    depth: int | None = None,
) -> int | None:
    """Record an allocation, in a pool if there is a name, or the number that an earlier call has returned.

    Args:
        ptr: The address, or the object whose address it is.
        size: In bytes.
        name: Of the pool.
        id: The pool's number, in place of its name.
        depth: How many Python calls to show with it, 62 at most.

    Returns:
        The number of the pool, for `free` and further calls; None without a pool, or if no pool has the number.
    """
    number = id if id is not None else (number_of(name) if name is not None else None)
    pool = name_of(number) if number is not None else None
    is_pooled = name is not None or id is not None
    if is_pooled and pool is None:
        return None
    address = _address(ptr)
    if address != 0:  # a viewer knows nothing there
        tracypy.memory_alloc(address, size, pool, callstack=frames(depth))
    return number


def free(ptr: object, id: int | None = None, depth: int | None = None) -> bool:  # noqa: A002
    """Record that what `alloc` has recorded is free again. False if no pool has the number.

    Args:
        ptr: As in `alloc`.
        id: The pool's number.
        depth: As there.
    """
    pool = name_of(id) if id is not None else None
    if id is not None and pool is None:
        return False
    tracypy.memory_free(_address(ptr), pool, callstack=frames(depth))
    return True


def frame_image(data: bytes, width: int, height: int, offset: int = 0, flip: bool = False) -> bool:
    """Show what a frame looks like.

    Args:
        data: Red, green, blue and alpha of each pixel, a byte each.
        width: In pixels.
        height: Likewise.
        offset: How many frames ago it was drawn.
        flip: Whether its first row is the lowest.

    Returns:
        False if width or height is not a multiple of 4.

    Raises:
        ValueError: There are more bytes than that, or fewer.
    """
    if width % 4 or height % 4:
        return False
    tracypy.frame_image(data, offset, flip, width=width, height=height)
    return True


def _address(ptr: object) -> int:
    return ptr if isinstance(ptr, int) and ptr >= 0 else id(ptr)
