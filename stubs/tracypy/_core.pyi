"""
The native side of tracypy: zones, frame marks, monitoring handlers and the server for viewers.
"""

from collections.abc import Callable, Sequence
import types
from typing import Self, final


VERSION: str

PROTOCOLS: tuple[tuple[int, str], ...]

def listen(*, port: int, address: str, only_ipv4: bool, announce: bool, announced_protocol: int, program_name: str, host_info: str, exit_timeout: float) -> int:
    """
    Starts listening for viewers and returns the port; returns the port if that is so already.

    Raises:
        OSError: The port is taken or the address is none of this machine.
        ValueError: The address cannot be read.
    """

def stop_listening(*, wait_for_viewer: bool = False) -> bool:
    """
    Sends a viewer what is left, ends its session and stops listening: no thread and no socket is left.

    Returns whether a viewer received everything.
    """

def is_listening() -> bool:
    """Whether a viewer could connect now."""

def port() -> int:
    """The port that is listened on, 0 for none."""

def is_connected() -> bool:
    """Whether a viewer is connected and receives what happens."""

def wait_connected(timeout: float) -> bool:
    """
    Waits up to `timeout` seconds for a viewer; returns whether one is connected. Ctrl-C ends the wait.
    """

def set_log_level(level: int) -> None:
    """
    What is written to stderr: 0 nothing, 1 warnings, 2 also what is going on.
    """

def set_buffer_limit(megabytes: int, policy: str) -> None:
    """
    Bounds the memory for events on their way: when full, 'wait' for the viewer or 'skip' calls.
    """

def dropped_zones() -> int:
    """How many zones were left out so far because the buffer was full."""

def enable(tool_id: int, name: str, *, include_paths: Sequence[str] = [], include_modules: Sequence[str] = [], exclude_paths: Sequence[str] = [], exclude_modules: Sequence[str] = [], max_depth: int | None = None, auto_throttle: bool = False) -> None:
    """
    Records every call while a viewer is connected.

    Patterns are globs over the path of a file and the name of a module; nothing to include means all,
    exclusion wins. Zones deeper than `max_depth` on their thread are left out.

    Raises:
        RuntimeError: Enabled already, or another tool holds the id; the text names it.
        ValueError: `tool_id` is not 0 to 5.
    """

def disable() -> None:
    """
    Stops recording every call and frees the tool id. Does nothing when not enabled.
    """

def is_enabled() -> bool:
    """Whether enable() is on."""

def throttled() -> list[str]:
    """What auto_throttle has left out, a line each."""

def profile_code(code: types.CodeType, name: str | None, color: int) -> None:
    """
    Makes every run of this code object a zone, whether or not enable() is on.
    """

def hide_code_under(prefix: str) -> None:
    """Code in files whose path begins with `prefix` never becomes a zone."""

def set_program_root(code: types.CodeType) -> None:
    """
    Frames that run this code object, and all that called them, are not part of the program.
    """

@final
class Zone:
    """
    A zone opened by hand: what tracypy.zone() returns.

    A context manager. While nobody listens it does nothing. Text, value, name and colour may be given at any time
    before the zone ends; they are sent when the zone is the innermost one of its thread.
    """

    def __enter__(self) -> Self:
        """Begins the zone and returns it."""

    def __exit__(self, *exc_info: object) -> None:
        """Ends the zone, and every zone still open inside it."""

    def text(self, text: str, /) -> None:
        """
        Adds a line of text to the zone, shown in its tooltip. Texts longer than 65,535 bytes are cut.
        """

    def value(self, value: float, /) -> None:
        """
        Adds a number to the zone. Negative numbers, floats and numbers of 2**64 and more are added as text.
        """

    def name(self, name: str, /) -> None:
        """Replaces the zone's name, for this one run of it."""

    def color(self, color: int | str, /) -> None:
        """Colours the zone: 0xRRGGBB or a name of tracypy.colors."""

def zone(name: str, *, color: int | str = 0) -> Zone:
    """
    A zone for the span of a with statement: `with tracypy.zone("load", color=0x3366CC) as z: ...`.

    Args:
        name: Shown in the viewer. File and line are those of the call.
        color: 0xRRGGBB, a name of tracypy.colors, or 0 for the viewer's choice.

    Raises:
        TypeError: The name is not a str.
        ValueError: The colour is out of range or unknown.
    """

def zone_begin(name: str, *, color: int | str = 0) -> Zone:
    """
    Begins a zone that zone_end() ends, for spans that no with statement can cover. Arguments as zone().
    """

def zone_end(zone: Zone, /) -> None:
    """
    Ends a zone of zone_begin(), and every zone still open inside it. Ending it twice does nothing.
    """

def frame_mark(name: str | None = None) -> None:
    """
    Marks the end of a frame and the beginning of the next; `name` for a set of frames of its own.
    """

def frame_mark_start(name: str) -> None:
    """Begins a frame of a set whose frames have gaps between them."""

def frame_mark_end(name: str) -> None:
    """Ends the frame that frame_mark_start() began."""

def on_first_use(callback: Callable[[], None]) -> None:
    """
    `callback` is called when a zone or a frame mark is used while nothing listens.
    """

def set_color_resolver(callable: Callable[[str], int]) -> None:
    """`callable` turns a colour that is not an int into 0xRRGGBB."""
