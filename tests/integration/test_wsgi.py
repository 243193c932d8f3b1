"""`tracypy.integrations.wsgi`: each request of Flask and Django is a zone on the row of its thread, and a frame."""

from __future__ import annotations

import signal
from collections import Counter
from pathlib import Path

from support.frameworks import required
from support.web_load import ask_all, frames_in, get, lengths_of, paths_to, recorded, requests_in, serving

GUNICORN = ("gunicorn", "--no-control-socket", "-b", "127.0.0.1:PORT", "served:app")
FLASK = """
    import time
    from flask import Flask, Response, redirect
    from tracypy.integrations.wsgi import TracyMiddleware

    app = Flask(__name__)
    app.wsgi_app = TracyMiddleware(app.wsgi_app)

    def work():
        time.sleep(0.002)

    @app.get("/ready")
    def ready():
        return "x"

    @app.get("/users/<int:user>")
    def show(user):
        work()
        return str(user)

    @app.get("/stream/<int:pieces>")
    def stream(pieces):
        def body():
            for _ in range(pieces):
                time.sleep(0.02)
                yield "x"
        return Response(body())

    @app.get("/folder/")
    def folder():
        return "x"

    @app.get("/wrong")
    def wrong():
        raise ValueError("it is wrong")
"""


@required("flask")
@required("gunicorn")
def test_each_request_of_flask_on_threads(tmp_path: Path, free_port: int) -> None:
    paths = [f"/users/{number}" for number in range(100)] + [f"/stream/{number % 3}" for number in range(30)]
    paths += [f"/no/such/{number}" for number in range(20)] + ["/wrong"] * 5
    words = (*GUNICORN, "--threads", "6")
    with serving(tmp_path, free_port, FLASK, *words, end=signal.SIGTERM, watch="served"):
        assert ask_all(free_port, paths) == {200: 130, 404: 20, 500: 5}
        assert get(free_port, "/users/1", "POST") == 405
        assert get(free_port, "/folder") == 308
    trace = recorded(tmp_path)
    expected = {
        ("GET /users/<int:user>", "returns 200"): 100,
        ("GET /stream/<int:pieces>", "returns 200"): 30,
        ("GET (no route)", "returns 404"): 20,
        ("GET (no route)", "returns 308"): 1,
        ("GET /wrong", "returns 500"): 5,
        ("POST /users/<int:user>", "returns 405"): 1,
    }
    assert requests_in(trace) == expected
    frames: Counter[str] = Counter()
    for (name, _), count in expected.items():
        frames[name] += count
    assert frames_in(trace) == frames
    assert Counter(message.text for message in trace.messages) == {"GET /wrong: 500": 5}  # Flask has handled it
    assert paths_to(trace, "work") == {("GET /users/<int:user>", "show", "work"): 100}
    assert sum(length >= 40_000_000 for length in lengths_of(trace, "GET /stream/<int:pieces>")) >= 10  # two pieces


DJANGO = """
    import tempfile
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import FileResponse, HttpResponse, StreamingHttpResponse
    from django.urls import include, path
    from tracypy.integrations.wsgi import TracyMiddleware

    settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)

    def show(request, user=0):
        return HttpResponse("x")

    def stream(request):
        return StreamingHttpResponse(iter([b"x", b"y"]))

    def file(request):
        return FileResponse(open(__file__, "rb"))

    urlpatterns = [
        path("ready", show), path("v1/", include([path("users/<int:user>/", show)])), path("stream", stream), path("file", file),
    ]
    app = TracyMiddleware(get_wsgi_application())
"""


@required("django")
@required("gunicorn")
def test_each_request_of_django_in_workers(tmp_path: Path, free_port: int) -> None:
    paths = [f"/v1/users/{number}/" for number in range(60)] + ["/stream"] * 20 + ["/file"] * 5 + ["/none/1"]
    with serving(tmp_path, free_port, DJANGO, *GUNICORN, "-w", "2", end=signal.SIGTERM):
        assert ask_all(free_port, paths) == {200: 85, 404: 1}
    trace = recorded(tmp_path)
    expected = {
        ("GET /v1/users/<int:user>/", "returns 200"): 60,
        ("GET /stream", "returns 200"): 20,
        ("GET /file", "returns 200"): 5,
        ("GET (no route)", "returns 404"): 1,
    }
    assert requests_in(trace) == expected
    assert frames_in(trace) == {name: count for (name, _), count in expected.items()}


PLAIN = """
    import socketserver, sys
    from wsgiref.simple_server import WSGIServer, make_server
    from tracypy.integrations.wsgi import TracyMiddleware

    class Body:
        def __init__(self, fails):
            self.pieces = iter([b"x", b"y", None if fails else b"z"])
        def __iter__(self):
            return self
        def __next__(self):
            piece = next(self.pieces)
            if piece is None:
                raise OSError("broken")
            return piece
        def close(self):
            print("closed")

    def answer(environ, start_response):
        path = environ["PATH_INFO"]
        if path == "/raise":
            raise ValueError("it is wrong")
        start_response("200 OK", [])
        return [b"x"] if path in ("/ready", "/list") else Body(path == "/broken")

    class Server(socketserver.ThreadingMixIn, WSGIServer):
        pass

    app = TracyMiddleware(answer, route=lambda environ: environ["PATH_INFO"])
    if __name__ == "__main__":
        with make_server("127.0.0.1", int(sys.argv[1]), app, Server) as server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print("ends")
"""


def test_other_applications_say_their_routes_themselves(tmp_path: Path, free_port: int) -> None:
    with serving(tmp_path, free_port, PLAIN, "served", "PORT"):
        assert ask_all(free_port, ["/list"] * 10 + ["/body"] * 10) == {200: 20}
        assert get(free_port, "/raise") == 500
        assert get(free_port, "/broken") == 200
    trace = recorded(tmp_path)
    assert requests_in(trace) == {
        ("GET /list", "returns 200"): 10,
        ("GET /body", "returns 200"): 10,
        ("GET /raise", "returns 500"): 1,
        ("GET /broken", "returns 200"): 1,
    }
    assert {message.text for message in trace.messages} == {
        "GET /raise: ValueError: it is wrong",
        "GET /broken: OSError: broken",
    }
    assert (tmp_path / "log").read_text().count("closed") == 11
