"""What is kept of a recording once it was read, so that `tracypy view` has it at once the next time.

It lies in the cache of the user and not beside the recording: what is in it is believed, so nobody else may put it
there, and folders of recordings stay as they are. Its name says which file it is of; one that has changed has another
name.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tracypy import _core

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of all recordings together; the ones that were not used for longest go first.
MOST_BYTES = 4_000_000_000
MOST_OF_ONE = MOST_BYTES // 2
#: A recording with fewer zones is read in no time.
LEAST_ZONES = 1_000_000
_HEAD = 65_536
_LONG_S = 3600  # nobody writes one for so long
_SUFFIX = ".index"


def folder() -> Path:
    """Return the folder of all of them."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tracypy" / "timelines"


def place_of(path: str) -> Path | None:
    """Return where that of a recording is, whether it is there or not; None if that cannot be told.

    Args:
        path: The recording.
    """
    try:
        with open(path, "rb") as file:
            facts = os.fstat(file.fileno())
            head = file.read(_HEAD)
            file.seek(max(0, facts.st_size - _HEAD))
            content = hashlib.blake2b(head + file.read(_HEAD), digest_size=16)
        content.update(
            f"{os.path.realpath(path)}\0{facts.st_size}\0{facts.st_mtime_ns}".encode(errors="surrogateescape")
        )
        return folder() / f"{content.hexdigest()}{_SUFFIX}"
    except (OSError, RuntimeError):  # there is no home
        return None


def load(path: str) -> _core.Timeline | None:
    """Return what is kept of a recording; None if nothing is, or nothing that makes sense.

    Args:
        path: The recording.
    """
    place = place_of(path)
    if place is None:
        return None
    try:
        if not _is_own(place):
            return None
        timeline = _core.read_timeline_index(place)
        if timeline is not None:
            os.utime(place)
        return timeline
    except (OSError, MemoryError):
        return None


def keep(path: str, timeline: _core.Timeline, zones: int) -> threading.Thread | None:
    """Keep a recording for the next time, if it is worth it: in a thread of its own, and without a word if it fails.

    Args:
        path: The recording.
        timeline: What it was read into.
        zones: How many it has.

    Returns:
        The thread that writes; it does not hold up the end of the process.
    """
    if zones < LEAST_ZONES or timeline.memory_bytes > MOST_OF_ONE:
        return None
    place = place_of(path)
    if place is None:
        return None
    thread = threading.Thread(target=_write, args=(place, timeline), name="timeline index", daemon=True)
    thread.start()
    return thread


def _write(place: Path, timeline: _core.Timeline) -> None:
    part = place.with_suffix(f".{os.getpid()}.part")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_own(place.parent) and timeline.write_index(part):
            part.replace(place)
            _make_room(place)
    except OSError:
        pass
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _is_own(place: Path) -> bool:
    """Return whether only this user can have written it."""
    own_number = getattr(os, "geteuid", None)
    facts = place.stat()
    return own_number is None or (facts.st_uid == own_number() and not facts.st_mode & 0o022)


def _make_room(newest: Path) -> None:
    """Delete what was not used for longest, and what was not written to its end."""
    left = MOST_BYTES
    for place, size in _by_use(newest.parent):
        left -= size
        if left < 0 and place != newest:
            with contextlib.suppress(OSError):
                place.unlink()


def _by_use(kept: Path) -> Iterator[tuple[Path, int]]:
    found = []
    for place in kept.iterdir():
        with contextlib.suppress(OSError):
            facts = place.stat()
            if place.suffix == ".part" and facts.st_mtime < time.time() - _LONG_S:
                place.unlink()
            found.append((facts.st_mtime_ns, place, facts.st_size))
    for _, place, size in sorted(found, reverse=True):
        yield place, size
