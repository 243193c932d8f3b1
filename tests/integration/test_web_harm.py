"""Middleware changes nothing for what it is around: what is handed through, raised, cancelled, closed and kept in memory."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import tracypy

from support.recorded_program import run
from support.target import QUIET, trace_of, zones_named
from support.web_load import frames_in, requests_in

ASGI = """
import asyncio, gc, traceback, weakref
import tracypy
from tracypy.integrations.asgi import TracyMiddleware

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}
seen = []

async def receive(): return {"type": "http.request"}
async def send(message): seen.append(message["type"])

async def through(scope, receive, send):
    seen.append((scope, receive, send))

async def wrong(scope, receive, send):
    raise Problem("it is wrong")

async def waits(scope, receive, send):
    await asyncio.sleep(1000)

class Problem(Exception): pass

async def fails():
    try:
        await TracyMiddleware(wrong)(SCOPE, receive, send)
    except Problem as problem:
        names = [frame.name for frame in traceback.extract_tb(problem.__traceback__)]
        assert names == ["fails", "__call__", "GET", "wrong"], names
        assert problem.__context__ is None and problem.__cause__ is None
        return weakref.ref(problem)

async def cancelled():
    task = asyncio.create_task(TracyMiddleware(waits)(SCOPE, receive, send))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        assert task.cancelled()
        return
    assert False

async def main():
    await TracyMiddleware(through)(SCOPE, receive, send)
    assert seen[0] == (SCOPE, receive, send), seen  # nobody listens
    with tracypy.record("out.tracy", include="nothing", gc=False):
        gc.disable()
        assert (await fails())() is None
        await cancelled()
        await TracyMiddleware(through)({"type": "lifespan"}, receive, send)
        assert seen[-1] == ({"type": "lifespan"}, receive, send)

asyncio.run(main())
"""


def test_asgi_raises_and_cancels_as_without(tmp_path: Path) -> None:
    run(tmp_path, program=ASGI)
    trace = tracypy.open(tmp_path / "out.tracy")
    assert requests_in(trace) == {("GET", "returns 500"): 1, ("GET", "returns 'cancelled'"): 1}
    assert frames_in(trace) == {"GET": 2}
    assert [message.text for message in trace.messages] == ["GET: Problem: it is wrong"]


WSGI = """
import gc, sys
import tracypy
from tracypy.integrations.wsgi import TracyMiddleware

ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SCRIPT_NAME": ""}
seen = []

def start(*arguments, **named):
    seen.append((arguments, named))
    return write

def write(piece): pass

class Body:
    def __init__(self, *pieces): self.pieces = iter(pieces)
    def __iter__(self): return self
    def __next__(self): return next(self.pieces)

def of(answer):
    def app(environ, start_response):
        assert start_response("299 Odd", [("A", "b")], exc_info=None) is write
        assert seen[-1] == (("299 Odd", [("A", "b")]), {"exc_info": None})
        return answer
    return TracyMiddleware(app)

def wrong(environ, start_response):
    raise SystemExit(3)

listed = [b"x"]
assert of(listed)(ENVIRON, start) is listed
body = Body()
assert of(body)(ENVIRON, start) is body  # nobody listens
with tracypy.record("out.tracy", include="nothing", gc=False):
    assert of(listed)(ENVIRON, start) is listed  # a server looks at its length
    assert list(of(Body(b"x", b"y"))(ENVIRON, start)) == [b"x", b"y"]
    of(Body(b"x"))(ENVIRON, start).close()
    of(Body(b"x"))(ENVIRON, start)  # and forgets it
    try:
        TracyMiddleware(wrong)(ENVIRON, start)
    except SystemExit as problem:
        assert problem.code == 3
"""


def test_wsgi_hands_through_what_there_is(tmp_path: Path) -> None:
    run(tmp_path, program=WSGI)
    trace = tracypy.open(tmp_path / "out.tracy")
    assert requests_in(trace) == {("GET", "returns 299"): 4, ("GET", "returns 500"): 1}
    assert frames_in(trace) == {"GET": 5}
    assert not trace.messages


MANY = """
import tracypy
from tracypy.integrations.wsgi import TracyMiddleware

def app(environ, start_response):
    start_response("200 OK", [])
    return []

middleware = TracyMiddleware(app, route=lambda environ: environ["PATH_INFO"])
with tracypy.record("out.tracy", include="nothing", gc=False):
    for number in range(10_000):
        middleware({"REQUEST_METHOD": "GET", "PATH_INFO": f"/{number}" + "x" * 1000}, None.__class__)
""".replace("None.__class__", "lambda *_: None")


def test_routes_without_end_take_bounded_memory(tmp_path: Path) -> None:
    run(tmp_path, program=MANY)
    trace = tracypy.open(tmp_path / "out.tracy")
    names = Counter(name for name, _ in requests_in(trace).elements())
    assert (len(names), names.total()) == (1001, 10_000)
    assert names["OTHER (other routes)"] == 9_000
    assert max(map(len, names)) < 250
    assert len(trace.frames) <= 1 + 1024


TWO = """
import threading
import tracypy
from tracypy.integrations.wsgi import TracyMiddleware

barrier = threading.Barrier(4)

def app(environ, start_response):
    barrier.wait(100)
    start_response("200 OK", [])
    return []

apps = [TracyMiddleware(app) for _ in range(2)]
with tracypy.record("out.tracy", include="nothing", gc=False):
    for _ in range(50):
        threads = [
            threading.Thread(target=apps[number % 2], args=({"REQUEST_METHOD": "GET"}, lambda *_: None))
            for number in range(4)
        ]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
"""


def test_frames_of_two_applications_with_one_name_do_not_overlap(tmp_path: Path) -> None:
    run(tmp_path, program=TWO)
    trace = tracypy.open(tmp_path / "out.tracy")
    assert frames_in(trace) == {"GET": 200}
    assert {frames.name for frames in trace.frames} == {"", "GET", "GET #2", "GET #3", "GET #4"}


LIVE = """
from tracypy.integrations.wsgi import TracyMiddleware

def app(environ, start_response):
    start_response("200 OK", [])
    return []

middleware = TracyMiddleware(app, route=lambda environ: "/live")
for _ in range(10):
    middleware({"REQUEST_METHOD": "GET"}, lambda *_: None)
"""


def test_a_viewer_that_is_connected_has_them_too(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, LIVE, prelude=QUIET)
    assert [zone.texts for zone in zones_named(trace, "GET /live")] == [["returns 200"]] * 10
    assert len(trace.frames["GET /live"]) == 10
