"""A web application without a web: WSGI requests through middleware, a router, handlers, JSON and templates."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from string import Template
from typing import Any
from urllib.parse import parse_qs

UNITS = 600

Environment = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], None]
Handler = Callable[..., "Response"]

PAGE = Template("<html><head><title>$title</title></head><body>$body</body></html>")
STORE: dict[int, dict[str, Any]] = {
    number: {"id": number, "name": f"item {number}", "price": number * 3} for number in range(50)
}


class Request:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.method: str = environment["REQUEST_METHOD"]
        self.path: str = environment["PATH_INFO"]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.environment["QUERY_STRING"])

    def json(self) -> Any:
        return json.loads(self.environment["wsgi.input"].read())


class Response:
    def __init__(self, body: str, kind: str = "text/html", status: str = "200 OK") -> None:
        self.body = body.encode()
        self.status = status
        self.headers = [("Content-Type", kind), ("Content-Length", str(len(self.body)))]

    @classmethod
    def of_json(cls, value: object, status: str = "200 OK") -> Response:
        return cls(json.dumps(value), "application/json", status)


class Router:
    def __init__(self) -> None:
        self.routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def route(self, method: str, pattern: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.routes.append((method, re.compile(pattern), handler))
            return handler

        return add

    def dispatch(self, request: Request) -> Response:
        for method, pattern, handler in self.routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return handler(request, **match.groupdict())
        return Response("no such page", status="404 Not Found")

    def __call__(self, environment: Environment, start_response: StartResponse) -> Iterable[bytes]:
        response = self.dispatch(Request(environment))
        start_response(response.status, response.headers)
        return [response.body]


class Counting:
    """Middleware: counts the answers by status."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.statuses: dict[str, int] = {}

    def __call__(self, environment: Environment, start_response: StartResponse) -> Iterable[bytes]:
        def count(status: str, headers: list[tuple[str, str]]) -> None:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            start_response(status, [*headers, ("X-Served-By", "tracypy")])

        return self.application(environment, count)


router = Router()
application = Counting(router)


@router.route("GET", "/")
def index(_request: Request) -> Response:
    rows = "".join(f"<li>{item['name']}</li>" for item in STORE.values())
    return Response(PAGE.substitute(title="all", body=rows))


@router.route("GET", r"/items/(?P<number>\d+)")
def show(request: Request, number: str) -> Response:
    item = STORE.get(int(number))
    if item is None:
        return Response.of_json({"error": "none"}, "404 Not Found")
    fields = request.query.get("fields", [])
    return Response.of_json({key: value for key, value in item.items() if not fields or key in fields})


@router.route("POST", r"/total")
def total(request: Request) -> Response:
    return Response.of_json({"total": sum(STORE[number]["price"] for number in request.json())})


def ask(method: str, path: str, query: str = "", body: bytes = b"") -> tuple[str, bytes]:
    started: list[str] = []

    def start_response(status: str, _headers: list[tuple[str, str]]) -> None:
        started.append(status)

    environment = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO(body)}
    body = b"".join(application(environment, start_response))
    return started[0], body


def run(n: int) -> None:
    for _ in range(n):
        ask("GET", "/")
        for number in range(45, 55):
            ask("GET", f"/items/{number}", "fields=name&fields=price")
        ask("POST", "/total", body=json.dumps(list(range(20))).encode())
        ask("GET", "/nowhere")
