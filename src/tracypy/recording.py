"""Recording to a `.tracy` file, with no viewer at hand.

While a recording goes on, what happens is in `OUT.tracy.journal`, at most a moment behind; when it is over, `OUT.tracy`
is made of it. A program that is killed leaves the journal, of which `recover` makes the file.
"""

from __future__ import annotations

import atexit
import os

from tracypy import _core, left_behind, profiler, server, stderr
from tracypy._core import is_recording
from tracypy.activity import RunningRecording, activity
from tracypy.config import Config, parse_size
from tracypy.errors import RecordingError, SettingError, TraceError, retold
from tracypy.filters import Spelled, Watch
from tracypy.saving import Saving, full_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Concatenate, Self, Unpack

    from tracypy.filters import WatchOptions
    from tracypy.summary import RecordingSummary

    type Progress = Callable[[int, int], object]
    type _Stop = Callable[[int, Progress | None], _core.RecordingResult]

__all__ = ["is_recording", "record", "recover", "start_recording", "stop_recording"]


_KEEPER = os.path.join(os.path.dirname(_core.__file__), "_keeper")


class RecordingOptions:
    """What a recording is to do; checked. Its arguments are those of `start_recording` and `record`.

    Attributes:
        program_name: What a viewer calls the program.
        keeper: Whether a small process is to stay beside this one, which makes the file if this one cannot. It is
            started with the recording, and is not a child of this process afterwards.
    """

    __slots__ = ("keeper", "max_size", "overwrite", "path", "program_name", "saving", "seconds", "sources", "watch")

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        seconds: float | None = None,
        max_size: int | str | None = None,
        sources: bool = False,
        last: str | None = None,
        save_on: str | Iterable[str] = (),
        save_slower: str | Iterable[str] = (),
        **watch: Unpack[WatchOptions],
    ) -> None:
        self.path: str = full_path(path)
        self.watch: Watch = Watch(**watch)
        self.overwrite: bool = overwrite
        self.seconds: float | None = _limit_of_seconds(seconds)
        self.max_size: int | None = _limit_of_size(max_size, last)
        self.sources: bool = sources
        self.saving: Saving = Saving(last=last, save_on=save_on, save_slower=save_slower)
        self.program_name: str = ""
        self.keeper: bool = False


def _limit_of_seconds(seconds: float | None) -> float | None:
    if seconds is not None and not seconds > 0:  # also refuses nan
        raise SettingError(f"seconds: {seconds!r} is not a number above 0")
    return seconds


def _limit_of_size(size: int | str | None, last: str | None) -> int | None:
    if size is None:
        return None
    if last is not None:
        raise SettingError("max_size ends a recording that grows, and one of the last moments does not: leave out one")
    try:
        return parse_size(str(size))
    except ValueError as problem:
        raise SettingError(f"max_size: {size!r} {problem}") from None


def _function_with_arguments_of[**P](like: Callable[P, object]) -> Callable[[Callable[..., None]], Callable[P, None]]:
    """Let a function have the arguments of another one, for `help()` and for what checks types."""
    return lambda function: _wrapping(function, like)


def _method_with_arguments_of[**P](
    like: Callable[Concatenate[Any, P], None],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]:
    """Do the same for a method, whose `self` is another."""
    return lambda method: _wrapping(method, like)


def _wrapping(function: Any, like: object) -> Any:  # noqa: ANN401  # the two above have the types
    function.__wrapped__ = Spelled(like)  # where `inspect.signature` looks for the arguments
    return function


@_function_with_arguments_of(RecordingOptions)
def start_recording(*arguments: Any, **options: Any) -> None:  # noqa: ANN401, D417  # those of RecordingOptions
    """Record to a file from now on: every call in every thread, zones and frame marks.

    When tracypy is enabled already, what it is enabled for is recorded, and goes on to be enabled afterwards. Viewers
    that want to connect meanwhile are told to come later.

    Args:
        path: The `.tracy` file to make. Beside it lies `PATH.journal` while the recording goes on.
        overwrite: Whether a file that is there may be replaced, and a journal that was left behind.
        seconds: End the recording after so many seconds; the program goes on.
        max_size: End it when the journal has so many bytes, as a number or a text: "500MB", "2GiB". The file that is
            made of it is smaller.
        sources: Whether the file is to have the texts of the source files that it names, for viewers where these are
            not: those on the disk, up to 1 MiB each and 64 MiB together, that did not change since the recording began.
        last: Keep only the last moments, for as long as the recording goes on: a time ("30s", "5min") or what they
            take on the disk ("500MB").
        save_on: When to save, as `save_recording` does: a signal that the program does not use ("USR2"), and "error",
            when there is an exception that nobody catches.
        save_slower: Likewise when a zone is slower: a time ("50ms") for zones that the program makes itself,
            `@profiled` functions and frames, and "NAME=50ms" for whatever has a name that matches.
        include, exclude, only_user_code, max_depth, auto_throttle, hide_imports, tasks_as_slices: Which calls, as in
            `Filter`.
        exceptions and other switches: What besides, as in `enable`.

    Raises:
        FileExistsError: The file is there, or a journal of a recording that did not come to its end.
        OSError: The file cannot be made.
        RecordingError: A recording is running already, or a viewer is connected: one at a time gets the events; the
            text says to which file, and what to do. Or the program uses the signal of `save_on`.
        SettingError: A limit or an environment variable has an invalid value.
        TypeError: A pattern is not a str.
        ValueError: A pattern is empty, or `max_depth` is not at least 1.
    """
    begin_recording(RecordingOptions(*arguments, **options))


