"""A recording as a whole."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from tracypy import _core
from tracypy.errors import TraceError, retold
from tracypy.formatting import counted, duration
from tracypy.summary import FunctionTotals, as_html
from tracypy.trace import columns
from tracypy.trace.calls import CallEdge, CallTree
from tracypy.trace.callstacks import Callstack, callstack
from tracypy.trace.frames import FrameSet
from tracypy.trace.functions import FunctionStats, is_match
from tracypy.trace.gpu import GpuContext
from tracypy.trace.images import FrameImage
from tracypy.trace.info import SkippedSection, TraceInfo, date_of
from tracypy.trace.locks import Lock
from tracypy.trace.memory import MemoryPool
from tracypy.trace.messages import Message, severity_name
from tracypy.trace.plots import Plot
from tracypy.trace.sections import Section
from tracypy.trace.sequences import LazySequence
from tracypy.trace.source_locations import SourceLocation
from tracypy.trace.source_texts import SourceTexts
from tracypy.trace.tasks import TaskStats
from tracypy.trace.threads import Thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

_MOST_NS = 2**63 - 1
_ROWS_SHOWN = 10


class Trace:
    """What was recorded. Made by `tracypy.open`; unchanging, and for any number of threads.

    Attributes:
        path: The file that was read.
        version: The release of Tracy whose layout the file has, such as "0.11.0".
        info: What is known about the recording as a whole.
        span_ns: The last time in the trace.
        skipped: What is in the file and not here.
        source_locations: Where zones come from; the index is what zones call `location`. Made when looked at.
        threads: The threads and fibers, each with its zones.
        frames: The sets of frames. The first one is the unnamed one; every trace has it.
        frame_images: What frames of the unnamed set looked like, by frame. Made when looked at.
        messages: What the program logged, by time. Made when looked at.
        plots: The curves.
        locks: The locks, each with who waited for it and had it.
        gpu: The queues of GPUs, each with its zones.
        memory: The pools of memory that the program has used.
        sections: Parts of the program's run, by time.
        source_texts: The texts of source files, by their paths, where the recording has them. Decoded when looked at.
        callstacks: The call stacks of zones; the index is what zones call `callstack`, and the first one is empty.
    """

    def __init__(self, file: _core.TraceFile, path: str) -> None:
        self._file = file
        self.path = path
        self.version: str = file.version
        self.info: TraceInfo = _info(file.info, file.app_info)
        self.span_ns: int = file.info.last_time_ns
        self.skipped: tuple[SkippedSection, ...] = tuple(SkippedSection(row.name, row.entries) for row in file.skipped)
        self.source_locations: Sequence[SourceLocation] = LazySequence(file.location_count, self._location)
        self.threads: tuple[Thread, ...] = tuple(Thread(file, index) for index in range(file.thread_count))
        self.frames: tuple[FrameSet, ...] = tuple(FrameSet(file, index) for index in range(file.frame_set_count))
        self.frame_images: Sequence[FrameImage] = LazySequence(file.frame_image_count, self._frame_image)
        self.messages: Sequence[Message] = LazySequence(file.message_count, self._message)
        self.callstacks: Sequence[Callstack] = LazySequence(file.callstack_count, lambda index: callstack(file, index))
        self.source_texts: Mapping[str, str] = SourceTexts(file)
        self.plots: tuple[Plot, ...] = tuple(Plot(file, index) for index in range(file.plot_count))
        self.locks: tuple[Lock, ...] = tuple(Lock(file, index, self.threads) for index in range(file.lock_count))
        self.gpu: tuple[GpuContext, ...] = tuple(GpuContext(file, index) for index in range(file.gpu_context_count))
        self.memory: tuple[MemoryPool, ...] = tuple(MemoryPool(file, index) for index in range(file.memory_pool_count))
        self.sections: Sequence[Section] = LazySequence(file.section_count, self._section)

    def __repr__(self) -> str:
        return f"<Trace {self.path!r}: {self.zone_count} zones, {self.thread_count} threads>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: what is in it, and the functions with the most self time."""
        parts = (duration(self.span_ns), counted(self.zone_count, "zone"), counted(self.thread_count, "thread"))
        functions = [
            FunctionTotals(row.name, row.file, row.line, row.calls, row.total_ns, row.self_ns)
            for row in self.functions()[:_ROWS_SHOWN]
        ]
        return as_html(f"{', '.join(parts)}: {self.path}", functions)

    @property
    def thread_count(self) -> int:
        """How many threads and fibers there were: more than `threads` has where some share a row."""
        return sum(thread.thread_count for thread in self.threads)

    @property
    def zone_count(self) -> int:
        """How many zones there are, of all threads."""
        return sum(thread.zone_count for thread in self.threads)

    @cached_property
    def zones(self) -> npt.NDArray[np.void]:
        """The zones of all threads, one thread after the other: `Thread.zones` with a column more, `thread` (uint32).

        A read-only copy, 40 bytes per zone, made at first use and kept.

        Raises:
            ImportError: NumPy is not installed.
        """
        return columns.joined(thread.zones for thread in self.threads)

    def zone_text(self, extra: int) -> str | None:
        """Return the texts and values, a line each, of a zone with this `extra`; None without any."""
        return self._file.zone_extra(extra).text

    def zone_name(self, extra: int) -> str | None:
        """Return the own name of a zone with this `extra`; None without one."""
        return self._file.zone_extra(extra).name

    def zone_color(self, extra: int) -> int:
        """Return the own colour of a zone with this `extra`, 0xRRGGBB; 0 without one."""
        return self._file.zone_extra(extra).color

    def zone_callstack(self, extra: int) -> Callstack:
        """Return the calls that ran when a zone with this `extra` began, innermost first; none if it has none."""
        return self.callstacks[self._file.zone_extra(extra).callstack]

    def functions(self, thread: Thread | int | None = None, filter: str | None = None) -> list[FunctionStats]:  # noqa: A002
        """Return what each function cost, most self time first. Computed at each call.

        Self time is a call's time without its direct children's. Total time counts a function that calls itself,
        directly or not, once per outermost call.

        Args:
            thread: A thread, or its index; None for all together.
            filter: Only functions with this in their name or file; with `*`, `?` or `[`, a glob over either.

        Raises:
            IndexError: There is no such thread.
        """
        found = []
        for row in self._function_rows(self._thread_index(thread)):
            place = self.source_locations[row.location]
            if filter is None or is_match(filter, place.label, place.file):
                found.append(_function(row, place))
        return found

    def tasks(self) -> list[TaskStats]:
        """Return what the tasks and greenlets of each name cost, the busiest first. Computed at each call."""
        return [TaskStats(*row) for row in self._task_rows()]

    def call_tree(self, thread: Thread | int | None = None) -> CallTree:
        """Merge the calls by path, from the outermost zones down. Computed at each call.

        Args:
            thread: A thread, or its index; None for all together.

        Raises:
            IndexError: There is no such thread.
        """
        tree = self._tree_rows(self._thread_index(thread))
        return CallTree(
            parent=tree.parent,
            location=tree.location,
            calls=tree.calls,
            total_ns=tree.total_ns,
            self_ns=tree.self_ns,
        )

    def call_edges(self, thread: Thread | int | None = None) -> list[CallEdge]:
        """Return which function called which, in the order in which they first did. Computed at each call.

        Args:
            thread: A thread, or its index; None for all together.

        Raises:
            IndexError: There is no such thread.
        """
        return [_call_edge(row) for row in _core.call_edges(self._file, self._thread_index(thread))]

    def _function_rows(self, thread: int | None) -> Sequence[_core.FunctionRow]:
        return _core.function_stats(self._file, thread)

    def _task_rows(self) -> Iterable[tuple[str, int, int, int, float, float, float, int]]:
        return _core.task_stats(self._file)

    def _tree_rows(self, thread: int | None) -> _core.CallTreeRows:
        return _core.call_tree(self._file, thread)

    def _zone_supply(self) -> _core.ZoneSupply:
        return _core.zones_of(self._file)

    def _call_counts(self, thread: int | None) -> Iterable[tuple[int, int]]:
        return ((row.location, row.calls) for row in self._function_rows(thread))

    def _thread_index(self, thread: Thread | int | None) -> int | None:
        if thread is None:
            return None
        index = thread if isinstance(thread, int) else thread.index
        return self.threads[index].index

    def _location(self, index: int) -> SourceLocation:
        row = self._file.location(index)
        return SourceLocation(row.name, row.function, row.file, row.line, row.color)

    def _frame_image(self, index: int) -> FrameImage:
        row = self._file.frame_image(index)
        return FrameImage(None if row.frame < 0 else row.frame, row.width, row.height, row.is_flipped, row.data)

    def _section(self, index: int) -> Section:
        row = self._file.section(index)
        return Section(row.name, row.begin_ns, None if row.end_ns < 0 else row.end_ns, row.category)

    def _message(self, index: int) -> Message:
        row = self._file.message(index)
        return Message(
            row.time_ns, row.text, row.thread, row.color, severity_name(row.severity), self.callstacks[row.callstack]
        )


