"""`tracypy flamegraph`: a recording as a page for a browser."""

from __future__ import annotations

import click

from tracypy.cli.exporting import choice_options, write_export
from tracypy.cli.selection import excerpt_options
from tracypy.cli.values import Value
from tracypy.config import whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.cli.trace_files import Excerpt


@click.command(short_help="Write a recording as a flame graph, one HTML page.")
@click.argument("file", type=click.Path())
@click.option("-o", "--output", "out", metavar="OUT", help="Where to write.  [default: FILE with .html]")
@choice_options
@excerpt_options
@click.option("--title", metavar="TEXT", help="The heading, in place of the program's name.")
@click.option(
    "--max-nodes",
    type=Value(whole_number(1)),
    metavar="N",
    help="How many call paths the page has; of more, the shortest are folded.  [default: 30000]",
)
def command(
    file: str,
    out: str | None,
    title: str | None,
    max_nodes: int | None,
    threads: tuple[str, ...],
    pattern: str | None,
    force: bool,
    excerpt: Excerpt,
) -> Callable[[], None]:
    """Write a flame graph: one HTML page that needs nothing else, not even a network.

    It shows where the time went, merged by call path, for all threads and for each: click to zoom in, / to search.
    """

    def start() -> None:
        options: dict[str, object] = {"title": title}
        if max_nodes is not None:
            options["most_nodes"] = max_nodes
        write_export(file, out, "flamegraph", threads, pattern, force, options, excerpt)

    return start
