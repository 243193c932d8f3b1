"""Recordings of real Tracy programs and capture tools, and of what became of them.

They are not in this repository: `TRACYPY_SHARED`, or the directory `shared` beside the checkout, holds them in
`vectors/`; tests/vectors/README.md says how they are made. Tests that need them are skipped where they are not; but in
continuous integration (CI=true) they fail.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from .captures import parse_table
from .viewer import PROTOCOLS, Session, Trace
from .viewer.queries import QUERY, Query

if TYPE_CHECKING:
    from collections.abc import Callable

_MISMATCH = 2

SHARED = Path(os.environ.get("TRACYPY_SHARED") or Path(__file__).resolve().parents[3] / "shared")
VECTORS = SHARED / "vectors"
RELEASES = {release: protocol for protocol, release in PROTOCOLS.items() if release not in ("0.11.0", "0.12.0-pre")}
#: For tests that need them.
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir() and os.environ.get("CI") != "true",
    reason=f"no recordings at {VECTORS}; set TRACYPY_SHARED to the folder that holds vectors/",
)
FLAVOURS = ("demand", "always", "plain")
# An on-demand client 0.14.0 repeats SectionSetup without its text; the real viewer reads a stale one then.
# Locks: a try-lock obtains without waiting, and a release is told when the next thread may have the lock already.
TOLERATED = frozenset({"SectionSetup", "LockObtain", "LockOrder"})


class Recording(NamedTuple):
    """One recorded conversation."""

    release: str
    flavour: str

    @property
    def protocol(self) -> int:
        return RELEASES[self.release]

    @property
    def directory(self) -> Path:
        return VECTORS / self.release / self.flavour

    def session(self) -> Session:
        return Session(self.protocol, tolerated=TOLERATED)

    def to_viewer(self) -> bytes:
        return (self.directory / "to-viewer.bin").read_bytes()

    def to_program(self) -> bytes:
        return (self.directory / "to-program.bin").read_bytes()

    def table(self, name: str) -> list[dict[str, str]]:
        return parse_table((self.directory / f"{name}.csv").read_text("utf-8"), ",")


RECORDINGS = [Recording(release, flavour) for release in RELEASES for flavour in FLAVOURS]


@cache
def replay(recording: Recording) -> Trace:
    session = recording.session()
    session.feed(recording.to_viewer())
    assert session.is_done
    return session.trace


def replaying(recording: Recording) -> Callable[[socket.socket, int], bool]:
    """The recorded program, for `toy_server.answering`: says what it has said, until the viewer takes leave."""

    def talk(connection: socket.socket, protocol: int) -> bool:
        if protocol != recording.protocol:
            connection.sendall(bytes([_MISMATCH]))
            return False
        connection.sendall(recording.to_viewer())
        while query := connection.recv(QUERY.size, socket.MSG_WAITALL):
            if query[0] == Query.TERMINATE:
                return True
        return True

    return talk
