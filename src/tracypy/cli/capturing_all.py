"""`tracypy capture --all`: every program that announces itself."""

from __future__ import annotations

import os
import shutil
import tempfile

import click

from tracypy import stderr
from tracypy.cli.errors import CommandError
from tracypy.cli.stdout import printing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.captured import Announcement
    from tracypy.capturing_all import CapturedProgram


def start(path: str, *, merge: bool, seconds: float | None, overwrite: bool) -> Callable[[], None]:
    """Return what receives from all of them: into the folder `path`, or merged into the file `path`."""

    def go() -> None:
        if merge and os.path.lexists(path) and not overwrite:
            raise CommandError(f"{path} exists already; -f overwrites it")
        stderr.say("receiving from every program that announces itself (Ctrl-C: stop and save)")
        if merge:
            _merge(path, seconds, overwrite)
            return
        found = _capture(path, seconds, overwrite)
        with printing():
            click.echo("\n".join(_lines(found)))

    return go


def _capture(folder: str, seconds: float | None, overwrite: bool) -> list[CapturedProgram]:
    from tracypy.capturing_all import capture_all

    try:
        found = capture_all(folder, seconds=seconds, overwrite=overwrite, told=_tell)
    except OSError as problem:
        raise CommandError(problem.strerror or str(problem)) from None
    if not any(program.summary for program in found):
        raise CommandError("no program was captured", 1)
    return found


def _merge(path: str, seconds: float | None, overwrite: bool) -> None:
    import tracypy
    from tracypy.cli.merge_report import show

    folder = tempfile.mkdtemp(prefix="tracypy-", dir=os.path.dirname(os.path.abspath(path)))
    try:
        files = [program.path for program in _capture(folder, seconds, overwrite) if program.summary]
        if len(files) == 1:
            os.replace(files[0], path)
            stderr.say(f"there was one program only: {path} is its file")
            return
        show(path, tracypy.merge(files, path, overwrite=overwrite))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise CommandError(f"{reason}; what was captured is in {folder}") from None
    shutil.rmtree(folder)


def _tell(what: CapturedProgram | Announcement) -> None:
    from tracypy.capturing_all import CapturedProgram

    program = what.announcement if isinstance(what, CapturedProgram) else what
    name = f"{program.program} ({program.process_id})"
    if not isinstance(what, CapturedProgram):
        stderr.say(f"receiving from {name} at {program.address}:{program.port}")
    elif what.summary is None:
        stderr.say(f"{name}: {what.problem}")
    else:
        stderr.say(f"{name}: {what.summary.ending}{': ' * bool(what.summary.problem)}{what.summary.problem}")


def _lines(found: list[CapturedProgram]) -> list[str]:
    from tracypy.formatting import counted, quoted, size

    lines = []
    for program in found:
        if program.summary is None:
            continue
        summary = program.summary
        lines.append(f"{quoted(program.path)}: {counted(summary.zones, 'zone')}, {size(summary.file_bytes)}")
        if summary.not_kept:
            lines.append("  not kept: " + ", ".join(f"{number} {what}" for what, number in summary.not_kept.items()))
    return lines
