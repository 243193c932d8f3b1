"""What `tracypy report` shows: the same facts as tables and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tracypy.cli.selection import Selection
from tracypy.cli.stdout import print_json, printing
from tracypy.cli.tables import Column, print_line, print_table, stdout_console
from tracypy.formatting import count, counted, duration, printable

if TYPE_CHECKING:
    from rich.console import Console

    from tracypy.trace import FrameSet, FrameStats, FunctionStats, MemoryPool, Section, TaskStats, Thread, Trace

SCHEMA = "tracypy.report/1"


@dataclass(frozen=True, slots=True)
class FunctionSelection(Selection):
    """What of the functions is shown.

    Args:
        by_thread: Whether each thread has a list of its own.
    """

    by_thread: bool

    def functions(self, trace: Trace, thread: Thread | None = None) -> list[FunctionStats]:
        """Return those that match, in order."""
        found = trace.functions(thread, self.pattern)
        if self.sort == "name":
            return sorted(found, key=lambda function: (function.name, function.file, function.line))
        field = self.sort if self.sort == "calls" else f"{self.sort}_ns"
        return sorted(found, key=lambda function: getattr(function, field), reverse=True)


def print_document(trace: Trace, selection: FunctionSelection) -> None:
    """Print everything as one JSON object."""
    info = trace.info
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "file": trace.path,
        "version": trace.version,
        "program": info.program,
        "name": info.name,
        "captured_at": info.captured_at.isoformat() if info.captured_at else None,
        "span_ns": trace.span_ns,
        "zones": trace.zone_count,
        "thread_count": trace.thread_count,
        "functions": [asdict(function) for function in selection.cut(selection.functions(trace))],
        "tasks": [asdict(task) for task in trace.tasks()],
        "threads": [_thread_facts(trace, thread, selection) for thread in trace.threads],
        "frames": [_frame_facts(frames) for frames in trace.frames],
        "messages": len(trace.messages),
        "plots": [{"name": plot.name, "points": len(plot)} for plot in trace.plots],
        "memory": [_memory_facts(pool) for pool in trace.memory],
        "sections": [section._asdict() for section in trace.sections],
        "source_texts": len(trace.source_texts),
        "skipped": [section._asdict() for section in trace.skipped],
    }
    print_json(document)


def _thread_facts(trace: Trace, thread: Thread, selection: FunctionSelection) -> dict[str, Any]:
    facts = {
        "index": thread.index,
        "id": thread.id,
        "name": thread.name,
        "is_fiber": thread.is_fiber,
        "zones": thread.zone_count,
        "busy_ns": thread.busy_ns,
    }
    if selection.by_thread:
        functions = selection.cut(selection.functions(trace, thread))
        facts["functions"] = [asdict(function) for function in functions]
    return facts


def _frame_facts(frames: FrameSet) -> dict[str, Any]:
    stats = frames.stats()
    facts = {"name": frames.name, "is_continuous": frames.is_continuous, "frames": len(frames)}
    if stats is not None:
        facts |= asdict(stats)
        facts["slowest"] = stats.slowest._asdict()
    return facts


def _memory_facts(pool: MemoryPool) -> dict[str, Any]:
    return {
        "name": pool.name,
        "allocations": len(pool),
        "bytes": pool.bytes,
        "peak": pool.peak,
        "in_use": pool.in_use,
        "blocks": pool.blocks,
    }


def print_tables(trace: Trace, selection: FunctionSelection) -> None:
    """Print everything as tables for people."""
    with printing():
        console = stdout_console()
        print_line(console, _heading(trace))
        _print_functions(console, trace, selection)
        _print_tasks(console, trace, selection)
        _print_threads(console, trace, selection)
        _print_frames(console, trace)
        _print_memory(console, trace)
        _print_sections(console, trace, selection)
        for line in _rest(trace):
            print_line(console, line)


def _heading(trace: Trace) -> str:
    facts = [printable(trace.info.name or trace.info.program or trace.path), duration(trace.span_ns)]
    facts += [counted(trace.zone_count, "zone"), _threads(trace)]
    return f"{', '.join(facts)}  (layout of Tracy {trace.version})\n"


def _threads(trace: Trace) -> str:
    text = counted(trace.thread_count, "thread")
    shares = any(thread.thread_count > 1 for thread in trace.threads)
    return f"{text} on {counted(len(trace.threads), 'row')}" if shares else text


def function_columns(span_ns: int, *, has_tasks: bool = False) -> list[Column[FunctionStats]]:
    """Return the columns of a table of functions in a recording of that length; where tasks wait, busy times, too."""
    busy: list[Column[FunctionStats]] = [Column("Busy", lambda function: duration(function.busy_ns), rank=1)]
    return [
        Column("Function", lambda function: function.name, is_text=True),
        Column("Calls", lambda function: count(function.calls)),
        Column("Self", lambda function: duration(function.self_ns)),
        Column("%", lambda function: _percent(function.self_ns, span_ns), rank=5),
        Column("Total", lambda function: duration(function.total_ns)),
        *(busy if has_tasks else []),
        Column("Mean", lambda function: duration(function.mean_ns), rank=1),
        Column("Median", lambda function: duration(function.median_ns), rank=4),
        Column("p95", lambda function: duration(function.p95_ns), rank=3),
        Column("p99", lambda function: duration(function.p99_ns), rank=2),
        Column("Max", lambda function: duration(function.max_ns), rank=1),
        Column("Where", _where, is_text=True, keeps="end", rank=6),
    ]


def _print_functions(console: Console, trace: Trace, selection: FunctionSelection) -> None:
    parts: list[tuple[str, Thread | None]] = [("Functions", None)]
    if selection.by_thread:
        busy = sorted(trace.threads, key=lambda thread: thread.busy_ns, reverse=True)
        parts = [
            (f"Functions of {_thread_name(thread)}", thread)
            for thread in selection.cut([thread for thread in busy if thread.zone_count])
        ]
    for title, thread in parts:
        found = selection.functions(trace, thread)
        if not found:
            that_match = f" that match {selection.pattern!r}" if selection.pattern else ""
            print_line(console, f"{title}: none{that_match}\n")
            continue
        order = selection.sort if selection.sort in ("calls", "name") else f"{selection.sort} time"
        columns = function_columns(trace.span_ns, has_tasks=any(thread.runs for thread in trace.threads))
        print_table(console, f"{title}, by {order}", columns, found, selection.limit, "function")


def _print_tasks(console: Console, trace: Trace, selection: FunctionSelection) -> None:
    columns: list[Column[TaskStats]] = [
        Column("Task", lambda task: task.name or "(unnamed)", is_text=True),
        Column("Count", lambda task: count(task.count)),
        Column("Busy", lambda task: duration(task.busy_ns)),
        Column("Latency", lambda task: duration(task.mean_ns)),
        Column("Median", lambda task: duration(task.median_ns), rank=2),
        Column("p95", lambda task: duration(task.p95_ns), rank=1),
        Column("Max", lambda task: duration(task.max_ns), rank=1),
    ]
    if tasks := trace.tasks():
        print_table(console, "Tasks, by the time in which they ran", columns, tasks, selection.limit, "kind of task")


def _print_threads(console: Console, trace: Trace, selection: FunctionSelection) -> None:
    threads = [thread for thread in trace.threads if not thread.is_fiber or not thread.runs]
    threads.sort(key=lambda thread: thread.busy_ns, reverse=True)
    if not threads:
        return
    columns: list[Column[Thread]] = [
        Column("Thread", _thread_name, is_text=True),
        Column("Id", lambda thread: str(thread.id)),
        Column("Zones", lambda thread: count(thread.zone_count)),
        Column("Busy", lambda thread: duration(thread.busy_ns)),
        Column("%", lambda thread: _percent(thread.busy_ns, trace.span_ns)),
    ]
    title = "Threads, by the time in which some zone was open"
    print_table(console, title, columns, threads, selection.limit, "thread")


def _print_frames(console: Console, trace: Trace) -> None:
    rows = [(frames, stats) for frames in trace.frames if (stats := frames.stats()) is not None]
    if not rows:
        return
    columns: list[Column[tuple[FrameSet, FrameStats]]] = [
        Column("Frames", lambda row: row[0].name or "(unnamed)", is_text=True),
        Column("Count", lambda row: count(row[1].count)),
        Column("Mean", lambda row: duration(row[1].mean_ns)),
        Column("Median", lambda row: duration(row[1].median_ns), rank=2),
        Column("p95", lambda row: duration(row[1].p95_ns), rank=1),
        Column("p99", lambda row: duration(row[1].p99_ns), rank=1),
        Column("Slowest", lambda row: duration(row[1].slowest.end_ns - row[1].slowest.start_ns)),
        Column("at", lambda row: duration(row[1].slowest.start_ns), rank=3),
    ]
    print_table(console, "Frames that have an end", columns, rows)


def _print_memory(console: Console, trace: Trace) -> None:
    if not trace.memory:
        return
    columns: list[Column[MemoryPool]] = [
        Column("Pool", lambda pool: pool.name or "(default)", is_text=True),
        Column("Allocations", lambda pool: count(len(pool)), rank=1),
        Column("Bytes", lambda pool: count(pool.bytes)),
        Column("Peak", lambda pool: count(pool.peak)),
        Column("In use", lambda pool: count(pool.in_use)),
        Column("Blocks", lambda pool: count(pool.blocks), rank=2),
    ]
    print_table(console, "Memory in bytes, by pool; in use at the end", columns, list(trace.memory))


def _print_sections(console: Console, trace: Trace, selection: FunctionSelection) -> None:
    if not trace.sections:
        return
    columns: list[Column[Section]] = [
        Column("Section", lambda section: printable(section.name), is_text=True),
        Column("Category", lambda section: printable(section.category), is_text=True, rank=1),
        Column("at", lambda section: duration(section.begin_ns)),
        Column("Lasted", lambda section: _length(section, trace.span_ns)),
    ]
    print_table(console, "Sections", columns, list(trace.sections), selection.limit, "section")


def _length(section: Section, span_ns: int) -> str:
    if section.end_ns is None:
        return f"{duration(span_ns - section.begin_ns)} or more"
    return duration(section.end_ns - section.begin_ns)


def _rest(trace: Trace) -> list[str]:
    lines = []
    if trace.messages:
        lines.append(
            f"{counted(len(trace.messages), 'message')}, the last one at {duration(trace.messages[-1].time_ns)}"
        )
    if trace.plots:
        plots = ", ".join(f"{printable(plot.name) or '(unnamed)'} ({count(len(plot))})" for plot in trace.plots)
        lines.append(f"plots (points): {plots}")
    if trace.source_texts:
        lines.append(f"texts of {counted(len(trace.source_texts), 'source file')}")
    if trace.skipped:
        sections = ", ".join(f"{section.name} ({count(section.entries)})" for section in trace.skipped)
        lines.append(f"in the file, not read: {sections}")
    return lines


def _where(function: FunctionStats) -> str:
    return f"{function.file}:{function.line}" if function.file else ""


def _thread_name(thread: Thread) -> str:
    name = thread.name or f"thread {thread.id}"
    return f"{name} (fiber)" if thread.is_fiber else name


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""
