"""`tracypy view` in a process of its own: its address, and what it answers."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BOX = struct.Struct("<ddIIIIII")


@dataclass(frozen=True)
class Box:
    """A box of a tile: a zone, or several that are narrower than a pixel."""

    start: float
    end: float
    location: int
    count: int
    zone: int
    covered: int
    extra: int
    color: int


def parts_of(tile: bytes) -> dict[str, dict[str, Any]]:
    """What a tile holds, by the name of each part: its head, with `rows` of boxes or `curve` points added."""
    (length,) = struct.unpack_from("<Q", tile)
    parts = {}
    at = 8 + length
    for head in json.loads(tile[8:at]):
        if "points" in head:
            size = head["points"] * 56
            head["curve"] = list(struct.iter_unpack("<7d", tile[at : at + size]))
        else:
            size = sum(head["counts"]) * _BOX.size
            boxes = [Box(*row) for row in _BOX.iter_unpack(tile[at : at + size])]
            head["rows"] = [[boxes.pop(0) for _ in range(count)] for count in head["counts"]]
        parts[head["part"]] = head
        at += size
    assert at == len(tile)
    return parts


class Viewing:
    """A running `tracypy view`.

    Attributes:
        address: Where the page is.
    """

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self._process = process
        self.address = address

    def get(self, what: str = "", **query: object) -> bytes:
        """The answer to a question, or the page."""
        with urllib.request.urlopen(f"{self.address}{what}?{urllib.parse.urlencode(query)}", timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def json(self, what: str, **query: object) -> Any:
        """The answer to a question as JSON."""
        return json.loads(self.get(what, **query))

    def interrupt(self) -> tuple[int, str]:
        """Presses Ctrl-C; returns the exit code and what was said on stderr since the address."""
        self._process.send_signal(signal.SIGINT)
        _, said = self._process.communicate(timeout=60)
        return self._process.returncode, said


@contextmanager
def viewing(path: Path, *words: str, opens: bool = False, **environment: str) -> Iterator[Viewing]:
    """Starts `tracypy view` on a file, without a browser unless it `opens` one; leaving the context ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tracypy", "view", str(path), *([] if opens else ["--no-browser"]), *words],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    with process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            assert line.startswith("tracypy: the timeline is at http://127.0.0.1:"), line
            yield Viewing(process, line.split()[5])
        finally:
            process.kill()