def stop_recording() -> RecordingSummary:
    """End the recording and make the file. If a limit has ended it already, wait until the file is made.

    Returns:
        What is in the file.

    Raises:
        RecordingError: Nothing is being recorded, or the file could not be made. In the second case the journal is
            kept, and the text says what to do.
        KeyboardInterrupt: Ctrl-C; the journal is kept.
    """
    return finish_recording()


def finish_recording(progress: Progress | None = None) -> RecordingSummary:
    """Do what `stop_recording` does, and report progress.

    Args:
        progress: Called about ten times a second, with how much is done, and of how much; 0 until that is known.
    """
    return _finished(progress, _core.stop_recording)


def finish_and_leave_recording(progress: Progress | None = None) -> RecordingSummary:
    """Do the same at the end of the process, and return as soon as it is known what will be in the file.

    Then it has no size yet, and `_core.leave_recording` must follow.

    Args:
        progress: As in `finish_recording`.
    """
    return _finished(progress, _core.stop_and_leave_recording)


def _finished(progress: Progress | None, stop: _Stop) -> RecordingSummary:
    running = activity.recording
    if running is None:
        raise RecordingError("nothing is being recorded")
    recorded = _finish(running, progress, stop)
    from tracypy.summary import summary_of  # now: importing it before would be recorded

    return summary_of(running.path, recorded)


def _finish(
    running: RunningRecording, progress: Progress | None, stop: _Stop = _core.stop_recording
) -> _core.RecordingResult:
    try:
        return stop(running.number, progress)
    except BaseException as problem:
        left_behind.make_known(running.path)
        if isinstance(problem, OSError):
            raise retold(RecordingError, problem, problem.strerror or "") from None
        if isinstance(problem, RuntimeError):
            raise retold(RecordingError, problem) from None
        raise
    finally:
        activity.ends(running)
        _core.await_first_use()


class record:  # noqa: N801  # reads like a function
    """A context manager that records a block to a `.tracy` file. No decorator; put the `with` into the function.

    Args:
        path: The file to make.
        overwrite, seconds, max_size, sources, last, save_on, save_slower: As in `start_recording`.
        include, exclude, only_user_code, max_depth, auto_throttle, hide_imports, tasks_as_slices: Which calls, as in
            `Filter`.
        exceptions and other switches: What besides, as in `enable`.

    Attributes:
        summary: What is in the file, once the block has ended.

    Raises:
        SettingError, TypeError, ValueError: As `start_recording`; what else that raises, the `with` raises.

    Example:
        >>> with tracypy.record("out.tracy") as recording:
        ...     work()
        >>> recording.summary.zones
        125
    """

    __slots__ = ("_options", "_running", "summary")

    @_method_with_arguments_of(RecordingOptions.__init__)
    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401  # those of RecordingOptions
        self._options: RecordingOptions = RecordingOptions(*arguments, **options)
        self._running: RunningRecording | None = None
        self.summary: RecordingSummary | None = None

    def __enter__(self) -> Self:
        self.summary = None
        self._running = begin_recording(self._options)
        return self

    def __exit__(self, kind: object, *exc_info: object) -> None:
        running, self._running = self._running, None
        if running is None or activity.recording is not running:  # the block has stopped it
            return
        if not _core.has_recording():  # this is a child that the block has forked
            activity.ends(running)
            return
        try:
            self.summary = stop_recording()
        except RecordingError as problem:
            raise_or_say(problem, kind)


def raise_or_say(problem: RecordingError, kind: object) -> None:
    """Raise what has prevented a file at the end of a block; only say it if the block itself has failed.

    Args:
        problem: What is raised.
        kind: Of the exception that leaves the block; None for none. What went wrong in the block is the more important.
    """
    if kind is None:
        raise problem
    stderr.say(str(problem))


