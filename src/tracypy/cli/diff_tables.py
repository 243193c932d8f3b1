"""What `tracypy diff` shows: the same facts as tables and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracypy.cli.selection import Selection
from tracypy.cli.stdout import print_json, printing
from tracypy.cli.tables import Column, print_line, print_table, stdout_console
from tracypy.formatting import count, counted, duration, printable
from tracypy.trace.functions import is_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from tracypy.trace import FunctionChange, Side, Trace
    from tracypy.trace.comparison import Verdict

SCHEMA = "tracypy.diff/1"


@dataclass(frozen=True, slots=True)
class ChangeSelection(Selection):
    """What of the changes is shown.

    Args:
        show_all: Whether functions that show no significant difference are shown.
    """

    show_all: bool

    def matching(self, changes: Iterable[FunctionChange]) -> list[FunctionChange]:
        """Return those that match the pattern, in order."""
        pattern = self.pattern
        found = [
            change
            for change in changes
            if pattern is None
            or any(is_match(pattern, change.name, file or "") for file in (change.file_before, change.file_after))
        ]
        if self.sort == "name":
            return sorted(found, key=lambda change: (change.name, change.file))
        return sorted(found, key=self._size, reverse=True)

    def _size(self, change: FunctionChange) -> float:
        if self.sort == "mean":
            return abs(change.mean_change or 0.0)
        return abs(change.total_change_ns if self.sort == "total" else change.self_change_ns)


def failures(before: Trace, after: Trace, changes: Iterable[FunctionChange], fail_over: float) -> list[str]:
    """List what got slower by more than `fail_over`: significantly slower functions, and the whole span."""
    found = [
        f"{printable(change.name)} {_percent(change.mean_change)}"
        for change in changes
        if change.verdict == "slower" and change.mean_change is not None and change.mean_change > fail_over
    ]
    span = _span_change(before, after)
    if span is not None and span > fail_over:
        found.append(f"the whole span {_percent(span)}")
    return found


def print_document(
    before: Trace, after: Trace, changes: list[FunctionChange], selection: ChangeSelection, failed: list[str]
) -> None:
    """Print everything as one JSON object."""
    document = {
        "schema": SCHEMA,
        "before": _recording_facts(before),
        "after": _recording_facts(after),
        "span_change": _span_change(before, after),
        "functions": [_facts(change) for change in selection.cut(changes)],
        "failed": failed,
    }
    print_json(document)


def _recording_facts(trace: Trace) -> dict[str, Any]:
    return {"file": trace.path, "name": trace.info.name, "span_ns": trace.span_ns, "zones": trace.zone_count}


def _facts(change: FunctionChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "file_before": change.file_before,
        "file_after": change.file_after,
        "verdict": change.verdict,
        "before": change.before._asdict(),
        "after": change.after._asdict(),
        "total_change_ns": change.total_change_ns,
        "self_change_ns": change.self_change_ns,
        "mean_change": change.mean_change,
        "median_change": change.median_change,
        "superiority": change.superiority,
        "p_value": change.p_value,
        "q_value": change.q_value,
    }


def print_tables(before: Trace, after: Trace, changes: list[FunctionChange], selection: ChangeSelection) -> None:
    """Print everything as tables for people."""
    with printing():
        console = stdout_console()
        _print_recordings(console, before, after)
        _print_changes(console, changes, selection)
        for verdict, side in (("appeared", "after"), ("vanished", "before")):
            _print_one_sided(console, [change for change in changes if change.verdict == verdict], side, selection)


def _print_recordings(console: Console, before: Trace, after: Trace) -> None:
    for word, trace in (("before", before), ("after", after)):
        name = printable(trace.info.name or trace.path)
        print_line(console, f"{word + ':':8}{name}, {duration(trace.span_ns)}, {counted(trace.zone_count, 'zone')}")
    span = _span_change(before, after)
    print_line(console, f"span:   {_percent(span)}\n" if span is not None else "")


def _print_changes(console: Console, changes: list[FunctionChange], selection: ChangeSelection) -> None:
    numbers = Counter(change.verdict for change in changes)
    wanted = (
        ("slower", "faster", "mixed", "same", "too few calls") if selection.show_all else ("slower", "faster", "mixed")
    )
    rows = [change for change in changes if change.verdict in wanted]
    columns: list[Column[FunctionChange]] = [
        Column("Function", lambda change: change.name, is_text=True),
        Column("Calls", _calls),
        Column("Self", lambda change: _signed(change.self_change_ns)),
        Column("Total", lambda change: _signed(change.total_change_ns), rank=1),
        Column("Mean", lambda change: duration(change.after.mean_ns), rank=2),
        Column("was", lambda change: duration(change.before.mean_ns), rank=2),
        Column("Change", lambda change: _percent(change.mean_change)),
        Column("Median", lambda change: _percent(change.median_change), rank=3),
        Column("q", lambda change: "" if change.q_value is None else f"{change.q_value:.2g}", rank=3),
        Column("Verdict", lambda change: change.verdict),
        Column("Where", lambda change: change.file, is_text=True, keeps="end", rank=4),
    ]
    if rows:
        what = "Functions in both recordings" if selection.show_all else "Slower or faster functions"
        order = "name" if selection.sort == "name" else f"change of the {selection.sort} time"
        print_table(console, f"{what}, by {order}", columns, rows, selection.limit, "function")
    else:
        print_line(console, "No function became significantly slower or faster.\n")
    if not selection.show_all:
        _print_others(console, numbers)


def _print_others(console: Console, numbers: Mapping[Verdict, int]) -> None:
    others = []
    if same := numbers.get("same"):
        others.append(f"{count(same)} with no significant difference")
    if too_few := numbers.get("too few calls"):
        others.append(f"{count(too_few)} with too few calls for a test")
    if others:
        print_line(console, f"not shown: {', '.join(others)}; --all shows them\n")


def _print_one_sided(console: Console, changes: list[FunctionChange], side: str, selection: ChangeSelection) -> None:
    if not changes:
        return

    def cost(change: FunctionChange) -> Side:
        return change.after if side == "after" else change.before

    columns: list[Column[FunctionChange]] = [
        Column("Function", lambda change: change.name, is_text=True),
        Column("Calls", lambda change: count(cost(change).calls)),
        Column("Self", lambda change: duration(cost(change).self_ns)),
        Column("Total", lambda change: duration(cost(change).total_ns), rank=1),
        Column("Mean", lambda change: duration(cost(change).mean_ns), rank=2),
        Column("Where", lambda change: change.file, is_text=True, keeps="end", rank=3),
    ]
    print_table(console, f"Only {side}", columns, changes, selection.limit, "function")


def _calls(change: FunctionChange) -> str:
    before, after = change.before.calls, change.after.calls
    return count(after) if before == after else f"{count(before)} → {count(after)}"


def _signed(ns: int) -> str:
    return f"+{duration(ns)}" if ns > 0 else duration(ns)


def _percent(change: float | None) -> str:
    return "" if change is None else f"{100 * change:+.1f}%"


def _span_change(before: Trace, after: Trace) -> float | None:
    return after.span_ns / before.span_ns - 1 if before.span_ns > 0 else None
