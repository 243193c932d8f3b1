"""What tracypy does in this process beside what native code knows: whom it listens for, and who records.

Threads may begin and end these things at the same time, with or without the GIL. Native code starts and stops the
parts, and has locks of its own. This is what Python has to remember with it, as one object under one lock. The lock is
held for a moment only, and never while anything is waited for: no thread, no signal handler and no exit hangs on it.
"""

from __future__ import annotations

import _thread

from tracypy import _core
from tracypy.interpreter import call_in_forked_child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.config import Config


class RunningRecording:
    """A recording that goes on, or that a limit has ended.

    Args:
        path: The `.tracy` file that it makes.

    Attributes:
        number: What native code calls it.
    """

    __slots__ = ("_undo", "is_over", "number", "path")

    def __init__(self, path: str) -> None:
        self.path: str = path
        self.number: int = 0
        self.is_over: bool = False
        self._undo: list[Callable[[], object]] = []

    def at_end(self, undo: Callable[[], object]) -> None:
        """Add what is called when it is over."""
        self._undo.append(undo)

    def undo(self) -> None:
        """Undo what was done for it, the first thing first."""
        for undo in self._undo:
            undo()


class Activity:
    """Who listens and who records in this process."""

    __slots__ = ("_is_changing", "_is_stopped", "_listener", "_lock", "_recording")

    def __init__(self) -> None:
        # Reentrant: a signal handler may run in the middle of it.
        self._lock = _thread.RLock()
        self._listener: Config | None = None
        self._is_stopped = False
        self._recording: RunningRecording | None = None
        self._is_changing = False

    def listens(self, config: Config) -> None:
        """Note with what the listener was started; nothing if another thread has stopped it meanwhile."""
        with self._lock:
            if _core.is_listening():
                self._listener = config
                self._is_stopped = False

    def stops_listening(self) -> None:
        """Note that the listener was stopped: the next zone does not start it again."""
        with self._lock:
            self._listener = None
            self._is_stopped = True

    def has_stopped_listening(self) -> None:
        """Note it again when it is done: another thread may have taken the old listener for its own."""
        with self._lock:
            if not _core.is_listening():
                self.stops_listening()

    @property
    def listener(self) -> Config | None:
        """What the listener was started with; None if there is none."""
        return self._listener

    @property
    def is_stopped(self) -> bool:
        """Whether somebody has stopped the listener, or the program is at its end."""
        return self._is_stopped

    @property
    def recording(self) -> RunningRecording | None:
        """The recording that goes on, or that a limit has ended."""
        return self._recording

    def try_to_change(self) -> bool:
        """Reserve the right to begin a recording for this thread; `settle` has to follow.

        Returns:
            False if another thread has it. This does not wait.
        """
        with self._lock:
            if self._is_changing:
                return False
            self._is_changing = True
            return True

    def begins(self, recording: RunningRecording) -> None:
        """Note which recording goes on. For the thread that has the right to begin one."""
        self._recording = recording

    def forget_recording(self) -> None:
        """Undo what was done for a recording that no call will stop. For that thread, too."""
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.undo()

    def settle(self) -> None:
        """Give that right back, and undo what was done for a recording that has ended meanwhile."""
        while (recording := self._next_to_undo()) is not None:
            try:
                recording.undo()
            except BaseException:
                self.settle()
                raise

    def ends(self, recording: RunningRecording) -> None:
        """Undo what was done for a recording that is over: once, whoever says so, and however often."""
        with self._lock:
            if self._recording is not recording:
                return
            recording.is_over = True
            if self._is_changing:  # that thread will do it
                return
            self._is_changing = True
        self.settle()

    def _next_to_undo(self) -> RunningRecording | None:
        with self._lock:
            recording = self._recording
            if recording is not None and recording.is_over:
                self._recording = None
                return recording
            self._is_changing = False
            return None

    def renew(self) -> None:
        """Forget, in a forked child, what a thread held that is gone: the lock, or the right to change something."""
        self._lock._at_fork_reinit()  # type: ignore[attr-defined]  # noqa: SLF001
        self._is_changing = False


_made = Activity()
#: The one of this process: a program may forget our modules and import them again, while a recording goes on.
activity: Activity = _core.first_activity(_made)
if activity is _made:
    call_in_forked_child(activity.renew)
