"""`tracypy diff`: what became slower between two recordings."""

from __future__ import annotations

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.selection import json_option, limit_option, most_rows, pattern_option
from tracypy.cli.trace_files import open_trace
from tracypy.cli.values import Value, percentage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# How `--sort` names the orders; all but the name show the largest change first.
SORT_KEYS = ("self", "total", "mean", "name")


@click.command(short_help="Show what became slower or faster between two recordings.")
@click.argument("before", type=click.Path())
@click.argument("after", type=click.Path())
@click.option("--all", "show_all", is_flag=True, help="Also functions that show no significant difference.")
@click.option(
    "--sort",
    type=click.Choice(SORT_KEYS),
    default="self",
    show_default=True,
    help="By what change: of the self time, the total time, the mean call; or by name.",
)
@limit_option
@pattern_option
@click.option(
    "--fail-over",
    type=Value(percentage),
    metavar="PERCENT",
    help="Leave with exit code 1 if the whole span, or the mean call of a function that is significantly slower, takes "
    "longer by more.",
)
@json_option
def command(
    before: str,
    after: str,
    show_all: bool,
    sort: str,
    limit: int | None,
    pattern: str | None,
    fail_over: float | None,
    as_json: bool,
) -> Callable[[], None]:
    """Compare two recordings, function by function: BEFORE and AFTER are .tracy files.

    Functions are matched by name and file, whatever their lines and the root of the files. Where both recordings have
    at least 8 calls, the rank sum test of Wilcoxon, Mann and Whitney tells whether the durations of the calls differ by
    more than chance; its p-values are adjusted for the number of functions (Benjamini-Hochberg, 5 %). It knows only
    these two runs: compare two recordings of the same program to see how much they differ anyway.
    """

    def start() -> None:
        from tracypy.cli.diff_tables import ChangeSelection, failures, print_document, print_tables
        from tracypy.trace import compare

        first, second = open_trace(before), open_trace(after)
        selection = ChangeSelection(sort, most_rows(limit, as_json=as_json), pattern, show_all)
        changes = selection.matching(compare(first, second))
        if pattern is not None and not changes:  # a mistake must not look as if nothing had become slower
            raise CommandError(f"no function of {before} or {after} has {pattern!r} in its name or file")
        failed = [] if fail_over is None else failures(first, second, changes, fail_over)
        if as_json:
            print_document(first, second, changes, selection, failed)
        else:
            print_tables(first, second, changes, selection)
        if failed:
            raise CommandError(f"slower by more than {100 * (fail_over or 0):g}%: {', '.join(failed)}", exit_code=1)

    return start
