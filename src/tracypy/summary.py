"""What a recording says of itself when it is over.

Plain classes and not dataclasses: those execute texts, and when that happens at the end of a program that was
interrupted, CPython forgets the exit code that goes with it. To import them also takes long.
"""

from __future__ import annotations

from tracypy.formatting import count, counted, duration, printable, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal, NoReturn

    from tracypy import _core

    type EndedBy = Literal["stopped", "seconds", "max_size", "disk", "killed", "saved"]

__all__ = ["FunctionTotals", "RecordingSummary"]

_HEADINGS = ("self time", "total time", "calls", "function", "place")
_ROWS_SHOWN = 10
_WAITS_SHOWN = 3

# Functions of the standard library that do little but wait, by file and name.
_WAITING = {
    "threading.py": {
        "Condition.wait", "Event.wait", "Semaphore.acquire", "Barrier._wait", "Thread.join",
        "Thread._wait_for_tstate_lock", "_shutdown",
    },
    "queue.py": {"Queue.get", "Queue.put", "Queue.join"},
    "selectors.py": {
        "SelectSelector.select", "PollSelector.select", "_PollLikeSelector.select", "EpollSelector.select",
        "KqueueSelector.select", "DevpollSelector.select",
    },
    "socket.py": {"socket.accept", "SocketIO.readinto", "create_connection"},
    "ssl.py": {"SSLSocket.read", "SSLSocket.recv", "SSLSocket.recv_into", "SSLSocket.do_handshake"},
    "subprocess.py": {"Popen.wait", "Popen._wait", "Popen._try_wait", "Popen._communicate", "Popen._execute_child"},
    "_base.py": {"Future.result", "wait", "as_completed"},
    "connection.py": {"Connection._recv", "wait"},
    "popen_fork.py": {"Popen.poll", "Popen.wait"},
    "popen_spawn_win32.py": {"Popen.wait"},
    "synchronize.py": {"SemLock.__enter__", "Condition.wait", "Condition.wait_for"},
    "windows_events.py": {"IocpProactor._poll"},
}  # fmt: skip


class _Frozen:
    """Values under the names in `__slots__`, which do not change."""

    __slots__: tuple[str, ...] = ()

    def __init__(self, *values: object, **named: object) -> None:
        names = type(self).__slots__
        if named or len(values) != len(names):
            given = dict(zip(names, values, strict=False)) | named
            if len(values) > len(names) or set(given) != set(names) or len(given) != len(values) + len(named):
                raise TypeError(f"{type(self).__name__} takes {', '.join(names)}, each once")
            values = tuple(given[name] for name in names)
        put = object.__setattr__
        for name, value in zip(names, values, strict=True):
            put(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"cannot assign to {name}: a {type(self).__name__} does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"cannot delete {name}: a {type(self).__name__} does not change")

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in type(self).__slots__)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self._values()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in type(self).__slots__)})"


class FunctionTotals(_Frozen):
    """The calls of one function, or of one place where zones are made.

    Attributes:
        name: The function's qualified name, or the zone's.
        file: Where it is.
        line: Likewise.
        calls: How often it was called; a generator counts each time it goes on.
        total_ns: The time from its begin to its end, in nanoseconds. A recursive function counts once per outermost
            call: what it does inside itself is in there already.
        self_ns: The same without what it called.
    """

    __slots__ = __match_args__ = ("name", "file", "line", "calls", "total_ns", "self_ns")

    name: str
    file: str
    line: int
    calls: int
    total_ns: int
    self_ns: int


class RecordingSummary(_Frozen):
    """A recording that is over. Printed, or as the value of a notebook's cell, it is a table.

    Attributes:
        path: The `.tracy` file.
        span_ns: From the begin of the recording to its end, in nanoseconds; with `last`, of what is kept.
        forgotten_ns: How long the recording had gone on before that. 0 without `last`.
        zones: How many zones are in it.
        threads: On how many threads.
        processes: Of how many processes: 1, and those that were followed.
        frames: How many frames of the default timeline.
        messages: How many log lines.
        bytes: The size of the file.
        layout: The release of Tracy whose layout the file has, "0.11.0" unless it has what older viewers do not know:
            they refuse it.
        dropped: Zones that are not in it, because they came faster than the disk took them (TRACYPY_BUFFER_MB,
            TRACYPY_BUFFER_POLICY).
        images_left_out: Frame images that are not in it: a file has room for 512 MiB of them.
        ended_by: What ended the recording: "stopped", a limit ("seconds", "max_size"), or "disk": it was full, or could
            not be written. "killed" when the program did not come so far; then the last moments are missing.
        imports: How many modules were imported.
        imports_ns: How long that took, with all that ran meanwhile.
        functions: Those with the most self time, the most first; not all of them. Without imports, and those that wait.
        waits: Those among them that wait for others: for locks, threads, sockets, processes.
    """

    __slots__ = __match_args__ = (
        "path", "span_ns", "forgotten_ns", "zones", "threads", "processes", "frames", "messages", "bytes", "layout",
        "dropped", "images_left_out", "ended_by", "imports", "imports_ns", "functions", "waits",
    )  # fmt: skip

    path: str
    span_ns: int
    forgotten_ns: int
    zones: int
    threads: int
    processes: int
    frames: int
    messages: int
    bytes: int
    layout: str
    dropped: int
    images_left_out: int
    ended_by: EndedBy
    imports: int
    imports_ns: int
    functions: tuple[FunctionTotals, ...]
    waits: tuple[FunctionTotals, ...]

    def __repr__(self) -> str:
        """Show all but the functions, of which there are up to a hundred."""
        names = (name for name in self.__slots__ if name not in ("functions", "waits"))
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"RecordingSummary({values}, functions=<{len(self.functions)} of them>)"

    def __str__(self) -> str:
        return "\n".join((headline(self, self.path), "", *table(self.functions[:_ROWS_SHOWN]), *apart(self)))

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        beside = "".join(f"<p>{_escaped(line)}</p>" for line in apart(self))
        return as_html(headline(self, self.path), self.functions[:_ROWS_SHOWN]) + beside


