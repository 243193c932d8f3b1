"""The slowest tests, as a table at the session's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tracypy.formatting import duration
from tracypy.integrations.pytest_plugin.zones import PHASES

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS = 10
_HEADINGS = ("total", *PHASES, "test")


class Slowest:
    """Adds up what each test took."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in a phase of a test."""
        seconds = self._seconds.setdefault(report.nodeid, [0.0] * len(PHASES))
        if report.when in PHASES:
            seconds[PHASES.index(report.when)] += report.duration

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table."""
        if not self._seconds:
            return
        terminalreporter.section("tracypy: slowest tests")
        for line in self._lines():
            terminalreporter.write_line(line)
        terminalreporter.write_line("")

    def _lines(self) -> Iterator[str]:
        slowest = sorted(self._seconds.items(), key=lambda each: sum(each[1]), reverse=True)[:_ROWS]
        rows = [_HEADINGS, *((_shown(sum(phases)), *map(_shown, phases), node) for node, phases in slowest)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for *cells, node in rows:
            yield "  ".join([*(cell.rjust(width) for cell, width in zip(cells, widths, strict=False)), node])
        left = len(self._seconds) - len(slowest)
        if left:
            yield f"and {left:,} more"


def _shown(seconds: float) -> str:
    return duration(round(seconds * 1e9))
