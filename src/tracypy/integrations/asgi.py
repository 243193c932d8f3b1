"""Requests of ASGI applications, such as FastAPI, Starlette and Django: a zone each, and a frame.

app.add_middleware(tracypy.integrations.asgi.TracyMiddleware)     # FastAPI, Starlette
application = TracyMiddleware(get_asgi_application())             # Django, and all others
"""

from __future__ import annotations

from asyncio import CancelledError
from typing import TYPE_CHECKING, Any

from tracypy.decorator import profiled
from tracypy.integrations.web_requests import Route, Routes, tell_error, tell_failure
from tracypy.integrations.web_routes import finder_of_asgi
from tracypy.server import is_heard

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    type Scope = MutableMapping[str, Any]
    type Message = MutableMapping[str, Any]
    type Receive = Callable[[], Awaitable[Message]]
    type Send = Callable[[Message], Awaitable[None]]
    type App = Callable[[Scope, Receive, Send], Awaitable[None]]

__all__ = ["TracyMiddleware"]

_UNKNOWN = 0
_SERVER_ERROR = 500
_BODIES = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend")
#: Of WebSocket.
_NORMAL, _INTERNAL_ERROR = 1000, 1011


class TracyMiddleware:
    """An ASGI application around another one, whose requests it shows.

    Each request is a zone with its method, its route and its status, on the row of its task, and a frame from its begin
    to the last byte of its response. While tracypy is idle, requests pass straight through.

    Args:
        app: The application.
        route: What returns the template of a scope, such as "/users/{id}", for applications that are not of FastAPI,
            Starlette or Django. "" for none. The number of templates has to be small.

    Attributes:
        app: As above.
    """

    def __init__(self, app: App, *, route: Callable[[Scope], str | None] | None = None) -> None:
        self.app: App = app
        self._routes: Routes[_AsgiRoute] = Routes(route or finder_of_asgi(app), _AsgiRoute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        kind = scope["type"]
        if kind not in ("http", "websocket") or not is_heard():
            await self.app(scope, receive, send)
            return
        method = scope["method"] if kind == "http" else "WEBSOCKET"
        route = self._routes.of(method, _host(scope), scope["path"], scope)  # type: ignore[arg-type]  # it is a dict
        request = _Request(route, receive, send) if kind == "http" else _Connection(route, receive, send)
        await route.run(self.app, scope, request)
        problem, request.problem = request.problem, None
        if problem is not None:
            try:
                raise problem
            finally:
                del problem  # it keeps this frame


def _host(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


class _AsgiRoute(Route):
    """A route, with a coroutine function of its own: its zones have the route's name, and so have rows of tasks.

    Attributes:
        run: Hands a request to an application. Returns the status, which the zone shows.
    """

    __slots__ = ("run",)

    def __init__(self, name: str) -> None:
        super().__init__(name)

        async def run(app: App, scope: Scope, request: _Request) -> int | str:
            try:
                await app(scope, request.receive, request.send)
            except CancelledError as problem:
                request.problem = problem
                return "cancelled"
            except Exception as problem:  # noqa: BLE001  # it is raised again, where no zone ends by it
                request.problem = problem
                tell_error(self, problem)
                return request.status or 500
            finally:
                request.end()
            if request.has_failed:
                tell_failure(self, request.status)
            return request.status

        run.__code__ = run.__code__.replace(co_name=name, co_qualname=name)
        run.__qualname__ = name
        self.run: Callable[[App, Scope, _Request], Awaitable[int | str]] = profiled(name=name, result=True)(run)


class _Request:
    """One request, between a server and an application.

    Attributes:
        problem: What has left the application.
        status: Of the response; 0 before that begins.
    """

    __slots__ = ("_receive", "_route", "_send", "_slot", "problem", "status")

    def __init__(self, route: _AsgiRoute, receive: Receive, send: Send) -> None:
        self._route = route
        self._receive = receive
        self._send = send
        self.problem: BaseException | None = None
        self.status: int = _UNKNOWN
        self._slot = self._begin()

    def _begin(self) -> int:
        return self._route.begin_frame()

    @property
    def receive(self) -> Receive:
        """What the application receives by."""
        return self._receive

    @property
    def has_failed(self) -> bool:
        """Whether the status says so."""
        return self.status >= _SERVER_ERROR

    async def send(self, message: Message) -> None:
        """Send a message of the application's."""
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
        await self._send(message)
        if kind in _BODIES and not message.get("more_body", False):
            self.end()

    def end(self) -> None:
        """End the frame, if one lasts."""
        slot, self._slot = self._slot, 0
        self._route.end_frame(slot)


class _Connection(_Request):
    """A connection of WebSocket: a message is a frame, from when it comes until the application wants the next one."""

    __slots__ = ()

    def _begin(self) -> int:
        return 0

    @property
    def has_failed(self) -> bool:
        """Whether the code says so."""
        return self.status == _INTERNAL_ERROR

    @property
    def receive(self) -> Receive:
        """What the application receives by."""
        return self._next

    async def _next(self) -> Message:
        self.end()
        message = await self._receive()
        if message["type"] == "websocket.receive":
            self._slot = self._route.begin_frame()
        elif message["type"] == "websocket.disconnect":
            self.status = message.get("code") or self.status
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the application's."""
        if message["type"] == "websocket.close":
            self.status = message.get("code", _NORMAL)
        elif message["type"] == "websocket.http.response.start":
            self.status = message["status"]
        await self._send(message)
