"""`tracypy merge`: saved traces on one axis of time, as one file."""

from __future__ import annotations

import os

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.merge_report import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@click.command(short_help="Put saved traces on one axis of time, as one file.")
@click.argument("traces", nargs=-1, required=True, type=click.Path(), metavar="TRACES...")
@click.option(
    "-o",
    "--output",
    "path",
    required=True,
    metavar="OUT.tracy",
    type=click.Path(dir_okay=False),
    help="The file to write.",
)
@click.option(
    "--offset",
    "offsets",
    multiple=True,
    metavar="[TRACE=]SECONDS",
    help="How long after the first trace this one begins; without a name, for the second trace, the third and so on.",
)
@click.option("-f", "--force", "overwrite", is_flag=True, help="Overwrite OUT.tracy if it is there already.")
def command(traces: tuple[str, ...], path: str, offsets: tuple[str, ...], overwrite: bool) -> Callable[[], None]:
    """Put saved traces on one axis of time, as one file: TRACES are two .tracy files or more.

    Everything that they have goes over. Rows are called `program (process): thread`. Traces that tracypy recorded or
    captured on one machine lie where they did, by the machine's counter. Others lie where the clock of their system
    says, which is told, or where --offset puts them.
    """

    def start() -> None:
        import tracypy

        try:
            summary = tracypy.merge(list(traces), path, offsets=_offsets(traces, offsets), overwrite=overwrite)
        except OSError as problem:
            raise CommandError(problem.strerror or str(problem)) from None
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        except MemoryError:
            raise CommandError("there is not enough memory for all of them") from None
        except KeyboardInterrupt:
            raise CommandError("interrupted: nothing was written", 130) from None
        show(path, summary)

    return start


def _offsets(traces: tuple[str, ...], words: tuple[str, ...]) -> list[float | None]:
    found: list[float | None] = [None] * len(traces)
    unnamed = 0
    for word in words:
        name, equals, seconds = word.rpartition("=")
        if equals:
            place = _place_of(name, traces)
        else:
            unnamed += 1
            place = unnamed
            if place >= len(traces):
                raise CommandError(f"--offset {word}: there are no more than {len(traces)} traces, and the first is 0")
        try:
            found[place] = float(seconds)
        except ValueError:
            raise CommandError(f"--offset {word}: '{seconds}' is not a number of seconds") from None
    return found


def _place_of(name: str, traces: tuple[str, ...]) -> int:
    for words in (traces, [os.path.basename(trace) for trace in traces]):
        places = [place for place, word in enumerate(words) if word == name]
        if len(places) == 1:
            return places[0]
    raise CommandError(f"--offset: '{name}' is not one of the traces: write it as it stands there, or its file's name")
