"""A trace file against what the strict viewer made of the same bytes: two descriptions that must be equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tracypy.trace

    from .viewer import Trace
    from .viewer.trace import Zone

type Description = dict[str, list[tuple[object, ...]]]


def of_viewer(trace: Trace) -> Description:
    """What the strict viewer has understood."""
    threads: list[tuple[object, ...]] = []
    zones: list[tuple[object, ...]] = []
    for thread in trace.threads.values():
        threads.append((thread.name, thread.is_fiber, thread.id))
        todo = [(zone, 0) for zone in reversed(thread.roots)]
        while todo:
            zone, depth = todo.pop()
            zones.append((thread.name, depth, *_zone(zone)))
            todo += [(child, depth + 1) for child in reversed(zone.children)]
    frames: list[tuple[object, ...]] = [
        (name or "", frame.begin_ns, -1 if frame.end_ns is None else frame.end_ns)
        for name, marks in trace.frames.items()
        for frame in marks
    ]
    messages = [(message.time_ns, message.text, message.thread.name, message.color or 0) for message in trace.messages]
    points = [(name, time, value) for name, curve in trace.plots.items() for time, value in curve]
    styles: list[tuple[object, ...]] = [
        (name, ("number", "memory", "percentage", "watt")[style.kind], style.step, style.fill, style.color)
        for name, style in trace.plot_configs.items()
    ]
    return {
        "threads": threads, "zones": zones, "frames": sorted(frames), "messages": sorted(messages),
        "points": sorted(points), "styles": sorted(styles, key=str),
        "memory": sorted(
            (name or "", block.address, block.size, trace.nanoseconds(block.begin_tick),
             -1 if block.end_tick is None else trace.nanoseconds(block.end_tick))
            for name, pool in trace.memory_pools.items()
            for block in pool.allocations
        ),
        "app info": [(line,) for line in trace.app_info],
    }  # fmt: skip


def _zone(zone: Zone) -> tuple[object, ...]:
    # Whatever the viewer's release, a file of tracypy's spells values as viewers from 0.12 on.
    parts = (
        [part if isinstance(part, str) else f"{part} [0x{part:x}]" for part in zone.extra.parts] if zone.extra else []
    )
    return (
        *(zone.begin_ns, -1 if zone.end_ns is None else zone.end_ns),
        *(zone.location.own_name or "", zone.function, zone.file, zone.line, zone.location.color),
        *("\n".join(parts) or None, zone.extra.name if zone.extra else None, zone.extra.color if zone.extra else 0),
    )


def of_file(trace: tracypy.trace.Trace) -> Description:
    """What is in a file."""
    threads = [(thread.name, thread.is_fiber, thread.id) for thread in trace.threads]
    zones = [
        (
            *(thread.name, zone.depth, zone.start_ns, zone.end_ns),
            *trace.source_locations[zone.location],
            *(zone.text, zone.name, zone.color),
        )
        for thread in trace.threads
        for zone in thread.iter_zones()
    ]
    frames = [
        (marks.name, frame.start_ns, -1 if marks.is_continuous else frame.end_ns)
        for marks in trace.frames
        for frame in marks.frames
    ]
    messages = [
        (message.time_ns, message.text, "" if message.thread is None else threads[message.thread][0], message.color)
        for message in trace.messages
    ]
    return {
        "threads": list(threads), "zones": list(zones), "frames": sorted(frames), "messages": sorted(messages),
        "points": sorted((plot.name, time, value) for plot in trace.plots for time, value in plot.iter_points()),
        "styles": sorted(
            ((plot.name, plot.format, plot.shows_steps, plot.is_filled, plot.color) for plot in trace.plots), key=str
        ),
        "memory": sorted(
            (pool.name, block.address, block.size, block.begin_ns, -1 if block.end_ns is None else block.end_ns)
            for pool in trace.memory
            for block in pool.iter_allocations()
        ),
        "app info": [(line,) for line in trace.info.app_info],
    }  # fmt: skip
