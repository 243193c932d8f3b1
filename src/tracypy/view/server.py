"""The page of a timeline, and answers for it, on this machine only.

The address has a secret in it that nobody can guess, and a request has to name this address as its host: so no other
page that the browser has open can ask, nor can another user of the machine.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, override
from urllib.parse import parse_qs, urlsplit

from tracypy.exporters.json_list import to_json
from tracypy.view.answers import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.view.answers import Answers

_ADDRESS = "127.0.0.1"
_JSON = "application/json"
_IDLE_SECONDS = 120.0


class _Query:
    """What stands behind the question mark of an address."""

    def __init__(self, text: str) -> None:
        self._values = parse_qs(text, keep_blank_values=True)

    def text(self, name: str) -> str:
        """Return a value.

        Raises:
            ValueError: It is missing.
        """
        if name not in self._values:
            raise ValueError(f"{name} is missing")
        return self._values[name][0]

    def number(self, name: str) -> int:
        """Return a whole number that fits in 63 bits.

        Raises:
            ValueError: It is none, or missing.
        """
        number = int(self.text(name))
        if abs(number) >= 1 << 62:
            raise ValueError(f"{name} is too large")
        return number

    def numbers(self, name: str) -> list[int]:
        """Return whole numbers with commas between them.

        Raises:
            ValueError: They are none, or missing.
        """
        return [int(word) for word in self.text(name).split(",") if word]


def _answer(answers: Answers, what: str, query: _Query) -> bytes | dict[str, object] | None:
    match what:
        case "tile":
            parts = [Part.parse(word) for word in query.text("parts").split(",")]
            return answers.tile(query.number("level"), query.number("number"), parts)
        case "zone":
            lane, row, number = query.numbers("place")
            return answers.zone(lane, row, number)
        case "function":
            return answers.function(query.number("location"))
        case "message":
            return answers.message(query.number("number"), query.number("count"))
        case "find":
            forward = query.text("forward") == "1"
            return answers.find(query.text("text"), query.number("time"), query.numbers("place"), is_forward=forward)
        case "others":
            return answers.others(query.text("text"))
        case "samples":
            return answers.more.counted(query.number("lane"), query.number("from"), query.number("to"))
        case "image":
            return answers.more.image(query.number("frame"))
        case "tree":
            return answers.tree(query.number("from"), query.number("to"), query.numbers("lanes"))
        case "span":
            return answers.span(query.number("from"), query.number("to"), query.numbers("lanes"))
        case _:
            return None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    server: Server
    server_version = "tracypy"
    sys_version = ""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        secret, _, what = address.path.removeprefix("/").partition("/")
        if self.headers.get("Host", "") not in self.server.hosts:
            self._refuse(HTTPStatus.FORBIDDEN)
        elif not hmac.compare_digest(secret.encode(), self.server.secret.encode()):
            self._refuse(HTTPStatus.NOT_FOUND)
        elif what == "" and address.path.endswith("/"):
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)
        else:
            self._tell(what, address.query)

    def _tell(self, what: str, query: str) -> None:
        try:
            answer = _answer(self.server.answers, what, _Query(query))
        except (ValueError, IndexError, OverflowError, TypeError) as problem:
            self._send(HTTPStatus.BAD_REQUEST, _JSON, to_json({"problem": str(problem)}).encode())
            return
        if answer is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif isinstance(answer, bytes):
            self._send(HTTPStatus.OK, "application/octet-stream", answer)
        else:
            self._send(HTTPStatus.OK, _JSON, to_json(answer).encode())

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, "text/plain; charset=utf-8", status.phrase.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        self.wfile.write(body)

    @override
    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:  # the page was closed
            self.close_connection = True

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal is the user's."""


class Server(ThreadingMixIn, TCPServer):
    """Answers one page's questions until `shutdown`.

    Args:
        answers: What it answers from.
        page: The page, as HTML.
        port: Where to listen; 0 for a port that is free.

    Attributes:
        answers: What it answers from.
        page: The page.
        port: Where it listens.
        secret: What the address begins with.
        hosts: What a request may call this machine.

    Raises:
        OSError: The port is taken.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answers: Answers, page: str, port: int = 0) -> None:
        self.answers = answers
        self.page: bytes = page.encode("utf-8", "backslashreplace")
        self.secret: str = secrets.token_urlsafe(18)
        super().__init__((_ADDRESS, port), _Handler)
        self.port: int = self.socket.getsockname()[1]
        self.hosts: tuple[str, ...] = (f"{_ADDRESS}:{self.port}", f"localhost:{self.port}")

    @override
    def server_bind(self) -> None:
        """Take a port that was in use a moment ago, too."""
        if sys.platform != "win32":  # where two could listen at once
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        super().server_bind()

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{_ADDRESS}:{self.port}/{self.secret}/"

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that break."""


def serve(answers: Answers, page: str, port: int, on_start: Callable[[str], None]) -> None:
    """Serve a page until Ctrl-C.

    Args:
        answers: What is asked for.
        page: The page.
        port: Where to listen; 0 for a port that is free.
        on_start: Called with the address.

    Raises:
        OSError: The port is taken.
    """
    with Server(answers, page, port) as server:
        on_start(server.url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever(poll_interval=0.2)
