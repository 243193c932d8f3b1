"""What kinds of calls become which zones: the exact tree, as a viewer receives it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support.target import PRELUDE, SLICES, only_zone, running, trace_of, tree, zones_named

FIB = tree("fib", tree("fib", tree("fib", "fib", "fib"), "fib"), tree("fib", "fib", "fib"))

CASES = {
    "recursion": (
        """
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        def main():
            fib(4)
        """,
        tree("main", FIB),
    ),
    "exception caught above": (
        """
        def fails():
            raise ValueError
        def passes_on():
            fails()
        def after():
            pass
        def main():
            try:
                passes_on()
            except ValueError:
                after()
        """,
        tree("main", tree("passes_on", "fails"), "after"),
    ),
    "exception in finally and context manager": (
        """
        class Manager:
            def __enter__(self):
                return self
            def __exit__(self, *info):
                return True
        def fails():
            try:
                raise KeyError
            finally:
                cleans()
        def cleans():
            pass
        def main():
            with Manager():
                fails()
        """,
        tree("main", "Manager.__enter__", tree("fails", "cleans"), "Manager.__exit__"),
    ),
    "generator": (
        """
        def numbers():
            yield 1
            yield 2
        def main():
            for _ in numbers():
                pass
        """,
        tree("main", "numbers", "numbers", "numbers"),
    ),
    "yield from": (
        """
        def inner():
            yield 1
        def outer():
            yield from inner()
        def main():
            list(outer())
        """,
        tree("main", tree("outer", "inner"), tree("outer", "inner")),
    ),
    "recursive generator": (
        """
        def walk(depth):
            if depth:
                yield from walk(depth - 1)
            yield depth
        def main():
            for _ in walk(2):
                pass
        """,
        tree(
            "main",
            tree("walk", tree("walk", "walk")),
            tree("walk", tree("walk", "walk")),
            tree("walk", "walk"),
            "walk",
        ),
    ),
    "throw into a generator that goes on": (
        """
        def careful():
            try:
                yield 1
            except ValueError:
                yield 2
        def main():
            generator = careful()
            next(generator)
            generator.throw(ValueError())
            for _ in generator:
                pass
        """,
        tree("main", "careful", "careful", "careful"),
    ),
    "throw into a generator that fails": (
        """
        def careless():
            yield 1
        def main():
            generator = careless()
            next(generator)
            try:
                generator.throw(ValueError())
            except ValueError:
                pass
        """,
        tree("main", "careless", "careless"),
    ),
    "throw into a generator that never ran": (
        """
        def careless():
            yield 1
        def main():
            try:
                careless().throw(ValueError())
            except ValueError:
                pass
        """,
        tree("main", "careless"),
    ),
    "close a generator with work to do": (
        """
        def last():
            pass
        def careful():
            try:
                yield 1
            finally:
                last()
        def main():
            generator = careful()
            next(generator)
            generator.close()
        """,
        tree("main", "careful", tree("careful", "last")),
    ),
    "generator dropped half way": (
        """
        def last():
            pass
        def careful():
            try:
                yield 1
            finally:
                last()
        def main():
            for _ in careful():
                break
        """,
        tree("main", "careful", tree("careful", "last")),
    ),
    "lambda and comprehensions": (
        """
        def main():
            double = lambda n: 2 * n
            [double(n) for n in range(2)]
            sum(n for n in range(2))
        """,
        tree(
            "main",
            "main.<locals>.<lambda>",
            "main.<locals>.<lambda>",
            "main.<locals>.<genexpr>",
            "main.<locals>.<genexpr>",
            "main.<locals>.<genexpr>",
        ),
    ),
    "calls from C": (
        """
        class Key:
            def __init__(self, value):
                self.value = value
            def __lt__(self, other):
                return self.value < other.value
        def square(n):
            return n * n
        def main():
            sorted([Key(2), Key(1)])
            list(map(square, [1, 2]))
        """,
        tree("main", "Key.__init__", "Key.__init__", "Key.__lt__", "square", "square"),
    ),
    "exec and eval": (
        """
        def called():
            return 1
        def main():
            exec("called()")
            eval("called()")
        """,
        tree("main", tree("<module>", "called"), tree("<module>", "called")),
    ),
    "class body and decorators": (
        """
        def decorate(function):
            return function
        def main():
            class Thing:
                @decorate
                def method(self):
                    pass
                @staticmethod
                def static():
                    pass
                @classmethod
                def of_class(cls):
                    pass
                @property
                def value(self):
                    return 1
            thing = Thing()
            thing.method(); thing.static(); thing.of_class(); thing.value
        """,
        tree(
            "main",
            tree("main.<locals>.Thing", "decorate"),
            "main.<locals>.Thing.method",
            "main.<locals>.Thing.static",
            "main.<locals>.Thing.of_class",
            "main.<locals>.Thing.value",
        ),
    ),
    "not ASCII": (
        """
        def größe():
            pass
        def 名前():
            größe()
        def main():
            名前()
        """,
        tree("main", tree("名前", "größe")),
    ),
    "a destructor": (
        """
        class Thing:
            def __del__(self):
                pass
        def main():
            Thing()
        """,
        tree("main", "Thing.__del__"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_calls_have_the_exact_tree(tmp_path: Path, case: str) -> None:
    source, expected = CASES[case]
    trace = trace_of(tmp_path, source + "\n        main()\n")
    assert only_zone(trace, "main").tree() == expected


def test_recursion_to_the_limit(tmp_path: Path) -> None:
    source = """
        import sys
        sys.setrecursionlimit(500)
        depth = 0
        def dive():
            global depth
            depth += 1
            dive()
        def after():
            pass
        def main():
            try:
                dive()
            except RecursionError:
                after()
        main()
        print(depth)
    """
    with running(tmp_path, PRELUDE + textwrap.dedent(source)) as target:
        trace = target.viewer().run()
        depth = int(target.expect_success())
    expected = "dive"
    zone = only_zone(trace, "main")
    assert len(zones_named(trace, "dive")) == depth
    chain = zone.children[0]
    for _ in range(depth - 1):
        assert chain.name == expected
        (chain,) = chain.children
    assert not chain.children
    assert [child.name for child in zone.children] == ["dive", "after"]


def test_async_functions_in_slices(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        class Once:
            def __await__(self):
                yield self
        async def leaf():
            await Once()
        async def root():
            await leaf()
            async for _ in items():
                pass
        async def items():
            yield 1
        def main():
            coroutine = root()
            coroutine.send(None)
            try:
                coroutine.send(None)
            except StopIteration:
                pass
        main()
        """,
        prelude=SLICES,
    )
    assert only_zone(trace, "main").tree() == tree(
        "main",
        tree("root", tree("leaf", "Once.__await__")),
        tree("root", tree("leaf", "Once.__await__"), "items", "items"),
    )


