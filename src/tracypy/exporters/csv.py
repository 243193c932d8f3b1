"""Tables with the columns and the meaning of those of tracy-csvexport.

As there: zones that took no time at all, and zones that never ended, are in no table; a function that calls itself
counts its nested calls again in its total time; the deviation is computed from running sums; with self times it stays
that of the durations. Other than there, cells with separators, quotes or line ends are quoted, a zone without a text or
value has an empty cell, not the value of the row above, and rows have an order: functions that of the trace, zones that
of their threads and beginnings.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any

from tracypy.errors import ExportError
from tracypy.exporters.nesting import timed_zones
from tracypy.trace.trace import zone_supply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from tracypy._core import ZoneSupply
    from tracypy.exporters.choice import Choice
    from tracypy.trace import Thread, Trace, ZoneRow

FUNCTION_COLUMNS = (
    *("name", "src_file", "src_line", "total_ns", "total_perc"),
    *("counts", "mean_ns", "min_ns", "max_ns", "std_ns"),
)
ZONE_COLUMNS = ("name", "src_file", "src_line", "ns_since_start", "exec_time_ns", "thread", "value")
MESSAGE_COLUMNS = ("MessageName", "total_ns")

_LINES_AT_ONCE = 4000


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """Which table, and how.

    Attributes:
        each_zone: A row for each zone instead of one for each function.
        messages: Messages instead of functions.
        plots: The points of plots; together with `each_zone` after the zones.
        self_times: Times less those of the direct children.
        separator: What stands between cells, one character.
    """

    each_zone: bool = False
    messages: bool = False
    plots: bool = False
    self_times: bool = False
    separator: str = ","

    def __post_init__(self) -> None:
        """Refuse invalid combinations."""
        if len(self.separator) != 1 or self.separator in '"\r\n':
            raise ExportError("bad_separator", separator=self.separator)
        if self.messages and (self.each_zone or self.plots or self.self_times):
            raise ExportError("messages_alone")


class _Figures:
    """What the table of functions says of one function."""

    __slots__ = ("count", "durations", "least", "most", "squares", "time")

    def __init__(self) -> None:
        self.count = 0
        self.durations = 0  # of them and their squares the deviation is made, also with self times
        self.squares = 0.0
        self.time = self.least = self.most = 0

    def add(self, duration: int, time: int) -> None:
        if self.count == 0 or time < self.least:
            self.least = time
        if self.count == 0 or time > self.most:
            self.most = time
        self.count += 1
        self.durations += duration
        self.squares += float(duration) * duration
        self.time += time

    def cells(self, last_ns: int) -> tuple[object, ...]:
        mean = self.time // self.count
        share = 100.0 * self.time / max(last_ns, 1)
        return self.time, f"{share:f}", self.count, mean, self.least, self.most, f"{self._deviation(mean):f}"

    def _deviation(self, mean: int) -> float:
        """Compute in csvexport's order of operations, so that the last digit is the same."""
        if self.count < 2:
            return 0.0
        spread = self.squares - 2.0 * self.durations * mean + mean * mean * self.count
        return math.sqrt(max(spread, 0.0) / (self.count - 1))


_FUNCTIONS = CsvOptions()
_BYTES_OF_NUMBERS = 25  # in the row of a zone


def expected_bytes(trace: Trace, choice: Choice, options: CsvOptions = _FUNCTIONS) -> int:
    """Estimate the size of the file; 0 for tables that do not grow with the zones."""
    if not options.each_zone:
        return 0
    plain = [len(place.label) + len(place.file) + _BYTES_OF_NUMBERS for place in trace.source_locations]
    return choice.expected_bytes(trace, plain)


def write(trace: Trace, choice: Choice, out: TextIO, options: CsvOptions = _FUNCTIONS) -> list[str]:
    """Write one table.

    Returns:
        Nothing that the user must be told.

    Raises:
        ExportError: The trace has nothing of what was asked for.
    """
    table = csv.writer(out, delimiter=options.separator, lineterminator="\n")
    if options.messages:
        _write_messages(trace, choice, table)
        return []
    if not options.each_zone and not options.plots:
        _write_functions(trace, choice, table, options)
        return []
    table.writerow(ZONE_COLUMNS)
    if options.each_zone:
        out.writelines("".join(piece) for piece in batched(_zone_lines(trace, choice, options), _LINES_AT_ONCE))
    if options.plots:
        _write_plots(trace, table)
    return []


def _write_functions(trace: Trace, choice: Choice, table: Any, options: CsvOptions) -> None:  # noqa: ANN401  # csv.writer
    figures = [_Figures() for _ in trace.source_locations]
    zones = zone_supply(trace)
    for thread in choice.threads:
        for zone, duration, time in _counted(zones, thread, options):
            figures[zone.location].add(duration, time)
    shown = [location for location, found in enumerate(figures) if found.count and choice.is_kept[location]]
    if not shown:
        raise ExportError("no_time", trace=trace.path)
    table.writerow(FUNCTION_COLUMNS)
    for location in shown:
        table.writerow((*_place(trace, location), *figures[location].cells(trace.span_ns)))


def _zone_lines(trace: Trace, choice: Choice, options: CsvOptions) -> Iterator[str]:
    """Yield lines, without csv.writer: most cells are numbers, and there are few different names."""
    separator = options.separator
    starts = [
        "".join(f"{_quoted(str(cell), separator)}{separator}" for cell in _place(trace, location))
        for location in range(len(trace.source_locations))
    ]
    zones = zone_supply(trace)
    for thread in choice.threads:
        number = f"{separator}{thread.short_number}{separator}"
        for zone, _duration, time in _counted(zones, thread, options):
            location = zone.location
            if choice.is_kept[location]:
                value = "" if zone.text is None else _quoted(zone.text, separator)
                yield f"{starts[location]}{zone.start_ns}{separator}{time}{number}{value}\n"


def _quoted(cell: str, separator: str) -> str:
    """Put quotes around `cell` if it needs them."""
    if any(letter in cell for letter in (separator, '"', "\n", "\r")):
        return '"{}"'.format(cell.replace('"', '""'))
    return cell


def _counted(zones: ZoneSupply, thread: Thread, options: CsvOptions) -> Iterator[tuple[ZoneRow, int, int]]:
    """Yield the zones that csvexport counts, with their duration and the requested time."""
    for zone, in_children in timed_zones(zones, thread):
        start, end, *_ = zone
        if end > start:  # which the end of a zone that never ended is not: it is negative
            yield zone, end - start, end - start - (in_children if options.self_times else 0)


def _write_messages(trace: Trace, choice: Choice, table: Any) -> None:  # noqa: ANN401  # csv.writer
    if not trace.messages:
        raise ExportError("no_messages", trace=trace.path)
    table.writerow(MESSAGE_COLUMNS)
    table.writerows((line.text, line.time_ns) for line in trace.messages if choice.has_message_of(line.thread))


def _write_plots(trace: Trace, table: Any) -> None:  # noqa: ANN401  # csv.writer
    for plot in trace.plots:
        table.writerows((plot.name, "", "", time_ns, "", "", f"{value:f}") for time_ns, value in plot.iter_points())


def _place(trace: Trace, location: int) -> tuple[str, str, int]:
    where = trace.source_locations[location]
    return where.label, where.file, where.line
