"""Dask's tasks as zones, on the thread that runs them, in the processes of workers."""

from __future__ import annotations

from typing import Any

import distributed.worker
from dask.utils import key_split

from tracypy import _core
from tracypy.decorator import profiled

_shown = 0
_run_task = getattr(distributed.worker, "_run_task", None)
_run_task_async = getattr(distributed.worker, "_run_task_async", None)


def show() -> None:
    """Make tasks zones, in this process."""
    global _shown
    _shown += 1
    if _shown == 1 and _run_task is not None:
        distributed.worker._run_task = _run_shown  # noqa: SLF001
        distributed.worker._run_task_async = _run_shown_async  # noqa: SLF001


def hide() -> None:
    """Undo one `show`."""
    global _shown
    _shown -= 1
    if _shown == 0 and _run_task is not None:
        distributed.worker._run_task = _run_task  # noqa: SLF001
        distributed.worker._run_task_async = _run_task_async  # noqa: SLF001


def _zone_of(key: object) -> _core.Zone:
    return _core.zone_at(None, key_split(key), "dask", 0, 0, 0)


def _run_shown(task: Any, data: Any, state: Any, key: Any, *rest: Any) -> Any:  # noqa: ANN401
    with _zone_of(key) as zone:
        zone.text(str(key))
        return _run_task(task, data, state, key, *rest)  # type: ignore[misc]


# A zone as each of the program's: by that the coroutine has a row of its own, and what is in it stays there.
@profiled(name="task")
async def _run_shown_async(task: Any, *rest: Any) -> Any:  # noqa: ANN401
    with _zone_of(task.key) as zone:
        zone.text(str(task.key))
        return await _run_task_async(task, *rest)  # type: ignore[misc]
