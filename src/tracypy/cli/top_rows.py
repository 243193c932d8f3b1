"""What `tracypy top` shows: rows of functions, threads and values, from the sums of two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tracypy.formatting import count, counted, size

if TYPE_CHECKING:
    from tracypy.live import LivePlot, LiveSnapshot

SCHEMA = "tracypy.top/1"

#: What rows are sorted by, each with its key; all but the name show the largest first.
SORT_KEYS = {"self": "s", "total": "t", "calls": "c", "rate": "r", "now": "w", "name": "n"}


class Row(NamedTuple):
    """A function or a thread.

    Attributes:
        name: Its name.
        where: File and line of a function.
        calls: Calls of a function, zones of a thread, that have begun.
        rate: How many of them in a second, lately.
        self_ns: The time of a function without what it calls; in which a thread was busy.
        total_ns: The time with it.
        now: Which part of the last while that time was; 1.0 is one thread, all the time.
    """

    name: str
    where: str
    calls: int
    rate: float
    self_ns: int
    total_ns: int
    now: float


class Value(NamedTuple):
    """A set of frames, a pool of memory or a plot.

    Attributes:
        name: What it is.
        last: What it is now.
        more: What else there is to say.
    """

    name: str
    last: str
    more: str


class Moments:
    """The sums of now, and those of a while ago: what happened in between.

    Args:
        before: Earlier.
        now: Of the same program.
    """

    def __init__(self, before: LiveSnapshot, now: LiveSnapshot) -> None:
        self.before: LiveSnapshot = before
        self.now: LiveSnapshot = now
        self._passed_ns = max(now.time_ns - before.time_ns, 0)

    def rate(self, before: int, now: int) -> float:
        """Return how many there were in a second."""
        return (now - before) * 1e9 / self._passed_ns if self._passed_ns else 0.0

    def _share(self, before_ns: int, now_ns: int) -> float:
        return (now_ns - before_ns) / self._passed_ns if self._passed_ns else 0.0

    def _row(self, name: str, where: str, total_ns: int, now: tuple[int, int], past: tuple[int, int]) -> Row:
        """Return a row of what has so many calls and so much self time now, and had at the moment before."""
        return Row(
            name=name,
            where=where,
            calls=now[0],
            rate=self.rate(past[0], now[0]),
            self_ns=now[1],
            total_ns=total_ns,
            now=self._share(past[1], now[1]),
        )

    def functions(self) -> list[Row]:
        """Return the functions."""
        before = {(row.name, row.file, row.line): row for row in self.before.functions}
        rows = []
        for row in self.now.functions:
            old = before.get((row.name, row.file, row.line))
            place = f"{row.file}:{row.line}" if row.file else ""
            now, past = (row.calls, row.self_ns), (old.calls, old.self_ns) if old else (0, 0)
            rows.append(self._row(row.name or "???", place, row.total_ns, now, past))
        return rows

    def threads(self) -> list[Row]:
        """Return the threads and fibers."""
        rows = []
        for index, row in enumerate(self.now.threads):
            old = self.before.threads[index] if index < len(self.before.threads) else None
            now, past = (row.zones, row.busy_ns), (old.zones, old.busy_ns) if old else (0, 0)
            rows.append(self._row(row.name, "fiber" if row.is_fiber else "", row.busy_ns, now, past))
        return rows

    def frame_rates(self) -> list[tuple[str, int, float]]:
        """Return of each set of frames its name, how many it has, and how many in a second."""
        before = {row.name: row.frames for row in self.before.frames}
        return [
            (row.name or "frames", row.frames, self.rate(before.get(row.name, 0), row.frames))
            for row in self.now.frames
        ]

    def values(self) -> list[Value]:
        """Return frames, memory and plots."""
        rows = [Value(name, f"{rate_text(rate)}/s", count(frames)) for name, frames, rate in self.frame_rates()]
        rows += [
            Value(pool.name or "memory", *memory_texts(self.now, index)) for index, pool in enumerate(self.now.memory)
        ]
        rows += [
            Value(
                plot.name,
                plot_text(plot, plot.last),
                f"{plot_text(plot, plot.lowest)} .. {plot_text(plot, plot.highest)}",
            )
            for plot in self.now.plots
        ]
        return rows

    def document(self, program: str, protocol: int, *, has_ended: bool) -> dict[str, Any]:
        """Return all of it as one JSON object."""
        now = self.now
        return {
            "schema": SCHEMA,
            "program": program,
            "protocol": protocol,
            "has_ended": has_ended,
            "time_ns": now.time_ns,
            "zones": now.zones,
            "zones_per_second": self.rate(self.before.zones, now.zones),
            "messages": now.messages,
            "functions": [
                row._asdict() | {"calls_per_second": shown.rate, "now": shown.now}
                for row, shown in zip(now.functions, self.functions(), strict=True)
            ],
            "threads": [
                row._asdict() | {"zones_per_second": shown.rate, "now": shown.now}
                for row, shown in zip(now.threads, self.threads(), strict=True)
            ],
            "frames": [
                row._asdict() | {"frames_per_second": rate}
                for row, (_, _, rate) in zip(now.frames, self.frame_rates(), strict=True)
            ],
            "memory": [pool._asdict() for pool in now.memory],
            "plots": [plot._asdict() for plot in now.plots],
        }


def arranged(rows: list[Row], sort: str, pattern: str) -> list[Row]:
    """Return those with `pattern` in name or place, in any case, in order.

    Args:
        rows: All of them.
        sort: One of `SORT_KEYS`.
        pattern: Empty for all.
    """
    wanted = pattern.casefold()
    found = [row for row in rows if wanted in row.name.casefold() or wanted in row.where.casefold()]
    found.sort(key=lambda row: (row.name, row.where))
    if sort != "name":
        field = sort if sort in ("calls", "rate", "now") else f"{sort}_ns"
        found.sort(key=lambda row: getattr(row, field), reverse=True)
    return found


def rate_text(rate: float) -> str:
    """Format how many there are in a second."""
    return f"{rate:,.1f}" if 0 < rate < 99.95 else f"{rate:,.0f}"


def memory_texts(snapshot: LiveSnapshot, index: int) -> tuple[str, str]:
    """Return how much a pool of memory has in use, in bytes and in blocks."""
    pool = snapshot.memory[index]
    least = "" if pool.is_whole else "at least "
    return f"{least}{size(pool.bytes)}", counted(pool.blocks, "block")


def plot_text(plot: LivePlot, value: float) -> str:
    """Format a value of a plot."""
    if plot.format == "memory":
        return size(round(value)) if abs(value) < 1e18 else f"{value:.3g}"
    units = {"percentage": " %", "watt": " W", "number": ""}
    return f"{value:,.6g}{units[plot.format]}"
