"""`@profiled`: zones for single functions, whether or not everything else is watched.

No wrapper is put around the function: its code object is what becomes a zone. So signature, identity and speed stay
what they are, and a call that `enable` would make a zone anyway makes no second one.
"""

from __future__ import annotations

from tracypy import _core
from tracypy.colors import parse_color
from tracypy.server import ensure_listening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, overload

    type Profilable = Callable[..., Any] | staticmethod[..., Any] | classmethod[Any, ..., Any]
else:
    # The real one would import typing, which takes longer than all of tracypy.
    def overload(_function: object) -> None: ...  # noqa: D103


_CO_NESTED = 0x10
_Function = type(lambda: None)


@overload
def profiled[F: Profilable](function: F, /) -> F: ...  # noqa: D103
@overload
def profiled[F: Profilable](  # noqa: D103, F811
    *, name: str | None = None, color: int | str | None = None, args: bool = False, result: bool = False
) -> Callable[[F], F]: ...


def profiled[F: Profilable](  # noqa: F811
    function: F | None = None,
    /,
    *,
    name: str | None = None,
    color: int | str | None = None,
    args: bool = False,
    result: bool = False,
) -> F | Callable[[F], F]:
    """Make each call of one function a zone, bare or with arguments.

    For functions and methods, static and class methods, generators, coroutine functions and async generators. Put it
    next to the `def`, below other decorators.

    Args:
        function: The function, when used without parentheses.
        name: The zone's name; by default the function's qualified name.
        color: The zone's colour, 0xRRGGBB or a name.
        args: Whether each zone shows what the function was called with.
        result: Whether it shows what the function returns, and what a generator yields. No code of the program is run
            for that: what is not of a built-in type is shown by its attributes.

    Raises:
        TypeError: What was decorated is not a Python function; the text says what to do.
        ValueError: There is no such colour.

    Example:
        >>> @tracypy.profiled(name="parse", color="tomato")
        ... def parse(text): ...
    """
    if name is not None and not isinstance(name, str):
        raise TypeError(f"the name of a zone is a str, not {type(name).__name__}")
    if isinstance(function, str):
        raise TypeError(f"the name goes by keyword: @profiled(name={function!r})")
    for what, value in (("args", args), ("result", result)):
        if not isinstance(value, bool):
            raise TypeError(f"{what} is a bool, not {type(value).__name__}: @profiled({what}=True)")
    rgb = 0 if color is None else parse_color(color)
    if function is not None:
        return _mark(function, name, rgb, args=args, result=result)
    return lambda function: _mark(function, name, rgb, args=args, result=result)


def _mark[F: Profilable](decorated: F, name: str | None, rgb: int, *, args: bool, result: bool) -> F:
    function: Any = decorated
    while isinstance(function, staticmethod | classmethod):
        function = function.__func__
    if type(function) is not _Function:
        raise TypeError(f"profiled cannot make zones of {decorated!r}: {_objection(function)}")
    if function.__code__.co_flags & _CO_NESTED:
        # Each evaluation of an inner `def` makes a function, but all of them share one code object. Its own copy makes
        # zones of this one only.
        function.__code__ = function.__code__.replace()
    if name is None and function.__qualname__ != function.__code__.co_qualname:
        name = function.__qualname__  # what functools.wraps made of a decorator's inner function
    _core.profile_code(function.__code__, name, rgb, args, result)
    ensure_listening()
    return decorated


def _objection(what: object) -> str:
    import types

    if isinstance(what, type):
        return "it is a class; decorate the methods that matter"
    if isinstance(what, property):
        return "it is a property; decorate the function inside: @property above @profiled"
    if isinstance(what, types.MethodType):
        return "it is a bound method; decorate the function in its class"
    if isinstance(what, types.BuiltinFunctionType | types.MethodDescriptorType | types.WrapperDescriptorType):
        return "it is written in C and has no Python code; use `with tracypy.zone(…)` around the call"
    if hasattr(what, "__wrapped__"):
        return "it wraps a function; put @profiled below the decorator that made it, next to the def"
    if type(what).__module__ == "functools" and hasattr(what, "func"):
        return "it is a partial; decorate the function it calls"
    if callable(what):
        return "it is a callable object, not a function; decorate the __call__ of its class"
    return "it is not a function"
