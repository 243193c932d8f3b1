"""`tracypy mcp`: recordings for assistants, by the Model Context Protocol over standard input and output.

Only the files that were named are read, and nothing is changed.
"""

from __future__ import annotations

import heapq
import os
from typing import TYPE_CHECKING, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

import tracypy
from tracypy.integrations import mcp_answers as answers  # noqa: TC001  # which the schemas are made of
from tracypy.trace import compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracypy.trace import Thread, Trace
    from tracypy.trace.plots import Plot
    from tracypy.trace.zones import ZoneRow

__all__ = ["serve"]

_INSTRUCTIONS = (
    "Recordings of programs that were made by the Tracy profiler: each call is a zone with its begin and end. Begin "
    "with `recordings`. Self time is a call's time without that of what it calls. Times are in nanoseconds since the "
    "start."
)
_MOST_ROWS = 1000
_MOST_DEPTH = 200
#: Verdicts of a comparison that say nothing.
_CHANCE = ("same", "too few calls")


def serve(paths: Sequence[str]) -> None:
    """Answer the client that has started this process, until it has no more questions.

    Args:
        paths: The recordings.
    """
    server = MCPServer("tracypy", instructions=_INSTRUCTIONS, version=tracypy.__version__, log_level="WARNING")
    tools = _Tools(paths)
    for tool in (
        *(tools.recordings, tools.functions, tools.call_tree, tools.zones),
        *(tools.diff, tools.plots, tools.messages),
    ):
        server.add_tool(tool)
    server.run("stdio")