def read(
    path: str | os.PathLike[str], from_ns: int = 0, until_ns: int | None = None, min_duration_ns: int = 0
) -> Trace:
    """Do what `tracypy.open` does."""
    name, file = read_part(_core.read_trace, path, from_ns, until_ns, min_duration_ns)
    return Trace(file, name)


def read_part[File](
    native: Callable[[str, int, int, int], File],
    path: str | os.PathLike[str],
    from_ns: int,
    until_ns: int | None,
    min_duration_ns: int,
) -> tuple[str, File]:
    """Return the name of a file, and what `native` reads of that part of it; raise as `tracypy.open` does."""
    until = max(from_ns, _MOST_NS) if until_ns is None else until_ns
    if min(from_ns, min_duration_ns) < 0 or until < from_ns:
        raise ValueError("times are not negative, and until_ns is not before from_ns")
    name = os.fspath(path)
    if "\0" in name:
        raise ValueError("the path has a null character in it")
    try:
        return name, native(name, min(from_ns, _MOST_NS), min(until, _MOST_NS), min(min_duration_ns, _MOST_NS))
    except ValueError as problem:
        raise retold(TraceError, problem, f"{name}: {problem}") from None


def _info(row: _core.InfoRow, app_info: list[str]) -> TraceInfo:
    return TraceInfo(
        program=row.program,
        name=row.name,
        host=row.host,
        process_id=row.process_id,
        captured_at=date_of(row.capture_time_s),
        program_built_at=date_of(row.executable_time_s),
        ns_per_tick=row.ns_per_tick,
        resolution_ns=row.resolution_ns,
        sampling_period_ns=row.sampling_period_ns,
        is_on_demand=row.is_on_demand,
        frame_offset=row.frame_offset,
        app_info=tuple(app_info),
    )


