"""A headless Chromium under the control of a test, by the DevTools protocol over a pair of pipes: no port, no library.

Messages are JSON objects, each followed by a null byte; the browser reads from descriptor 3 and writes to 4.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

#: Names under which Chromium and its relatives are installed.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
TIMEOUT_SECONDS = 200.0
#: A name that must stay text in every page.
HOSTILE = "</script><img src=x onerror=\"document.title='pwned'\"><b>bold</b>&amp;"

_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # tests may run as root, which Chromium refuses otherwise; it opens our own pages only
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # it may want to call home: no name leads anywhere
)
_KEYS = {"Enter": (13, "\r"), "Escape": (27, ""), "Backspace": (8, ""), "ArrowDown": (40, ""), "ArrowUp": (38, ""),
         "ArrowLeft": (37, ""), "ArrowRight": (39, "")}  # fmt: skip

type Message = dict[str, Any]


def chromium() -> str | None:
    """The browser that `TRACYPY_CHROMIUM` names, or one that is on the path; None without any."""
    named = os.environ.get("TRACYPY_CHROMIUM")
    found = (shutil.which(name) for name in ((named,) if named else PROGRAMS))
    return next((path for path in found if path is not None), None)


needs_browser = pytest.mark.skipif(
    chromium() is None,
    reason=f"no browser: install chromium, or name one with TRACYPY_CHROMIUM (looked for {', '.join(PROGRAMS)})",
)


class BrowserError(Exception):
    """The browser refused something, or a script in the page failed."""


class Browser:
    """A browser and one page. Leaving the context ends it.

    Attributes:
        console: What pages wrote to the console, errors and warnings of the browser included.
        requests: The addresses that pages asked for, the pages' own included.
    """

    def __init__(self, program: str) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="tracypy-browser-", ignore_cleanup_errors=True)
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        # The shell puts the pipes where the browser wants them: subprocess cannot choose numbers.
        script = f'exec "$@" 3<&{to_read} 4>&{to_write}'
        profile = f"--user-data-dir={self._room.name}"
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", script, "browser", program, *_FLAGS, profile, "about:blank"],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != "LD_PRELOAD"},  # a sanitizer of ours
        )
        os.close(to_read)
        os.close(to_write)
        self._buffer = bytearray()
        self._number = 0
        self._session: str | None = None
        self._events: list[Message] = []
        self.console: list[str] = []
        self.requests: list[str] = []

    def __enter__(self) -> Self:
        try:
            self._attach()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the browser and forgets its profile."""
        with contextlib.suppress(OSError, BrowserError):
            self._session = None
            self.call("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        if self._process.poll() is None:
            os.killpg(self._process.pid, 9)
        self._process.wait()
        os.close(self._in)
        os.close(self._out)
        self._room.cleanup()

    def _attach(self) -> None:
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    # --- the protocol ---------------------------------------------------------------------------------------------

    def call(self, method: str, **arguments: object) -> Message:
        """Calls a method of the DevTools protocol and returns its result."""
        self._number += 1
        message: Message = {"id": self._number, "method": method, "params": arguments}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        answer = self._until(lambda received: received.get("id") == self._number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        result: Message = answer["result"]
        return result

    def _until(self, is_wanted: Callable[[Message], bool]) -> Message:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            message = self._receive(deadline)
            self._note(message)
            if is_wanted(message):
                return message

    def _receive(self, deadline: float) -> Message:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._in], [], [], max(deadline - time.monotonic(), 0))
            data = os.read(self._in, 1 << 20) if ready else b""
            if not data:
                raise BrowserError("the browser has ended" if ready else f"no answer in {TIMEOUT_SECONDS:.0f} s")
            self._buffer += data
        text, _, rest = bytes(self._buffer).partition(b"\0")
        self._buffer = bytearray(rest)
        message: Message = json.loads(text)
        return message

    def _note(self, message: Message) -> None:
        told = message.get("params", {})
        match message.get("method"):
            case "Runtime.consoleAPICalled":
                self.console += [str(argument.get("value", argument.get("description"))) for argument in told["args"]]
            case "Runtime.exceptionThrown":
                self.console.append(json.dumps(told["exceptionDetails"]))
            case "Log.entryAdded":
                self.console.append(told["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])

    # --- pages ----------------------------------------------------------------------------------------------------

    def open(
        self, page: Path | str, *, width: int = 1200, height: int = 700, is_dark: bool = False, touch: bool = False
    ) -> None:
        """Opens a file, or an address, in a window of that size, and waits until it has been loaded and drawn."""
        scale = 2 if touch else 1
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch
        )
        self.call("Emulation.setTouchEmulationEnabled", enabled=touch)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.console.clear()
        self.requests.clear()
        self._events.clear()
        self.call("Page.navigate", url=page if isinstance(page, str) else page.absolute().as_uri())
        self.evaluate(
            "new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))"
        )
        self.settle()

    def evaluate(self, script: str) -> Any:
        """What an expression in the page gives; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def settle(self) -> None:
        """Waits until the page has drawn what was asked for before."""
        self.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => true)"
        )

    def text(self, selector: str) -> str:
        """The text that a reader sees in the first element that matches."""
        text: str = self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")
        return text.strip()

    def move(self, x: float, y: float) -> None:
        """Moves the mouse."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def click(self, x: float, y: float) -> None:
        """Clicks with the mouse."""
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def click_on(self, selector: str) -> None:
        """Clicks on the middle of the first element that matches."""
        middle = self.evaluate(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        self.click(*middle)

    def tap(self, x: float, y: float) -> None:
        """Touches the screen."""
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.settle()

    def press(self, key: str) -> None:
        """Presses a key: one character, or one of the named keys."""
        code, text = _KEYS.get(key, (ord(key.upper()[0]), key))
        shared: Message = {"key": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **shared, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **shared)
        self.settle()

    def type(self, text: str) -> None:
        """Types a text into what has the focus."""
        self.call("Input.insertText", text=text)
        self.settle()

    def screenshot(self, path: Path) -> None:
        """Saves what is in the window as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
