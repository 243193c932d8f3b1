"""Dask: a client, its scheduler and all its workers in one trace, tasks as zones.

    with tracypy.integrations.dask.record(client, "out.tracy"):
        client.gather(client.map(work, range(100)))

Each process records to a file of its own. When it is over, or a worker leaves, its part goes through the scheduler to
the client, which makes one file of all.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from tracypy import _core
from tracypy.errors import RecordingError
from tracypy.integrations.collection import CollectedBlock
from tracypy.integrations.dask_plugins import TracySchedulerPlugin, TracyWorkerPlugin, led, name_of
from tracypy.integrations.parts import MAX_SIZE, QUESTIONS, Question, best, read_chunk
from tracypy.merging import ClockReading

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import Unpack

    from distributed import Client, Scheduler

    from tracypy.filters import WatchOptions
    from tracypy.integrations.collection import Collection
    from tracypy.integrations.dask_plugins import Handed

__all__ = ["TracySchedulerPlugin", "TracyWorkerPlugin", "record"]

#: For a worker that is handing over its part, and does not get on.
_PATIENCE_SECONDS = 30.0


class record(CollectedBlock):  # noqa: N801  # as tracypy.record
    """A context manager that records a block of a Dask client to a `.tracy` file, with all that its cluster does.

    Tasks are zones called after the beginning of their key, with the key as text. Rows are called after worker and
    host. Workers that come later are recorded from then on; of those that leave, what they did is in the file.

    Args:
        client: The client; not an asynchronous one.
        path: The file to make.
        overwrite: Whether a file that is there may be replaced.
        max_size: When the recording of a process ends; for each, as in `tracypy.record`. None for never.
        **watch: Which calls, and what besides, as in `tracypy.enable`.

    Attributes:
        summary: What was merged, once the block has ended.

    Raises:
        FileExistsError: Where the block begins: the file is there already.
        RecordingError: There, too: this process is recorded already, or the scheduler has no tracypy. Where it ends:
            the file could not be made; the text says where the parts are.
        SettingError, TypeError, ValueError: As `tracypy.record`.

    Example:
        >>> with tracypy.integrations.dask.record(client, "out.tracy") as recording:
        ...     client.gather(client.map(work, range(100)))
        >>> recording.summary.zones
        4211
    """

    _LABEL = "client"

    __slots__ = ("_client", "_clocks", "_id", "_records")

    def __init__(
        self,
        client: Client,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_size: int | str | None = MAX_SIZE,
        **watch: Unpack[WatchOptions],
    ) -> None:
        if client.asynchronous:
            raise TypeError("the client is asynchronous: record with one that is not (Client(…, asynchronous=False))")
        super().__init__(path, overwrite, max_size, watch)
        self._client = client
        self._id = uuid.uuid4().hex
        self._clocks: list[ClockReading] = []
        self._records = False  # whether workers do

    def _begin(self) -> None:
        led.add(self._id)
        name = name_of(self._id)
        try:
            self._client.register_plugin(TracySchedulerPlugin(self._id, self._options, self._client.id), name)
        except ImportError:
            raise RecordingError("the scheduler has no tracypy: install it there, too") from None
        except ValueError as problem:  # it takes no plugins
            raise RecordingError(f"the scheduler refuses tracypy's plugin: {problem}") from None
        self._read_clock()
        self._records = True
        self._client.register_plugin(TracyWorkerPlugin(self._id, self._options), name)

    def _end(self) -> None:
        led.discard(self._id)
        for undo in (self._end_workers, self._end_scheduler):
            try:
                undo()
            except Exception:  # noqa: BLE001, S112  # it was not there, or the cluster is not
                continue

    def _end_scheduler(self) -> None:
        self._client.run_on_scheduler(_end, self._id)
        self._client.unregister_scheduler_plugin(name_of(self._id))

    def _read_clock(self) -> None:
        readings = []
        for _ in range(QUESTIONS):
            question = Question()
            theirs = self._client.run_on_scheduler(_ticks)
            here, error_ns = question.answered()
            readings.append(ClockReading(here, theirs, error_ns))
        self._clocks.append(best(readings))

    def _take_parts(self, collection: Collection) -> None:
        problem = None
        for step in (self._end_workers, self._await_parts, self._read_clock, lambda: self._take_told(collection)):
            try:
                step()
            except Exception as error:  # noqa: BLE001  # of a worker, of the network: what there is counts
                problem = problem or error
        if problem is not None:
            collection.note_failure(problem)

    def _end_workers(self) -> None:
        if self._records:
            self._records = False
            self._client.unregister_worker_plugin(name_of(self._id))

    def _await_parts(self) -> None:
        """Wait for workers that are handing over theirs, as long as they get on."""
        deadline, before = time.monotonic() + _PATIENCE_SECONDS, -1
        while time.monotonic() < deadline:
            unfinished, received = self._client.run_on_scheduler(_progress, self._id)
            if not unfinished:
                return
            if received != before:
                deadline, before = time.monotonic() + _PATIENCE_SECONDS, received
            time.sleep(0.05)

    def _take_told(self, collection: Collection) -> None:
        told = self._client.run_on_scheduler(_told, self._id)
        other = 0
        for handed in told:
            if handed.problem:
                collection.note(handed.problem)
            if handed.facts is None:
                continue
            readings, of = (self._clocks, 0) if handed.is_scheduler else (handed.readings, other)
            if handed.path:
                number = collection.receive(handed.facts.name, self._reader(handed.path), readings, of)
            else:
                number = collection.find(handed.facts, readings, of)
            if handed.is_scheduler:
                other = number or 0

    def _reader(self, path: str) -> Callable[[int], bytes]:
        def read(offset: int) -> bytes:
            chunk: bytes = self._client.run_on_scheduler(read_chunk, path, offset)
            return chunk

        return read


def _plugin(dask_scheduler: Scheduler, recording: str) -> TracySchedulerPlugin:
    plugin: TracySchedulerPlugin = dask_scheduler.plugins[name_of(recording)]
    return plugin


# What the client runs on the scheduler.
def _ticks(dask_scheduler: Scheduler) -> int:  # noqa: ARG001  # or it would not run there
    return _core.ticks()


def _told(recording: str, dask_scheduler: Scheduler) -> list[Handed]:
    return _plugin(dask_scheduler, recording).finish()


def _progress(recording: str, dask_scheduler: Scheduler) -> tuple[int, int]:
    plugin = _plugin(dask_scheduler, recording)
    return plugin.unfinished(), sum(handed.received for handed in plugin.parts.values())


def _end(recording: str, dask_scheduler: Scheduler) -> None:
    _plugin(dask_scheduler, recording).end()
