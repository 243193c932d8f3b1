"""What runs in Dask's scheduler and workers: each records itself, and parts go from workers to the scheduler."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import tempfile
import uuid
from typing import TYPE_CHECKING, Any

from distributed import SchedulerPlugin, WorkerPlugin

from tracypy import _core
from tracypy.errors import RecordingError
from tracypy.integrations import dask_tasks
from tracypy.integrations.parts import QUESTIONS, Part, PartFacts, PartOptions, Question, best, read_chunk
from tracypy.merging import ClockReading

if TYPE_CHECKING:
    from distributed import Scheduler, Worker

_logger = logging.getLogger("distributed")

#: What `pickle.loads` evaluates in a worker: one that has no tracypy gets a plugin that does nothing, as a worker whose
#: plugin cannot be loaded does not start.
_LOADED = (
    "(lambda has: __import__('tracypy.integrations.dask', fromlist=['_']).TracyWorkerPlugin(recording, options)"
    " if has('tracypy') and has('tracypy.integrations') else __import__('distributed').WorkerPlugin())"
    "(__import__('importlib.util', fromlist=['_']).find_spec)"
)
#: Recordings whose client is in this process: workers and schedulers of the same process are in its trace.
led: set[str] = set()


def name_of(recording: str) -> str:
    """Return what the plugins of a recording are called."""
    return f"tracypy-{recording}"


class Handed:
    """A part, as far as it has come to the scheduler.

    Attributes:
        facts: Of the part; None where there is none.
        path: Where the scheduler has it; empty while it is not whole.
        received: How many bytes have come.
        readings: The clocks of scheduler and worker.
        problem: What went wrong.
        is_leaving: Whether the worker is about to hand it over.
        is_scheduler: Whether it is the scheduler's own.
        address: Of the worker.
    """

    def __init__(self, address: str, facts: PartFacts | None, readings: tuple[ClockReading, ...] = ()) -> None:
        self.address: str = address
        self.facts: PartFacts | None = facts
        self.readings: list[ClockReading] = list(readings)
        self.path: str = ""
        self.received: int = 0
        self.problem: str = ""
        self.is_leaving: bool = False
        self.is_scheduler: bool = False


class TracySchedulerPlugin(SchedulerPlugin):  # type: ignore[misc]  # of a package without types
    """Records the scheduler, and keeps the parts of workers until the client fetches them.

    Args:
        recording: Of which recording.
        options: How it is recorded.
        client: Who fetches them.
    """

    def __init__(self, recording: str, options: PartOptions, client: str) -> None:
        self.recording: str = recording
        self.options: PartOptions = options
        self.client: str = client
        self.own: Part | None = None
        self.parts: dict[str, Handed] = {}

    def start(self, scheduler: Scheduler) -> None:
        """Begin, in the scheduler's process."""
        self.scheduler: Scheduler = scheduler
        self.folder: str = tempfile.mkdtemp(prefix="tracypy-parts-")
        scheduler.handlers[name_of(self.recording)] = self.take
        if self.recording in led:
            return
        own = self.parts["scheduler"] = Handed(scheduler.address, None)
        own.is_scheduler = True
        try:
            self.own = Part(f"scheduler {scheduler.address}", self.options)
        except (OSError, RecordingError) as problem:
            own.problem = f"the scheduler is not recorded: {problem}"
        else:
            own.facts = self.own.facts

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """End the recordings of workers when the client has gone without doing so."""
        if client == self.client:
            scheduler.loop.add_callback(self._end_workers)

    async def _end_workers(self) -> None:
        name = name_of(self.recording)
        if name in self.scheduler.worker_plugins:
            await self.scheduler.unregister_worker_plugin(None, name)
            self.finish()
            _logger.warning("tracypy: the client has gone before its recording was over: parts are in %s", self.folder)

    def take(self, what: str, part: str = "", address: str = "", **said: Any) -> int:  # noqa: ANN401
        """Answer a worker.

        Args:
            what: What it wants.
            part: The number of its part.
            address: Of the worker.
            **said: What belongs to it.

        Returns:
            The counter of this machine.
        """
        if what == "begin":
            facts = PartFacts(*said["facts"]) if said["facts"] else None
            self.parts[part] = Handed(address, facts, (ClockReading(*said["reading"]),) if said["reading"] else ())
        elif what == "leave":
            self.parts[part].is_leaving = True
        elif what == "data":
            with open(os.path.join(self.folder, part), "ab") as file:
                file.write(said["data"])
            self.parts[part].received += len(said["data"])
        elif what == "end":
            self.parts[part].path = os.path.join(self.folder, part)
            self.parts[part].readings.append(ClockReading(*said["reading"]))
            self.parts[part].problem = said["remark"]
        elif what == "problem":
            self.parts[part].problem = said["text"]
        return _core.ticks()

    def unfinished(self) -> int:
        """Return how many parts of workers that are there have not come."""
        return sum(
            handed.facts is not None
            and not (handed.path or handed.problem or handed.is_scheduler)
            and (handed.is_leaving or handed.address in self.scheduler.workers)
            for handed in self.parts.values()
        )

    def finish(self) -> list[Handed]:
        """End the scheduler's own recording, and return all parts, its own first."""
        own = self.parts.get("scheduler")
        if self.own is not None and own is not None and not own.path:
            try:
                self.own.finish()
            except (OSError, RecordingError) as problem:
                own.problem, own.facts = f"the part of the scheduler is missing: {problem}", None
            else:
                own.path, own.problem = self.own.facts.path, self.own.remark
        known = {handed.address for handed in self.parts.values()}
        absent = [address for address in self.scheduler.workers if address not in known]
        for address in absent:
            handed = self.parts[address] = Handed(address, None)
            handed.problem = f"worker {address} has no tracypy: nothing is recorded there"
        return list(self.parts.values())

    def end(self) -> None:
        """Forget everything."""
        self.scheduler.handlers.pop(name_of(self.recording), None)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.own is not None:
            self.own.drop()


