"""Receiving from programs that Tracy watches, and finding them: `tracypy.capture` and `tracypy.discover`."""

from __future__ import annotations

from tracypy import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from tracypy.captured import Announcement, CaptureProgress, CaptureSummary


def capture(
    path: str | os.PathLike[str],
    address: str = "127.0.0.1",
    port: int = 8086,
    *,
    seconds: float | None = None,
    memory_percent: float | None = None,
    overwrite: bool = False,
    connect_timeout: float | None = None,
    protocol: int | None = None,
    progress: Callable[[CaptureProgress], bool | None] | None = None,
) -> CaptureSummary:
    """Receive everything from a program that Tracy watches, as a viewer does, and save it as a `.tracy` file.

    The program may be one of tracypy's, or any with Tracy's own client of release 0.11.0 to 0.14.0. Everything that a
    file has a place for is kept; what else comes is counted. An exception (Ctrl-C, too) ends the
    capture, but what came until then is saved first.

    Args:
        path: The file to write. It appears when it is whole.
        address: Where the program listens: a numeric address or a name.
        port: Its port.
        seconds: Ask the program to stop sending after so long; None receives until the program ends.
        memory_percent: The same when this process has more than so much of the machine's memory.
        overwrite: Whether to replace a file that is there already.
        connect_timeout: Give up when no program has answered for so many seconds; None waits for as long as it takes.
        protocol: Speak only this one; None finds out which of `tracypy.PROTOCOLS` the program speaks.
        progress: Called ten times a second, in this thread; when it returns False, the program is asked to stop.

    Returns:
        What was captured.

    Raises:
        ConnectionError: No program answered in time, or it speaks no protocol of ours, or has a viewer already.
        FileExistsError: The file is there already.
        OSError: The file cannot be written.
        ValueError: There is no such host, or a limit is invalid.
    """
    from tracypy.captured import progress_of, summary_of

    for name, limit in (("seconds", seconds), ("connect_timeout", connect_timeout)):
        if limit is not None and not limit >= 0:
            raise ValueError(f"{name} must not be negative")
    if memory_percent is not None and not 0 < memory_percent <= 100:
        raise ValueError("memory_percent must be above 0, and 100 at most")
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port: give a number from 1 to 65535")

    def go_on(state: _core.CaptureProgress) -> bool:
        return progress is None or progress(progress_of(state)) is not False

    return summary_of(
        _core.capture(
            path,
            address=address,
            port=port,
            overwrite=overwrite,
            protocol=protocol or 0,
            connect_seconds=connect_timeout,
            seconds=seconds,
            memory_percent=memory_percent,
            go_on=go_on,
        )
    )


def discover(seconds: float = 4.0) -> list[Announcement]:
    """Find the programs that announce themselves, on this machine and its networks.

    Programs do so every three seconds, by datagrams to UDP port 8086, while no viewer is connected to them. One that
    listens on its own machine only, as tracypy's do unless told otherwise, is heard there only.

    Args:
        seconds: How long to listen.

    Returns:
        The programs, in the order in which they were first heard.

    Raises:
        OSError: The port of announcements is taken.
    """
    from tracypy.captured import announcement_of

    return [announcement_of(program) for program in _core.discover(seconds)]
