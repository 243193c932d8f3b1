"""`tracypy.open`: a recording to look at. What it takes to look is imported when something is opened."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from tracypy.trace import Trace


def open(path: str | os.PathLike[str]) -> Trace:  # noqa: A001  # read as tracypy.open
    """Open a `.tracy` file, made by tracypy or by Tracy 0.9 to 0.14.

    The whole file is read, at about ten million zones per second, into 32 bytes of memory per zone; none is kept open.

    Args:
        path: The file.

    Returns:
        What was recorded.

    Raises:
        TraceError: The file is damaged, no Tracy file, or of a release that is not read; the text is one line.
        OSError: The file cannot be opened or read.

    Example:
        >>> trace = tracypy.open("out.tracy")
        >>> for function in trace.functions()[:10]:
        ...     print(function.name, function.calls, function.self_ns)
    """
    from tracypy.trace.trace import read

    return read(path)
