"""What runs in Ray's workers: tasks are zones, and the first one of a recording begins the part of its process."""

from __future__ import annotations

import asyncio
import atexit
import functools
import inspect
import threading
from typing import TYPE_CHECKING, Any

import ray
from ray._private import worker as ray_worker

from tracypy import _core, stderr
from tracypy.decorator import profiled
from tracypy.integrations.parts import QUESTIONS, Part, PartOptions, Question, best, read_chunk
from tracypy.interpreter import host_name
from tracypy.merging import ClockReading

if TYPE_CHECKING:
    from collections.abc import Callable

#: The actor that a recording has, by its name.
COLLECTOR, NAMESPACE = "tracypy-collector", "tracypy"
#: The class that it is of: its own work is not recorded.
COLLECTOR_CLASS = "Collector"


class _Agent:
    """Records this process while there is a collector, and hands it the part when that says so."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._part: Part | None = None
        self._told = ""  # which collector was told that nothing can be recorded

    def join(self) -> None:
        """Begin, before a task runs, unless this process is recorded already, or nobody wants it."""
        if self._part is not None or not self._lock.acquire(blocking=False):
            return
        try:
            self._join()
        except Exception as problem:  # noqa: BLE001  # the task runs, whatever becomes of us
            stderr.say(f"this worker is not recorded: {problem}")
        finally:
            self._lock.release()

    def _join(self) -> None:
        try:
            collector = ray.get_actor(COLLECTOR, NAMESPACE)
        except ValueError:  # nobody records
            return
        recording, options = ray.get(collector.options.remote())
        if options is None or recording == self._told:
            return
        name = f"worker {ray.get_runtime_context().get_worker_id()[:8]}"
        reading = _read_clock(collector)
        try:
            part = Part(name, PartOptions(*options))
        except Exception as problem:  # noqa: BLE001
            self._told = recording
            ray.get(collector.problem.remote(f"{name} on {host_name()} is not recorded: {problem}"))
            return
        number = ray.get(collector.join.remote(tuple(part.facts), tuple(reading)))
        self._part = part
        threading.Thread(target=self._wait, args=(collector, number, part), name="tracypy", daemon=True).start()

    def _wait(self, collector: Any, number: int, part: Part) -> None:  # noqa: ANN401
        try:
            while ray.get(collector.goes_on.remote(number)):
                pass
            part.finish()
            offset = 0
            while chunk := read_chunk(part.facts.path, offset):
                ray.get(collector.data.remote(number, offset, chunk))
                offset += len(chunk)
            ray.get(collector.end.remote(number, tuple(_read_clock(collector)), part.remark))
        except Exception:  # noqa: BLE001  # the part stays where it is, which the collector knows
            self._part = None
            return
        part.drop()
        self._part = None

    def leave(self) -> None:
        """Make the file before the process ends: Ray does not bring anything over any more."""
        part = self._part
        if part is not None:
            part.finish()


def _read_clock(collector: Any) -> ClockReading:  # noqa: ANN401
    readings = []
    for _ in range(QUESTIONS):
        question = Question()
        theirs = ray.get(collector.clock.remote())
        own, error_ns = question.answered()
        readings.append(ClockReading(theirs, own, error_ns))
    return best(readings)


_agent = _Agent()
_is_set_up = False


def set_up() -> None:
    """Prepare a worker's process: whatever it is told to execute comes by here."""
    global _is_set_up
    if _is_set_up:
        return
    _is_set_up = True
    manager = ray_worker.global_worker.function_actor_manager
    original = manager.get_execution_info
    shown: dict[object, Any] = {}

    def get_execution_info(job: Any, descriptor: Any) -> Any:  # noqa: ANN401
        info = original(job, descriptor)
        if descriptor.class_name.rpartition(".")[2] == COLLECTOR_CLASS and "tracypy." in descriptor.module_name:
            return info
        if shown.get(descriptor, (None,))[0] is not info:
            shown[descriptor] = info, info._replace(function=_shown(info.function, _name_of(descriptor)))
        return shown[descriptor][1]

    manager.get_execution_info = get_execution_info
    atexit.register(_agent.leave)


def _name_of(descriptor: Any) -> str:  # noqa: ANN401
    """Return what its zones are called: function, or class and method."""
    words = (descriptor.class_name.rpartition(".")[2], descriptor.function_name.rpartition(".")[2])
    return ".".join(word for word in words if word)


def _shown(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(getattr(function, "method", function)):

        async def run_async(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
            await asyncio.to_thread(_agent.join)
            with _zone(name) as zone:
                zone.text(ray.get_runtime_context().get_task_id())
                return await function(*arguments, **named)

        run_async.__code__ = run_async.__code__.replace(co_qualname=name)  # what its row is called
        # A zone as each of the program's: by that it has a row of its own.
        return functools.wraps(function)(profiled(name="task")(run_async))

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        _agent.join()
        with _zone(name) as zone:
            zone.text(ray.get_runtime_context().get_task_id())
            return function(*arguments, **named)

    return run


def _zone(name: str) -> _core.Zone:
    return _core.zone_at(None, name, "ray", 0, 0, 0)
