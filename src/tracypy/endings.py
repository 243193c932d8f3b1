"""Ways out of a program that pass by `atexit`: what is being recorded is brought to its end before they are taken.

`os._exit` ends the process where it stands, `os.exec*` makes another program of it, and a server that was asked to stop
by a signal sends itself that signal again when it is ready. None of them can be heard of otherwise. So while a program
is recorded, these functions are preceded by ours; they look the same, and do the same.
"""

from __future__ import annotations

import _thread
import os
import sys

from tracypy import _core
from tracypy.interpreter import system

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: For another thread that is bringing the recording to its end; whatever that one waits for, this one wants to leave.
_PATIENCE = 5.0


class Endings:
    """Takes care of the ways out, from `watch()` to `forget()`.

    Args:
        finish: Brings what is recorded to its end, and tells of it. Nothing once that is done, or in a forked child.
        flush: Brings what has happened so far to where it is safe.
        is_wanted: Whether there is anything to be brought to its end.
        at_exit: Does what `finish` does when the interpreter ends, where the file may be left to be made meanwhile.
    """

    __slots__ = ("_at_exit", "_finish", "_flush", "_is_wanted", "_lock", "_process", "_replaced")

    def __init__(
        self,
        finish: Callable[[], None],
        flush: Callable[[], None] = _core.flush_recording,
        is_wanted: Callable[[], bool] = _core.has_recording,
        at_exit: Callable[[], None] | None = None,
    ) -> None:
        self._finish = finish
        self._at_exit = at_exit or finish
        self._flush = flush
        self._is_wanted = is_wanted
        self._lock = _thread.RLock()
        self._process = system.getpid()
        self._replaced: list[tuple[object, str, object, object]] = []

    def watch(self) -> None:
        """Begin to watch the ways out."""
        self._precede("_exit", self._before_exit, system, os)
        self._precede("execv", self._before_exec, system, os)
        self._precede("execve", self._before_exec, system, os)
        self._precede("kill", self._before_kill, system, os)
        # What `import signal` copies its functions from; it may have been imported.
        signals = [module for name in ("_signal", "signal") if (module := sys.modules.get(name)) is not None]
        self._precede("raise_signal", self._before_signal, *signals)

    def move_to_this_process(self) -> None:
        """Go on in a forked child, where nothing else would be done."""
        self._process = system.getpid()
        self._lock = _thread.RLock()

    def forget(self) -> None:
        """Put back what the program has not replaced itself."""
        while self._replaced:
            holder, name, original, ours = self._replaced.pop()
            if getattr(holder, name, None) is ours:
                setattr(holder, name, original)

    def finish(self) -> None:
        """Finish the recording once; other threads wait for it, unless it calls them."""
        self._do(self._finish)

    def finish_at_exit(self) -> None:
        """Do the same where the file may be left to be made meanwhile; ways out that wait for it are watched still."""
        self._do(self._at_exit)

    def _do(self, finish: Callable[[], None]) -> None:
        # Not in a forked child, be it one that Python has not made: our threads and locks are the parent's.
        if system.getpid() != self._process or not self._lock.acquire(timeout=_PATIENCE):
            return
        try:
            if self._is_wanted():
                finish()
            if finish is self._finish:
                _core.await_left_recording()
                self.forget()
        finally:
            self._lock.release()

    def _precede(self, name: str, before: Callable[..., object], *holders: object) -> None:
        original = getattr(holders[0], name, None) if holders else None
        if original is None:
            return
        try:
            ours = _core.preceded(original, before)
        except TypeError:  # somebody else has replaced it
            return
        for holder in holders:
            if getattr(holder, name, None) is original:
                setattr(holder, name, ours)
                self._replaced.append((holder, name, original, ours))
        if original in os.supports_fd:
            os.supports_fd.add(ours)

    def _before_exit(self, status: object) -> None:
        if isinstance(status, int) and -(2**31) <= status < 2**31:  # or it will raise
            self.finish()

    def _before_exec(self, *_arguments: object, **_named: object) -> None:
        if system.getpid() == self._process:
            self._flush()  # of that the keeper makes the trace; if there is no such program, all goes on

    def _before_signal(self, signalnum: int, /) -> None:
        if _core.would_end_by(signalnum):
            self.finish()

    def _before_kill(self, pid: int, signal: int, /) -> None:
        if pid == self._process:
            self._before_signal(signal)
