"""Programs for Tracy's own Python bindings run on tracypy, with another import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tracypy.tracy_client as tracy

from support.programs import program
from support.target import running

if TYPE_CHECKING:
    from pathlib import Path

    from support.viewer import Trace

PROGRAM = program("tracy_client")
UPSTREAM = {
    "Color", "ColorType", "PlotFormatType", "PlotType", "ScopedFrame", "ScopedFrameDecorator", "ScopedZone",
    "ScopedZoneDecorator", "alloc", "app_info", "frame_image", "frame_mark", "frame_mark_end", "frame_mark_start", "free",
    "is_enabled", "message", "plot", "plot_config", "program_name", "thread_name",
}  # fmt: skip


def line_of(beginning: str) -> int:
    return 1 + next(at for at, line in enumerate(PROGRAM.splitlines()) if line.strip().startswith(beginning))


def recorded(tmp_path: Path) -> Trace:
    with running(tmp_path, "import gc; gc.disable(); " + PROGRAM) as target:
        trace = target.viewer().run()
        target.expect_success()
    return trace


def test_a_program_of_all_names_says_what_it_would_say_to_tracy(tmp_path: Path) -> None:
    trace = recorded(tmp_path)
    assert "about it" in trace.app_info
    said = [(message.text, message.color or 0) for message in trace.messages]
    assert said == [("plain", 0), ("red", 0xFF0000), ("blue", 0x0000FF)]
    assert [value for _, value in trace.plots["load"]] == [1.0, 2.5]
    config = trace.plot_configs["load"]
    assert (config.kind, config.step, config.fill, config.color) == (2, True, True, 0xFFFAFA)
    assert {name: len(marks) for name, marks in trace.frames.items() if name} == {
        "decorated frame": 1, "block": 1, "by hand": 1,
    }  # fmt: skip


def test_a_frame_has_its_image(tmp_path: Path) -> None:
    (image,) = recorded(tmp_path).frame_images
    assert (image.width, image.height, image.flip) == (8, 4, True)
    assert {pixel[0] > 240 and max(pixel[1:3]) < 16 for row in image.pixels() for pixel in row} == {True}


def test_memory_is_in_its_pools(tmp_path: Path) -> None:
    pools = recorded(tmp_path).memory_pools
    assert {
        name: [(block.size, block.end_tick is not None) for block in pool.allocations] for name, pool in pools.items()
    } == {
        None: [(64, True)],
        "pool": [(32, True), (16, True)],
    }
    first, second = pools["pool"].allocations
    assert (first.address, second.address) == (0x1000, 0x2000)
    for stack in (first.callstack, first.free_callstack):
        assert stack is not None
        assert [frame.function for frame in stack.frames] == ["<module>"]
    assert (second.callstack, second.free_callstack) == (None, None)


def test_zones_lie_where_the_program_made_them(tmp_path: Path) -> None:
    trace = recorded(tmp_path)
    zones = sorted(
        (zone for thread in trace.threads.values() for zone in thread.zones()), key=lambda zone: zone.begin_tick
    )
    assert [(zone.name, zone.line) for zone in zones] == [
        ("<module>", line_of("with tracy.ScopedZone() as")),
        ("renamed zone", line_of("with tracy.ScopedZone(name=")),
        ("twice", line_of("by_hand = ")),
        ("twice", line_of("by_hand = ")),
        ("decorated", line_of("@tracy.ScopedZoneDecorator(name=")),
        ("decorated", line_of("@tracy.ScopedZoneDecorator(name=")),
        ("decorated", line_of("@tracy.ScopedZoneDecorator(name=")),
        ("Worker:work", line_of("@tracy.ScopedZoneDecorator(class_name=")),
    ]
    unnamed, named = zones[:2]
    assert unnamed.text == "text\n42"
    assert named.callstack is not None
    assert [frame.function for frame in named.callstack.frames] == ["<module>"]


def test_the_names_are_those_of_the_bindings() -> None:
    assert set(tracy.__all__) == UPSTREAM
    assert len(tracy.ColorType.__members__) == 676
    assert (tracy.ColorType.Tomato, tracy.ColorType.Gray50, tracy.ColorType.Grey90) == (0xFF6347, 0x7F7F7F, 0xE5E5E5)
    assert (tracy.ColorType.SteelBlue4, tracy.ColorType.Lime) == (0x36648B, 0x00FF00)
    assert list(tracy.PlotFormatType) == [0, 1, 2]
