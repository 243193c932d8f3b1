"""An engine's own Tracy client is told what happens: what it writes down is what the program did, thread by thread."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.native_code import PROGRAMS, build, build_module, path_line
from support.target import Tree, running, tree


@dataclass
class Told:
    """What one thread has told: its zones as trees, and all else in its order."""

    name: str = ""
    zones: list[Tree] = field(default_factory=list)
    rest: list[tuple[str, str]] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        found: Counter[str] = Counter()

        def count(zone: Tree) -> None:
            found[zone[0]] += 1
            for child in zone[1]:
                count(child)

        for zone in self.zones:
            count(zone)
        return found


def read(log: Path) -> list[Told]:
    """What each thread has told, in the order of their first words. Every zone has its end."""
    threads: dict[str, Told] = {}
    stacks: dict[str, list[tuple[str, list[Tree]]]] = {}
    for line in log.read_text().splitlines():
        number, what, text = line.split("\t")
        told, stack = threads.setdefault(number, Told()), stacks.setdefault(number, [])
        if what == "begin":
            stack.append((text, []))
        elif what == "end":
            name, children = stack.pop()
            (stack[-1][1] if stack else told.zones).append((name, tuple(children)))
        elif what == "thread":
            told.name = text
        else:
            told.rest.append((what, text))
    assert not any(stacks.values()), stacks
    return list(threads.values())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a client that knows no fibers."""
    return build(
        PROGRAMS / "fake_tracy_client.c", tmp_path_factory.mktemp("engine") / "libengine.so", "-shared", "-fPIC"
    )


def run(folder: Path, body: str, **environment: str) -> tuple[list[Told], str]:
    """Run a program; what its client was told, and what it printed."""
    log = folder / "client.log"
    with running(folder, body, environment={"FAKE_CLIENT_LOG": str(log), **environment}) as target:
        out = target.expect_success()
    return (read(log) if log.exists() else []), out


PROGRAM = """\
import os, threading, time, tracypy
def inner(): pass
def outer():
    for _ in range(3): inner()
"""


def test_calls_and_zones_of_all_threads_are_told(tmp_path: Path, library: Path) -> None:
    body = f"""{PROGRAM}
tracypy.use_client({str(library)!r})
tracypy.enable(gc=False)
with tracypy.zone("by hand") as zone:
    zone.text("a text")
    outer()
    zone.value(42)
print(tracypy.is_listening(), len(os.listdir("/proc/self/task")))
worker = threading.Thread(target=outer, name="worker")
worker.start()
worker.join()
outer()
tracypy.disable()
"""
    told, out = run(tmp_path, body)
    assert out.split() == ["False", "1"]
    calls = tree("outer", "inner", "inner", "inner")
    main, worker = told
    assert main.name == "Main thread"
    assert worker.name == "worker"
    hand = [zone for zone in main.zones[0][1] if zone[0] == "by hand"] or [z for z in main.zones if z[0] == "by hand"]
    assert hand == [tree("by hand", calls)]
    assert ("text", "a text") in main.rest
    assert ("value", "42") in main.rest
    assert main.counts()["outer"] == 2
    assert (worker.counts()["outer"], worker.counts()["inner"]) == (1, 3)
    assert "BROKEN" not in {what for thread in told for what, _ in thread.rest}


@pytest.mark.parametrize("flags", [[], ["-DAS_OF_0_14"]])
def test_what_else_is_said_is_told(tmp_path: Path, flags: list[str]) -> None:
    library = build(PROGRAMS / "fake_tracy_client.c", tmp_path / "libengine.so", "-shared", "-fPIC", *flags)
    body = f"""{PROGRAM}
tracypy.use_client({str(library)!r})
tracypy.app_info("about it")
tracypy.message("hello")
tracypy.plot("curve", 1.5)
tracypy.frame_mark()
tracypy.frame_mark("steps")
tracypy.frame_mark_start("gaps")
tracypy.frame_mark_end("gaps")
tracypy.memory_free(77)
tracypy.memory_alloc(77, 50)
tracypy.memory_free(77)
tracypy.memory_alloc(77, 50, "arena")
tracypy.memory_free(77, "arena")
"""
    [told], _ = run(tmp_path, body)
    assert told.rest == [
        ("info", "about it"), ("message", "hello"), ("plot", "curve"), ("point", "1.5"), ("frame", ""), ("frame", "steps"),
        ("frame start", "gaps"), ("frame end", "gaps"), ("alloc", "50"), ("free", "77"),
        ("alloc in", "arena"), ("free in", "arena"),
    ]  # fmt: skip


def test_nesting_holds_whatever_the_program_does(tmp_path: Path, library: Path) -> None:
    body = f"""{PROGRAM}
import asyncio, contextlib
@contextlib.contextmanager
def opened(name):
    with tracypy.zone(name): yield
def numbers():
    yield 1
    inner()
    yield 2
def fails():
    try:
        raise ValueError
    except ValueError:
        inner()
    raise KeyError
async def step(number):
    with tracypy.zone("step"):
        await asyncio.sleep(0)
        inner()
async def steps():
    await asyncio.gather(*(step(number) for number in range(3)))
tracypy.use_client({str(library)!r})
tracypy.enable(gc=False)
with opened("helped"): outer()
list(numbers())
try: fails()
except KeyError: pass
asyncio.run(steps())
first = tracypy.zone_begin("first")
second = tracypy.zone_begin("second")
tracypy.zone_end(first)
tracypy.zone_end(second)
tracypy.disable()
outer()
tracypy.enable(gc=False)
outer()
print(tracypy.leave_client(), tracypy.leave_client())
outer()
"""
    told, out = run(tmp_path, body)
    assert out.split() == ["True", "False"]
    counts = sum((thread.counts() for thread in told), Counter())
    assert "BROKEN" not in {what for thread in told for what, _ in thread.rest}
    assert (counts["outer"], counts["fails"]) == (2, 1)
    assert counts["helped"] == 2  # a part in its helper, and the rest around what follows
    assert counts["inner"] >= 3 + 1 + 1 + 3 + 3


