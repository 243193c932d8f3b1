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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracypy.view.answers import read
from tracypy.view.single import MOST_ZONES, page

from .browser import Browser
from .trace_file import TraceFileBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


# --- in a browser ---

type Show = Callable[..., Browser]


@contextmanager
def showing(browser: Browser, folder: Path, *, alone: bool) -> Iterator[Show]:
    """Gives what opens the timeline of a recording, or of what a builder made: from its server, or as a file of its own.

    The page must not complain, and must ask nobody but its server; alone it must ask nobody.
    """
    with ExitStack() as stack:
        addresses: list[str] = []

        def show(recording: TraceFileBuilder | Path, *, most_zones: int = MOST_ZONES, **window: Any) -> Browser:
            path, page_path = folder / "built.tracy", folder / "page.html"
            if isinstance(recording, TraceFileBuilder):
                path.write_bytes(recording.to_bytes())
            else:
                path = recording
            if alone:
                page_path.write_text(page(read(path), most_zones)[0], encoding="utf-8")
                addresses.append(page_path.as_uri())
            else:
                addresses.append(stack.enter_context(viewing(path)).address)
            browser.open(addresses[-1], **window)
            settle(browser)
            return browser

        yield show
        settle(browser)
        assert browser.console == []
        requests = [address for address in browser.requests if not address.startswith("data:image/png")]
        assert all(address.startswith(addresses[-1]) for address in requests)
        assert not alone or len(requests) == 1
        browser.open("about:blank")


def settle(browser: Browser) -> None:
    """Waits until all that is in sight has come and been drawn, and what was asked for is told."""
    browser.evaluate("view.settled()")


def lanes_in(browser: Browser) -> list[list[str]]:
    found: list[list[str]] = browser.evaluate("lanes.all.map((lane) => [lane.kind, lane.name, lane.label()])")
    return found


def boxes_in(browser: Browser) -> list[dict[str, Any]]:
    """What is in sight of threads and fibers, with where it is in the window."""
    found: list[dict[str, Any]] = browser.evaluate(
        """painter.inView().filter(({ lane }) => lane.isNested).map(({ lane, row, zone, start, end, count, name }) => {
            const box = view.canvas.getBoundingClientRect();
            const y = box.top + lane.top - lanes.scroll + RULER + TITLE + row * ZONE_ROW;
            const [left, right] = [Math.max(camera.x(start), 0), Math.min(camera.x(end), camera.width)];
            return { lane: lane.name, row, zone, start, end, count, name, left: box.left + left, width: right - left, y: y + ZONE_ROW / 2 };
        })"""
    )
    return found


def find_box(browser: Browser, name: str, lane: str = "main", row: int | None = None) -> dict[str, Any]:
    return next(
        box
        for box in boxes_in(browser)
        if box["name"] == name and box["lane"] == lane and (row is None or row == box["row"])
    )


def click_box(browser: Browser, box: dict[str, Any]) -> None:
    browser.click(box["left"] + box["width"] / 2, box["y"])
    settle(browser)


def told_details(browser: Browser) -> dict[str, str]:
    pairs = browser.evaluate(
        "[...document.querySelectorAll('#details dl')].flatMap((list) => [...list.querySelectorAll('dt')]"
        ".map((term) => [term.textContent, term.nextElementSibling.textContent]))"
    )
    return dict(reversed(pairs))
