"""The table, and the JSON beside it."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.catalog import PLAIN
from harness.measure import Figures, Result

RESULTS = Path(__file__).resolve().parents[1] / "results"


def show(results: list[Result], console: Console) -> None:
    """Print one table: a line for each variant of each program."""
    table = Table(title="Added per call, in ns: processor time least and median, wall median")
    table.add_column("program")
    table.add_column("variant", no_wrap=True)
    for column in ("calls", "x plain", "least", "median", "wall", "x floor", "x PyPI", "zones"):
        table.add_column(column, justify="right", no_wrap=True)
    for result in results:
        plain = next(one for one in result.figures if one.variant == PLAIN)
        for one in result.figures:
            is_plain = one is plain
            table.add_row(
                result.program if is_plain else "",
                one.variant,
                f"{result.calls:,}" if is_plain else "",
                f"{one.cpu_least / 1e6:.1f} ms" if is_plain else f"{one.cpu_least / plain.cpu_least:.2f}",
                _number(one.added, "+.1f"),
                _number(one.added_median, "+.1f"),
                _number(one.added_wall, "+.1f"),
                _number(one.to_floor, ".2f"),
                _number(one.to_pypi, ".2f"),
                _zones(one),
                end_section=one is result.figures[-1],
            )
    console.print(table)


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _zones(one: Figures) -> str:
    if one.zones is None or one.zones_expected is None:
        return ""
    if one.zones == one.zones_expected:
        return "all"
    return f"{one.zones - one.zones_expected:+,}" + ("" if one.zones_agree else " WRONG")


def save(results: list[Result], missing: list[str], path: Path | None, now: float) -> Path:
    """Write all figures, and what they were measured on."""
    if path is None:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / time.strftime("%Y-%m-%d-%H%M%S.json", time.localtime(now))
    document = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(now)),
        "python": platform.python_version(),
        "build": platform.python_build()[0],
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "missing": missing,
        "programs": [result.as_json() for result in results],
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path
