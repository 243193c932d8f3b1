"""`tracypy.integrations.asgi`: each request of FastAPI, Starlette and Django is a zone on the row of its task, and a frame."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

from support.frameworks import required
from support.web_load import ask_all, frames_in, get, lengths_of, paths_to, recorded, requests_in, serving

pytestmark = required("uvicorn")

UVICORN = ("uvicorn", "--port", "PORT", "--no-access-log", "served:app")
FASTAPI = """
    import asyncio
    from fastapi import APIRouter, FastAPI, WebSocket
    from fastapi.responses import StreamingResponse
    from tracypy.integrations.asgi import TracyMiddleware

    app = FastAPI()
    app.add_middleware(TracyMiddleware)
    router = APIRouter(prefix="/users")
    inner = FastAPI()

    async def work():
        await asyncio.sleep(0.002)

    @app.get("/ready")
    async def ready():
        return 1

    @router.get("/{user}")
    async def show(user: int):
        await work()
        return user

    @app.get("/blocking/{number}")
    def blocking(number: int):
        return number

    @inner.get("/items/{item}")
    async def item(item: str):
        return item

    @app.get("/stream/{pieces}")
    async def stream(pieces: int):
        async def body():
            for number in range(pieces):
                await asyncio.sleep(0.02)
                yield str(number)
        return StreamingResponse(body())

    @app.get("/wrong")
    async def wrong():
        raise ValueError("it is wrong")

    @app.websocket("/echo/{room}")
    async def echo(socket: WebSocket, room: str):
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    app.include_router(router, prefix="/v1")
    app.mount("/inner", inner)
"""


@required("fastapi")
def test_each_request_of_fastapi_under_load(tmp_path: Path, free_port: int) -> None:
    paths = [f"/v1/users/{number}" for number in range(100)] + [f"/blocking/{number}" for number in range(40)]
    paths += [f"/inner/items/{number}" for number in range(40)] + [f"/stream/{number % 3}" for number in range(20)]
    paths += [f"/no/such/{number}" for number in range(20)] + ["/wrong"] * 5
    with serving(tmp_path, free_port, FASTAPI, *UVICORN):
        assert ask_all(free_port, paths) == {200: 200, 404: 20, 500: 5}
        assert get(free_port, "/v1/users/1", "POST") == 405
        assert get(free_port, "/v1/users/1", "BREW") == 405
    trace = recorded(tmp_path)
    expected = {
        ("GET /v1/users/{user}", "returns 200"): 100,
        ("GET /blocking/{number}", "returns 200"): 40,
        ("GET /inner/items/{item}", "returns 200"): 40,
        ("GET /stream/{pieces}", "returns 200"): 20,
        ("GET (no route)", "returns 404"): 20,
        ("GET /wrong", "returns 500"): 5,
        ("POST /v1/users/{user}", "returns 405"): 1,
        ("OTHER /v1/users/{user}", "returns 405"): 1,
    }
    assert requests_in(trace) == expected
    assert frames_in(trace) == {name: count for (name, _), count in expected.items()}
    assert Counter(message.text for message in trace.messages) == {"GET /wrong: ValueError: it is wrong": 5}
    assert {row.is_fiber for row in trace.threads if row.zone_count} == {True}
    # Those of two pieces; a loop may wake a moment before its time.
    assert sum(length >= 35_000_000 for length in lengths_of(trace, "GET /stream/{pieces}")) >= 6
    assert "it is wrong" in (tmp_path / "log").read_text()  # the server has it, too


@required("fastapi")
def test_calls_are_in_the_zone_of_their_request(tmp_path: Path, free_port: int) -> None:
    with serving(tmp_path, free_port, FASTAPI, *UVICORN, watch="served"):
        assert ask_all(free_port, ["/v1/users/1"] * 40) == {200: 40}
    assert paths_to(recorded(tmp_path), "work") == {("GET /v1/users/{user}", "show", "work"): 40}


@required("fastapi")
@required("websockets")
def test_messages_of_a_websocket_are_frames(tmp_path: Path, free_port: int) -> None:
    from websockets.sync.client import connect

    at = f"ws://127.0.0.1:{free_port}/echo"
    with serving(tmp_path, free_port, FASTAPI, *UVICORN), connect(f"{at}/a") as one, connect(f"{at}/b") as two:
        for number in range(10):
            one.send(str(number))
            two.send(str(number))
            assert one.recv() == two.recv() == str(number)
    trace = recorded(tmp_path)
    assert requests_in(trace) == {("WEBSOCKET /echo/{room}", "returns 1000"): 2}
    assert frames_in(trace) == {"WEBSOCKET /echo/{room}": 20}


@required("fastapi")
def test_a_client_that_goes_ends_its_request(tmp_path: Path, free_port: int) -> None:
    with serving(tmp_path, free_port, FASTAPI, *UVICORN):
        with socket.create_connection(("127.0.0.1", free_port), timeout=60) as client:
            client.sendall(b"GET /stream/100000 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(100)
        assert get(free_port, "/blocking/1") == 200
    trace = recorded(tmp_path)
    assert {name for name, _ in requests_in(trace)} == {"GET /stream/{pieces}", "GET /blocking/{number}"}
    assert frames_in(trace) == {"GET /stream/{pieces}": 1, "GET /blocking/{number}": 1}


STARLETTE = """
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Host, Mount, Route, Router
    from tracypy.integrations.asgi import TracyMiddleware

    async def answer(request):
        return PlainTextResponse("x")

    routes = [
        Route("/ready", answer),
        Mount("/static", app=PlainTextResponse("x")),
        Mount("/v1", routes=[Route("/users/{user:int}", answer, methods=["GET"]), Mount("/deep", routes=[Route("/", answer)])]),
        Host("other", app=Router([Route("/of/{host}", answer)])),
        Route("/{rest:path}", answer),
    ]
    app = TracyMiddleware(Starlette(routes=routes))
