"""Ray: a driver and all workers that work for it in one trace, tasks and calls of actors as zones.

    ray.init(runtime_env=tracypy.integrations.ray.runtime_env())
    with tracypy.integrations.ray.record("out.tracy"):
        ray.get([work.remote(number) for number in range(100)])

Each process records to a file of its own. An actor beside the driver takes them in, and the driver makes
one file of all.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from tracypy import _core
from tracypy.errors import RecordingError
from tracypy.integrations.collection import CollectedBlock
from tracypy.integrations.parts import MAX_SIZE, PartFacts
from tracypy.integrations.ray_worker import COLLECTOR, NAMESPACE
from tracypy.merging import ClockReading

if TYPE_CHECKING:
    import os
    from collections.abc import Callable
    from typing import Self, Unpack

    from tracypy.filters import WatchOptions
    from tracypy.integrations.collection import Collection

__all__ = ["record", "runtime_env"]

#: How long a worker may say nothing: it asks whether to go on more often.
_PATIENCE_SECONDS = 20.0
_ASKS_SECONDS = 2.0
#: Of the part that is being fetched, chunks that the actor holds: no worker sends more before.
_MOST_CHUNKS = 4


def runtime_env(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # what Ray takes
    """Return the runtime environment by which workers can be recorded, for `ray.init` or a single task or actor.

    Args:
        **more: What else it is to have.
    """
    return {**more, "worker_process_setup_hook": _hook()}


def _hook() -> Callable[[], None]:
    # Inside a function, so that Ray brings its code along: a worker may have no tracypy.
    def hook() -> None:
        try:
            from tracypy.integrations.ray_worker import set_up
        except ImportError as problem:
            print(f"tracypy: nothing is recorded in this worker: {problem}", file=sys.stderr)
        else:
            set_up()

    return hook


class Collector:
    """The actor that parts come to. It runs beside the driver, and has at most a few chunks at a time.

    Args:
        recording: Of which recording.
        options: How workers are recorded.
    """

    def __init__(self, recording: str, options: tuple[Any, ...]) -> None:
        self._recording = recording
        self._options: tuple[Any, ...] | None = options
        self._parts: list[dict[str, Any]] = []
        self._problems: list[str] = []
        self._is_over = asyncio.Event()
        self._turn = -1

    async def options(self) -> tuple[str, tuple[Any, ...] | None]:
        """Return which recording it is, and how to record; None when it is over."""
        return self._recording, self._options

    async def clock(self) -> int:
        """Return the counter of this machine."""
        return _core.ticks()

    async def problem(self, text: str) -> None:
        """Take what went wrong in a worker."""
        self._problems.append(text)

    async def join(self, facts: tuple[str, ...], reading: tuple[int, int, int]) -> int:
        """Return the number of a new part."""
        self._parts.append(
            {"facts": facts, "readings": [reading], "chunks": [], "done": False, "seen": time.monotonic()}
        )
        return len(self._parts) - 1

    async def goes_on(self, number: int) -> bool:
        """Wait a moment for the end; return whether it has not come."""
        self._parts[number]["seen"] = time.monotonic() + _ASKS_SECONDS
        try:
            await asyncio.wait_for(self._is_over.wait(), _ASKS_SECONDS)
        except TimeoutError:
            return True
        return False

    async def data(self, number: int, _offset: int, chunk: bytes) -> None:
        """Take a piece of a part, when it is its turn, and there is room."""
        chunks = self._parts[number]["chunks"]
        while number != self._turn or len(chunks) >= _MOST_CHUNKS:
            await asyncio.sleep(0.01)
        chunks.append(chunk)
        self._parts[number]["seen"] = time.monotonic()

    async def end(self, number: int, reading: tuple[int, int, int], remark: str) -> None:
        """Take note that a part is whole."""
        part = self._parts[number]
        part["readings"].append(reading)
        part["done"] = True
        if remark:
            self._problems.append(remark)

    # What the driver asks.
    async def stop(self) -> tuple[int, list[str]]:
        """End the recordings of workers; return how many parts there are, and what went wrong."""
        self._options = None
        self._is_over.set()
        return len(self._parts), self._problems

    async def next(self, number: int) -> bytes:
        """Return the next piece of a part; none at its end.

        Raises:
            OSError: Its worker says nothing any more.
        """
        part = self._parts[number]
        if number != self._turn:
            self._turn = number
            part["seen"] = max(part["seen"], time.monotonic())
        while not part["chunks"]:
            if part["done"]:
                return b""
            if time.monotonic() - part["seen"] > _PATIENCE_SECONDS:
                raise OSError("its worker does not answer any more")
            await asyncio.sleep(0.01)
        chunk: bytes = part["chunks"].pop(0)
        return chunk

    async def about(self, number: int) -> tuple[tuple[str, ...], list[tuple[int, int, int]]]:
        """Return the facts of a part, and what is known of its clock."""
        return self._parts[number]["facts"], self._parts[number]["readings"]


class record(CollectedBlock):  # noqa: N801  # as tracypy.record
    """A context manager that records a block of a driver to a `.tracy` file, with all that Ray's workers do for it.

    Tasks and calls of actors are zones called after their function, with the task's id as text. Rows are called after
    worker and host.

    Args:
        path: The file to make.
        overwrite: Whether a file that is there may be replaced.
        max_size: When the recording of a process ends; for each, as in `tracypy.record`. None for never.
        **watch: Which calls, and what besides, as in `tracypy.enable`.

    Attributes:
        summary: What was merged, once the block has ended.

    Raises:
        FileExistsError: Where the block begins: the file is there already.
        RecordingError: There, too: this process is recorded already, or another driver records on this cluster. Where
            it ends: the file could not be made; the text says where the parts are.
        SettingError, TypeError, ValueError: As `tracypy.record`.
    """

    _LABEL = "driver"

    __slots__ = ("_collector",)

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_size: int | str | None = MAX_SIZE,
        **watch: Unpack[WatchOptions],
    ) -> None:
        super().__init__(path, overwrite, max_size, watch)
        self._collector: Any = None

    def __enter__(self) -> Self:
        if not ray.is_initialized():
            raise RecordingError("Ray does not run: call ray.init(runtime_env=tracypy.integrations.ray.runtime_env())")
        return super().__enter__()

    def _begin(self) -> None:
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        options = {"name": COLLECTOR, "namespace": NAMESPACE, "num_cpus": 0, "scheduling_strategy": here}
        try:
            collector = ray.remote(Collector).options(**options).remote(uuid.uuid4().hex, tuple(self._options))
        except ValueError:  # the name is taken
            raise RecordingError("another program records on this cluster already: wait until it is done") from None
        self._collector = collector
        ray.get(collector.clock.remote())

    def _end(self) -> None:
        collector, self._collector = self._collector, None
        if collector is not None:
            ray.kill(collector)

    def _take_parts(self, collection: Collection) -> None:
        count, _ = ray.get(self._collector.stop.remote())
        for number in range(count):
            self._take(collection, number)
        _, problems = ray.get(self._collector.stop.remote())
        for problem in problems:
            collection.note(problem)

    def _take(self, collection: Collection, number: int) -> None:
        facts, _ = ray.get(self._collector.about.remote(number))
        known = PartFacts(*facts)
        try:
            first = ray.get(self._collector.next.remote(number))
        except OSError:
            first = b""
        readings = [ClockReading(*reading) for reading in ray.get(self._collector.about.remote(number))[1]]
        if not first:
            collection.find(known, readings)
            return

        def read(offset: int) -> bytes:
            chunk: bytes = first if offset == 0 else ray.get(self._collector.next.remote(number))
            return chunk

        collection.receive(known.name, read, readings)
