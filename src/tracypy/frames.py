"""Frame marks: what a viewer draws as the rhythm of the program. Inert until a viewer is connected."""

from __future__ import annotations

from tracypy._core import frame_mark, frame_mark_end, frame_mark_start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

__all__ = ["frame", "frame_mark", "frame_mark_end", "frame_mark_start"]


class frame:  # noqa: N801  # reads like a function
    """A context manager that makes a block one frame of the timeline `name`.

    Each name is a timeline of its own, so that a server's work reads as one frame for each request. Names are global,
    not per thread: blocks of the same name must not overlap. The frame is closed when the block raises.

    Args:
        name: The timeline's name.

    Raises:
        TypeError: The name is not a str.

    Example:
        >>> with tracypy.frame("request"):
        ...     handle(request)
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a frame is a str, not {type(name).__name__}")
        self.name: str = name

    def __enter__(self) -> Self:
        frame_mark_start(self.name)
        return self

    def __exit__(self, *exc_info: object) -> None:
        frame_mark_end(self.name)
