"""Which route a request takes, before it takes it: the template that a framework has for it, such as /users/{id}.

A path is never shown, as there may be any number of them. Frameworks are asked in their own words: Starlette and
FastAPI for the routes of their routers, Django for what a path resolves to, Flask for the rules of its map. None is
imported: one that is used is there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    type Scope = dict[str, Any]
    #: A template; "" for a path that has no route; None where nobody knows.
    type Finder = Callable[[Scope], str | None]

#: Under which names a middleware keeps what it is around.
_INNER = ("app", "application", "wsgi_app", "asgi_app", "__self__", "__wrapped__")
_MOST_LAYERS = 20
_FULL, _PARTIAL = 2, 1


def layers(app: object) -> Iterable[object]:
    """Yield an application, and what is inside, as far as that can be seen."""
    for _ in range(_MOST_LAYERS):
        yield app
        try:
            inner = next((found for name in _INNER if (found := getattr(app, name, None)) is not None), None)
        except Exception:  # noqa: BLE001  # of a proxy for what is not there yet
            return
        if inner is None:
            return
        app = inner


def finder_of_asgi(app: object) -> Finder:
    """Return what finds the route of an ASGI scope in an application."""
    if _is_django(app):
        return lambda scope: _django_route(scope["path"].removeprefix(scope.get("root_path", "")))
    with_routes = next((layer for layer in layers(app) if hasattr(layer, "routes")), None)

    def find(scope: Scope) -> str | None:
        router = scope.get("app", with_routes)  # where the middleware is inside of one
        if not hasattr(router, "routes"):
            return None
        return _starlette_route(router.routes, dict(scope)) or ""

    return find


def finder_of_wsgi(app: object) -> Finder:
    """Return what finds the route of a WSGI environment in an application."""
    if _is_django(app):
        return lambda environ: _django_route(_text(environ.get("PATH_INFO", "")))
    flask = next((layer for layer in layers(app) if hasattr(layer, "url_map")), None)
    return lambda environ: None if flask is None else _flask_route(flask, environ)


def _is_django(app: object) -> bool:
    base = sys.modules.get("django.core.handlers.base")
    return base is not None and any(isinstance(layer, base.BaseHandler) for layer in layers(app))


def _django_route(path: str) -> str:
    urls: Any = sys.modules["django.urls"]
    try:
        return f"/{urls.resolve(path).route.lstrip('^/')}"
    except urls.Resolver404:
        return ""


def _flask_route(flask: Any, environ: Scope) -> str:  # noqa: ANN401
    exceptions: Any = sys.modules["werkzeug.exceptions"]
    routing: Any = sys.modules["werkzeug.routing"]
    adapter = flask.url_map.bind_to_environ(environ)
    try:
        rule, _ = adapter.match(return_rule=True)
        return str(rule.rule)
    except routing.RequestRedirect:
        return ""
    except exceptions.MethodNotAllowed:
        rule, _ = adapter.match(method=_first_method(adapter), return_rule=True)
        return str(rule.rule)
    except exceptions.HTTPException:
        return ""


def _first_method(adapter: Any) -> str:  # noqa: ANN401
    return next(iter(adapter.allowed_methods()), "GET")


def _starlette_route(routes: Iterable[Any], scope: Scope) -> str | None:
    partial = None
    for route in routes:
        contexts = getattr(route, "effective_route_contexts", None)  # of a router that FastAPI includes
        if contexts is not None:
            match, template = _FULL, _starlette_route(contexts(), scope)
        else:
            match, template = _match(route, scope)
        if template is not None and match == _FULL:
            return template
        partial = partial or template
    return partial


def _match(route: Any, scope: Scope) -> tuple[int, str | None]:  # noqa: ANN401
    found, child = route.matches(scope)
    if found.value not in (_FULL, _PARTIAL):
        return 0, None
    shown = getattr(route, "starlette_route", None) or route
    inner = getattr(shown, "routes", None)  # of what is mounted
    if not inner:
        return found.value, getattr(shown, "path_format", None) or getattr(shown, "path", "")
    prefix = getattr(shown, "path", "")  # a host has none
    template = _starlette_route(inner, {**scope, **child})
    return found.value, prefix + (template if template is not None else "/…")


def _text(path: str) -> str:
    """Return a path of WSGI, whose bytes are told as Latin-1."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")
