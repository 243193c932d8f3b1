"""What the strict viewer has understood, in the terms of `trace_reader`: for comparing it with a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from .trace_reader import Block, FileFacts, GpuZoneFacts, LockFacts, MessageFacts

if TYPE_CHECKING:
    from .viewer import Trace
    from .viewer.kinds.callstacks import Callstack
    from .viewer.kinds.gpu import GpuZone
    from .viewer.kinds.memory import Allocation


def facts_of(trace: Trace) -> FileFacts:
    """The facts that a file of this trace must have; not its version, nor the images, which the viewer packs anew."""
    moment = trace.nanoseconds
    levels = Counter(_lines(zone.callstack) for zone in trace.zones() if zone.callstack)
    return FileFacts(
        program=trace.welcome.program_name,
        frames={name or "": len(marks) for name, marks in trace.frames.items()} | {"": trace.shown_frame_count},
        sections=[
            (section.category, section.text, moment(section.begin_tick), moment(section.end_tick or 0))
            for section in trace.sections
        ],
        section_categories=dict(trace.section_categories),
        threads={thread.name: sum(1 for _ in thread.zones()) for thread in trace.threads.values()},
        group_hints={thread.name: thread.group_hint for thread in trace.threads.values()},
        fibers={fiber.name for fiber in trace.fibers},
        zone_callstacks=levels,
        locks=_locks(trace),
        messages=[
            MessageFacts(message.text, message.time_ns, message.color, _lines(message.callstack),
                         *((message.source, message.severity) if trace.protocol >= 77 else ()))
            for message in sorted(trace.messages, key=lambda message: message.time_ns)
        ],
        gpu={context.name or "": _gpu(trace, context.roots) for context in trace.gpu_contexts.values()},
        plots={name: sorted(points) for name, points in trace.plots.items()},
        memory={
            name or "": [_block(trace, block) for block in pool.allocations] for name, pool in trace.memory_pools.items()
        },
        memory_usage={name or "": pool.usage for name, pool in trace.memory_pools.items()},
        app_info=list(trace.app_info),
        fiber_runs={
            fiber.name: [
                (moment(run.begin_tick), moment(run.end_tick or 0), run.thread.id) for run in fiber.runs
            ]
            for fiber in trace.fibers
            if fiber.roots  # Worker::Write leaves out the runs of rows without a zone
        },
        sources={file: content for file, content in trace.sources.items() if content is not None},
    )  # fmt: skip


def comparable(facts: FileFacts) -> dict[str, object]:
    """Without what only a file has, and without the order of what the viewer keeps in a hash table."""
    values = asdict(facts)
    for name in ("version", "images", "gpu_notes", "system"):
        del values[name]
    # The name of a category that nobody has set up is empty in a file.
    values["section_categories"] = {key: text for key, text in facts.section_categories.items() if text}
    if facts.version[:2] == (0, 12):
        # 0.12 forgets to set when a fiber began to run (ProcessFiberEnter of server/TracyWorker.cpp sets its processor twice).
        values["fiber_runs"] = {name: [run[1:] for run in runs] for name, runs in facts.fiber_runs.items()}
    values["locks"] = sorted(facts.locks)
    values["messages"] = sorted(facts.messages, key=str)
    values["sections"] = sorted(facts.sections)
    return values


def _lines(stack: Callstack | None) -> tuple[str, ...]:
    return tuple(f"{frame.function} {frame.file}:{frame.line}" for frame in stack.frames) if stack else ()


def _locks(trace: Trace) -> list[LockFacts]:
    moment = trace.nanoseconds
    return [
        LockFacts(
            lock.name or "",
            lock.location.name,
            lock.is_shared,
            moment(lock.announce_tick),
            moment(lock.terminate_tick) if lock.terminate_tick else 0,
            tuple((event.kind, moment(event.tick), event.thread) for event in lock.events),
        )
        for lock in trace.locks.values()
    ]


def _block(trace: Trace, block: Allocation) -> Block:
    end = -1 if block.end_tick is None else trace.nanoseconds(block.end_tick)
    return Block(
        *(block.address, block.size, trace.nanoseconds(block.begin_tick), end, block.thread, block.free_thread or 0),
        *(_lines(block.callstack), _lines(block.free_callstack)),
    )


def _gpu(trace: Trace, roots: dict[int, list[GpuZone]]) -> list[GpuZoneFacts]:
    found: list[GpuZoneFacts] = []

    def add(zones: list[GpuZone], depth: int) -> None:
        for zone in zones:
            cpu_end = -1 if zone.end_tick is None else trace.nanoseconds(zone.end_tick)
            gpu = tuple(-1 if time is None else time for time in (zone.gpu_begin_ns, zone.gpu_end_ns))
            cpu = (trace.nanoseconds(zone.begin_tick), cpu_end)
            found.append(GpuZoneFacts(zone.name, depth, cpu, (gpu[0], gpu[1]), _lines(zone.callstack)))
            add(zone.children, depth + 1)

    for zones in roots.values():
        add(zones, 0)
    return found