def recover(
    journal: str | os.PathLike[str], path: str | os.PathLike[str] | None = None, *, overwrite: bool = False
) -> RecordingSummary:
    """Make a trace of what an unfinished recording left behind, and delete the journal.

    Args:
        journal: The journal, or the `.tracy` file that was to be made of it.
        path: What to make; by default the file that was to be made.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        What is in the file.

    Raises:
        FileExistsError: The file is there.
        OSError: The journal cannot be read, or the file not made.
        RecordingError: A program that runs still writes the journal.
        TraceError: It is not a journal.
    """
    return recover_with_progress(journal, path, overwrite=overwrite)


def recover_with_progress(
    journal: str | os.PathLike[str],
    path: str | os.PathLike[str] | None,
    *,
    overwrite: bool,
    progress: Progress | None = None,
) -> RecordingSummary:
    """Do what `recover` does, and report progress.

    Args:
        journal: As there.
        path: As there.
        overwrite: As there.
        progress: As in `finish_recording`.
    """
    source = full_path(journal)
    if not source.endswith(left_behind.JOURNAL) and os.path.exists(source + left_behind.JOURNAL):
        source += left_behind.JOURNAL
    target = "" if path is None else full_path(path)
    if path is None and not source.endswith(left_behind.JOURNAL) and os.path.isfile(source):
        raise TraceError(
            f"{source} is not named like a journal (OUT.tracy{left_behind.JOURNAL}): if it is one, name the file to "
            "make of it (-o, or path=)"
        )
    try:
        recorded = _core.recover(source, target, overwrite=overwrite, progress=progress)
    except ValueError as problem:
        raise retold(TraceError, problem, f"{source}: {problem}") from None
    except RuntimeError as problem:
        raise retold(RecordingError, problem) from None
    from tracypy.summary import summary_of

    return summary_of(target or source.removesuffix(left_behind.JOURNAL), recorded)


_ONE_AT_A_TIME = (
    "the events of a process go to one file at a time: stop that recording first (tracypy.stop_recording()), or record "
    "once, and choose afterwards what to look at (--filter of tracypy report, export and flamegraph)"
)


def begin_recording(options: RecordingOptions) -> RunningRecording:
    """Begin to record, as `start_recording`.

    Args:
        options: What to do.

    Returns:
        The recording that goes on.
    """
    if not activity.try_to_change():
        raise RecordingError("another thread is beginning a recording just now; " + _ONE_AT_A_TIME)
    try:
        return _begin(options)
    finally:
        activity.settle()


def _begin(options: RecordingOptions) -> RunningRecording:
    config = Config(os.environ)
    profiler.leave_family()  # who records in a child wants a file of its own
    _refuse_if_busy()
    activity.forget_recording()
    server.apply(config)
    left = left_behind.look_beside(options.path)  # now: it calls functions that would be recorded
    running = RunningRecording(options.path)
    if profiler.hold_enabled(options.watch):
        running.at_end(profiler.let_go)
    try:
        running.number = _start(options, config)
    except BaseException as problem:
        running.undo()
        if type(problem) is RuntimeError:
            raise retold(RecordingError, problem) from None
        raise
    activity.begins(running)
    if options.saving.on_error:
        from tracypy import uncaught

        uncaught.watch()
        running.at_end(uncaught.unwatch)
    left_behind.say(left)
    server.call_when_worker_ends(_at_exit)
    return running


def _refuse_if_busy() -> None:
    if _core.is_recording():
        running = activity.recording
        name = running.path if running is not None else "the program"
        raise RecordingError(f"{name} is being recorded already, and {_ONE_AT_A_TIME}")
    if _core.is_connected():
        raise RecordingError(
            "a viewer is connected, and events go to a viewer or to a file, not to both: close its connection, "
            "or end it by tracypy.stop_listening(), and record then"
        )


def _start(options: RecordingOptions, config: Config) -> int:
    return _core.start_recording(
        options.path,
        overwrite=options.overwrite,
        seconds=options.seconds,
        max_bytes=options.max_size,
        program_name=server.encodable(config.program_name or options.program_name or server.program_name()),
        host_info=server.host_info(),
        keeper=_KEEPER if options.keeper else "",
        saving=options.saving.options,
        sources=options.sources,
    )


def _at_exit() -> None:
    if not _core.has_recording():
        return
    running = activity.recording or RunningRecording("")  # of a thread that is beginning it just now
    is_news = is_recording()  # what came of one that a limit has ended was said then
    try:
        # Not stop_recording(): that imports dataclasses. They execute texts, by which CPython forgets that a program
        # was interrupted, and the exit code that goes with it.
        _finish(running, None)
    except KeyboardInterrupt:
        pass  # where the journal is was said
    except RecordingError as problem:
        if is_news:
            stderr.say(str(problem))


# Registered at import: handlers run last in, first out, so what the program's own do is still recorded. Before that of
# `server`, which was imported first.
atexit.register(_at_exit)
