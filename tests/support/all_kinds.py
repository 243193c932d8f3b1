"""A toy program that says something of every kind of event, and nothing wrong; and a built file that has all kinds."""

from __future__ import annotations

from typing import Any

from .stream_builder import FIRST_TICK, ToyProgram
from .toy_conversations import CODE_TRANSFER, SIZE
from .trace_file import TraceFileBuilder, zone
from .trace_file_kinds import KindSections
from .trace_reader import Block, GpuZoneFacts, LockFacts

TICK = FIRST_TICK + 1000
THREAD, FIBER = 7, 0x99
TEXTS = [("inner", "app.py", 12), ("outer", "app.py", 40)]


def program_of_all_kinds(protocol: int) -> ToyProgram:
    """The program, not yet at its end."""
    toy = ToyProgram(protocol, exec_time=5, flags=CODE_TRANSFER)
    toy.location(0x1000, "f")
    toy.location(0x2000, "g", file="other.py")
    toy.strings |= {0x31: "speed", 0x32: "arena", 0x33: "a plot"}
    toy.frames[0x4000] = [("inlined", "a.c", 1, 0x3FF0, 64), ("caller", "a.c", 2, 0x3F00, 0)]
    toy.frames[0x5000] = [("main", "b.c", 3, 0x3F00, 0)]
    toy.stream.thread(THREAD)
    for tell in (messages_and_plots, call_stacks, fibers, memory, locks, gpu, frames):
        tell(toy)
    if protocol >= 82:
        sections(toy)
    return toy


