"""`tracypy top`: a running program in the terminal, as a table that lives."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import click

import tracypy
from tracypy import stderr
from tracypy.cli.client_address import client_address, client_talk
from tracypy.cli.errors import CommandError
from tracypy.cli.top_rows import SORT_KEYS, Moments
from tracypy.cli.values import Value
from tracypy.config import number, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracypy.cli.top_screen import Picture
    from tracypy.live import LiveSnapshot, LiveView, State

_STEP_S = 0.1
_HEADING = 4  # the line of the picture with the titles of the columns


@click.command(short_help="Watch a running program in the terminal, as a live table.")
@client_address
@click.option("--sort", type=click.Choice(list(SORT_KEYS)), default="self", show_default=True, help="What comes first.")
@click.option(
    "--filter", "pattern", default="", metavar="TEXT", help="Only what has this in its name or file, in any case."
)
@click.option(
    "--show",
    "page",
    type=click.Choice(["functions", "threads", "values"]),
    default="functions",
    show_default=True,
    help="Which table; values are frames, memory and plots.",
)
@click.option(
    "--interval",
    type=Value(number("number of seconds", 0, above=True)),
    default=1.0,
    metavar="SECONDS",
    help="How often it shows something new.  [default: 1]",
)
@click.option("--once", is_flag=True, help="Print the table once, after one interval, and leave.")
@click.option(
    "--count", type=Value(whole_number(1)), metavar="N", help="Print the table N times, one below the other, and leave."
)
@click.option(
    "--limit",
    type=Value(whole_number(0)),
    default=20,
    metavar="N",
    help="Print no more than N rows; 0 for all.  [default: 20]",
)
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON each time; docs/top.md describes it.")
@client_talk
def command(
    address: str, port: int, protocol: str | None, connect_timeout: float | None, *, once: bool, count: int | None,
    **options: object,
) -> Callable[[], None]:  # fmt: skip
    """Watch a running program: its functions by self time, calls per second, threads, frames, memory, plots.

    The program may be one that `tracypy run` watches, or any with Tracy's own client of release 0.11.0 to 0.14.0.
    Nothing is kept but sums. On a terminal: keys s t c r w n sort by self time, total time, calls, calls per second,
    what runs now, name; / filters, p pauses, 1 2 3 show functions, threads and values, arrows scroll, q or Ctrl-C
    leaves. Elsewhere, and with --once, --count or --json, tables are printed one below the other.
    """
    if once and count is not None:
        raise click.UsageError("--once is --count 1: give one of them")

    def start() -> None:
        from tracypy.cli.terminal import is_there

        source = _Source(address, port, int(protocol) if protocol else None, connect_timeout)
        times = 1 if once else count
        try:
            if times is None and not options["as_json"] and is_there():
                _watch(source, **options)  # type: ignore[arg-type]
            else:
                _print(source, times, **options)  # type: ignore[arg-type]
        except KeyboardInterrupt:
            raise CommandError("given up", 130) from None
        finally:
            source.leave()

    return start


class _Source:
    """A program at a place, and when that has ended, the next one.

    Attributes:
        state: As `LiveView.step` returns it; of the next one, when one has ended.
        ended: The last program that has ended, as a sentence; empty before one has, and when another one is there.
    """

    def __init__(self, address: str, port: int, protocol: int | None, timeout: float | None) -> None:
        self.place: str = f"{address}:{port}"
        self.state: State = "connecting"
        self.ended: str = ""
        self.program: str = ""
        self.protocol: int = 0
        self._where = (address, port, protocol)
        self._timeout = timeout
        self._begun = time.monotonic()
        self._view = self._look()
        self._last: LiveSnapshot | None = None  # of one that has ended

    def _look(self) -> LiveView:
        from tracypy.live import LiveView

        try:
            return LiveView(*self._where)
        except ValueError as problem:
            raise CommandError(str(problem)) from None

    def step(self, seconds: float) -> None:
        """Receive for so long.

        Raises:
            CommandError: There is no program that can be watched, or none in time.
        """
        before = self.state
        try:
            self.state = self._view.step(seconds)
        except ConnectionError as problem:
            if not self.program:
                raise CommandError(str(problem)) from None
            time.sleep(seconds)  # the one that has ended may still be on its way out
            self._view = self._look()
            self.state = "connecting"
        if self.state == "receiving" != before:
            self.program, self.protocol = self._view.program, self._view.protocol
            self.ended, self._last = "", None
        elif self.state == "ended":
            self._end()
        elif not self.program and self._timeout is not None and time.monotonic() - self._begun >= self._timeout:
            raise CommandError(f"no program has answered at {self.place} for {self._timeout:g} seconds")

    def _end(self) -> None:
        problem = self._view.problem
        self.program = self.program or self._view.program or "the program"
        self.ended = f"{self.program} has ended" + (f": {problem}" if problem else "")
        self._last = self._view.snapshot()
        self._view = self._look()
        self.state = "connecting"

    def snapshot(self) -> LiveSnapshot:
        """Return the sums of this moment; those of the end, when it has ended."""
        return self._last if self._last is not None else self._view.snapshot()

    def leave(self) -> None:
        """Take leave of the program."""
        self._view.leave()

    def title(self, now: LiveSnapshot) -> str:
        """Say which program that is, and what it does."""
        from tracypy.formatting import duration, printable

        if self.ended:
            return f"{printable(self.ended)}; waiting for the next program at {self.place}"
        if self.state == "receiving":
            release = dict(tracypy.PROTOCOLS)[self.protocol]
            return f"{printable(self.program)} at {self.place} (Tracy {release}), up {duration(now.time_ns)}"
        return self.waiting()

    def waiting(self) -> str:
        """Say what is waited for."""
        if self.state == "knocking":
            return f"waiting for the program at {self.place}, which may have another viewer (Ctrl-C: give up)"
        return f"waiting for a program at {self.place} (Ctrl-C: give up)"


def _watch(source: _Source, sort: str, pattern: str, page: str, interval: float, **_others: object) -> None:
    """On a terminal, until somebody leaves."""
    from tracypy.cli.terminal import Terminal
    from tracypy.cli.top_screen import Picture

    picture = Picture(sort, pattern, page)
    with Terminal() as terminal:
        for moments in _moments(source, interval, picture):
            if terminal.came is not None or not all(picture.press(key) for key in terminal.typed()):
                break
            lines = picture.lines(source.title(moments.now), moments, *terminal.size())
            terminal.show(lines, _HEADING)
    if terminal.came not in (None, signal.SIGINT):
        signal.signal(terminal.came, signal.SIG_DFL)
        os.kill(os.getpid(), terminal.came)


def _moments(source: _Source, interval: float, picture: Picture) -> Iterator[Moments]:
    """Yield, ten times a second, the sums and those of an interval before."""
    before = now = source.snapshot()
    taken = time.monotonic()
    program: object = None
    yield Moments(before, now)
    while True:
        source.step(_STEP_S)
        current = (source.state == "receiving", source.ended)
        is_other, program = current != program, current
        if is_other and source.state == "receiving":
            before = now = source.snapshot()
            taken = time.monotonic()
        elif not picture.is_paused and (is_other or time.monotonic() - taken >= interval):
            before, now = (now if not source.ended or is_other else before), source.snapshot()
            taken = time.monotonic()
        yield Moments(before, now)


def _print(
    source: _Source, times: int | None, sort: str, pattern: str, page: str, interval: float, limit: int, as_json: bool
) -> None:
    """Without a terminal: one table below the other, until the program ends or there were enough of them."""
    from tracypy.cli.stdout import printing

    _wait(source)
    before = source.snapshot()
    printed = 0
    while not source.ended and printed != times:
        until = time.monotonic() + interval
        while not source.ended and (left := until - time.monotonic()) > 0:
            source.step(min(left, _STEP_S))
        now = source.snapshot()
        with printing():
            if as_json:
                document = Moments(before, now).document(source.program, source.protocol, has_ended=bool(source.ended))
                sys.stdout.write(json.dumps(document) + "\n")
            else:
                _print_table(source, Moments(before, now), sort, pattern, page, limit)
        before = now
        printed += 1
    if source.ended:
        stderr.say(source.ended)


def _wait(source: _Source) -> None:
    said = ""
    while source.state != "receiving" and not source.ended:
        source.step(_STEP_S)
        if source.state in ("connecting", "knocking") and not source.ended and source.waiting() != said:
            said = source.waiting()
            stderr.say(said)


def _print_table(source: _Source, moments: Moments, sort: str, pattern: str, page: str, limit: int) -> None:
    from tracypy.cli.tables import print_line, stdout_console
    from tracypy.cli.top_rows import arranged
    from tracypy.cli.top_screen import head_lines, row_table, value_table

    console = stdout_console()
    title = source.ended or source.title(moments.now)
    if page == "values":
        table = value_table(moments, console.width, pattern)
    else:
        rows = arranged(moments.functions() if page == "functions" else moments.threads(), sort, pattern)
        table = row_table(rows, console.width, of_threads=page == "threads")
    shown = table[: limit + 1] if limit else table
    for line in [title, *head_lines(moments), *shown, ""]:
        print_line(console, line)