class _Tools:
    """What can be asked. What is said of each is what the client is told."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = _named(paths)
        self._open: dict[str, tuple[tuple[int, int], Trace]] = {}

    def recordings(self) -> answers.Recordings:
        """List the recordings: what each is of, how long, its threads, frames, messages and plots."""
        return {"recordings": [self._recording(name) for name in self._paths]}

    def functions(
        self,
        recording: str = "",
        name_or_file: str = "",
        thread: str = "",
        sort: Literal["self", "total", "calls", "mean", "max"] = "self",
        limit: int = 20,
    ) -> answers.Functions:
        """Say what each function cost: calls, self and total time, mean, median, percentiles and maximum of its calls.

        Args:
            recording: Its name in `recordings`; need not be given when there is one only.
            name_or_file: Only functions with this in their name or file; with * ? [ a glob over either.
            thread: Only calls on the thread with that name, or with this in its name.
            sort: What comes first.
            limit: How many functions.
        """
        name, trace = self._trace(recording)
        found = trace.functions(None if not thread else _thread(trace, thread), name_or_file or None)
        key = "calls" if sort == "calls" else f"{sort}_ns"
        found.sort(key=lambda function: getattr(function, key), reverse=True)
        rows: list[answers.Function] = [
            {
                "name": function.name,
                "file": function.file,
                "line": function.line,
                "calls": function.calls,
                "self_ns": function.self_ns,
                "total_ns": function.total_ns,
                "busy_ns": function.busy_ns,
                "mean_ns": function.mean_ns,
                "median_ns": function.median_ns,
                "p95_ns": function.p95_ns,
                "p99_ns": function.p99_ns,
                "max_ns": function.max_ns,
            }
            for function in found[: _rows(limit)]
        ]
        return {
            "recording": name,
            "span_ns": trace.span_ns,
            "functions": rows,
            "left_out": len(found) - len(rows),
        }

    def call_tree(
        self, recording: str = "", thread: str = "", least_percent: float = 1.0, most_depth: int = 30, limit: int = 200
    ) -> answers.CallTree:
        """Show which calls led where: calls merged by path, with what each path took.

        Args:
            recording: Its name in `recordings`; need not be given when there is one only.
            thread: Only the thread with that name, or with this in its name.
            least_percent: Leave out paths that took less of the time of all.
            most_depth: Leave out paths that are longer.
            limit: How many paths, those that took the most.
        """
        name, trace = self._trace(recording)
        tree = trace.call_tree(None if not thread else _thread(trace, thread))
        total = sum(took for took, parent in zip(tree.total_ns, tree.parent, strict=True) if parent < 0)
        depths: list[int] = []
        kept: list[int] = []
        for node, parent in enumerate(tree.parent):
            depths.append(0 if parent < 0 else depths[parent] + 1)
            if tree.total_ns[node] * 100 >= total * least_percent and depths[node] < min(most_depth, _MOST_DEPTH):
                kept.append(node)
        # What called something took as long, and comes before it: it is kept, too.
        chosen = sorted(heapq.nsmallest(_rows(limit), kept, key=lambda node: (-tree.total_ns[node], node)))
        nodes: list[answers.Node] = []
        for node in chosen:
            place, parent = trace.source_locations[tree.location[node]], tree.parent[node]
            nodes.append(
                {
                    "id": node,
                    "parent": None if parent < 0 else parent,
                    "name": place.label,
                    "file": place.file,
                    "line": place.line,
                    "calls": tree.calls[node],
                    "total_ns": tree.total_ns[node],
                    "self_ns": tree.self_ns[node],
                }
            )
        return {"recording": name, "total_ns": total, "nodes": nodes, "left_out": len(tree) - len(nodes)}

    def zones(
        self,
        recording: str = "",
        from_ns: int = 0,
        until_ns: int | None = None,
        thread: str = "",
        name: str = "",
        min_duration_ns: int = 0,
        order: Literal["time", "longest"] = "longest",
        limit: int = 50,
    ) -> answers.Zones:
        """Show single calls, and zones that the program has marked, with their times, threads and texts.

        Args:
            recording: Its name in `recordings`; need not be given when there is one only.
            from_ns: Only what has not ended before this time.
            until_ns: Only what has begun by this time.
            thread: Only the thread with that name, or with this in its name.
            name: Only what has this in its name.
            min_duration_ns: Only what took so long.
            order: Which ones, if there are more than `limit`: the first ones or the longest.
            limit: How many.
        """
        shown, trace = self._excerpt(recording, from_ns, until_ns, min_duration_ns)
        rows = trace.threads if not thread else (_thread(trace, thread),)
        found = [(row, zone) for row in rows for zone in row.iter_zones() if name in _name(trace, zone)]
        chosen = heapq.nsmallest(
            _rows(limit), found, key=lambda each: each[1].start_ns if order == "time" else -_length(trace, each[1])
        )
        chosen.sort(key=lambda each: each[1].start_ns)
        return {
            "recording": shown,
            "zones": [_zone(trace, row, zone) for row, zone in chosen],
            "left_out": len(found) - len(chosen),
        }

    def diff(self, before: str, after: str, only_significant: bool = True, limit: int = 20) -> answers.Diff:
        """Compare two recordings of a program, function by function: what became slower or faster.

        Args:
            before: The name of the earlier one in `recordings`.
            after: The name of the later one.
            only_significant: Leave out functions whose calls do not differ by more than chance.
            limit: How many functions.
        """
        first, old = self._trace(before)
        second, new = self._trace(after)
        found = [change for change in compare(old, new) if not only_significant or change.verdict not in _CHANCE]
        found.sort(key=lambda change: abs(change.self_change_ns), reverse=True)
        changes: list[answers.Change] = [
            {
                "name": change.name,
                "file": change.file,
                "verdict": change.verdict,
                "calls_before": change.before.calls,
                "calls_after": change.after.calls,
                "self_ns_before": change.before.self_ns,
                "self_ns_after": change.after.self_ns,
                "self_change_ns": change.self_change_ns,
                "mean_change": change.mean_change,
                "q_value": change.q_value,
            }
            for change in found[: _rows(limit)]
        ]
        return {
            "before": first,
            "after": second,
            "span_ns_before": old.span_ns,
            "span_ns_after": new.span_ns,
            "changes": changes,
            "left_out": len(found) - len(changes),
        }

    def plots(
        self, recording: str = "", name: str = "", from_ns: int = 0, until_ns: int | None = None, points: int = 50
    ) -> answers.Plots:
        """Show the curves that the program has drawn, in so many pieces of the time.

        Args:
            recording: Its name in `recordings`; need not be given when there is one only.
            name: Only curves with this in their name.
            from_ns: From this time on.
            until_ns: To this time.
            points: In how many pieces the time is cut.
        """
        shown, trace = self._trace(recording)
        end_ns = trace.span_ns if until_ns is None else until_ns
        if end_ns < from_ns:
            raise ToolError(f"until_ns ({end_ns}) is before from_ns ({from_ns})")
        found = [plot for plot in trace.plots if name in plot.name]
        return {"recording": shown, "plots": [_plot(plot, from_ns, end_ns, _rows(points)) for plot in found]}

    def messages(self, recording: str = "", text: str = "", limit: int = 50) -> answers.Messages:
        """Show what the program has told: lines of text with their times, such as of its log, and exceptions.

        Args:
            recording: Its name in `recordings`; need not be given when there is one only.
            text: Only those with this in them, regardless of case.
            limit: How many, the first ones.
        """
        name, trace = self._trace(recording)
        found = [message for message in trace.messages if text.lower() in message.text.lower()]
        rows: list[answers.Message] = [
            {
                "time_ns": message.time_ns,
                "thread": None if message.thread is None else trace.threads[message.thread].name,
                "severity": message.severity,
                "text": message.text,
            }
            for message in found[: _rows(limit)]
        ]
        return {"recording": name, "messages": rows, "left_out": len(found) - len(rows)}

    def _recording(self, name: str) -> answers.Recording:
        _, trace = self._trace(name)
        return {
            "recording": name,
            "path": self._paths[name],
            "program": trace.info.program,
            "captured_at": None if trace.info.captured_at is None else trace.info.captured_at.isoformat(),
            "span_ns": trace.span_ns,
            "zones": trace.zone_count,
            "threads": [thread.name for thread in trace.threads[:_MOST_ROWS]],
            "frame_sets": {frames.name: len(frames) for frames in trace.frames[:_MOST_ROWS] if len(frames)},
            "messages": len(trace.messages),
            "plots": [plot.name for plot in trace.plots],
        }

    def _trace(self, name: str) -> tuple[str, Trace]:
        """Return a recording, as its file is now."""
        known = self._known(name)
        try:
            now = os.stat(self._paths[known])
            state = now.st_mtime_ns, now.st_size
            if known not in self._open or self._open[known][0] != state:
                self._open[known] = state, tracypy.open(self._paths[known])
        except (OSError, ValueError) as problem:
            raise ToolError(str(problem)) from None
        return known, self._open[known][1]

    def _excerpt(self, name: str, from_ns: int, until_ns: int | None, min_duration_ns: int) -> tuple[str, Trace]:
        if not from_ns and until_ns is None and not min_duration_ns:
            return self._trace(name)
        known = self._known(name)
        try:
            trace = tracypy.open(
                self._paths[known], from_ns=from_ns, until_ns=until_ns, min_duration_ns=min_duration_ns
            )
        except (OSError, ValueError) as problem:
            raise ToolError(str(problem)) from None
        return known, trace

    def _known(self, name: str) -> str:
        if not name and len(self._paths) == 1:
            return next(iter(self._paths))
        if name in self._paths:
            return name
        raise ToolError(f"there is no recording {name!r}; there are {', '.join(map(repr, self._paths))}")


def _named(paths: Sequence[str]) -> dict[str, str]:
    """Return the full paths by the names that are shown: the files' own, as far as these differ."""
    names = [os.path.basename(path) for path in paths]
    return {
        (name if names.count(name) == 1 else path): os.path.abspath(path)
        for name, path in zip(names, paths, strict=True)
    }


def _rows(limit: int) -> int:
    if limit < 1:
        raise ToolError(f"{limit} is not a number of rows: give 1 to {_MOST_ROWS}")
    return min(limit, _MOST_ROWS)


def _thread(trace: Trace, word: str) -> Thread:
    exact = [thread for thread in trace.threads if thread.name == word]
    found = exact or [thread for thread in trace.threads if word.lower() in thread.name.lower()]
    if len(found) == 1:
        return found[0]
    names = ", ".join(repr(thread.name) for thread in (found or trace.threads)[:20])
    raise ToolError(f"{'several threads have' if found else 'no thread has'} {word!r} in their name: {names}")


def _name(trace: Trace, zone: ZoneRow) -> str:
    return zone.name or trace.source_locations[zone.location].label


def _length(trace: Trace, zone: ZoneRow) -> int:
    return (trace.span_ns if zone.end_ns < 0 else zone.end_ns) - zone.start_ns


def _zone(trace: Trace, row: Thread, zone: ZoneRow) -> answers.Zone:
    place = trace.source_locations[zone.location]
    return {
        "thread": row.name,
        "depth": zone.depth,
        "name": _name(trace, zone),
        "file": place.file,
        "line": place.line,
        "start_ns": zone.start_ns,
        "end_ns": None if zone.end_ns < 0 else zone.end_ns,
        "duration_ns": _length(trace, zone),
        "text": zone.text,
    }


def _plot(plot: Plot, from_ns: int, until_ns: int, pieces: int) -> answers.Plot:
    inside = [(time_ns, value) for time_ns, value in plot.iter_points() if from_ns <= time_ns <= until_ns]
    return {
        "name": plot.name,
        "format": plot.format,
        "count": len(inside),
        "points": list(_cut(inside, from_ns, max(1, (until_ns - from_ns) // pieces + 1))),
    }


def _cut(points: list[tuple[int, float]], begin_ns: int, piece_ns: int) -> Iterator[answers.Point]:
    """Yield one point for each piece that has some."""
    piece: list[tuple[int, float]] = []
    for point in points:
        if piece and (point[0] - begin_ns) // piece_ns != (piece[0][0] - begin_ns) // piece_ns:
            yield _point(piece)
            piece = []
        piece.append(point)
    if piece:
        yield _point(piece)


def _point(piece: list[tuple[int, float]]) -> answers.Point:
    values = [value for _, value in piece]
    return {"time_ns": piece[-1][0], "value": values[-1], "min": min(values), "max": max(values)}
