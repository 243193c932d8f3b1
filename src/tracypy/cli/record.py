"""`tracypy record`: a program, recorded to a file."""

from __future__ import annotations

import atexit
import os

from tracypy import stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.options import PROGRAM_OPTIONS, SAVING_OPTIONS, WATCH_OPTIONS
from tracypy.cli.program import current_folder
from tracypy.cli.recording_report import Report
from tracypy.cli.restarting import Restarts
from tracypy.cli.watch import chosen, gather_clients, lead_children
from tracypy.cli.words import Launch, Option
from tracypy.config import number, parse_size
from tracypy.endings import Endings
from tracypy.following import rank_here
from tracypy.output_names import SUFFIX, default_stem, numbered, stem_of_job
from tracypy.profiler import enable_for_program, leave_family
from tracypy.recording import RecordingOptions, begin_recording, finish_and_leave_recording, finish_recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracypy.cli.program import Body, Program
    from tracypy.integrations.ranked import RankedRecording
    from tracypy.ranks import Rank


_OPTIONS = (
    Option(
        "output", ("-o", "--output"), "The file to make.  [default: the program's name and the time]", metavar="FILE"
    ),
    Option("force", ("-f", "--force"), "Overwrite the file, and what a killed recording left behind.", default=False),
    Option(
        "seconds",
        ("--seconds",),
        "Stop recording after S seconds; the program goes on.",
        metavar="S",
        parse=number("number of seconds", above=True),
    ),
    Option(
        "max_size",
        ("--max-size",),
        "Stop recording when so much was written, such as 500MB; the program goes on. The file is smaller.",
        metavar="SIZE",
        parse=parse_size,
    ),
    Option(
        "sources",
        ("--sources",),
        "Put the texts of source files into the file, for viewers where these are not.",
        default=False,
    ),
)


def start(
    program: Program,
    output: str | None,
    force: bool,
    seconds: float | None,
    max_size: int | None,
    sources: bool,
    last: str | None,
    save_on: tuple[str, ...],
    save_slower: tuple[str, ...],
    again: str | None,
    children: bool | None,
    gather: tuple[tuple[int | None, str], ...],
    skip_first_line: bool,
    **watch: object,
) -> Body:
    """Run a Python program as `python` would, and record every call to a file that any Tracy viewer opens.

    Processes that it starts are in that file, too.

    At the end a summary on stderr says what took the time. What stands after the program is the program's, options too.

    However the program ends, FILE is there a moment later. If the whole machine goes down, or a container, what was
    recorded is in FILE.journal: `tracypy recover` makes the file of it.
    """
    report = Report()
    leave_family()
    watched, follows = chosen(program, watch, children=children)
    if last is not None and max_size is not None:
        raise CommandError("--max-size ends a recording that grows, and with --last none does: leave out one")
    options = RecordingOptions(
        os.sep,  # in its place come the names to try
        overwrite=force and again is None,
        seconds=seconds,
        max_size=max_size,
        sources=sources,
        last=last,
        save_on=save_on,
        save_slower=save_slower,
    )
    options.watch, options.program_name, options.keeper = watched, program.name, True
    program.skips_first_line = skip_first_line
    body = program.prepare()
    gather_clients(gather)
    restarts = Restarts(program, "record", only_exec=follows)
    rank = rank_here() if again is None else None
    ranked = None if rank is None else _ranked(rank, program, output, overwrite=force)
    if ranked is not None and rank is not None:
        options.program_name = rank.name
    try:
        if follows:
            lead_children(watched, records=True, is_rank=rank is not None)
        path = _begin(_names(program, output, again) if ranked is None else iter((ranked.path,)), options)
    except CommandError as problem:
        if again is None:
            raise
        stderr.say(f"the program that was started again is not recorded: {problem}")
        return body
    restarts.base = again or path
    if ranked is not None:
        ranked.begin()
    endings = Endings(lambda: _finish(report, ranked), at_exit=lambda: _finish(report, ranked, leaves=True))
    endings.watch()
    # After the program's own handlers, which come later and are called earlier; they are still recorded.
    atexit.register(endings.finish_at_exit)
    return body


def _names(program: Program, output: str | None, again: str | None) -> Iterator[str]:
    """Yield the possible names of the file: the user's, or else numbered ones."""
    if again is not None:
        return numbered(f"{again.removesuffix(SUFFIX)}-{os.getpid()}")
    if output is None:
        return numbered(os.path.join(current_folder(), default_stem(program.name)))
    path = os.path.normpath(output if os.path.isabs(output) else os.path.join(current_folder(), output))
    if program.kind == "script" and os.path.exists(path) and os.path.samefile(path, program.target):
        raise CommandError(f"{output} is the program itself; name another file with -o")
    return iter((path,))


def _begin(names: Iterator[str], options: RecordingOptions) -> str:
    """Record to the first of these names that is free: another program may take one meanwhile."""
    taken: OSError | None = None
    try:
        enable_for_program(options.watch)
        for options.path in names:
            try:
                begin_recording(options)
            except FileExistsError as problem:
                taken = problem
            else:
                return options.path
    except OSError as problem:
        raise CommandError(f"cannot record: {problem.strerror}") from None
    except RuntimeError as problem:
        raise CommandError(str(problem)) from None
    raise CommandError(f"cannot record: {taken.strerror if taken else 'every name is taken'}")


def _ranked(rank: Rank, program: Program, output: str | None, *, overwrite: bool) -> RankedRecording:
    """Return how this rank of several is recorded."""
    from tracypy.integrations.ranked import RankedRecording

    if output is None:
        path = os.path.join(current_folder(), stem_of_job(program.name, rank.tag) + SUFFIX)
    else:
        path = next(_names(program, output, None))
    if not overwrite and os.path.lexists(path):  # which each rank sees, so that all of them end alike
        raise CommandError(f"cannot record: {path} exists already: name another file, or overwrite it with -f")
    return RankedRecording(path, rank, overwrite=overwrite)


def _finish(report: Report, ranked: RankedRecording | None = None, *, leaves: bool = False) -> None:
    finish = finish_and_leave_recording if leaves and ranked is None else finish_recording
    try:
        summary = finish(report.progress)
        if ranked is not None:
            merged = ranked.finish()
            if merged is not None:
                report.show_merged(ranked.output, merged)
            return
    except KeyboardInterrupt:
        report.clear()  # where the journal is was said
    except RuntimeError as problem:
        report.say(str(problem))
    else:
        report.show(summary)


LAUNCH = Launch(
    "record",
    (*_OPTIONS, *SAVING_OPTIONS, *WATCH_OPTIONS, *PROGRAM_OPTIONS),
    "Run a program, record it to a file, and sum up what took the time.",
    start,
)
