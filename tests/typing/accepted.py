"""What a type checker must accept, and what it must understand of it. Checked by test_snippets.py, never run."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import assert_type

import tracypy
from tracypy.trace import FrameStats, Trace, compare


@tracypy.profiled
def bare(a: int, *, b: str = "") -> float:
    return a + len(b)


@tracypy.profiled(name="other", color=0xFF6347)
def with_arguments(a: int) -> str:
    return str(a)


@tracypy.profiled()
def generator() -> Iterator[int]:
    yield 1


@tracypy.profiled
async def coroutine(a: int) -> str:
    return str(a)


@tracypy.profiled(color="tomato")
async def async_generator() -> AsyncIterator[int]:
    yield 1


class Host:
    @tracypy.profiled
    def method(self, a: int) -> str:
        return str(a)

    @tracypy.profiled
    @staticmethod
    def static(a: int) -> str:
        return str(a)

    @tracypy.profiled(name="klass")
    @classmethod
    def klass(cls, a: int) -> str:
        return str(a)

    @property
    @tracypy.profiled
    def value(self) -> int:
        return 1


@tracypy.profile()
def decorated(a: int) -> str:
    return str(a)


async def use() -> None:
    assert_type(bare(1, b="x"), float)
    assert_type(with_arguments(1), str)
    assert_type(list(generator()), list[int])
    assert_type(await coroutine(1), str)
    assert_type([x async for x in async_generator()], list[int])
    assert_type(Host().method(1), str)
    assert_type(Host.static(1), str)
    assert_type(Host.klass(1), str)
    assert_type(Host().value, int)
    assert_type(decorated(1), str)
    same: Callable[[int], str] = tracypy.profiled(with_arguments)
    same(1)


def zones() -> None:
    with tracypy.zone("work", color="tomato") as zone:
        assert_type(zone, tracypy.Zone)
        zone.text("more")
        zone.value(3)
        zone.name("other")
        zone.color(0xFF6347)
    handle = tracypy.zone_begin("work", color=0xFF6347)
    tracypy.zone_end(handle)


def control() -> None:
    with tracypy.profile() as profile:
        assert_type(profile, tracypy.profile)
    with tracypy.profile(tracypy.PROFILER_ID, "mine"), tracypy.frame("request") as frame:
        assert_type(frame, tracypy.frame)
    tracypy.enable(tool_id=3, name="mine")
    tracypy.disable()
    assert_type(tracypy.is_enabled(), bool)
    assert_type(tracypy.is_connected(), bool)
    assert_type(tracypy.listen(port=8086), int)
    assert_type(tracypy.wait_connected(1.0), bool)
    assert_type(tracypy.stop_listening(wait_for_viewer=True), bool)
    assert_type(tracypy.PROTOCOLS, tuple[tuple[int, str], ...])
    tracypy.frame_mark()
    tracypy.frame_mark("physics")
    tracypy.frame_image(b"123", width=1, height=1)
    tracypy.frame_image(memoryview(b"123"), 1, flip=True)
    tracypy.frame_mark_start("load")
    tracypy.frame_mark_end("load")
    tracypy.memory_alloc(0x1000, 10, "arena")
    tracypy.memory_free(0x1000, name=None)
    tracypy.memory_alloc(0x1000, 10, callstack=8)
    tracypy.memory_free(0x1000, callstack=8)
    tracypy.enable(memory="all", memory_callstacks=8)
    tracypy.enable(memory="all")
    assert_type(tracypy.parameter("speed", 5, min=0, max=10, callback=lambda value: print(value + 1)).value, int)
    assert_type(tracypy.parameter("shadows", True).value, bool)
    assert_type(tracypy.parameter("dump", callback=lambda: None).value, None)
    gpu = tracypy.GpuContext("cuda", "device", now_ns=0)
    with gpu.zone("blur", color="tomato") as work:
        assert_type(work, tracypy.GpuZone)
    work.set_times(1, 2)
    assert_type(work.is_recorded, bool)
    with tracypy.section("level 1", category="levels") as section:
        assert_type(section, tracypy.Section)
    section.begin()
    section.end()


def recordings(path: Path) -> None:
    trace = tracypy.open(path)
    assert_type(trace, Trace)
    assert_type(trace.span_ns, int)
    for zone in trace.threads[0].iter_zones():
        assert_type(zone.text, str | None)
        assert_type(trace.source_locations[zone.location].label, str)
    assert_type(trace.functions(trace.threads[0], filter="parse")[0].p99_ns, float)
    assert_type(trace.messages[-1].thread, int | None)
    assert_type(next(trace.memory[0].iter_allocations()).end_ns, int | None)
    assert_type(trace.sections[0].end_ns, int | None)
    assert_type(trace.gpu[0].zones[0].gpu_end_ns, int | None)
    assert_type(trace.frame_images[0].rgb(), bytes)
    assert_type(trace.frames[0].stats(), FrameStats | None)
    assert_type(compare(trace, tracypy.open("other.tracy"))[0].mean_change, float | None)
