"""Uses all that Tracy's own Python bindings have, by the names and arguments that they have."""

import tracypy
import tracypy.tracy_client as tracy

tracypy.listen()
assert tracypy.wait_connected(100)

assert tracy.is_enabled() is True
assert tracy.program_name("bindings") is True
assert tracy.app_info("about it") is True
assert tracy.app_info("x" * 65_535) is False
tracy.thread_name("renamed")

assert tracy.message("plain") is True
assert tracy.message("red", tracy.ColorType.Red) is True
assert tracy.message(message="blue", color=0x0000FF) is True
assert tracy.message("x" * 65_535) is False


@tracy.ScopedZoneDecorator(name="decorated", color=tracy.ColorType.Tomato)
def decorated(depth):
    return decorated(depth - 1) if depth else "done"


class Worker:
    @tracy.ScopedZoneDecorator(class_name="Worker")
    def work(self):
        raise KeyError("expected")


@tracy.ScopedFrameDecorator("decorated frame")
def frame():
    with tracy.ScopedFrame("block"):
        pass


with tracy.ScopedZone() as unnamed:
    assert unnamed.is_active
    assert unnamed.text("text") is True
    assert unnamed.text(42) is True
    assert unnamed.text("x" * 65_535) is False
with tracy.ScopedZone(name="named", color=tracy.ColorType.Green3, depth=4, active=True) as named:
    assert named.name("renamed zone") is True
    named.color(tracy.ColorType.Blue)
with tracy.ScopedZone("inactive", active=False) as inactive:
    assert not inactive.is_active
by_hand = tracy.ScopedZone("twice")
for _ in range(2):
    by_hand.enter()
    by_hand.exit()
by_hand.exit()

assert decorated(2) == "done"
try:
    Worker().work()
except KeyError:
    pass
frame()

tracy.frame_mark()
number = tracy.frame_mark_start("by hand")
assert tracy.frame_mark_end(number) is True
assert tracy.frame_mark_end(99) is False

load = tracy.plot_config("load", tracy.PlotFormatType.Percentage, step=True, flip=True, color=tracy.ColorType.Snow)
assert tracy.plot_config("load", 2, True, True, 0xFFFAFA) == load
assert tracy.plot(load, 1) is True
assert tracy.plot(load, 2.5) is True
assert tracy.plot(99, 1) is False

block = bytearray(64)
assert tracy.alloc(block, 64) is None
pool = tracy.alloc(0x1000, 32, "pool", depth=4)
assert isinstance(pool, int)
assert tracy.alloc(0x2000, 16, id=pool) == pool
assert tracy.alloc(0x3000, 16, id=99) is None
assert tracy.alloc(0, 16) is None
assert tracy.free(0x2000, pool) is True
assert tracy.free(0x1000, id=pool, depth=4) is True
assert tracy.free(0x3000, 99) is False
assert tracy.free(block) is True

assert tracy.frame_image(bytes(3 * 4 * 4), 3, 4) is False
assert tracy.frame_image(bytes([255, 0, 0, 255]) * 32, 8, 4, flip=True) is True
