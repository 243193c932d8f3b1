"""`tracypy record` under `mpirun` and the like: each rank makes a file, and rank 0 makes one of all.

They need a folder that all of them see, and no word of MPI: a rank may crash, or be none of ours. Only the clocks of
other hosts are asked for by messages, where all ranks are ours and have come to their end.

What is called here at the end runs in the program's own process, which may have left anything behind: nothing is
imported then.
"""

from __future__ import annotations

import os
import shlex
import sys
import time

from tracypy import stderr
from tracypy.integrations import message_clock
from tracypy.integrations.marks import Mark, Seen, read_mark, remove_mark
from tracypy.merging import MergePart, MergeSummary, failure_of, merge_parts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tracypy.merging import ClockReading
    from tracypy.ranks import Rank

#: For the marks of ranks that begin more slowly than this one ends, and for keepers of those that have died.
_PATIENCE_SECONDS = 5.0
#: From when on it is said that others are waited for.
_SILENCE_SECONDS = 5.0
_SUFFIX = ".tracy"
_TAG = 7231  # of our messages' communicators


class RankedRecording:
    """The part of this rank, and how it comes together with the others.

    Args:
        output: The file that is to be made of all parts.
        rank: Which rank this is.
        overwrite: Whether that file may be replaced.

    Attributes:
        output: As above.
        path: The file of this rank.
    """

    def __init__(self, output: str, rank: Rank, *, overwrite: bool) -> None:
        self.output: str = output
        self._rank = rank
        self._overwrite = overwrite
        self.path: str = self._path_of(rank.number)
        self._mark = Mark(self.path, rank)

    def _path_of(self, number: int) -> str:
        return f"{self.output.removesuffix(_SUFFIX)}.rank{number}{_SUFFIX}"

    def begin(self) -> None:
        """Let the others know of this one."""
        self._mark.say()

    @property
    def way_out(self) -> str:
        """How to put the parts together by hand."""
        stem = shlex.quote(self.output.removesuffix(_SUFFIX))
        return f"`tracypy merge {stem}.rank*{_SUFFIX} -o {stem}{_SUFFIX}` puts together what there is"

    def finish(self) -> MergeSummary | None:
        """Do what is left when the own part is made.

        Returns:
            What was merged, in rank 0.

        Raises:
            RuntimeError: It could not be merged; the text says what to do.
        """
        self._mark.say(done=True)
        if self._rank.number != 0:
            if hasattr(sys, "last_value"):  # of an uncaught exception: the launcher may end rank 0 before it has merged
                stderr.say(f"the part of rank {self._rank.number} is {self.path}: {self.way_out}")
            self._answer_clock()
            return None
        return self._merge()

    def _merge(self) -> MergeSummary:
        others = self._await_parts()
        clocks = self._ask_clocks(others)
        missing = [number for number in range(1, self._rank.count) if number not in others]
        parts = [MergePart(self.path)]
        parts += [MergePart(others[number].path, clocks.get(number, ())) for number in sorted(others)]
        try:
            summary = merge_parts(parts, self.output, overwrite=self._overwrite)
        except (OSError, ValueError, MemoryError) as problem:
            raise RuntimeError(f"{failure_of(problem)}; {self.way_out}") from None
        for part in parts:
            remove_mark(part.path)
            os.unlink(part.path)
        if missing:
            names = ", ".join(map(str, missing))
            note = (
                f"without ranks {names}, whose parts are not here: where they are, they are called "
                f"{os.path.basename(self._path_of(missing[0]))} or so"
            )
            return summary._replace(notes=(note, *summary.notes))
        return summary

    def _await_parts(self) -> dict[int, Seen]:
        """Wait for the others to end, as MPI itself would. One that is lost is not waited for."""
        begin, has_told = time.monotonic(), False
        ended: dict[int, float] = {}  # since when, of those that say nothing of it: they, or keepers, may be about to
        while True:
            seen = {number: mark for number in range(1, self._rank.count) if (mark := self._look(number)) is not None}
            now = time.monotonic()
            waited = now - begin
            ended = {n: ended.get(n, now) for n, mark in seen.items() if mark.is_lost or mark.is_ready}
            waiting = [
                number
                for number, mark in seen.items()
                if not mark.is_done and now - ended.get(number, now) < _PATIENCE_SECONDS
            ]
            if not waiting and (len(seen) == self._rank.count - 1 or waited > _PATIENCE_SECONDS):
                return {number: mark for number, mark in seen.items() if mark.is_ready}
            if waiting and waited > _SILENCE_SECONDS and not has_told:
                has_told = True
                stderr.say(f"waiting for ranks {', '.join(map(str, waiting))} to end; without them, {self.way_out}")
            time.sleep(0.02)

    def _look(self, number: int) -> Seen | None:
        return read_mark(self._path_of(number), self._rank.job)

    # Of each other host, the first of its ranks; where a rank is missing, nobody: who is not ours would not answer.
    def _ask_clocks(self, others: dict[int, Seen]) -> dict[int, list[ClockReading]]:
        asks: dict[str, int] = {}
        if len(others) == self._rank.count - 1 and all(mark.is_done for mark in others.values()) and _mpi() is not None:
            for number in sorted(others):
                if others[number].counter != self._mark.counter:
                    asks.setdefault(others[number].counter, number)
        self._mark.say(asks=list(asks.values()))
        return {number: [message_clock.ask(_pair(number), 1)] for number in asks.values()}

    def _answer_clock(self) -> None:
        root = self._look(0)
        while root is not None and root.counter != self._mark.counter and _mpi() is not None:
            if root.asks is not None:
                if self._rank.number in root.asks:
                    message_clock.answer(_pair(self._rank.number), 0)
                return
            if root.is_lost:
                return
            time.sleep(0.02)
            root = self._look(0)


def _mpi() -> Any:  # noqa: ANN401  # a module that need not be there
    """Return MPI, if the program has begun with it, and not ended it."""
    module = sys.modules.get("mpi4py.MPI")
    return module if module is not None and module.Is_initialized() and not module.Is_finalized() else None


def _pair(rank: int) -> Any:  # noqa: ANN401
    """Return a communicator for rank 0 and that one, beside all that the program sends and waits for."""
    world = _mpi().COMM_WORLD
    return world.Create_group(world.Get_group().Incl([0, rank]), _TAG)