def as_html(text: str, functions: Sequence[FunctionTotals]) -> str:
    """Return a line and a table of functions, as a notebook shows them.

    Args:
        text: The line.
        functions: The rows.
    """
    head, *rows = ("".join(f"<td>{_escaped(cell)}</td>" for cell in row) for row in _rows(functions))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"<p>{_escaped(text)}</p>"
        f"<table><thead><tr>{head.replace('td>', 'th>')}</tr></thead><tbody>{body}</tbody></table>"
    )


def headline(summary: RecordingSummary, path: str) -> str:
    """Say in one line what is in the recording.

    Args:
        summary: Of it.
        path: What to call its file.
    """
    return f"{before_size(summary)}{size(summary.bytes)}{after_size(path)}"


def before_size(summary: RecordingSummary) -> str:
    """Return that line as far as the size of the file."""
    parts = [counted(summary.zones, "zone"), counted(summary.threads, "thread")]
    if summary.processes > 1:
        parts[1] += f" of {count(summary.processes)} processes"
    if summary.frames:
        parts.append(counted(summary.frames, "frame"))
    if summary.messages:
        parts.append(counted(summary.messages, "message"))
    last = "the last " if summary.forgotten_ns else ""
    return f"{last}{duration(summary.span_ns)}, {', '.join(parts)}: "


def after_size(path: str) -> str:
    """Return what comes after it."""
    return f" in {path}"


def apart(summary: RecordingSummary) -> Iterator[str]:
    """Yield what is said beside the table: that is about the program's own work."""
    if summary.imports:
        yield f"Imports:  {duration(summary.imports_ns)} for {counted(summary.imports, 'module')}"
    if summary.waits:
        waited = sum(row.self_ns for row in summary.waits)
        names = [printable(row.name) for row in summary.waits[:_WAITS_SHOWN]]
        more = len(summary.waits) - len(names)
        yield f"Waiting:  {duration(waited)} in {', '.join(names)}" + (f" and {counted(more, 'other')}" if more else "")


def table(functions: tuple[FunctionTotals, ...]) -> Iterator[str]:
    """Yield the lines of a table of functions, with its heading."""
    rows = _rows(functions)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numbers = 3  # the first ones
    for row in rows:
        cells = [
            cell.rjust(width) if number < numbers else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _rows(functions: Sequence[FunctionTotals]) -> list[tuple[str, ...]]:
    return [_HEADINGS, *map(_cells, functions)]


def _cells(row: FunctionTotals) -> tuple[str, ...]:
    file = row.file.rpartition("/")[2]
    place = f"{file}:{row.line}" if row.line else file
    return (duration(row.self_ns), duration(row.total_ns), count(row.calls), printable(row.name), printable(place))


def _escaped(text: str) -> str:
    """Escape as `html.escape`, which imports much."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def summary_of(path: str, recorded: _core.RecordingResult) -> RecordingSummary:
    """Return the summary of what native code has made.

    Args:
        path: The file.
        recorded: What is in it.
    """
    ended_by: EndedBy = recorded.end if recorded.is_complete or recorded.end in ("disk", "saved") else "killed"
    rows = [_totals(row) for row in recorded.functions]
    waits = tuple(row for row in rows if _waits(row))
    return RecordingSummary(
        path=path,
        span_ns=recorded.span_ns,
        forgotten_ns=recorded.forgotten_ns,
        zones=recorded.zones,
        threads=recorded.threads,
        processes=recorded.processes,
        frames=recorded.frames,
        messages=recorded.messages,
        bytes=recorded.file_bytes,
        layout=recorded.layout,
        dropped=recorded.dropped_zones,
        images_left_out=recorded.images_left_out,
        ended_by=ended_by,
        imports=recorded.imports,
        imports_ns=recorded.imports_ns,
        functions=tuple(row for row in rows if row not in waits) if waits else tuple(rows),
        waits=waits,
    )


def _totals(row: _core.FunctionTotals) -> FunctionTotals:
    return FunctionTotals(row.name, row.file, row.line, row.calls, row.total_ns, row.self_ns)


def _waits(row: FunctionTotals) -> bool:
    return row.name in _WAITING.get(row.file.replace("\\", "/").rpartition("/")[2], ())
