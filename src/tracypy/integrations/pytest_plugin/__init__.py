"""pytest: tests, their phases and fixtures as zones, in a recording of the session, or in one for each test.

pytest loads `_tracypy_pytest`, which comes here for runs with `--tracypy`. Under pytest-xdist this is in each worker,
too: a worker is a child process that the session's recording follows.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from tracypy import following
from tracypy.integrations.pytest_plugin.budget import Budgets, SlowCalls
from tracypy.integrations.pytest_plugin.recording import JoinedRecording, SessionRecording, TestRecordings, is_taken
from tracypy.integrations.pytest_plugin.slowest import Slowest
from tracypy.integrations.pytest_plugin.zones import Zones
from tracypy.output_names import default_stem

if TYPE_CHECKING:
    import pytest

__all__ = ["install"]

_INPUT = "tracypy_folder"


def install(config: pytest.Config) -> None:
    """Register what this process needs.

    Args:
        config: Of a session with `--tracypy`.
    """
    register = config.pluginmanager.register
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        following.rename(worker["workerid"])
        folder = worker.get(_INPUT)
    else:
        folder = _folder(config) if config.option.tracypy_per_test else None
    register(Zones(), "tracypy-zones")  # what is registered later is called around it
    if folder is not None:
        register(TestRecordings(config, folder, is_worker=worker is not None), "tracypy-recordings")
    elif worker is not None or is_taken():
        register(JoinedRecording(config, is_worker=worker is not None), "tracypy-recording")
    else:
        register(SessionRecording(config), "tracypy-recording")
    register(Budgets(), "tracypy-budgets")
    if worker is None:
        register(SlowCalls(), "tracypy-slow-calls")
        register(Slowest(), "tracypy-slowest")
        if config.pluginmanager.hasplugin("xdist"):
            register(_Workers(folder), "tracypy-workers")


def _folder(config: pytest.Config) -> str:
    folder = os.path.join(config.invocation_params.dir, config.option.tracypy or "", default_stem("pytest"))
    return next(name for number in range(1, 10_000) if not os.path.lexists(name := _numbered(folder, number)))


def _numbered(folder: str, number: int) -> str:
    return folder if number == 1 else f"{folder}-{number}"


class _Workers:
    """Tells the workers of pytest-xdist where their recordings go."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder

    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  # xdist's
        """Say so to a worker that is about to begin."""
        node.workerinput[_INPUT] = self._folder
