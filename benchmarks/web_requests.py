"""What a request costs through the middleware: applications that do nothing, called without a server.

usage: benchmarks/web_requests.py [REQUESTS] [ROUNDS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import tracypy
from tracypy.integrations import asgi, wsgi

SCOPE = {"type": "http", "method": "GET", "path": "/users/1", "headers": [(b"host", b"here")]}
ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/users/1", "SCRIPT_NAME": "", "HTTP_HOST": "here"}
START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"x"}


async def asgi_app(_scope, _receive, send):
    await send(START)
    await send(BODY)


def wsgi_app(_environ, start_response):
    start_response("200 OK", [])
    return [b"x"]


async def send(message):
    pass


def run_asgi(app, requests: int) -> None:
    async def ask() -> None:
        for _ in range(requests):
            await app(SCOPE, None, send)

    asyncio.run(ask())


def run_wsgi(app, requests: int) -> None:
    for _ in range(requests):
        app(ENVIRON, lambda *_: None)


def microseconds(run: Callable[[object, int], None], app: object, requests: int, rounds: int) -> float:
    least = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        run(app, requests)
        least = min(least, time.perf_counter() - begin)
    return least / requests * 1e6


def main() -> None:
    requests, rounds = (int(word) for word in (*sys.argv[1:], "20000", "7")[:2])
    kinds = {
        "ASGI": (run_asgi, asgi_app, asgi.TracyMiddleware(asgi_app, route=lambda _: "/users/{id}")),
        "WSGI": (run_wsgi, wsgi_app, wsgi.TracyMiddleware(wsgi_app, route=lambda _: "/users/<id>")),
    }
    for kind, (run, app, middleware) in kinds.items():
        bare = microseconds(run, app, requests, rounds)
        idle = microseconds(run, middleware, requests, rounds)
        with (
            tempfile.TemporaryDirectory() as folder,
            tracypy.record(Path(folder, "out.tracy"), include="nothing", gc=False),
        ):
            heard = microseconds(run, middleware, requests, rounds)
        print(f"{kind}: {bare:.2f} µs; nobody listens {idle - bare:+.2f} µs; recorded {heard - bare:+.2f} µs a request")


if __name__ == "__main__":
    main()
