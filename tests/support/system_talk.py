"""What toy programs say of machine, system and GPU."""

from __future__ import annotations

from .stream_builder import FIRST_TICK, ToyProgram

TICK = FIRST_TICK + 1000
THREAD, OTHER, FOREIGN = 7, 8, 900
KERNEL = 0xFFFF_FFFF_8000_1000


def tell_of_the_system(toy: ToyProgram) -> None:
    """Samples, switches, wake-ups, counters, processors, and how it ended."""
    stream = toy.stream
    toy.strings |= {0x31: "segmentation fault", 0x32: "package-0"}
    toy.frames[0x40_4000] = [("inlined", "a.c", 1, 0x40_3FF0, 16), ("caller", "a.c", 2, 0x40_3F00, 64)]
    toy.frames[0x40_5000] = [("main", "b.c", 3, 0x40_5000, 32)]
    toy.frames[KERNEL] = [("do_syscall", "[unknown]", 0, KERNEL - 16, 0)]
    toy.codes[0x40_5000] = b"\xc3"
    for number in range(4):
        die = [0] if stream.protocol >= 69 else []
        stream.event("CpuTopology", number // 2, *die, number % 2, number)
    stream.switch_event("ContextSwitch", TICK, new=THREAD, cpu=1)
    stream.switch_event("ThreadWakeup", TICK + 10, thread=OTHER, cpu=2)
    stream.switch_event("ContextSwitch", TICK + 20, new=OTHER, cpu=2)
    stream.event("TidToPid", FOREIGN, 4)
    stream.switch_event("ThreadWakeup", TICK + 25, thread=THREAD, cpu=3)
    stream.switch_event("ContextSwitch", TICK + 30, old=THREAD, new=FOREIGN, cpu=1, reason=3, state=5)
    for thread, tick, addresses in (
        (THREAD, TICK + 31, (0x40_4000, 0x40_5000)), (THREAD, TICK + 33, (KERNEL, 0x40_5000)), (OTHER, TICK + 35, (0x40_5000,)),
    ):  # fmt: skip
        stream.stack_of_addresses(*addresses)
        stream.switch_event("CallstackSample", tick, thread=thread)
    stream.switch_event("ContextSwitch", TICK + 40, old=FOREIGN, new=THREAD, cpu=1)
    stream.stack_of_addresses(0x40_4000)
    stream.switch_event("CallstackSampleContextSwitch", TICK + 41, thread=THREAD)
    stream.switch_event("ContextSwitch", TICK + 50, old=THREAD, cpu=1, reason=1, state=2)
    stream.switch_event("ContextSwitch", TICK + 60, new=THREAD, cpu=3)
    for kind in ("CpuCycle", "InstructionRetired", "CacheReference", "CacheMiss", "BranchRetired", "BranchMiss"):
        for tick in (TICK + 70, TICK + 71):
            stream.event(f"HwSample{kind}", 0x40_5000, tick)
    stream.event("SysTimeReport", TICK + 80, 12.5)
    stream.event("SysTimeReport", TICK + 90, 25.0)
    for tick, energy in ((TICK + 80, 0), (TICK + 1080, 5), (TICK + 2080, 10)):
        stream.event("SysPowerReport", tick, energy, 0x32)
    for thread in (THREAD, OTHER):
        stream.thread(thread)
        stream.begin(0x1000, TICK + 100)
        stream.end(TICK + 200)
    stream.stack_of_addresses(0x40_5000)
    stream.event("Callstack")
    stream.event("CrashReport", TICK + 300, 0x31)
    stream.event("Crash")


def tell_of_gpus(toy: ToyProgram) -> None:
    """Contexts with another period, with calibration, of one thread; counters that begin again; notes, call stacks."""
    stream = toy.stream
    toy.frames[0x40_5000] = [("main", "b.c", 3, 0, 0)]
    for context, name, thread, period, flags in (
        (1, "period", 0, 2.5, 0), (2, "calibrated", 0, 1.0, 1), (3, "of one thread", THREAD, 1.0, 0), (4, "turns", 0, 1.0, 0),
    ):  # fmt: skip
        stream.event("GpuNewContext", TICK, 500, thread, period, context, flags, 2)
        stream.single(name)
        stream.event("GpuContextName", context)
    gpu_now = 0

    def time(ticks: int, query: int, context: int) -> None:
        nonlocal gpu_now
        stream.event("GpuTime", ticks - gpu_now, query, context)
        gpu_now = ticks

    for number, context in enumerate((1, 2, 3, 4)):
        start = TICK + 100 * number
        stream.serial_event("GpuZoneBeginSerial", start, thread=THREAD, query=0, context=context, location=0x1000)
        stream.stack_of_addresses(0x40_5000)
        stream.event("CallstackSerial")
        stream.serial_event(
            "GpuZoneBeginCallstackSerial", start + 1, thread=THREAD, query=1, context=context, location=0x2000
        )
        # A context of one thread has one row for all, and of the ends the real tool wants to know no thread.
        ended_by = 0 if context == 3 else THREAD
        stream.serial_event("GpuZoneEndSerial", start + 2, thread=ended_by, query=2, context=context)
        stream.serial_event("GpuZoneEndSerial", start + 3, thread=ended_by, query=3, context=context)
        if context == 2:
            stream.event("GpuCalibration", 1500, TICK + 3000, 3000, 2)
        if context == 4:
            time(1 << 33, 0, 4)
            time(5, 1, 4)
            stream.event("GpuTimeSync", 100, TICK + 500, 4)
            time(150, 2, 4)
            time(250, 3, 4)
            continue
        for query, ticks in ((0, 2000), (1, 2100), (2, 2200), (3, 2300)):
            time(ticks, query, context)
    if stream.protocol >= 76:
        stream.single("primitives")
        stream.event("GpuAnnotationName", 5, 1)
        stream.event("GpuZoneAnnotation", 5, 2.5, THREAD, 0, 1)
