"""The root's side of a recording of many processes: parts come in, and become one file."""

from __future__ import annotations

import abc
import contextlib
import os
import shlex
import shutil
import tempfile
import time
from typing import TYPE_CHECKING, ClassVar

from tracypy import _core, stderr
from tracypy.errors import RecordingError
from tracypy.filters import Watch
from tracypy.integrations.parts import PartFacts, PartOptions, begin_part, read_chunk, remark_on
from tracypy.interpreter import host_name
from tracypy.left_behind import JOURNAL
from tracypy.merging import MergePart, MergeSummary, failure_of, merge_parts
from tracypy.recording import finish_recording, raise_or_say, recover
from tracypy.saving import full_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from tracypy.filters import WatchOptions
    from tracypy.merging import ClockReading

#: For a file that is being made of what a process has left behind.
_PATIENCE_SECONDS = 30.0


class Collection:
    """The parts of one recording, beginning with that of this process.

    Args:
        path: The file to make of them.
        name: What the rows of this process are called after; the host is added.
        options: How it is to be recorded.
        overwrite: Whether the file may be replaced.

    Raises:
        FileExistsError: It is there.
        OSError: There is no place for it.
    """

    def __init__(self, path: str | os.PathLike[str], name: str, options: PartOptions, *, overwrite: bool) -> None:
        self._path = full_path(path)
        self._overwrite = overwrite
        if not overwrite and os.path.lexists(self._path):
            raise FileExistsError(17, "it exists already: name another file, or say overwrite=True", self._path)
        folder, base = os.path.split(self._path)
        self._folder = tempfile.mkdtemp(prefix=f"{base}.parts-", dir=folder)
        self._parts: list[MergePart] = []
        self._places = 0
        self._notes: list[str] = []
        self._options = options
        self.host: str = host_name()
        self.counter: str = _core.counter_identity()
        self._name = f"{name} on {self.host}"
        self._own = self._place_of(self._name)

    def begin_own(self) -> None:
        """Record this process from now on.

        Raises:
            RecordingError: The process is recorded already, or watched by a viewer.
        """
        begin_part(self._own, self._name, self._options)

    def finish_own(self) -> None:
        """End the recording of this process.

        Raises:
            RecordingError: Its file could not be made; the text says what to do.
        """
        remark = remark_on(self._name, finish_recording())
        if remark:
            self.note(remark)
        self._parts.append(MergePart(self._own))

    def note(self, text: str) -> None:
        """Say what is missing, on stderr and in the summary."""
        stderr.say(text)
        self._notes.append(text)

    def note_failure(self, error: Exception) -> None:
        """Say by what parts have not come."""
        self.note(f"not everything has come from the cluster: {str(error) or type(error).__name__}")

    def receive(
        self, name: str, read: Callable[[int], bytes], readings: Sequence[ClockReading] = (), other: int = 0
    ) -> int | None:
        """Take in a part.

        Args:
            name: What its rows are called after.
            read: Returns its next bytes from there on, or none at its end.
            readings: What is known of its clock.
            other: Whose clock that is compared with: the number of a part.

        Returns:
            Its number; None if there was no room for it, which has been said.
        """
        path = self._place_of(name)
        offset = 0
        try:
            with open(path, "xb") as file:
                while chunk := read(offset):
                    file.write(chunk)
                    offset += len(chunk)
        except OSError as problem:
            self.note(f"the part of {name} is missing: {problem.strerror or problem}")
            with contextlib.suppress(OSError):
                os.unlink(path)
            return None
        self._parts.append(MergePart(path, readings, other))
        return len(self._parts) - 1

    def find(self, facts: PartFacts, readings: Sequence[ClockReading] = (), other: int = 0) -> int | None:
        """Take in a part whose process has ended without handing it over: where it was made, if that is here.

        Args:
            facts: Of the part.
            readings: As in `receive`.
            other: As in `receive`.

        Returns:
            As `receive`.
        """
        if facts.counter == self.counter and _await_trace(facts.path):
            number = self.receive(facts.name, lambda offset: read_chunk(facts.path, offset), readings, other)
            if number is not None:
                shutil.rmtree(os.path.dirname(facts.path), ignore_errors=True)
                return number
        self.note(
            f"{facts.name} has ended without handing over its part: it is {facts.path} there, "
            "which `tracypy merge` can add"
        )
        return None

    def merge(self) -> MergeSummary:
        """Make the one file, and delete the parts.

        Raises:
            RecordingError: It could not be made. The parts are kept, and the text says where.
        """
        try:
            summary = merge_parts(self._parts, self._path, overwrite=self._overwrite)
        except (OSError, ValueError, MemoryError) as problem:
            raise RecordingError(f"{failure_of(problem)}; {self.way_out}") from None
        self.drop()
        return summary._replace(notes=(*self._notes, *summary.notes))

    @property
    def way_out(self) -> str:
        """What to do with the parts when there is no file."""
        parts = f"{shlex.quote(self._folder)}/*.tracy"
        return f"the parts are kept: `tracypy merge {parts} -o {shlex.quote(self._path)}` makes one file of them"

    def drop(self) -> None:
        """Delete the parts."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _place_of(self, name: str) -> str:
        letters = "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in name)[:60]
        self._places += 1
        return os.path.join(self._folder, f"{self._places:04d}-{letters}.tracy")


class CollectedBlock(abc.ABC):
    """A context manager that records this process and an engine's others: what `record` of each engine is made of.

    Args:
        path: The file to make.
        overwrite: Whether a file that is there may be replaced.
        max_size: When the recording of a process ends; for each. None for never.
        watch: Which calls, and what besides.

    Attributes:
        summary: What was merged, once the block has ended.
    """

    #: What the rows of this process are called after.
    _LABEL: ClassVar[str]

    __slots__ = ("_collection", "_options", "_overwrite", "_path", "summary")

    def __init__(
        self, path: str | os.PathLike[str], overwrite: bool, max_size: int | str | None, watch: WatchOptions
    ) -> None:
        Watch(**watch)  # which checks it, here
        self._path = path
        self._overwrite = overwrite
        self._options = PartOptions(max_size, watch)
        self._collection: Collection | None = None
        self.summary: MergeSummary | None = None

    def __enter__(self) -> Self:
        self.summary = None
        collection = Collection(self._path, self._LABEL, self._options, overwrite=self._overwrite)
        try:
            self._begin()
            collection.begin_own()
        except BaseException:
            self._end()
            collection.drop()
            raise
        self._collection = collection
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        collection, self._collection = self._collection, None
        if collection is None:
            return
        try:
            collection.finish_own()
            try:
                self._take_parts(collection)
            except Exception as error:  # noqa: BLE001  # of the cluster, of the network: what there is counts
                collection.note_failure(error)
            self.summary = collection.merge()
        except RecordingError as problem:
            raise_or_say(problem, kind)
        finally:
            self._end()

    @abc.abstractmethod
    def _begin(self) -> None:
        """Let the other processes record."""

    @abc.abstractmethod
    def _take_parts(self, collection: Collection) -> None:
        """End their recordings, and take them in."""

    @abc.abstractmethod
    def _end(self) -> None:
        """Leave nothing behind in the cluster; also after a `_begin` that has failed."""


def _await_trace(path: str) -> bool:
    """Wait for the keeper of a process that has ended, which has other things to do, too; return whether it is done."""
    journal, deadline = path + JOURNAL, time.monotonic() + _PATIENCE_SECONDS
    while not os.path.isfile(path) and os.path.exists(journal) and time.monotonic() < deadline:
        _core.await_trace_of(journal)
        time.sleep(0.05)
    if not os.path.isfile(path) and os.path.exists(journal):  # the keeper has gone, too
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            recover(journal)
    return os.path.isfile(path)