def test_a_client_with_fibers_has_tasks_on_them(tmp_path: Path) -> None:
    library = build(PROGRAMS / "fake_tracy_client.c", tmp_path / "libfibers.so", "-shared", "-fPIC", "-DWITH_FIBERS")
    body = f"""{PROGRAM}
import asyncio
async def task():
    await asyncio.sleep(0)
    inner()
async def both():
    await asyncio.gather(asyncio.create_task(task(), name="red"), asyncio.create_task(task(), name="green"))
tracypy.use_client({str(library)!r})
tracypy.enable(gc=False)
asyncio.run(both())
tracypy.disable()
"""
    log = tmp_path / "client.log"
    with running(tmp_path, body, environment={"FAKE_CLIENT_LOG": str(log)}) as target:
        target.expect_success()
    said = Counter(line.split("\t", 1)[1] for line in log.read_text().splitlines())
    assert said["fiber\tred"] == said["fiber\tgreen"] == 2
    assert said["begin\ttask"] == 2
    assert sum(count for line, count in said.items() if line.startswith("fiber\t")) == said["fiber leave\t"]


def test_native_code_is_told_too(tmp_path: Path, library: Path) -> None:
    build_module(PROGRAMS / "native_probe.c", tmp_path, "native_probe")
    body = f"""{path_line(tmp_path)}
import native_probe as probe, tracypy
tracypy.use_client({str(library)!r})
probe.zones(10)
probe.threads(3, 100)
"""
    told, _ = run(tmp_path, body)
    assert [thread.counts()["outer"] for thread in told] == [10, 100, 100, 100]
    assert [thread.name for thread in told] == ["Main thread", *["worker in C"] * 3]
    assert all(set(thread.zones) == {tree("outer", "nested")} for thread in told)


def test_the_environment_may_name_the_client(tmp_path: Path, library: Path) -> None:
    told, _ = run(tmp_path, f"{PROGRAM}\ntracypy.enable(gc=False)\nouter()\n", TRACYPY_CLIENT=str(library))
    assert told[0].counts()["outer"] == 1


def test_a_process_may_have_it_for_all(tmp_path: Path, library: Path) -> None:
    body = f"{PROGRAM}\ntracypy.use_client()\ntracypy.enable(gc=False)\nouter()\n"
    told, _ = run(tmp_path, body, LD_PRELOAD=str(library))
    assert told[0].counts()["outer"] == 1


def test_threads_that_end_end_their_zones(tmp_path: Path, library: Path) -> None:
    body = f"""{PROGRAM}
tracypy.use_client({str(library)!r})
def leaves_open(): tracypy.zone_begin("left open")
for _ in range(20):
    thread = threading.Thread(target=leaves_open)
    thread.start()
    thread.join()
while len(os.listdir("/proc/self/task")) > 1:  # joined, and not yet gone
    time.sleep(0.001)
"""
    told, _ = run(tmp_path, body)
    assert sum(thread.counts()["left open"] for thread in told) == 20


def test_a_forked_child_tells_nothing(tmp_path: Path, library: Path) -> None:
    body = f"""{PROGRAM}
tracypy.use_client({str(library)!r})
tracypy.enable(gc=False)
outer()
if os.fork() == 0:
    outer()
    os._exit(0)
os.wait()
outer()
tracypy.disable()
"""
    told, _ = run(tmp_path, body)
    assert sum(thread.counts()["outer"] for thread in told) == 2


def test_what_cannot_be_is_said(tmp_path: Path, library: Path) -> None:
    empty = build("int nothing;\n", tmp_path / "libempty.so", "-shared", "-fPIC")
    body = f"""{PROGRAM}
def attempt(library):
    try:
        tracypy.use_client(library)
    except RuntimeError as problem:
        print(problem.code, problem)
attempt("libnothing.so")
attempt({str(empty)!r})
attempt(None)
with tracypy.record("out.tracy"):
    attempt({str(library)!r})
attempt({str(library)!r})
attempt({str(library)!r})
try:
    tracypy.start_recording("other.tracy")
except RuntimeError as problem:
    print(problem)
"""
    _, out = run(tmp_path, body)
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == [
        "client_not_loaded", "no_tracy_client", "no_tracy_client", "program_is_taken", "client_is_used",
    ]  # fmt: skip
    assert "libnothing.so" in lines[0]
    assert f"{empty} has no Tracy client" in lines[1]
    assert len(lines) == 6


def test_an_environment_that_names_none_costs_a_line(tmp_path: Path) -> None:
    source = f"{PROGRAM}\ntracypy.enable()\nouter()\n"
    with running(tmp_path, source, environment={"TRACYPY_CLIENT": "libnothing.so"}) as target:
        code, out, err = target.finish()
    assert (code, out) == (0, "")
    assert err.startswith("tracypy: TRACYPY_CLIENT: cannot load libnothing.so")
    assert len(err.splitlines()) == 1
