"""What the commands that print tables share: which rows are asked for, how many, and in which form."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tracypy.cli.trace_files import Excerpt
from tracypy.cli.values import Value
from tracypy.config import parse_duration, whole_number

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


def excerpt_options[F: Callable[..., object]](command: F) -> F:
    """Add `--from`, `--until` and `--min-duration` to a command, which gets an `Excerpt`, "excerpt"."""

    @functools.wraps(command)
    def with_excerpt(
        *args: object, from_time: float | None, until: float | None, min_duration: float | None, **more: object
    ) -> object:
        first, last, least = (None if time is None else round(time * 1e9) for time in (from_time, until, min_duration))
        if first is not None and last is not None and last < first:
            raise click.UsageError("--until is before --from")
        return command(*args, excerpt=Excerpt(first or 0, last, least or 0), **more)

    time = Value(parse_duration)
    decorators = (
        click.option("--from", "from_time", type=time, metavar="TIME", help="Leave out what ends before it: 1.5s."),
        click.option(
            "--until", type=time, metavar="TIME", help="Only what has begun by then. Times count from the start."
        ),
        click.option("--min-duration", type=time, metavar="TIME", help="Only zones that took so long: 50us, 2ms."),
    )
    for decorate in reversed(decorators):
        with_excerpt = decorate(with_excerpt)
    return with_excerpt  # type: ignore[return-value]


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
