"""A program for Tracy's own Python bindings, with another import. Records itself into tracy_client.tracy."""

from __future__ import annotations

import math

import tracypy
import tracypy.tracy_client as tracy


@tracy.ScopedZoneDecorator(name="step", color=tracy.ColorType.Tomato)
def step(number: int) -> float:
    with tracy.ScopedZone("inner", depth=4) as zone:
        zone.text(f"step {number}")
        return math.sqrt(sum(i * i for i in range(number)))


def main() -> None:
    tracy.program_name("bindings")
    tracy.app_info("runs on tracypy")
    load = tracy.plot_config("load", tracy.PlotFormatType.Number, step=True)
    assert load is not None
    pool = tracy.alloc(0x1000, 4096, "arena")
    for number in range(100):
        with tracy.ScopedFrame("frame"):
            tracy.plot(load, step(number))
    tracy.free(0x1000, pool)
    tracy.message("done", tracy.ColorType.SteelBlue)


if __name__ == "__main__":
    with tracypy.record("tracy_client.tracy", overwrite=True):
        main()
