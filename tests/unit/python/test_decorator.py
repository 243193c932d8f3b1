"""What `profiled` takes, gives back and refuses. That it makes zones is shown with a viewer, in integration/."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import operator
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tracypy
from tracypy import decorator


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the native side is told; it is not called, and nothing listens."""
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(decorator._core, "profile_code", lambda *arguments: told.append(arguments))
    monkeypatch.setattr(decorator, "ensure_listening", lambda: told.append(("listen",)))
    return told


def plain(a: int, b: int = 2) -> int:
    """Adds."""
    return a + b


def test_bare_decorator_returns_the_same_function(calls) -> None:
    code = plain.__code__
    assert tracypy.profiled(plain) is plain
    assert plain.__code__ is code
    assert calls == [(code, None, 0, False, False), ("listen",)]


def test_name_and_color_are_passed_on(calls) -> None:
    assert tracypy.profiled(name="sum", color="tomato")(plain) is plain
    assert calls[0] == (plain.__code__, "sum", 0xFF6347, False, False)


def test_empty_parentheses_are_as_none(calls) -> None:
    assert tracypy.profiled()(plain) is plain
    assert calls[0] == (plain.__code__, None, 0, False, False)


@pytest.mark.parametrize("what", ["args", "result"])
@pytest.mark.parametrize("value", [1, None, "yes"])
def test_what_is_to_be_shown_is_a_bool(what: str, value: Any, calls) -> None:
    wrong = rf"^{what} is a bool, not {type(value).__name__}: @profiled\({what}=True\)$"
    with pytest.raises(TypeError, match=wrong):
        tracypy.profiled(**{what: value})
    assert not calls


class Host:
    @staticmethod
    def static(x: int) -> int:
        return x

    @classmethod
    def klass(cls, x: int) -> int:
        return x

    def method(self, x: int) -> int:
        return x


@pytest.mark.parametrize("name", ["static", "klass"])
def test_descriptor_stays_a_descriptor(calls, name: str) -> None:
    descriptor = Host.__dict__[name]
    assert tracypy.profiled(descriptor) is descriptor
    assert calls[0][0] is descriptor.__func__.__code__
    assert getattr(Host, name)(3) == 3


def test_inner_function_gets_code_of_its_own(calls) -> None:
    def make() -> Callable[[], int]:
        def inner() -> int:
            return 1

        return inner

    first, second = make(), make()
    assert first.__code__ is second.__code__
    tracypy.profiled(first)
    assert first.__code__ is not second.__code__
    assert calls[0][0] is first.__code__
    assert first() == second() == 1


def test_function_of_the_module_keeps_its_code(calls) -> None:
    code = Host.method.__code__
    tracypy.profiled(Host.method)
    assert Host.method.__code__ is code


def test_wrapper_is_named_after_what_it_wraps(calls) -> None:
    @functools.wraps(plain)
    def wrapper(*args: int) -> int:
        return plain(*args)

    tracypy.profiled(wrapper)
    assert calls[0][:2] == (wrapper.__code__, "plain")


def test_context_managers_do_not_share_a_zone(calls) -> None:
    @tracypy.profiled
    @contextlib.contextmanager
    def first() -> Iterator[None]:
        yield

    @contextlib.contextmanager
    def second() -> Iterator[None]:
        yield

    assert first.__code__ is not second.__code__
    assert calls[0][1].endswith("<locals>.first")


def _generator() -> Iterator[int]:
    yield 1


async def _coroutine() -> int:
    return 1


async def _async_generator() -> Any:
    yield 1


@pytest.mark.parametrize("function", [_generator, _coroutine, _async_generator, lambda: 1])
def test_every_kind_of_function_stays_what_it_is(calls, function) -> None:
    kinds = (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    before = [kind(function) for kind in kinds]
    assert tracypy.profiled(function) is function
    assert [kind(function) for kind in kinds] == before
    assert calls[0][0] is function.__code__


def test_signature_and_docstring_stay(calls) -> None:
    before = inspect.signature(plain), plain.__doc__, plain.__name__
    tracypy.profiled(plain)
    assert (inspect.signature(plain), plain.__doc__, plain.__name__) == before


class CallableObject:
    def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("thing", "advice"),
    [
        (Host, "it is a class; decorate the methods"),
        (property(plain), "@property above @profiled"),
        (Host().method, "bound method; decorate the function in its class"),
        (len, "written in C"),
        ([].append, "written in C"),
        (str.join, "written in C"),
        (str.__add__, "written in C"),
        (functools.partial(plain, 1), "it is a partial; decorate the function it calls"),
        (functools.lru_cache(plain), "put @profiled below the decorator"),
        (functools.cache(plain), "put @profiled below the decorator"),
        (CallableObject(), "decorate the __call__ of its class"),
        (operator.itemgetter(1), "decorate the __call__ of its class"),
        (asyncio, "it is not a function"),
        (3, "it is not a function"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_cannot_be_profiled_is_a_type_error_that_says_why(calls, thing, advice: str) -> None:
    with pytest.raises(TypeError, match="profiled cannot make zones of") as caught:
        tracypy.profiled(thing)
    assert advice in str(caught.value)
    assert calls == []


def test_name_without_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"@profiled\(name='parse'\)"):
        tracypy.profiled("parse")  # type: ignore[call-overload]


def test_name_is_a_str() -> None:
    with pytest.raises(TypeError, match="the name of a zone is a str, not int"):
        tracypy.profiled(name=3)  # type: ignore[call-overload]


def test_bad_color_is_told_at_the_decorator() -> None:
    with pytest.raises(ValueError, match="there is no colour named 'tomatoe'"):
        tracypy.profiled(color="tomatoe")
