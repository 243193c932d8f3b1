"""Receiving from every program that announces itself: `tracypy.capture_all`."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, NamedTuple

from tracypy import _core
from tracypy.captured import Announcement, announcement_of
from tracypy.capturing import capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.captured import CaptureProgress, CaptureSummary

#: Programs announce themselves every three seconds, those that have just begun at once.
_LISTENING_SECONDS = 0.5
#: A program that has announced itself, and does not answer for so long, has another viewer.
_ANSWER_SECONDS = 10.0
#: Whoever has been turned down may be free again: as often as he announces himself, he is asked.
_MOST_ATTEMPTS = 100


class CapturedProgram(NamedTuple):
    """One of the programs that were captured.

    Attributes:
        announcement: What it said of itself.
        path: The file.
        summary: What is in the file; None if there is none.
        problem: Why there is no file; else empty.
    """

    announcement: Announcement
    path: str
    summary: CaptureSummary | None
    problem: str


def capture_all(
    folder: str | os.PathLike[str],
    *,
    seconds: float | None = None,
    overwrite: bool = False,
    told: Callable[[CapturedProgram | Announcement], object] | None = None,
) -> list[CapturedProgram]:
    """Receive from every program that announces itself, each to a `.tracy` file of its own, until Ctrl-C.

    A file is called after its program and process: `server-4711.tracy`. The first Ctrl-C asks all programs to stop
    sending, and saves.

    Args:
        folder: Where the files go. It is made if it is not there.
        seconds: Stop after so long; None goes on until Ctrl-C.
        overwrite: Whether to replace files that are there already.
        told: Called, in this thread, with the announcement of each program from which is being received, and with what
            came of it when that is over.

    Returns:
        The programs, in the order in which they announced themselves.

    Raises:
        OSError: The folder cannot be made, or the port of announcements is taken.
        ValueError: The limit is invalid.
    """
    if seconds is not None and not seconds >= 0:
        raise ValueError("seconds must not be negative")
    os.makedirs(folder, exist_ok=True)
    return _All(os.fspath(folder), overwrite, told).run(seconds)


class _Capture(threading.Thread):
    """Of one program."""

    def __init__(self, announcement: Announcement, path: str, overwrite: bool, stop: threading.Event) -> None:
        super().__init__(name=f"tracypy-capture {announcement.program}", daemon=True)
        self.announcement = announcement
        self.path = path
        self.result: CapturedProgram | None = None
        self._overwrite = overwrite
        self._stop_all = stop
        self.has_begun = threading.Event()

    def run(self) -> None:
        summary, problem = None, ""
        try:
            summary = capture(
                self.path,
                self.announcement.address,
                self.announcement.port,
                overwrite=self._overwrite,
                connect_timeout=_ANSWER_SECONDS,
                progress=self._go_on,
            )
        except (OSError, ValueError, MemoryError) as failure:  # ConnectionError among them
            problem = getattr(failure, "strerror", None) or str(failure)
        self.result = CapturedProgram(self.announcement, self.path, summary, problem)

    def _go_on(self, state: CaptureProgress) -> bool:
        if state.phase == "receiving":
            self.has_begun.set()
        return not self._stop_all.is_set()


class _All:
    def __init__(
        self, folder: str, overwrite: bool, told: Callable[[CapturedProgram | Announcement], object] | None
    ) -> None:
        self._folder = folder
        self._overwrite = overwrite
        self._told = told or (lambda _what: None)
        self._stop = threading.Event()
        self._captures: dict[tuple[str, int, int], _Capture] = {}
        self._over: set[_Capture] = set()
        self._begun: set[_Capture] = set()
        self._paths: set[str] = set()
        self._attempts: dict[tuple[str, int, int], int] = {}

    def run(self, seconds: float | None) -> list[CapturedProgram]:
        from time import monotonic

        end = None if seconds is None else monotonic() + seconds
        try:
            while end is None or monotonic() < end:
                for program in _core.discover(_LISTENING_SECONDS):
                    self._begin(announcement_of(program))
                self._tell()
        except KeyboardInterrupt:
            pass
        self._stop.set()
        for each in self._captures.values():
            each.join()
        self._tell()
        return [each.result for each in self._captures.values() if each.result is not None]

    def _begin(self, program: Announcement) -> None:
        key = program.address, program.port, program.process_id
        known = self._captures.get(key)
        if known is not None and (known.result is None or known.result.summary is not None):
            return
        self._attempts[key] = self._attempts.get(key, 0) + 1
        if self._attempts[key] > _MOST_ATTEMPTS:
            return
        path = known.path if known is not None else self._path_of(program)
        self._captures[key] = _Capture(program, path, self._overwrite, self._stop)
        self._captures[key].start()

    def _path_of(self, program: Announcement) -> str:
        name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in program.program).lstrip(".")
        stem = os.path.join(self._folder, f"{name or 'program'}-{program.process_id}")
        number, path = 1, stem + ".tracy"
        while path in self._paths:
            number += 1
            path = f"{stem}-{number}.tracy"
        self._paths.add(path)
        return path

    def _tell(self) -> None:
        for each in self._captures.values():
            if each.has_begun.is_set() and each not in self._begun:
                self._begun.add(each)
                self._told(each.announcement)
            if each.result is not None and each not in self._over:
                self._over.add(each)
                self._told(each.result)