def messages_and_plots(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.single("about the program")
    stream.event("MessageAppInfo", TICK)
    stream.event("ParamSetup", 0, 0x31, 0, 42)
    stream.message(TICK, "plain")
    stream.literal(TICK + 1, 0x31, color=0x102030)
    stream.event("PlotConfig", 0x33, 1, 1, 0, 0x112233)
    stream.event("PlotDataInt", 0x33, TICK, 5)
    stream.now = TICK


def call_stacks(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.stack_of_texts(*TEXTS)
    stream.event("CallstackAlloc")
    stream.message(TICK + 2, "with texts", callstack=True)
    stream.stack_of_addresses(0x4000, 0x5000, 0x4000)
    stream.event("Callstack")
    stream.message(TICK + 3, "with addresses", callstack=True)
    stream.stack_of_addresses(0x5000)
    stream.stack_of_texts(TEXTS[1])
    stream.event("CallstackAlloc")
    stream.message(TICK + 4, "with both", callstack=True)


def fibers(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.begin(0x1000, TICK + 5)
    stream.fiber_enter(FIBER, THREAD, TICK + 10)
    stream.begin(0x2000, TICK + 11)
    stream.fiber_enter(FIBER + 1, THREAD, TICK + 12)
    stream.fiber_leave(THREAD, TICK + 13)
    stream.end(TICK + 20)
    stream.thread(8)
    stream.fiber_enter(FIBER, 8, TICK + 21)
    stream.end(TICK + 22)
    stream.fiber_leave(8, TICK + 23)
    stream.thread(THREAD)


def memory(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.stack_of_texts(*TEXTS)
    stream.event("CallstackSerial")
    stream.serial_event("MemAllocCallstack", TICK + 30, thread=THREAD, address=1, size=SIZE)
    stream.event("MemNamePayload", 0x32)
    stream.serial_event("MemAllocNamed", TICK + 31, thread=9, address=1, size=SIZE)
    stream.serial_event("MemFree", TICK + 32, thread=9, address=1)
    if toy.stream.protocol >= 72:
        stream.serial_event("MemDiscard", TICK + 33, thread=9, pool=0x32)


def locks(toy: ToyProgram) -> None:
    stream = toy.stream
    for identity, kind in ((1, 0), (2, 1)):
        stream.event("LockAnnounce", identity, TICK, 0x1000, kind)
        stream.single(f"lock {identity}")
        stream.event("LockName", identity)
    for number, (name, thread) in enumerate(
        [("LockWait", 7), ("LockObtain", 7), ("LockWait", 8), ("LockRelease", 7), ("LockObtain", 8), ("LockRelease", 8)]
    ):
        stream.serial_event(name, TICK + 40 + number, id=1, thread=thread)
    for number, name in enumerate(("LockSharedWait", "LockSharedObtain", "LockSharedRelease")):
        stream.serial_event(name, TICK + 50 + number, id=2, thread=10)
    stream.event("LockMark", 8, 1, 0x2000)
    stream.event("LockTerminate", 1, TICK + 60)


def gpu(toy: ToyProgram) -> None:
    stream = toy.stream
    stream.event("GpuNewContext", TICK, 500, 0, 1.0, 3, 0, 2)
    stream.single("queue")
    stream.event("GpuContextName", 3)
    stream.serial_event("GpuZoneBeginSerial", TICK + 70, thread=THREAD, query=0, context=3, location=0x2000)
    stream.serial_event("GpuZoneEndSerial", TICK + 71, thread=THREAD, query=1, context=3)
    stream.event("GpuTime", 600, 0, 3)
    stream.event("GpuTime", 50, 1, 3)


def frames(toy: ToyProgram) -> None:
    stream = toy.stream
    for number in range(3):
        stream.event("FrameMarkMsg", TICK + 80 + number, 0)
    stream.event("FrameImageData", 1, tail=bytes(8 * 4))
    stream.event("FrameImage", 1, 8, 8, 1)


def sections(toy: ToyProgram) -> None:
    toy.stream.single("levels")
    toy.stream.event("SectionSetup", 1)
    toy.stream.section_enter(1, "level 0", TICK + 90, 1)
    toy.stream.section_leave(1, TICK + 95)


STACK = ("inner app.py:12", "outer app.py:40")
KINDS: dict[str, Any] = {
    "locks": [LockFacts("ledger", "outer", True, 5, 90, (("wait", 10, 7), ("obtain", 12, 7), ("shared wait", 15, 8)))],
    "memory": {
        "": [Block(0x10, 100, 5, 50, 7, 8, STACK, ()), Block(0x20, (1 << 47) - 1, 6, -1, 8, 0, (), ())],
        "arena": [Block(0x10, 7, 1, 2, 7, 7, (), STACK[1:])],
    },
    "gpu": {
        "queue": [
            GpuZoneFacts("outer", 0, (10, 50), (100, 500), STACK), GpuZoneFacts("inner", 1, (20, 30), (200, 300), ()),
            GpuZoneFacts("inner", 0, (60, 70), (600, 700), ()),
        ]
    },
    "app_info": ["one", "two"],
    "images": [(4, 8, True, bytes(16))],
    "sources": {"app.py": b"x = 1\n"},
}  # fmt: skip


def small_file() -> TraceFileBuilder:
    """A file of zones, frames, messages and a plot."""
    file = TraceFileBuilder(program="a program")
    outer, inner = file.location("outer"), file.location("inner")
    file.thread(
        7, "main", zone(outer, 10, 100, zone(inner, 20, 30), zone(inner, 40, 50, text="t")), zone(inner, 110, 120)
    )
    file.thread(1 << 32, "a task", zone(inner, 10, 20), is_fiber=True)
    file.frame_marks(30, 40)
    file.frame_set("frames", [(1, 2)])
    file.message(5, "hello", 7, 0x102030)
    file.message(6, "plain", 7)
    file.plot("curve", [(1, 2.5), (3, -1.0)])
    return file


def file_of_all_kinds() -> TraceFileBuilder:
    """The small file, and `KINDS` in it."""
    file = small_file()
    file.thread(8, "worker", zone(0, 200, 210, callstack=STACK))
    file.message(9, "from here", 7, callstack=STACK)
    file.kinds = KindSections(**KINDS, runs={1 << 32: [(10, 20, 7), (30, 40, 8)]})
    return file
