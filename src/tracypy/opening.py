"""`tracypy.open`: a recording to look at. What it takes to look is imported when something is opened."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from tracypy.trace import Trace


def open(  # noqa: A001  # read as tracypy.open
    path: str | os.PathLike[str], *, from_ns: int = 0, until_ns: int | None = None, min_duration_ns: int = 0
) -> Trace:
    """Open a `.tracy` file, made by tracypy or by Tracy 0.9 to 0.14.

    The whole file is read, at about ten million zones per second, into 32 bytes of memory per zone; none is kept open.

    Args:
        path: The file.
        from_ns: Leave out events that end before this time, in nanoseconds since the start of the recording.
        until_ns: Only what has begun by this time. What lies only partly between the two keeps its own times.
        min_duration_ns: Only zones that took so long; what lies in others belongs to the zone around.

    Returns:
        What was recorded.

    Raises:
        ValueError: A time is negative, or `until_ns` is before `from_ns`.
        TraceError: The file is damaged, no Tracy file, or of a release that is not read; the text is one line.
        OSError: The file cannot be opened or read.

    Example:
        >>> trace = tracypy.open("out.tracy")
        >>> for function in trace.functions()[:10]:
        ...     print(function.name, function.calls, function.self_ns)
        >>> second = tracypy.open("out.tracy", from_ns=1_000_000_000, until_ns=2_000_000_000)
    """
    from tracypy.trace.trace import read

    return read(path, from_ns, until_ns, min_duration_ns)
