"""Statistics as cProfile saves them."""

from __future__ import annotations

import cProfile
import io
import pstats
import sys
import time

import pytest

from tracypy.errors import ExportError
from tracypy.exporters import export
from tracypy.exporters.choice import choose
from tracypy.exporters.pstats import write

from support.trace_file import TraceFileBuilder, Zone, zone


def _stats(trace, tmp_path, **choice) -> dict:
    path = tmp_path / "out.pstats"
    assert export(trace, path, overwrite=True, **choice) == []
    return pstats.Stats(str(path)).stats


def test_times_and_callers(varied, tmp_path) -> None:
    stats = _stats(varied, tmp_path, threads=["worker"])
    outer, inner = ("/app/one.py", 10, "outer"), ("/app/two.py", 20, "inner")
    assert set(stats) == {outer, inner}
    assert stats[inner] == (1, 1, pytest.approx(7e-9), pytest.approx(10e-9), {})
    edge = (1, 1, pytest.approx(3e-9), pytest.approx(3e-9))
    assert stats[outer] == (*edge, {inner: edge})


def test_recursion_counts_primitive_calls_and_their_time(varied, tmp_path) -> None:
    stats = _stats(varied, tmp_path, threads=["main"])
    primitive, calls, own, whole, callers = stats["/app/two.py", 20, "inner"]
    assert (primitive, calls) == (2, 3)
    assert own == pytest.approx((1_500 + 1_500 + 10_000) * 1e-9)
    assert whole == pytest.approx((3_000 + 10_000) * 1e-9)
    assert {caller[2]: counts[:2] for caller, counts in callers.items()} == {"outer": (2, 2), "inner": (1, 1)}


def test_the_standard_library_prints_it(varied, tmp_path) -> None:
    path = tmp_path / "out.pstats"
    export(varied, path)
    printed = io.StringIO()
    pstats.Stats(str(path), stream=printed).sort_stats("cumulative").print_stats().print_callers()
    assert "9 function calls (8 primitive calls)" in printed.getvalue()
    assert "two.py:20(inner)" in printed.getvalue()


# --- the same program, seen by cProfile -------------------------------------------------------------------------------


def _fib(n: int) -> int:
    return n if n < 2 else _fib(n - 1) + _fib(n - 2)


def _ping(n: int) -> None:
    if n:
        _pong(n - 1)


def _pong(n: int) -> None:
    if n:
        _ping(n - 1)
        _fib(3)


def _program() -> None:
    _fib(9)
    for depth in range(5):
        _ping(depth)
    _pong(4)


def _recorded() -> TraceFileBuilder:
    """The calls of the program as zones, seen by the interpreter's own hook."""
    builder = TraceFileBuilder()
    locations: dict[object, int] = {}
    start = time.perf_counter_ns()
    stack: list[tuple[int, int, list[Zone]]] = [(0, 0, [])]

    def hook(frame, event, _argument) -> None:
        now, code = time.perf_counter_ns() - start, frame.f_code
        if event == "call":
            if code not in locations:
                locations[code] = builder.location(code.co_name, code.co_filename, code.co_firstlineno)
            stack.append((locations[code], now, []))
        elif event == "return":
            location, begun, children = stack.pop()
            stack[-1][2].append(zone(location, begun, now, *children))

    sys.setprofile(hook)
    try:
        _program()
    finally:
        sys.setprofile(None)
    builder.thread(1, "main", *stack[0][2])
    return builder


def test_counts_are_those_of_cprofile(read, tmp_path) -> None:
    profile = cProfile.Profile()
    profile.enable(builtins=False)  # from 3.14 on this overrides the constructor
    _program()
    profile.disable()
    profile.create_stats()
    expected = {
        function: (counts[0], counts[1], {caller: edge[:2] for caller, edge in counts[4].items()})
        for function, counts in profile.stats.items()
        if "_lsprof" not in function[2]
    }
    ours = {
        function: (counts[0], counts[1], {caller: edge[:2] for caller, edge in counts[4].items()})
        for function, counts in _stats(read(_recorded()), tmp_path).items()
    }
    assert ours == expected
    assert len(expected) == 4
    assert (
        expected[__file__, _fib.__code__.co_firstlineno, "_fib"][1]
        > expected[__file__, _fib.__code__.co_firstlineno, "_fib"][0]
    )


def test_no_zones_is_said(read) -> None:
    trace = read(TraceFileBuilder())
    with pytest.raises(ExportError, match="no zones"):
        write(trace, choose(trace), io.BytesIO())
