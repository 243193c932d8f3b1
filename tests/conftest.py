"""What every test gets: a guard that it leaves the process as it found it, and a port nobody listens on."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import Browser, chromium
from support.vectors import VECTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from support.timeline_page import Show

TOOL_IDS = range(6)

# A job in the background of a shell ignores Ctrl-C and SIGQUIT, and one under nohup the end of the terminal: so would
# all programs that tests start and interrupt.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)
signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))


def pytest_report_header() -> list[str]:
    if VECTORS.is_dir():
        return []
    return [f"there are no recorded vectors at {VECTORS}: tests that need them are skipped (tests/vectors/README.md)"]


def _tools() -> list[str | None]:
    return [sys.monitoring.get_tool(tool_id) for tool_id in TOOL_IDS]


def _sockets() -> set[str]:
    found = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:  # the descriptor with which the folder is read
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


def _stop_tracypy() -> list[str]:
    tracypy = sys.modules.get("tracypy")
    left = []
    if tracypy is None:
        return left
    if tracypy.is_recording():
        tracypy.stop_recording()
        left.append("tracypy records")
    if tracypy.is_enabled():
        tracypy.disable()
        left.append("tracypy is enabled")
    if tracypy.is_listening():
        tracypy.stop_listening()
        left.append("tracypy listens")
    return left


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    """Fails a test that leaves a monitoring slot, a thread, a socket or tracypy itself behind."""
    tools, threads, sockets = _tools(), set(threading.enumerate()), _sockets()
    yield
    left = _stop_tracypy()
    left += [f"tool id {tool_id} is {now}" for tool_id, now in enumerate(_tools()) if now != tools[tool_id]]
    left += [f"thread {thread.name}" for thread in threading.enumerate() if thread not in threads]
    left += sorted(_sockets() - sockets)
    assert not left, f"left behind: {', '.join(left)}"


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listened a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that is about a framework which is not installed (`support.frameworks`)."""
    if item.get_closest_marker("missing_framework"):
        pytest.fail("what this test is about is not installed: in continuous integration it has to be (pyproject.toml)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of a module that is marked `needs_browser`."""
    program = chromium()
    assert program is not None
    with Browser(program) as browser:
        yield browser


@pytest.fixture(params=["served", "alone"])
def show(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Show]:
    """What opens the timeline of a recording: from its server, and as a file of its own."""
    from support.timeline_page import showing  # which imports tracypy: not in every test

    with showing(browser, tmp_path, alone=request.param == "alone") as show:
        yield show
