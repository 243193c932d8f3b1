"""What is shown on stderr when a recording is over: how far the making of its file is, and a summary.

After `tracypy record` this runs in the program's own process, at its exit, and the program may have left anything
behind: no stderr, a closed one, other modules in place of ours. Nothing of that may become an error. So this is plain
Python, which imports nothing any more. (rich could not be imported then: CPython forgets that a program was
interrupted, and the exit code that goes with it, when something is executed from a text, as namedtuple does.)
"""

from __future__ import annotations

import os

from tracypy import stderr
from tracypy.formatting import counted, duration, quoted, size
from tracypy.summary import after_size, apart, before_size, table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.merging import MergedPart, MergeSummary
    from tracypy.summary import FunctionTotals, RecordingSummary

_ROWS = 10
# What a layout is taken for, by its release, and the first viewer that opens it.
_NEWER_LAYOUTS = {
    "0.11.1": ("groups of rows", "0.11.1"),
    "0.13.2": ("the severity of messages", "0.14.0"),
    "0.13.5": ("sections", "0.14.0"),
}


class Report:
    """Writes to stderr, at the end of a recording."""

    __slots__ = ("_folder", "_has_progress")

    def __init__(self) -> None:
        self._has_progress = False
        # The program may leave for another folder; its user does not.
        self._folder: str | None
        try:
            self._folder = os.getcwd()
        except OSError:  # it was deleted
            self._folder = None

    def progress(self, done: int, total: int) -> None:
        """Show the progress in one line that changes, on a terminal only.

        Args:
            done: How much of the work is done.
            total: How much there is; 0 if that is not known yet.
        """
        if total and stderr.is_terminal():
            self._has_progress = True
            stderr.write(f"\r\x1b[Ktracypy: making the trace: {min(100, 100 * done // total)} %")

    def clear(self) -> None:
        """Remove that line."""
        if self._has_progress:
            self._has_progress = False
            stderr.write("\r\x1b[K")

    def say(self, text: str) -> None:
        """Write one line.

        Args:
            text: What to say.
        """
        self.clear()
        stderr.say(text)

    def show(self, summary: RecordingSummary) -> None:
        """Show what is in the file, the functions with the most self time, and how to open the file.

        Args:
            summary: Of the recording. If the file has no size yet, it is shown when it has.
        """
        self.clear()
        short = _short(summary.path, self._folder)
        path = quoted(short)
        before = f"tracypy: {before_size(summary)}"
        after = (
            f"{after_size(short)}\n{_remarks(summary)}\n{_table(summary.functions[:_ROWS])}"
            f"{''.join(f'{line[: stderr.columns() - 1]}\n' for line in apart(summary))}\n"
            f"Open it:  tracy-profiler {path}\nMore:     tracypy view {path}, tracypy report {path}\n"
        )
        if summary.bytes:
            stderr.write(f"{before}{size(summary.bytes)}{after}")
        else:
            stderr.write_when_made(before, after)

    def show_merged(self, output: str, summary: MergeSummary) -> None:
        """Show what was made of the parts of several ranks.

        Args:
            output: The file.
            summary: Of the merge.
        """
        self.clear()
        short = _short(output, self._folder)
        path = quoted(short)
        parts = counted(len(summary.parts), "rank")
        lines = [f"tracypy: {counted(summary.zones, 'zone')} of {parts}: {size(summary.file_bytes)} in {short}"]
        lines += [f"Clocks of {part.program}: {_clock(part)}" for part in summary.parts if part.placed_by in _CLOCKS]
        lines += [f"Note:     {note}" for note in summary.notes]
        lines += [f"Open it:  tracy-profiler {path}", f"More:     tracypy view {path}, tracypy report {path}"]
        stderr.write("\n".join(lines) + "\n")


#: Where a part lies is as right as clocks agree.
_CLOCKS = ("round trips", "clock", "seconds")


def _clock(part: MergedPart) -> str:
    if part.placed_by == "round trips":
        return f"aligned by round trips, to within {duration(part.error_ns)}"
    return "as right as those of the systems agree"


def _remarks(summary: RecordingSummary) -> str:
    lines = []
    if summary.dropped:
        lines.append(
            f"Left out: {counted(summary.dropped, 'zone')}, for which there was no room in memory "
            "(TRACYPY_BUFFER_MB, TRACYPY_BUFFER_POLICY)."
        )
    if summary.images_left_out:
        images = counted(summary.images_left_out, "frame image")
        lines.append(f"Left out: {images}; a file has room for 512 MiB of them.")
    if summary.layout in _NEWER_LAYOUTS:
        what, first = _NEWER_LAYOUTS[summary.layout]
        lines.append(f"It opens in viewers from Tracy {first} on: the files of older ones have no room for {what}.")
    if summary.ended_by == "killed":
        lines.append("The recording did not come to its end: the last moments may be missing.")
    elif summary.ended_by == "disk":
        lines.append("The recording ended early: its journal could not be written any more.")
    elif summary.ended_by != "stopped":
        lines.append("The recording ended early, at its limit.")
    return "".join(f"{line}\n" for line in lines)


def _table(functions: tuple[FunctionTotals, ...]) -> str:
    if not functions:
        return "No call was recorded.\n"
    longest = stderr.columns() - 1
    return "".join(f"{line[:longest]}\n" for line in table(functions))


def _short(path: str, folder: str | None) -> str:
    """Return the path relative to `folder` if it is inside."""
    if folder is None:
        return path
    short = os.path.relpath(path, folder)
    return path if short.startswith("..") else short
