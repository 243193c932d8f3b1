"""`tracypy report`: what was recorded, in tables."""

from __future__ import annotations

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.selection import excerpt_options, json_option, limit_option, most_rows, pattern_option
from tracypy.cli.trace_files import Excerpt, open_sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# How `--sort` names the columns; all but the name show the largest first.
SORT_KEYS = ("self", "total", "calls", "mean", "median", "p95", "p99", "max", "name")


@click.command(short_help="Show what a recording holds: functions, threads, frames.")
@click.argument("file", type=click.Path())
@click.option("--by-thread", is_flag=True, help="The functions of each thread, in a table of its own.")
@click.option("--sort", type=click.Choice(SORT_KEYS), default="self", show_default=True, help="What comes first.")
@limit_option
@pattern_option
@excerpt_options
@json_option
def command(
    file: str, by_thread: bool, sort: str, limit: int | None, pattern: str | None, as_json: bool, excerpt: Excerpt
) -> Callable[[], None]:
    """Show what FILE holds, a .tracy file of tracypy or of Tracy 0.9 to 0.14.

    Self time is a call's time without its direct children's. Total time counts a recursive function once per
    outermost call, so that no total is larger than the recording. Mean, percentiles and maximum are those of all
    calls, inner ones too.
    """

    def start() -> None:
        from tracypy.cli.report_tables import FunctionSelection, print_document, print_tables

        try:
            trace = open_sums(file, excerpt, functions=True, of_threads=by_thread)
        except KeyboardInterrupt:
            raise CommandError("given up", 130) from None
        selection = FunctionSelection(sort, most_rows(limit, as_json=as_json), pattern, by_thread)
        if as_json:
            print_document(trace, selection)
        else:
            print_tables(trace, selection)

    return start
