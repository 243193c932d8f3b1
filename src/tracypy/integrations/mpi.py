"""MPI: all ranks in one trace, whose parts come to rank 0 by messages: no folder that all of them see is needed.

    with tracypy.integrations.mpi.record("out.tracy"):
        work()

`mpirun -n 4 tracypy record script.py` needs nothing of this, but for such a folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi4py import MPI

from tracypy.errors import RecordingError
from tracypy.filters import Watch
from tracypy.integrations import message_clock
from tracypy.integrations.collection import Collection
from tracypy.integrations.parts import MAX_SIZE, Part, PartFacts, PartOptions, read_chunk
from tracypy.recording import raise_or_say

if TYPE_CHECKING:
    import os
    from typing import Self, Unpack

    from tracypy.filters import WatchOptions
    from tracypy.merging import ClockReading, MergeSummary

__all__ = ["record"]


class record:  # noqa: N801  # as tracypy.record
    """A context manager that records a block in all ranks of a communicator to one `.tracy` file.

    As with all that is collective, every rank of the communicator has to enter the block, and to leave it. Rows are
    called after rank and host.

    Args:
        path: The file to make, by rank 0 where that runs.
        communicator: Which ranks; all of them unless it is given.
        overwrite: Whether a file that is there may be replaced.
        max_size: When the recording of a rank ends; for each, as in `tracypy.record`. None for never.
        **watch: Which calls, and what besides, as in `tracypy.enable`.

    Attributes:
        summary: What was merged, once the block has ended; in rank 0.

    Raises:
        RecordingError: In all ranks, where the block begins: one cannot be recorded; the text says which, and why. In
            rank 0, where it ends: the file could not be made.
        SettingError, TypeError, ValueError: As `tracypy.record`.
    """

    __slots__ = ("_clocks", "_communicator", "_given", "_options", "_overwrite", "_own", "_path", "summary")

    def __init__(
        self,
        path: str | os.PathLike[str],
        communicator: MPI.Intracomm | None = None,
        *,
        overwrite: bool = False,
        max_size: int | str | None = MAX_SIZE,
        **watch: Unpack[WatchOptions],
    ) -> None:
        Watch(**watch)  # which checks it, here
        self._path = path
        self._given: MPI.Intracomm = MPI.COMM_WORLD if communicator is None else communicator
        self._overwrite = overwrite
        self._options = PartOptions(max_size, watch)
        self._own: Part | Collection | None = None
        self._clocks: dict[int, list[ClockReading]] = {}
        self.summary: MergeSummary | None = None

    def __enter__(self) -> Self:
        self.summary = None
        # One of our own: beside all that the program sends and waits for.
        self._communicator: MPI.Intracomm = self._given.Dup()
        self._read_clocks()
        problem = ""
        try:
            self._own = self._begin()
        except (OSError, RecordingError) as error:
            problem = f"rank {self._communicator.rank} cannot be recorded: {getattr(error, 'strerror', None) or error}"
        problems = [text for text in self._communicator.allgather(problem) if text]
        if problems:
            self._give_up()
            raise RecordingError(problems[0])
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        own, self._own = self._own, None
        if own is None:
            return
        try:
            if isinstance(own, Collection):
                self._collect(own)
            else:
                self._hand_over(own)
        except RecordingError as problem:
            raise_or_say(problem, kind)
        finally:
            self._communicator.Free()

    def _begin(self) -> Part | Collection:
        name = f"rank {self._communicator.rank}"
        if self._communicator.rank != 0:
            return Part(name, self._options)
        collection = Collection(self._path, name, self._options, overwrite=self._overwrite)
        try:
            collection.begin_own()
        except BaseException:
            collection.drop()
            raise
        return collection

    def _give_up(self) -> None:
        own, self._own = self._own, None
        if isinstance(own, Collection):
            own.finish_own()
        elif own is not None:
            own.finish()
        if own is not None:
            own.drop()
        self._communicator.Free()

    def _read_clocks(self) -> None:
        """Compare the clocks of all ranks with that of rank 0, one after the other."""
        if self._communicator.rank != 0:
            message_clock.answer(self._communicator, 0)
            return
        for rank in range(1, self._communicator.size):
            self._clocks.setdefault(rank, []).append(message_clock.ask(self._communicator, rank))

    def _collect(self, collection: Collection) -> None:
        problem = None
        try:
            collection.finish_own()
        except RecordingError as error:  # the others wait for us
            problem = error
        self._read_clocks()
        for rank in range(1, self._communicator.size):
            facts, remark = self._communicator.recv(source=rank)
            if remark:
                collection.note(remark)
            if facts is not None:
                self._receive(collection, rank, facts)
        if problem is not None:
            raise problem
        self.summary = collection.merge()

    def _receive(self, collection: Collection, rank: int, facts: PartFacts) -> None:
        is_over = False

        def read(_offset: int) -> bytes:
            nonlocal is_over
            chunk: bytes = self._communicator.recv(source=rank)
            is_over = not chunk
            return chunk

        collection.receive(facts.name, read, self._clocks[rank])
        while not is_over:  # there was no room: what still comes has to be taken
            read(0)

    def _hand_over(self, part: Part) -> None:
        problem = ""
        try:
            part.finish()
        except (OSError, RecordingError) as error:
            problem = f"the part of {part.facts.name} is missing: {error}"
        self._read_clocks()
        self._communicator.send((None, problem) if problem else (part.facts, part.remark), 0)
        if problem:
            return
        offset = 0
        while chunk := read_chunk(part.facts.path, offset):
            self._communicator.send(chunk, 0)
            offset += len(chunk)
        self._communicator.send(b"", 0)
        part.drop()
