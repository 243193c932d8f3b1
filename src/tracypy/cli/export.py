"""`tracypy export`: a recording in the format of another tool."""

from __future__ import annotations

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.exporting import choice_options, write_export
from tracypy.cli.selection import excerpt_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.cli.trace_files import Excerpt

_NAMES = ("csv", "chrome", "perfetto", "parquet", "speedscope", "pstats", "collapsed")

_HELP = """Write a recording in the format of another tool.

\b
  csv         tables with the columns of tracy-csvexport
  chrome      Chrome trace events, which ui.perfetto.dev opens
  perfetto    the same in Perfetto's own format, a twentieth of the size
  parquet     zones, messages or plots as a table, for DuckDB, Polars, Spark
  speedscope  for speedscope.app
  pstats      for `python -m pstats` and everything that reads its files
  collapsed   stacks for flamegraph.pl and inferno

OUT says the format if --to does not. Without it, the file goes beside FILE, with the ending of the format; - is the
standard output, and text that goes to a name in .gz is compressed.
"""


def _csv_options[F: Callable[..., object]](command: F) -> F:
    decorators = (
        click.option("-u", "--each-zone", is_flag=True, help="csv: a row for each zone, instead of each function."),
        click.option("-m", "--messages", is_flag=True, help="csv, parquet: messages instead."),
        click.option(
            "-p", "--plots", is_flag=True, help="csv, parquet: points of plots; with csv's -u, after the zones."
        ),
        click.option("-e", "--self", "self_times", is_flag=True, help="csv: times less those of what was called."),
        click.option("-s", "--separator", metavar="CHARACTER", help="csv: what stands between cells.  [default: ,]"),
    )
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


@click.command(
    help=_HELP,
    short_help="Write a recording as csv, chrome, perfetto, parquet, speedscope, pstats or collapsed stacks.",
)
@click.argument("file", type=click.Path())
@click.option("--to", metavar="FORMAT", help=f"One of {', '.join(_NAMES)}.")
@click.option("-o", "--output", "out", metavar="OUT", help="Where to write.")
@choice_options
@excerpt_options
@click.option("--any-size", is_flag=True, help="Write it even if it becomes very large: more than 2 GB.")
@click.option("--thread-roots", is_flag=True, help="collapsed: begin each stack with the name of its thread.")
@_csv_options
def command(
    file: str,
    to: str | None,
    out: str | None,
    threads: tuple[str, ...],
    pattern: str | None,
    force: bool,
    excerpt: Excerpt,
    any_size: bool,
    **of_format: object,
) -> Callable[[], None]:
    """Export FILE; the help text is in `_HELP`."""

    def start() -> None:
        form = _format(to, out)
        options = _format_options(form, of_format)
        write_export(file, out, form, threads, pattern, force, options, excerpt, any_size=any_size)

    return start


def _format(to: str | None, out: str | None) -> str:
    from tracypy.exporters import format_of

    known = ", ".join(_NAMES)
    if to is not None:
        if to == "flamegraph":
            raise CommandError("a flame graph has a command of its own: tracypy flamegraph FILE")
        if to not in _NAMES:
            raise CommandError(f"--to: {to!r} is not a format; there are {known}")
        return to
    found = format_of(out) if out is not None else None
    if found is None or found.name not in _NAMES:
        what = f"the name {out} does not say the format" if out else "no format is given"
        raise CommandError(f"{what}; add --to with one of {known}")
    return found.name


def _format_options(form: str, given: dict[str, object]) -> dict[str, object]:
    """Return those of the given options that the format's writer takes."""
    from tracypy.errors import ExportError
    from tracypy.exporters.csv import CsvOptions

    table = {name: given[name] for name in ("each_zone", "messages", "plots", "self_times")}
    separator = given["separator"]
    if form == "parquet" and separator is None and not (table["each_zone"] or table["self_times"]):
        if given["messages"] and given["plots"]:
            raise CommandError("messages and plots are tables of their own: one of -m and -p")
        return {"table": "messages" if given["messages"] else "plots" if given["plots"] else "zones"}
    if form != "csv" and (separator is not None or any(table.values())):
        raise CommandError("-u, -e and -s are for csv, -m and -p for csv and parquet")
    if form != "collapsed" and given["thread_roots"]:
        raise CommandError("--thread-roots is for collapsed")
    if form == "csv":
        try:
            return {"options": CsvOptions(**table, separator="," if separator is None else separator)}  # type: ignore[arg-type]
        except ExportError as problem:
            raise CommandError(str(problem)) from None
    return {"thread_roots": given["thread_roots"]} if form == "collapsed" else {}
