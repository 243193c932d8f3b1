"""`tracypy capture`: what a program sends, as a file."""

from __future__ import annotations

import os
import signal
import sys

import click

import tracypy
from tracypy import left_behind, stderr
from tracypy.cli.client_address import client_address, client_talk
from tracypy.cli.errors import CommandError
from tracypy.cli.stdout import printing
from tracypy.cli.values import Value
from tracypy.config import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, Self

    from tracypy.captured import CaptureProgress, CaptureSummary
    from tracypy.cli.capture_progress import Progress

    type _Handler = Callable[[int, FrameType | None], Any] | int | None

_ENDINGS = {
    "stopped": "stopped; the file has all that came until then",
    "memory": "stopped at the limit of memory; the file has all that came until then",
    "lost": "warning: {problem}; the file has all that came until then",
    "failed": "error: {problem}; the file has all that came before",
}


@click.command(short_help="Save what a program sends to its viewer as a .tracy file.")
@click.option(
    "-o",
    "--output",
    "path",
    required=True,
    metavar="OUT.tracy",
    type=click.Path(),
    help="The file to write; with --all, the folder for the files.",
)
@click.option(
    "--all",
    "all_programs",
    is_flag=True,
    help="Receive from every program that announces itself, each to a file of its own, until Ctrl-C.",
)
@click.option("--merge", is_flag=True, help="With --all: put what came of them into the one file OUT.tracy.")
@client_address
@click.option(
    "-s",
    "--seconds",
    type=Value(number("number of seconds")),
    metavar="SECONDS",
    help="Stop after this long; otherwise when the program ends.",
)
@click.option(
    "-m",
    "--memory",
    "memory_percent",
    type=Value(number("percentage", 0, 100, above=True)),
    metavar="PERCENT",
    help="Stop when the capture itself needs more than this share of the machine's memory.",
)
@click.option("-f", "--force", "overwrite", is_flag=True, help="Overwrite OUT.tracy if it is there already.")
@client_talk
def command(path: str, protocol: str | None, all_programs: bool, merge: bool, **options: object) -> Callable[[], None]:
    """Save what a program sends to its viewer as a .tracy file, with no viewer at hand.

    The program may be one that `tracypy run` watches, or any with Tracy's own client of release 0.11.0 to 0.14.0.
    Everything that a file has a place for is kept; what else comes is counted, and said at the end.
    Ctrl-C stops the capture and saves what there is.
    """
    if all_programs:
        return _all_programs(path, merge)
    if merge:
        raise click.UsageError("--merge goes with --all")
    if os.path.isdir(path):
        raise click.UsageError(f"{path} is a folder: name a file, or give --all")

    def start() -> None:
        from tracypy.cli.capture_progress import Progress  # rich, which only this command needs

        if os.path.lexists(path) and not options["overwrite"]:
            raise CommandError(f"{path} exists already; -f overwrites it")
        place = f"{options['address']}:{options['port']}"
        try:
            with Progress(place) as progress, _Interrupts() as interrupts:
                summary = tracypy.capture(
                    path,
                    protocol=int(protocol) if protocol else None,
                    progress=lambda state: _go_on(state, progress, interrupts),
                    **options,  # type: ignore[arg-type]
                )
        except ConnectionError as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(problem.strerror or str(problem)) from None
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted while it was stopping", 130) from None
        _show(path, summary)
        left_behind.tell(path)

    return start


def _all_programs(path: str, merge: bool) -> Callable[[], None]:
    from tracypy.cli import capturing_all

    source = click.get_current_context().get_parameter_source
    for name in ("address", "port", "memory_percent", "connect_timeout", "protocol"):
        if source(name) is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name.split('_', maxsplit=1)[0]} does not go with --all")
    options = click.get_current_context().params
    return capturing_all.start(path, merge=merge, seconds=options["seconds"], overwrite=options["overwrite"])


def _go_on(state: CaptureProgress, progress: Progress, interrupts: _Interrupts) -> bool:
    progress.tell(state)
    return not interrupts.came


class _Interrupts:
    """The first Ctrl-C asks for an orderly stop, the second one ends the capture where it is.

    So do the signals by which a closed terminal or a script ends programs: nothing of a capture is on the disk before
    its end. Those that are ignored (nohup) stay so, but for SIGINT, which shells ignore for what runs behind them.
    """

    def __init__(self) -> None:
        self.came = False
        self._before: list[tuple[int, _Handler]] = []

    def __enter__(self) -> Self:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            which = getattr(signal, name, None)  # not every system has all
            if which is not None and (name == "SIGINT" or signal.getsignal(which) is not signal.SIG_IGN):
                self._before.append((which, signal.signal(which, self._take)))
        return self

    def __exit__(self, *_exc_info: object) -> None:
        for which, handler in self._before:
            signal.signal(which, signal.SIG_DFL if handler is None else handler)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        if self.came:
            raise KeyboardInterrupt
        self.came = True


def _show(path: str, summary: CaptureSummary) -> None:
    from tracypy.formatting import count, duration, quoted, size

    release = dict(tracypy.PROTOCOLS)[summary.protocol]
    lines = [
        f"Program:   {summary.program} (protocol {summary.protocol}, Tracy {release})",
        f"Time span: {duration(summary.span_ns)}",
        f"Zones:     {count(summary.zones)}",
        f"Frames:    {count(summary.frames)}",
        f"Threads:   {count(summary.threads)}",
        f"Messages:  {count(summary.messages)}",
        f"Plots:     {count(summary.plots)}",
        f"Saved:     {path}, {size(summary.file_bytes)}",
    ]
    if summary.not_kept:
        lines.append("Not kept:  " + ", ".join(f"{count(number)} {what}" for what, number in summary.not_kept.items()))
    word = quoted(path)
    lines += [f"Open it:   tracy-profiler {word}", f"More:      tracypy view {word}, tracypy report {word}"]
    with printing():
        click.echo("\n".join(lines))
    ending = _ENDINGS.get(summary.ending)
    if ending:
        stderr.say(ending.format(problem=summary.problem))
    if summary.ending == "failed":
        sys.exit(1)