"""


@required("starlette")
def test_each_route_of_starlette(tmp_path: Path, free_port: int) -> None:
    paths = ["/static/a", "/static/b", "/v1/users/1", "/v1/users/2", "/v1/deep/", "/any/where"]
    with serving(tmp_path, free_port, STARLETTE, *UVICORN):
        assert ask_all(free_port, paths) == {200: 6}
        assert get(free_port, "/of/1", host="other") == 200
        assert get(free_port, "/v1/none") == 404
    assert {name: count for (name, _), count in requests_in(recorded(tmp_path)).items()} == {
        "GET /static/{path}": 2,
        "GET /v1/users/{user}": 2,
        "GET /v1/deep/": 1,
        "GET /{rest}": 1,
        "GET /of/{host}": 1,
        "GET /v1/…": 1,
    }


DJANGO = """
    import asyncio
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.http import HttpResponse, StreamingHttpResponse
    from django.urls import path, re_path
    from tracypy.integrations.asgi import TracyMiddleware

    settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)

    async def show(request, user=0):
        await asyncio.sleep(0.002)
        return HttpResponse("x")

    def blocking(request, name):
        return HttpResponse("x")

    async def stream(request):
        async def body():
            for _ in range(3):
                await asyncio.sleep(0.005)
                yield b"x"
        return StreamingHttpResponse(body())

    def wrong(request):
        raise ValueError("it is wrong")

    urlpatterns = [
        path("ready", show), path("users/<int:user>/", show), re_path("^blocking/(?P<name>[a-z]+)$", blocking),
        path("stream", stream), path("wrong", wrong),
    ]
    app = TracyMiddleware(get_asgi_application())
"""


@required("django")
def test_each_request_of_django(tmp_path: Path, free_port: int) -> None:
    paths = [f"/users/{number}/" for number in range(30)] + ["/blocking/a", "/blocking/b"] + ["/stream"] * 10
    with serving(tmp_path, free_port, DJANGO, *UVICORN):
        assert ask_all(free_port, [*paths, "/wrong", "/none/1", "/none/2"]) == {200: 42, 500: 1, 404: 2}
    trace = recorded(tmp_path)
    expected = {
        ("GET /users/<int:user>/", "returns 200"): 30,
        ("GET /blocking/(?P<name>[a-z]+)$", "returns 200"): 2,
        ("GET /stream", "returns 200"): 10,
        ("GET /wrong", "returns 500"): 1,
        ("GET (no route)", "returns 404"): 2,
    }
    assert requests_in(trace) == expected
    assert frames_in(trace) == {name: count for (name, _), count in expected.items()}
    assert [message.text for message in trace.messages] == ["GET /wrong: 500"]  # Django has handled it


PLAIN = """
    import asyncio
    from tracypy.integrations.asgi import TracyMiddleware

    async def answer(scope, receive, send):
        if scope["type"] == "http":
            await asyncio.sleep(0.05)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"x"})

    def route_of(scope):
        if scope["path"] == "/raise":
            raise RuntimeError
        return {"/ready": "/ready", "/none": ""}.get(scope["path"], scope["path"][:3])

    app = TracyMiddleware(answer, route=route_of)
"""


def test_other_applications_say_their_routes_themselves(tmp_path: Path, free_port: int) -> None:
    paths = [f"/{'ab'[number % 2]}/{number}" for number in range(20)]
    with serving(tmp_path, free_port, PLAIN, *UVICORN):
        assert ask_all(free_port, [*paths, "/none", "/raise"]) == {200: 22}
    assert {name: count for (name, _), count in requests_in(recorded(tmp_path)).items()} == {
        "GET /a/": 10,
        "GET /b/": 10,
        "GET (no route)": 1,
        "GET": 1,
    }


MANY = PLAIN.replace("sleep(0.05)", "sleep(0.2)")


def test_more_requests_at_once_than_sets_of_frames(tmp_path: Path, free_port: int) -> None:
    with serving(tmp_path, free_port, MANY, *UVICORN):
        assert ask_all(free_port, [f"/a/{number}" for number in range(40)], threads=20) == {200: 40}
    trace = recorded(tmp_path)
    assert requests_in(trace) == {("GET /a/", "returns 200"): 40}
    assert frames_in(trace)["GET /a/"] <= 40
    assert len([frames for frames in trace.frames if frames.name.startswith("GET /a/")]) <= 16
