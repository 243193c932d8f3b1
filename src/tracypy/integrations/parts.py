"""What one process of a cluster records: a part, to a file of its own, until the engine has brought it to the root."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from typing import TYPE_CHECKING, NamedTuple

from tracypy import _core
from tracypy.interpreter import host_name
from tracypy.recording import RecordingOptions, begin_recording, finish_recording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracypy.filters import WatchOptions
    from tracypy.merging import ClockReading
    from tracypy.summary import RecordingSummary

#: How much is brought over at a time.
CHUNK_BYTES = 4 << 20
#: How often a clock is asked for its time: the quickest answer counts.
QUESTIONS = 16
#: Of a part's journal, unless told: a worker may run for days, and nobody looks at its disk.
MAX_SIZE = "1GB"


class PartOptions(NamedTuple):
    """How each process is recorded.

    Attributes:
        max_size: When a part ends: as `max_size` of `record`.
        watch: Which calls, and what besides.
    """

    max_size: int | str | None
    watch: WatchOptions


class PartFacts(NamedTuple):
    """What the root has to know of a part.

    Attributes:
        name: What its rows are called after.
        host: Where its process runs.
        path: Where its file is made, there.
        counter: Whose counter its times are of: equal on one machine.
    """

    name: str
    host: str
    path: str
    counter: str


class Question:
    """A question to another machine, from now on: what the own counter shows in the middle of it."""

    __slots__ = ("_begin_ns", "_ticks")

    def __init__(self) -> None:
        self._begin_ns = time.perf_counter_ns()
        self._ticks = _core.ticks()

    def answered(self) -> tuple[int, int]:
        """Return the own counter at the moment of the answer, and by how many nanoseconds that may be off."""
        ticks = (self._ticks + _core.ticks()) // 2
        return ticks, (time.perf_counter_ns() - self._begin_ns) // 2 + 1


def best(readings: Iterable[ClockReading]) -> ClockReading:
    """Return the reading that may be off the least."""
    return min(readings, key=lambda reading: reading.error_ns)


class Part:
    """The recording of this process.

    Args:
        name: What its rows are called after; the host is added.
        options: How it is recorded.

    Attributes:
        facts: What the root has to know.
        remark: What is missing in it, once it is over.

    Raises:
        OSError: There is no place for it.
        RecordingError: The process is recorded already, or watched by a viewer.
    """

    def __init__(self, name: str, options: PartOptions) -> None:
        self._folder = tempfile.mkdtemp(prefix="tracypy-part-")
        self._is_over = False
        self.remark: str = ""
        try:
            path = os.path.join(self._folder, "part.tracy")
            host = host_name()
            self.facts: PartFacts = PartFacts(f"{name} on {host}", host, path, _core.counter_identity())
            begin_part(path, self.facts.name, options)
        except BaseException:
            self.drop()
            raise

    def finish(self) -> int:
        """End the recording, once.

        Returns:
            The size of the file.

        Raises:
            OSError: The file is gone.
            RecordingError: It could not be made; the text says what to do.
        """
        if not self._is_over:
            self._is_over = True
            self.remark = remark_on(self.facts.name, finish_recording())
        return os.path.getsize(self.facts.path)

    def drop(self) -> None:
        """Delete the file: it has come to the root."""
        shutil.rmtree(self._folder, ignore_errors=True)


def begin_part(path: str, name: str, options: PartOptions) -> None:
    """Record this process from now on.

    Args:
        path: The file to make.
        name: What its rows are called after, with the host.
        options: How it is recorded.

    Raises:
        OSError: There is no place for it.
        RecordingError: The process is recorded already, or watched by a viewer.
    """
    recording = RecordingOptions(path, max_size=options.max_size, **options.watch)
    recording.program_name, recording.keeper = name, True
    begin_recording(recording)


def remark_on(name: str, summary: RecordingSummary) -> str:
    """Return what is missing in a part; "" if nothing.

    Args:
        name: What its rows are called after.
        summary: What came of it.
    """
    if summary.ended_by != "stopped":
        why = {"max_size": "its limit (max_size)", "disk": "a disk that is full, or cannot be written"}
        return f"the recording of {name} ended early, at {why.get(summary.ended_by, summary.ended_by)}"
    if summary.dropped:
        return f"{summary.dropped} zones of {name} were left out, for which there was no room in memory"
    return ""


def read_chunk(path: str, offset: int) -> bytes:
    """Return the next bytes of a file; none at its end."""
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(CHUNK_BYTES)