def test_asyncio_run_counts_every_slice(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import asyncio
        async def step(n):
            await asyncio.sleep(0)
            return n
        async def program():
            await asyncio.gather(*(step(n) for n in range(5)))
        asyncio.run(program())
        """,
        prelude=SLICES,
    )
    # Two zones per coroutine: up to its one suspension, and from there to its end.
    assert len(zones_named(trace, "step")) == 10
    assert len(zones_named(trace, "program")) == 2


def test_name_file_and_line_are_those_of_the_code(tmp_path: Path) -> None:
    folder = tmp_path / "päth"
    folder.mkdir()
    trace = trace_of(folder, "\n\ndef here():\n    pass\nhere()\n")
    zone = only_zone(trace, "here")
    source = (folder / "program.py").read_text(encoding="utf-8").splitlines()
    assert zone.function == "here"
    assert zone.file == str(folder / "program.py")
    assert source[zone.line - 1] == "def here():"


def test_times_are_those_of_the_program(tmp_path: Path) -> None:
    source = PRELUDE + (
        "import time\n"
        "def busy():\n    end = time.perf_counter_ns() + 200_000_000\n    while time.perf_counter_ns() < end: pass\n"
        "before = time.perf_counter_ns()\nbusy()\nprint(time.perf_counter_ns() - before)\n"
    )
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        measured_ns = int(target.expect_success())
    zone = only_zone(trace, "busy")
    assert zone.end_ns is not None
    length_ns = zone.end_ns - zone.begin_ns
    assert length_ns >= 200_000_000 * (1 - 1e-4)
    assert length_ns <= measured_ns * (1 + 1e-4)
