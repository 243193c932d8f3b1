"""What the commands that print tables share: which rows are asked for, how many, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tracypy.cli.values import Value
from tracypy.config import whole_number

if TYPE_CHECKING:
    from collections.abc import Callable

_ROWS = 20


def limit_option[F: Callable[..., object]](command: F) -> F:
    """Add `--limit` to a command."""
    return click.option(
        "--limit",
        type=Value(whole_number(0)),
        metavar="N",
        help=f"No more than N rows in a table; 0 shows all.  [default: {_ROWS}; with --json all]",
    )(command)


def pattern_option[F: Callable[..., object]](command: F) -> F:
    """Add `--filter` to a command."""
    return click.option(
        "--filter",
        "pattern",
        metavar="PATTERN",
        help="Only functions with this in their name or file; with *, ? or [ in it, a glob over either.",
    )(command)


def json_option[F: Callable[..., object]](command: F) -> F:
    """Add `--json` to a command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON and nothing else; docs/traces.md describes it."
    )(command)


def most_rows(limit: int | None, *, as_json: bool) -> int:
    """Return how many rows a table may have with this `--limit`; 0 for all."""
    if limit is not None:
        return limit
    return 0 if as_json else _ROWS


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are shown.

    Args:
        sort: One of the command's `SORT_KEYS`.
        limit: How many rows a table may have; 0 for all.
        pattern: Only functions that match it; None for all.
    """

    sort: str
    limit: int
    pattern: str | None

    def cut[Row](self, rows: list[Row]) -> list[Row]:
        """Return as many rows as may be shown."""
        return rows[: self.limit] if self.limit else rows
