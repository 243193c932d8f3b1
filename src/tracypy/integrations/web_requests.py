"""What requests of ASGI and WSGI have in common: names of routes, frames that never overlap, and what went wrong.

The number of names is bounded, whatever is asked for: a route is a template of the program's, and a method one of few.
There is no lock, as a process may be forked at any time: what threads share are lists and dicts, whose single steps are
atomic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracypy import _core
from tracypy.server import ensure_listening

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from tracypy.integrations.web_routes import Finder, Scope

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "WEBSOCKET"))
_OTHER = "OTHER"
_MOST_ROUTES = 1000
_MOST_PATHS = 4096
_MOST_LETTERS = 200
#: Frames of one route at the same time.
_MOST_SLOTS = 16
#: Sets of frames that there may still be: viewers draw each of them.
_sets_left = [True] * 1024


class _Slots:
    """The sets of frames of one route: at each time, a set has one frame at most.

    Args:
        name: Of the first set; the others are called NAME #2 and so on.
    """

    __slots__ = ("_free", "_most", "_name")

    def __init__(self, name: str) -> None:
        self._name = name
        self._free = list(range(_MOST_SLOTS, 0, -1))  # from its end, so that there are as few sets as can be
        self._most = 0

    def begin(self) -> int:
        try:
            slot = self._free.pop()
        except IndexError:
            return 0
        if slot > self._most:
            try:
                _sets_left.pop()
            except IndexError:
                self._free.append(slot)
                return 0
            self._most = slot
        _core.frame_mark_start(self._set(slot))
        return slot

    def end(self, slot: int) -> None:
        _core.frame_mark_end(self._set(slot))
        self._free.append(slot)

    def _set(self, slot: int) -> str:
        return self._name if slot == 1 else f"{self._name} #{slot}"


#: Of all applications of the process: two of them may have a route of the same name.
_slots: dict[str, _Slots] = {}


class Route:
    """A method with a template, such as GET /users/{id}.

    Args:
        name: Of the zones of its requests.

    Attributes:
        name: As above.
    """

    __slots__ = ("_slots", "name")

    def __init__(self, name: str) -> None:
        self.name: str = name
        self._slots = _slots.setdefault(name, _Slots(name))

    def begin_frame(self) -> int:
        """Begin a frame in a set in which none lasts.

        Returns:
            The number of the set, for `end_frame`; 0 if there are too many at the same time, and it has no frame.
        """
        return self._slots.begin()

    def end_frame(self, slot: int) -> None:
        """End a frame.

        Args:
            slot: What `begin_frame` has returned.
        """
        if slot:
            self._slots.end(slot)


class Routes[R: Route]:
    """The routes that requests have taken so far.

    Args:
        find: What finds a template.
        make: What makes a route of a name.
    """

    def __init__(self, find: Finder, make: Callable[[str], R]) -> None:
        self._find = find
        self._make = make
        self._by_key: dict[Hashable, R] = {}
        self._by_name: dict[str, R] = {}
        ensure_listening()

    def of(self, method: str, host: str, path: str, scope: Scope) -> R:
        """Return the route of a request.

        Args:
            method: GET or the like.
            host: For which host it is.
            path: As it was asked for.
            scope: What finds the template wants.
        """
        key = (method, host, path)
        route = self._by_key.get(key)
        if route is None:
            route = self._route(method if method in _METHODS else _OTHER, self._template(scope))
            if len(self._by_key) >= _MOST_PATHS:
                self._by_key.clear()
            self._by_key[key] = route
        return route

    def _template(self, scope: Scope) -> str | None:
        try:
            return self._find(scope)
        except Exception:  # noqa: BLE001  # of a framework that does it in another way; the request goes on
            return None

    def _route(self, method: str, template: str | None) -> R:
        if template is None:
            name = method
        elif template:
            name = f"{method} {template[:_MOST_LETTERS]}"
        else:
            name = f"{method} (no route)"
        if name not in self._by_name and len(self._by_name) >= _MOST_ROUTES:
            name = f"{_OTHER} (other routes)"
        return self._by_name.get(name) or self._by_name.setdefault(name, self._make(name))


def tell_error(route: Route, problem: BaseException) -> None:
    """Make a message of what leaves the application.

    Args:
        route: Of the request.
        problem: What was raised.
    """
    try:
        text = str(problem)
    except Exception:  # noqa: BLE001  # its own __str__
        text = ""
    _core.message(f"{route.name}: {type(problem).__qualname__}{': ' if text else ''}{text}", severity="error")


def tell_failure(route: Route, status: int) -> None:
    """Make a message of a response that says so, where the application has handled what it was.

    Args:
        route: Of the request.
        status: Of the response.
    """
    _core.message(f"{route.name}: {status}", severity="error")
