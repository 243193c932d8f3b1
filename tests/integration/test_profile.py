"""`profile` as a decorator of every kind of function, and in several places at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.target import running, trace_of, zones_named

CONNECTED = "import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"

#: Every program checks itself by `assert`, and that nothing stays enabled.
BEGIN = "import asyncio, functools, inspect, sys, threading, types\nimport tracypy\non = tracypy.is_enabled\n"
END = "\nassert not on()\nassert sys.monitoring.get_tool(tracypy.PROFILER_ID) is None\nprint('done')\n"


def check(folder: Path, source: str, expected_errors: str = "") -> None:
    with running(folder, BEGIN + source + END) as target:
        code, out, err = target.finish()
    assert (code, out, err) == (0, "done\n", expected_errors), err


KINDS = {
    "coroutine": """
@tracypy.profile()
async def f(a: int, *, b: str = "b") -> bool:
    "Doc."
    before = on()
    await asyncio.sleep(0)
    return before and on()
assert inspect.iscoroutinefunction(f)
made = f(1)
assert not on()  # it has not begun
assert asyncio.run(made) is True
""",
    "generator": """
@tracypy.profile()
def f(a: int, *, b: str = "b") -> bool:
    "Doc."
    got = yield on()
    assert on()
    return got
assert inspect.isgeneratorfunction(f)
made = f(1)
assert not on()
assert next(made) is True and on()  # also while it waits
try:
    made.send("sent")
except StopIteration as stop:
    assert stop.value == "sent"
else:
    raise AssertionError("it goes on")
""",
    "async generator": """
@tracypy.profile()
async def f(a: int, *, b: str = "b") -> bool:
    "Doc."
    yield on()
    await asyncio.sleep(0)
    yield on()
assert inspect.isasyncgenfunction(f)
async def main():
    assert [value async for value in f(1)] == [True, True]
    assert not on()
asyncio.run(main())
""",
    "generator-based coroutine": """
@tracypy.profile()
@types.coroutine
def f(a: int, *, b: str = "b") -> bool:
    "Doc."
    yield
    return on()
assert inspect.isgeneratorfunction(f)
async def main():
    return await f(1)
assert asyncio.run(main()) is True
""",
    "function marked as a coroutine function": """
async def inner():
    return on()
@inspect.markcoroutinefunction
def marked(a: int, *, b: str = "b") -> bool:
    "Doc."
    return inner()
f = tracypy.profile()(marked)
f.__name__ = f.__qualname__ = "f"
assert inspect.iscoroutinefunction(f)
assert asyncio.run(f(1)) is True
""",
    "function": """
@tracypy.profile()
def f(a: int, *, b: str = "b") -> bool:
    "Doc."
    return on()
assert f(1) is True
""",
}
SAME_LOOKS = """
assert str(inspect.signature(f)) in ("(a: int, *, b: str = 'b') -> bool",), inspect.signature(f)
assert (f.__name__, f.__qualname__, f.__doc__, f.__module__) == ("f", "f", "Doc.", "__main__")
"""


@pytest.mark.parametrize("source", KINDS.values(), ids=KINDS)
def test_decorated_function_is_profiled_while_it_runs_and_stays_what_it_is(tmp_path: Path, source: str) -> None:
    check(tmp_path, source + SAME_LOOKS)


def test_methods_partials_and_callable_objects(tmp_path: Path) -> None:
    check(
        tmp_path,
        """
class Class:
    @tracypy.profile()
    def method(self): return on()
    @tracypy.profile()
    @staticmethod
    def static(): return on()
    @classmethod
    @tracypy.profile()
    def below(cls): return cls is Class and on()
    @tracypy.profile()
    @classmethod
    def above(cls): return cls is Class and on()
    @tracypy.profile()
    async def coroutine(self): return on()
    async def __call__(self): return on()
    async def bare(self): return on()
it = Class()
assert it.method() and it.static() and Class.static() and it.below() and Class.above()
assert asyncio.run(it.coroutine())
assert asyncio.run(tracypy.profile()(it)())
assert asyncio.run(tracypy.profile()(it.bare)())
assert asyncio.run(tracypy.profile()(functools.partial(Class.bare, it))())
assert tracypy.profile()(len)("four") == 4
""",
    )


#: What somebody does to a generator, and what the generator sees of it; the same with and without the decorator.
CONVERSATIONS = """
def note(log, what):
    log.append(what)

def plain(log):
    for _ in range(4):
        try:
            got = yield len(log)
            note(log, got)
        except KeyError as problem:
            note(log, problem.args)
        except GeneratorExit:
            note(log, "closed")
            raise
    return "the end"

async def apart(log):
    for _ in range(4):
        try:
            got = yield len(log)
            await asyncio.sleep(0)
            note(log, got)
        except KeyError as problem:
            await asyncio.sleep(0)
            note(log, problem.args)
        except GeneratorExit:
            await asyncio.sleep(0)
            note(log, "closed")
            raise

