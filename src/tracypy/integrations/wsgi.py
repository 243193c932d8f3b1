"""Requests of WSGI applications, such as Flask and Django: a zone each, and a frame.

app.wsgi_app = tracypy.integrations.wsgi.TracyMiddleware(app.wsgi_app)    # Flask
application = TracyMiddleware(get_wsgi_application())                     # Django, and all others
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracypy import _core
from tracypy.integrations.web_requests import Route, Routes, tell_error, tell_failure
from tracypy.integrations.web_routes import finder_of_wsgi
from tracypy.server import is_heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    type Environ = dict[str, Any]
    type StartResponse = Callable[..., Callable[[bytes], object]]
    type App = Callable[[Environ, StartResponse], Iterable[bytes]]

__all__ = ["TracyMiddleware"]

_SERVER_ERROR = 500


class TracyMiddleware:
    """A WSGI application around another one, whose requests it shows.

    Each request is a zone with its method, its route and its status, on the row of its thread, and a frame, both from
    its begin to the last byte of its response. While tracypy is idle, requests pass straight through.

    Args:
        app: The application.
        route: What returns the template of an environment, such as "/users/<id>", for applications that are neither of
            Flask nor Django. "" for none. The number of templates has to be small.

    Attributes:
        app: As above.
    """

    def __init__(self, app: App, *, route: Callable[[Environ], str | None] | None = None) -> None:
        self.app: App = app
        self._routes: Routes[Route] = Routes(route or finder_of_wsgi(app), Route)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request."""
        if not is_heard():
            return self.app(environ, start_response)
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        route = self._routes.of(environ["REQUEST_METHOD"], environ.get("HTTP_HOST", ""), path, environ)
        request = _Request(route)
        try:
            body = self.app(environ, request.starting(start_response))
        except BaseException as problem:
            request.fail(problem)
            raise
        file_wrapper = environ.get("wsgi.file_wrapper")
        if isinstance(body, (list, tuple)) or (isinstance(file_wrapper, type) and isinstance(body, file_wrapper)):
            request.end()  # it is all there, or the server hands it to the system
            return body
        return _Body(body, request)


class _Request:
    """One request, between a server and an application: its zone and its frame."""

    __slots__ = ("_route", "_slot", "_status", "_zone")

    def __init__(self, route: Route) -> None:
        self._route = route
        self._status = 0
        self._zone: _core.Zone | None = _core.zone_at(None, route.name, "web", 0, 0, 0)
        self._zone.__enter__()
        self._slot = route.begin_frame()

    def starting(self, start_response: StartResponse) -> StartResponse:
        """Return what the application begins its response by."""

        def start(status: str, *arguments: object, **named: object) -> Callable[[bytes], object]:
            if status[:3].isdecimal():
                self._status = int(status[:3])
            return start_response(status, *arguments, **named)

        return start

    def fail(self, problem: BaseException) -> None:
        """Tell what has left the application, and end."""
        if isinstance(problem, Exception):
            tell_error(self._route, problem)
        self._end(self._status or _SERVER_ERROR)

    def end(self) -> None:
        """End; again does nothing."""
        if self._zone is not None:
            if self._status >= _SERVER_ERROR:
                tell_failure(self._route, self._status)
            self._end(self._status)

    def _end(self, status: int) -> None:
        zone, self._zone = self._zone, None
        if zone is not None:
            self._route.end_frame(self._slot)
            zone.text(f"returns {status}")
            zone.__exit__(None, None, None)


class _Body:
    """What a server sends, piece by piece."""

    __slots__ = ("_body", "_pieces", "_request")

    def __init__(self, body: Iterable[bytes], request: _Request) -> None:
        self._body = body
        self._pieces: Iterator[bytes] | None = None
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            if self._pieces is None:
                self._pieces = iter(self._body)
            return next(self._pieces)
        except StopIteration:
            self._request.end()
            raise
        except BaseException as problem:
            self._request.fail(problem)
            raise

    def close(self) -> None:
        """Do what the application does at the end."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._request.end()

    def __del__(self) -> None:
        self._request.end()  # of a server that neither sends nor closes it