def _function(row: _core.FunctionRow, place: SourceLocation) -> FunctionStats:
    return FunctionStats(
        location=row.location,
        name=place.label,
        file=place.file,
        line=place.line,
        calls=row.calls,
        primitive_calls=row.primitive_calls,
        total_ns=row.total_ns,
        busy_ns=row.busy_ns,
        self_ns=row.self_ns,
        min_ns=row.min_ns,
        max_ns=row.max_ns,
        mean_ns=row.mean_ns,
        median_ns=row.median_ns,
        p95_ns=row.p95_ns,
        p99_ns=row.p99_ns,
        std_ns=row.std_ns,
    )


def _call_edge(row: _core.EdgeRow) -> CallEdge:
    return CallEdge(
        caller=row.caller,
        callee=row.callee,
        calls=row.calls,
        primitive_calls=row.primitive_calls,
        total_ns=row.total_ns,
        self_ns=row.self_ns,
    )


def native_file(trace: Trace) -> _core.TraceFile:
    """Return what the trace is a view of, for code that looks at millions of zones."""
    return trace._file  # noqa: SLF001  # of this module's own class


def zone_supply(trace: Trace) -> _core.ZoneSupply:
    """Return the zones, thread by thread, for code that looks at all of them once."""
    return trace._zone_supply()  # noqa: SLF001  # as above


def call_counts(trace: Trace, thread: Thread | None) -> Iterable[tuple[int, int]]:
    """Return the locations of a thread's zones, or of all, each with how many calls there were; some more than once."""
    return trace._call_counts(None if thread is None else thread.index)  # noqa: SLF001  # as above
