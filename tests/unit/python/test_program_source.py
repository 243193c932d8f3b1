"""A program is compiled as `compile()` does it."""

from __future__ import annotations

import warnings

import pytest

from tracypy._core import compile_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

SOURCES = [
    b"",
    b"x = 1\n",
    b"x = 'no end of line'",
    b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    b"\xef\xbb\xbfx = '\xc3\xa9'\n",
    b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "x = 'ä€😀'\n".encode(),
    "# coding: latin-1\nx = 'é'\n",
    "from __future__ import annotations\ndef f(x: y): ...\n",
    b"x = 1\r\ny = 2\r\n",
    b"def f():\n\treturn 1\n",
    b"assert False, 'with -O, not here'\n",
    b"x = '\\d'  # a warning\n",
    b"x = \xe9\n",
    b"# coding: no-such-encoding\n",
    b"def f(:\n",
    b"x = 1\n  y = 2\n",
    b"x = 1\0y = 2\n",
    "x = '\ud800'\n",
    b"return 1\n",
    b"print('" + b"(" * 300,
]


def told(compile_it: Callable[[], CodeType]) -> tuple[object, list[tuple[object, ...]]]:
    """Return what compiling gives: the code, or the error with its place; and the warnings."""
    result: object
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            result = compile_it()
        except (SyntaxError, ValueError) as problem:
            result = (type(problem), problem.args)
    return result, [(warning.category, str(warning.message), warning.filename, warning.lineno) for warning in warned]


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_the_code_and_the_errors_are_those_of_compile(source: bytes | str) -> None:
    theirs = told(lambda: compile(source, "program.py", "exec", dont_inherit=True))
    assert told(lambda: compile_program(source, "program.py")) == theirs


def test_what_is_no_source_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes or a str"):
        compile_program(1, "program.py")  # type: ignore[arg-type]
