"""The recordings of a session: one of all tests, or one of each."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from tracypy import _core, stderr
from tracypy.activity import activity
from tracypy.config import Config
from tracypy.errors import RecordingError, SettingError
from tracypy.filters import Watch
from tracypy.following import lead
from tracypy.formatting import counted
from tracypy.output_names import SUFFIX, default_stem, numbered
from tracypy.project import project_settings
from tracypy.recording import RecordingOptions, begin_recording, finish_recording
from tracypy.summary import headline, table

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tracypy.activity import RunningRecording
    from tracypy.summary import RecordingSummary

#: What runs tests is not what is tested. And what imports is around each module of the tests.
_MACHINERY = ("pytest", "_pytest", "_tracypy_pytest", "pluggy", "xdist", "execnet", "pytest_asyncio", "pytest_timeout")
_DEFAULTS: dict[str, object] = {"hide_imports": True}
_FUNCTIONS = 5
_LOST = "tracypy_lost"
_MOST_LETTERS = 120


def is_taken() -> bool:
    """Return whether what happens goes to somebody already: to a recording, or to a viewer."""
    return _core.is_recording() or _core.is_connected()


def _watched(config: pytest.Config) -> tuple[Watch, bool]:
    """Return what the project wants to be watched, without what runs its tests; and whether with children."""
    settings = _DEFAULTS | project_settings(str(config.rootpath))
    given = settings.pop("children", None)
    children = Config(os.environ, children=None if given is None else int(bool(given))).children
    excluded = settings.get("exclude", ())
    settings["exclude"] = [*([excluded] if isinstance(excluded, str) else excluded), *_MACHINERY]  # type: ignore[misc]
    return Watch(**settings), children  # type: ignore[arg-type]  # which it checks itself


def _folder(config: pytest.Config) -> str:
    return os.path.join(config.invocation_params.dir, config.option.tracypy or "")


class SessionRecording:
    """One recording of all tests, with the processes that they start.

    Args:
        config: Of the session.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._running: RunningRecording | None = None
        self._is_over = False
        self._summary: RecordingSummary | None = None
        self._notes: list[str] = []

    @pytest.hookimpl(tryfirst=True)  # before workers start
    def pytest_sessionstart(self) -> None:
        """Begin it."""
        try:
            self._begin()
        except (OSError, RecordingError, SettingError, TypeError, ValueError) as problem:
            raise pytest.UsageError(f"--tracypy: {getattr(problem, 'strerror', None) or problem}") from None

    def _begin(self) -> None:
        watch, follows = _watched(self._config)
        folder = _folder(self._config)
        os.makedirs(folder, exist_ok=True)
        options = RecordingOptions(next(numbered(os.path.join(folder, default_stem("pytest")))))
        options.watch, options.program_name, options.keeper = watch, "pytest", True
        if follows:
            try:
                lead(watch, records=True)
            except RuntimeError as problem:
                self._notes.append(str(problem))
        self._running = begin_recording(options)

    def pytest_report_header(self) -> list[str]:
        """Say where it goes."""
        return [] if self._running is None else [f"tracypy: recording to {self._short(self._running.path)}"]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """See who ends it."""
        try:
            return (yield)
        finally:
            self._look(item.nodeid)

    def _look(self, node_id: str) -> None:
        if self._running is not None and activity.recording is not self._running:
            self._notes.append(
                f"{node_id} has ended the recording of the session, which holds what came before: a process has one "
                "recording at a time, so run tests that record themselves without --tracypy"
            )
            self._running = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401  # xdist's
        """Hear what a worker of pytest-xdist has to say."""
        note = getattr(node, "workeroutput", {}).get(_LOST)
        if note:
            self._notes.append(note)

    @pytest.hookimpl(trylast=True)  # when workers have ended
    def pytest_sessionfinish(self) -> None:
        """End it."""
        running, self._running = self._running, None
        if running is None or activity.recording is not running:
            return
        try:
            self._summary = finish_recording()
        except RecordingError as problem:
            self._notes.append(str(problem))

    def pytest_unconfigure(self) -> None:
        """End it, if the session did not come to its end."""
        if self._running is not None:
            self.pytest_sessionfinish()
            for note in self._notes:
                stderr.say(note)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is in the file."""
        for line in self._lines():
            terminalreporter.write_line(line)

    def _lines(self) -> Iterator[str]:
        for note in self._notes:
            yield f"tracypy: {note}"
        summary = self._summary
        if summary is None:
            return
        path = self._short(summary.path)
        yield f"tracypy: {headline(summary, path)}"
        functions = tuple(row for row in summary.functions if "::" not in row.name)  # tests are above
        if functions:
            yield ""
            yield from table(functions[:_FUNCTIONS])
        yield f"Open it:  tracy-profiler {path}"
        yield f"More:     tracypy view {path}, tracypy report {path}"

    def _short(self, path: str) -> str:
        short = os.path.relpath(path, self._config.invocation_params.dir)
        return path if short.startswith("..") else short


class JoinedRecording:
    """What goes to a recording that somebody else has begun: `tracypy record -m pytest`, or the session of a worker.

    Args:
        config: Of the session.
        is_worker: Whether this is a worker of pytest-xdist.
    """

    def __init__(self, config: pytest.Config, *, is_worker: bool) -> None:
        self._config = config
        self._is_worker = is_worker
        self._has_told = False

    def pytest_sessionstart(self) -> None:
        """Say so if nobody records it."""
        if self._is_worker and not _core.is_followed():
            self._tell("is not followed: its tests are not in the recording")

    def pytest_report_header(self) -> str:
        """Say where it goes."""
        return f"tracypy: joins {'the recording' if _core.is_recording() else 'what the viewer shows'}"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """See who ends it."""
        try:
            return (yield)
        finally:
            if self._is_worker and not _core.is_followed():
                self._tell(f"was followed to {item.nodeid}: a test that records itself takes its process with it")

    def _tell(self, what: str) -> None:
        if not self._has_told:
            self._has_told = True
            config: Any = self._config
            config.workeroutput[_LOST] = f"{config.workerinput['workerid']} {what}"


class TestRecordings:
    """A recording of each test, without the processes that it starts.

    Args:
        config: Of the session.
        folder: Where they go.
        is_worker: Whether this is a worker of pytest-xdist.
    """

    __test__ = False  # whatever its name says

    def __init__(self, config: pytest.Config, folder: str, *, is_worker: bool) -> None:
        self._config = config
        self._folder = folder
        self._is_worker = is_worker
        self._problems: list[str] = []

    def pytest_sessionstart(self) -> None:
        """Make the folder."""
        try:
            self._watch, _ = _watched(self._config)
            os.makedirs(self._folder, exist_ok=True)
        except (OSError, SettingError, TypeError, ValueError) as problem:
            raise pytest.UsageError(f"--tracypy-per-test: {getattr(problem, 'strerror', None) or problem}") from None

    def pytest_report_header(self) -> str:
        """Say where they go."""
        return f"tracypy: recording each test to {os.path.relpath(self._folder, self._config.invocation_params.dir)}"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Record a test."""
        running = self._begin(item.nodeid)
        try:
            return (yield)
        finally:
            if running is not None:
                self._finish(item.nodeid, running)

    def _begin(self, node_id: str) -> RunningRecording | None:
        options = RecordingOptions(next(numbered(os.path.join(self._folder, _file_name(node_id)))))
        options.watch, options.program_name = self._watch, node_id
        try:
            return begin_recording(options)
        except (OSError, RecordingError) as problem:
            self._problems.append(f"{node_id} was not recorded: {getattr(problem, 'strerror', None) or problem}")
            return None

    def _finish(self, node_id: str, running: RunningRecording) -> None:
        if activity.recording is not running:
            self._problems.append(f"{node_id} has ended its recording itself")
            return
        try:
            finish_recording()
        except RecordingError as problem:
            self._problems.append(str(problem))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401  # xdist's
        """Hear what a worker of pytest-xdist has to say."""
        self._problems += getattr(node, "workeroutput", {}).get(_LOST, [])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Tell the session, from a worker."""
        if self._is_worker:
            config: Any = self._config
            config.workeroutput[_LOST] = self._problems

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was recorded."""
        for problem in self._problems:
            terminalreporter.write_line(f"tracypy: {problem}")
        made = sum(name.endswith(SUFFIX) for name in os.listdir(self._folder))
        folder = os.path.relpath(self._folder, self._config.invocation_params.dir)
        terminalreporter.write_line(f"tracypy: {counted(made, 'recording')} in {folder}")


def _file_name(node_id: str) -> str:
    """Return how the file of a test is called, without its ending: each test's is another."""
    letters = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in node_id)
    return letters if letters == node_id else f"{letters[:_MOST_LETTERS]}-{zlib.crc32(node_id.encode()):08x}"
