"""A wrapper around a function that is of the function's own kind: what is awaited or iterated stays so.

A coroutine, generator or async generator runs long after the call that made it. What surrounds it begins at its first
step and ends when it does; in between, it goes on while the object waits for its next step.
"""

from __future__ import annotations

import sys
from functools import partial, wraps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
    from contextlib import AbstractContextManager
    from typing import Any

    type Surround = Callable[[], AbstractContextManager[object]]

# Of code objects, as in `inspect`, which takes longer to import than all of tracypy.
_CO_GENERATOR = 0x20
_CO_COROUTINE = 0x80
_CO_ITERABLE_COROUTINE = 0x100
_CO_ASYNC_GENERATOR = 0x200
_Method = type(type("", (), {"method": lambda _self: None})().method)  # types.MethodType


def wrap[F: Callable[..., Any]](function: F, surround: Surround) -> F:
    """Wrap a function so that it runs within a context.

    Args:
        function: A function of any kind, or another callable; static and class methods too.
        surround: Makes the context, anew for each run.

    Returns:
        A function of the same kind.
    """
    decorated: Any = function
    wrapper: Any
    if isinstance(decorated, staticmethod | classmethod):
        wrapper = type(decorated)(wrap(decorated.__func__, surround))
    else:
        wrapper = _wrapper_of_kind(_flags(decorated))(decorated, surround)
    result: F = wrapper
    return result


def _wrapper_of_kind(flags: int) -> Callable[[Any, Surround], Any]:
    if flags & _CO_COROUTINE:
        return _coroutine
    if flags & _CO_ASYNC_GENERATOR:
        return _async_generator
    if flags & _CO_ITERABLE_COROUTINE:
        return _iterable_coroutine
    return _generator if flags & _CO_GENERATOR else _plain


def _flags(function: object) -> int:
    """Return the flags of the code that a call of it runs, through partials and bound methods."""
    while isinstance(function, _Method | partial):
        function = function.__func__ if isinstance(function, _Method) else function.func
    if type(getattr(function, "_is_coroutine_marker", None)) is object:  # by inspect.markcoroutinefunction
        return _CO_COROUTINE
    code = getattr(function, "__code__", None)
    if code is None and not isinstance(function, type):  # an object whose class has a __call__
        code = getattr(vars(type(function)).get("__call__"), "__code__", None)
    flags = getattr(code, "co_flags", 0)
    return flags if isinstance(flags, int) else 0


def _plain[**P, R](function: Callable[P, R], surround: Surround) -> Callable[P, R]:
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with surround():
            return function(*args, **kwargs)

    return run


def _coroutine[**P, R](function: Callable[P, Awaitable[R]], surround: Surround) -> Callable[P, Coroutine[Any, Any, R]]:
    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with surround():
            return await function(*args, **kwargs)

    return run


def _generator[**P, Y, S, R](
    function: Callable[P, Generator[Y, S, R]], surround: Surround
) -> Callable[P, Generator[Y, S, R]]:
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> Generator[Y, S, R]:
        with surround():
            return (yield from function(*args, **kwargs))

    return run


def _iterable_coroutine[**P, R](
    function: Callable[P, Generator[Any, Any, R]], surround: Surround
) -> Callable[P, Awaitable[R]]:
    from types import coroutine

    return coroutine(_generator(function, surround))


def _async_generator[**P, Y, S](
    function: Callable[P, AsyncGenerator[Y, S]], surround: Surround
) -> Callable[P, AsyncGenerator[Y, S]]:
    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[Y, S]:
        with surround():
            generator = function(*args, **kwargs)
            step = _first_step(generator)
            while True:
                try:
                    value = await step
                except StopAsyncIteration:
                    return
                # Nothing of ours may lie between the program's generator and whoever uses it: what comes in goes on to
                # it, GeneratorExit too, and whatever it makes of that is what comes out.
                try:
                    sent = yield value
                except BaseException as problem:  # noqa: BLE001
                    step = generator.athrow(problem)
                else:
                    step = generator.asend(sent)

    return run


def _first_step[Y, S](generator: AsyncGenerator[Y, S]) -> Coroutine[Any, Any, Y]:
    """Return its `__anext__`, unknown to the event loop, which closes the wrapper: both at once would collide."""
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return generator.__anext__()
    finally:
        sys.set_asyncgen_hooks(*hooks)
