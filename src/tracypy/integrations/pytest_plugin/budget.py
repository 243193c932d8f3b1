"""`@pytest.mark.tracypy_budget("20ms")`: a test that takes longer fails, and is told the calls that took it.

The call phase counts, with all that the recording costs, and without fixtures. The calls are looked up in what was
recorded so far, by the process that records: of a worker of pytest-xdist that is the session's.
"""

from __future__ import annotations

import os
import tempfile
import time
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

import tracypy
from tracypy import _core
from tracypy.config import parse_duration
from tracypy.errors import RecordingError, TraceError
from tracypy.formatting import duration
from tracypy.integrations.pytest_plugin.slow_calls import slow_calls
from tracypy.summary import table

if TYPE_CHECKING:
    from collections.abc import Generator

_MARK = "tracypy_budget"
#: What a report of a worker has, with the number of its process.
_ATTRIBUTE = "tracypy_over_budget"
_EXAMPLE = f'@pytest.mark.{_MARK}("20ms")'


class Budgets:
    """Fails tests that take longer than they may, in the process that runs them."""

    def __init__(self) -> None:
        self._over: set[str] = set()

    @pytest.hookimpl(wrapper=True, trylast=True)  # within what other plugins do
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Take the time of a test."""
        mark = item.get_closest_marker(_MARK)
        if mark is None:
            return (yield)
        budget_ns = _budget_of(mark)
        begin_ns = time.perf_counter_ns()
        result = yield
        took_ns = time.perf_counter_ns() - begin_ns
        if took_ns > budget_ns:
            self._over.add(item.nodeid)
            pytest.fail(f"it took {duration(took_ns)}, and its budget is {duration(budget_ns)}", pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the calls to the report of one that took longer, or let the session do it."""
        report = yield
        if call.when == "call" and item.nodeid in self._over:
            self._over.discard(item.nodeid)
            if _core.is_recording():
                add_slow_calls(report, "")
            elif _core.is_followed():
                setattr(report, _ATTRIBUTE, os.getpid())
        return report


class SlowCalls:
    """Adds the calls to the reports of workers, in the session's process, before anybody shows them."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at the report of a test."""
        process = getattr(report, _ATTRIBUTE, None)
        if process is not None and _core.is_recording():
            _core.settle_in_family(process)
            add_slow_calls(report, f"({process}): ")


def _budget_of(mark: pytest.Mark) -> int:
    given = mark.args[0] if len(mark.args) == 1 and not mark.kwargs else None
    try:
        return round(parse_duration(given) * 1e9) if isinstance(given, str) else _refuse("one text is wanted")
    except ValueError as error:
        problem = f"{given!r} {error}"
    return _refuse(problem)


def _refuse(problem: str) -> NoReturn:
    pytest.fail(f"{_MARK}: {problem}: {_EXAMPLE}", pytrace=False)


def add_slow_calls(report: pytest.TestReport, process: str) -> None:
    """Add to a report which calls took the time.

    Args:
        report: Of the call phase of a test that has ended just now.
        process: What the names of the rows of the process that ran it have in them; "" for this one.
    """
    text = _text(report.nodeid, process)
    longrepr: Any = report.longrepr
    if hasattr(longrepr, "addsection"):
        longrepr.addsection("the calls that took it", text)
    else:
        report.sections.append(("the calls that took it", text))


def _text(node_id: str, process: str) -> str:
    with tempfile.TemporaryDirectory(prefix="tracypy-budget-") as folder:
        path = os.path.join(folder, "now.tracy")
        try:
            tracypy.save_recording(path)
            calls = slow_calls(tracypy.open(path), node_id, process)
        except (OSError, MemoryError, RecordingError, TraceError) as problem:
            return f"cannot be told: {problem}"
    if not calls:
        return "are in the recording"
    return "\n".join(table(calls))