def talk(function):
    log = []
    it = function(log)
    said = [next(it), it.send("one"), it.throw(KeyError("two"))]
    it.close()
    it.close()
    said.append(list(function(log)))
    it = function(log)
    next(it)
    try:
        it.throw(ValueError("three"))
    except ValueError as problem:
        said.append(problem.args)
    def outer():
        said.append((yield from function(log)))
    said.append(list(outer()))
    never_begun = function(log)
    never_begun.close()
    return said, log

async def talk_apart(function):
    log = []
    it = function(log)
    said = [await anext(it), await it.asend("one"), await it.athrow(KeyError("two"))]
    await it.aclose()
    await it.aclose()
    said.append([value async for value in function(log)])
    it = function(log)
    await anext(it)
    try:
        await it.athrow(ValueError("three"))
    except ValueError as problem:
        said.append(problem.args)
    it = function(log)
    await anext(it)
    try:
        await it.athrow(GeneratorExit())
    except GeneratorExit:
        said.append("exit")
    await function(log).aclose()
    return said, log

async def deaf():
    while True:
        try:
            yield
        except GeneratorExit:
            pass

async def close_deaf(function):
    it = function()
    await anext(it)
    try:
        await it.aclose()
    except RuntimeError as problem:
        return str(problem)

for decorate in (lambda function: function, tracypy.profile()):
    print(talk(decorate(plain)))
    print(asyncio.run(talk_apart(decorate(apart))))
    print(asyncio.run(close_deaf(decorate(deaf))))
"""


def test_what_is_said_to_a_generator_comes_through(tmp_path: Path) -> None:
    # The deaf one stays suspended to the program's end, decorated or not.
    with running(tmp_path, BEGIN + CONVERSATIONS) as target:
        _, out, _ = target.finish()
    lines = out.splitlines()
    assert len(lines) == 6
    assert lines[:3] == lines[3:]
    assert "closed" in lines[0]
    assert "closed" in lines[1]
    assert lines[2] == "async generator ignored GeneratorExit"


def test_event_loop_closes_an_unfinished_async_generator_once(tmp_path: Path) -> None:
    check(
        tmp_path,
        """
closed = []
@tracypy.profile()
async def unfinished(number):
    try:
        yield
    finally:
        await asyncio.sleep(0.01)  # the loop's attempts to close what it knows would meet here
        closed.append(number)
async def main():
    global kept
    kept = unfinished(1)
    await anext(kept)
    async for _ in unfinished(2):
        break  # left to the garbage collector, by which the loop comes to close it
    while not closed:
        await asyncio.sleep(0.001)
asyncio.run(main())
assert sorted(closed) == [1, 2]
""",
    )


def test_unfinished_generator_is_over_when_it_is_gone(tmp_path: Path) -> None:
    check(
        tmp_path,
        """
@tracypy.profile()
def numbers():
    yield 1
it = numbers()
next(it)
assert on()
del it
""",
    )


AT_ONCE = {
    "recursion": """
@tracypy.profile()
def factorial(n):
    assert on()
    return 1 if n < 2 else n * factorial(n - 1)
assert factorial(100) == __import__("math").factorial(100)
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
barrier = threading.Barrier(4)
@tracypy.profile()
def job(n):
    barrier.wait()  # all are inside
    assert on()
    barrier.wait()
    return n
with ThreadPoolExecutor(4) as pool:
    assert list(pool.map(job, range(4))) == [0, 1, 2, 3]
""",
    "threads that come and go": """
@tracypy.profile()
def job():
    assert on()