class TracyWorkerPlugin(WorkerPlugin):  # type: ignore[misc]  # of a package without types
    """Records a worker, and hands its part to the scheduler when it is over, or the worker leaves.

    Args:
        recording: Of which recording.
        options: How it is recorded.
    """

    def __init__(self, recording: str, options: PartOptions) -> None:
        self.recording: str = recording
        self.options: PartOptions = options
        self._part: Part | None = None
        self._shows_tasks = False
        self._number = ""

    def __reduce__(self) -> tuple[object, ...]:
        return eval, (_LOADED, {"recording": self.recording, "options": tuple(self.options)})

    async def setup(self, worker: Worker) -> None:
        """Begin to record, in the worker's process. Nothing that goes wrong hinders the worker."""
        self._number = uuid.uuid4().hex
        self._address = worker.address
        try:
            await self._begin(worker)
        except Exception as problem:  # noqa: BLE001
            await self._tell(worker, "problem", text=f"worker {worker.address} is not recorded: {problem}")

    async def _begin(self, worker: Worker) -> None:
        if self.recording in led:
            self._show_tasks()
            await self._tell(worker, "begin", facts=None, reading=None)
            return
        await self._tell(worker, "begin", facts=None, reading=None)
        reading = await self._read_clock(worker)
        self._part = Part(f"worker {worker.address}", PartOptions(*self.options))
        self._show_tasks()
        await self._tell(worker, "begin", facts=tuple(self._part.facts), reading=tuple(reading))

    def _show_tasks(self) -> None:
        self._shows_tasks = True
        dask_tasks.show()

    async def teardown(self, worker: Worker) -> None:
        """End the recording, and hand it over. What hinders that is told to the scheduler."""
        if self._shows_tasks:
            self._shows_tasks = False
            dask_tasks.hide()
        part, self._part = self._part, None
        if part is None:
            return
        try:
            await self._hand_over(worker, part)
        except Exception as problem:  # noqa: BLE001
            text = f"the part of {part.facts.name} is left as {part.facts.path} there, which `tracypy merge` can add"
            with contextlib.suppress(Exception):  # the scheduler may have gone
                await self._tell(worker, "problem", text=f"{text}: {problem}")
        else:
            part.drop()

    async def _hand_over(self, worker: Worker, part: Part) -> None:
        await self._tell(worker, "leave")
        size = await asyncio.to_thread(part.finish)
        offset = 0
        while offset < size and (chunk := read_chunk(part.facts.path, offset)):
            await self._tell(worker, "data", data=chunk)
            offset += len(chunk)
        await self._tell(worker, "end", reading=tuple(await self._read_clock(worker)), remark=part.remark)

    async def _read_clock(self, worker: Worker) -> ClockReading:
        readings = []
        for _ in range(QUESTIONS):
            question = Question()
            theirs = await self._tell(worker, "clock")
            own, error_ns = question.answered()
            readings.append(ClockReading(theirs, own, error_ns))
        return best(readings)

    async def _tell(self, worker: Worker, what: str, **said: object) -> int:
        tell = getattr(worker.scheduler, name_of(self.recording))
        answer: int = await tell(what=what, part=self._number, address=self._address, **said)
        return answer