def work():
    for _ in range(300):
        job()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
    "one object in several threads": """
profile = tracypy.profile()
barrier = threading.Barrier(4)
def job():
    for _ in range(20):
        with profile:
            barrier.wait()
            assert on()
            barrier.wait()
threads = [threading.Thread(target=job) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
""",
    "tasks": """
@tracypy.profile()
async def task(n):
    for _ in range(n):
        assert on()
        await asyncio.sleep(0)
    return n
async def main():
    return await asyncio.gather(*(task(n) for n in range(1, 5)))
assert asyncio.run(main()) == [1, 2, 3, 4]
""",
    "blocks that do not nest": """
first, second = tracypy.profile(), tracypy.profile()
first.__enter__(); second.__enter__(); first.__exit__()
assert on()
second.__exit__()
""",
    "an exception in the innermost": """
try:
    with tracypy.profile(), tracypy.profile():
        raise KeyError
except KeyError:
    pass
""",
    "enable around": """
tracypy.enable()
with tracypy.profile():
    pass
assert on()
tracypy.disable()
""",
    "enable within": """
with tracypy.profile():
    for options in ({}, {"exclude": "json"}):
        try:
            tracypy.enable(**options)
        except RuntimeError as problem:
            assert "call tracypy.disable() first" in str(problem), problem
        else:
            raise AssertionError
    assert on()
    tracypy.disable()
    tracypy.enable()
assert on()
tracypy.disable()
""",
    "enable twice": """
tracypy.enable()
with tracypy.profile():
    try:
        tracypy.enable()
    except RuntimeError as problem:
        assert "call tracypy.disable() first" in str(problem)
    else:
        raise AssertionError
tracypy.disable()
""",
    "disable within": """
outer = tracypy.profile()
with outer:
    with tracypy.profile():
        tracypy.disable()
        assert not on()
    with tracypy.profile():
        assert on()
    assert not on()
""",
    "a block that ends after disable leaves the next one alone": """
old, new = tracypy.profile(), tracypy.profile()
old.__enter__()
tracypy.disable()
new.__enter__()
old.__exit__()
assert on()
new.__exit__()
""",
    "an exit too many": """
profile = tracypy.profile()
with tracypy.profile():
    profile.__exit__()
    assert on()
""",
    "a fork while another thread is in its block": """
import os
inside, go = threading.Event(), threading.Event()
@tracypy.profile()
def other():
    inside.set()
    go.wait()
thread = threading.Thread(target=other)
thread.start()
inside.wait()
child = os.fork()
if child == 0:
    was_on = on()
    with tracypy.profile():
        in_block = on()
    os._exit(0 if (was_on, in_block, on()) == (False, True, False) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
go.set()
thread.join()
""",
    "a fork within a block": """
import os
with tracypy.profile():
    child = os.fork()
    was_on = on()
if child == 0:
    os._exit(0 if was_on and not on() else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
""",
    "another tool has the slot": """
sys.monitoring.use_tool_id(tracypy.PROFILER_ID, "another")
for _ in range(2):
    try:
        with tracypy.profile():
            pass
    except RuntimeError as problem:
        assert "'another'" in str(problem), problem
    else:
        raise AssertionError
    assert not on()
sys.monitoring.free_tool_id(tracypy.PROFILER_ID)
with tracypy.profile():
    assert on()
""",
    "a recording that outlasts the block it begins in": """
profile = tracypy.profile()
profile.__enter__()
tracypy.start_recording("out.tracy")
profile.__exit__()
assert on()
def late(): pass
late()
tracypy.stop_recording()
assert "late" in {function.name for function in tracypy.open("out.tracy").functions()}
""",
    "a block that outlasts the recording": """
profile = tracypy.profile()
with tracypy.record("out.tracy"):
    profile.__enter__()
assert on() and sys.monitoring.get_tool(tracypy.PROFILER_ID) == "tracypy"
profile.__exit__()
""",
    "a recording with its own filter within a block": """
with tracypy.profile():
    try:
        tracypy.start_recording("out.tracy", exclude="json")
    except tracypy.RecordingError as problem:
        assert "leave out the filters" in str(problem)
    else:
        raise AssertionError
    assert on()
""",
}


@pytest.mark.parametrize("source", AT_ONCE.values(), ids=AT_ONCE)
def test_several_at_once(tmp_path: Path, source: str) -> None:
    if "fork" in source:
        source = "import warnings\nwarnings.simplefilter('ignore', DeprecationWarning)\n" + source
    check(tmp_path, source)


def test_first_filter_stays_and_that_is_said_once(tmp_path: Path) -> None:
    source = """
def seen(): pass
def main():
    with tracypy.profile(exclude="json"):
        for _ in range(3):
            with tracypy.profile(max_depth=1):
                seen()
main()
"""
    said = "profile() with filters of its own began while tracypy was enabled with others: those stay in force"
    with running(tmp_path, CONNECTED + source) as target:
        trace = target.viewer().run()
        code, _, err = target.finish()
    assert code == 0
    assert err.count(said) == 1
    assert len(err.splitlines()) == 1
    assert len(zones_named(trace, "seen")) == 3


def test_calls_of_all_tasks_and_threads_are_zones(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import asyncio, threading
        def inner(): pass
        @tracypy.profile()
        async def task():
            for _ in range(5):
                inner()
                await asyncio.sleep(0)
        async def main():
            await asyncio.gather(*(task() for _ in range(4)))
        asyncio.run(main())
        inner()  # nobody is in a block any more
        barrier = threading.Barrier(3)
        @tracypy.profile()
        def job():
            barrier.wait()
            inner()
            barrier.wait()
        threads = [threading.Thread(target=job) for _ in range(3)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        inner()
        """,
        prelude=CONNECTED,
    )
    assert len(zones_named(trace, "inner")) == 4 * 5 + 3


@pytest.mark.parametrize("decorator", ["tracypy.profile", "tracypy.record('out.tracy')"])
def test_what_is_no_decorator_says_so(tmp_path: Path, decorator: str) -> None:
    check(
        tmp_path,
        f"""
for function in (lambda: 1, types.coroutine(lambda: (yield))):
    try:
        {decorator}(function)
    except TypeError as problem:
        assert "@tracypy.profile()" in str(problem) or "not callable" in str(problem), problem
    else:
        raise AssertionError
""",
    )
