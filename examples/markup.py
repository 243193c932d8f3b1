"""A program that says itself what is worth looking at: profiled functions, zones and frames, nothing else.

python examples/markup.py --wait     waits until a viewer has connected to 127.0.0.1
"""

from __future__ import annotations

import sys

import tracypy


@tracypy.profiled(color="steelblue")
def simulate(positions: list[float], seconds: float) -> list[float]:
    return [position + seconds * (0.5 - position) for position in positions]


@tracypy.profiled(name="draw everything")
def draw(positions: list[float]) -> int:
    drawn = 0
    with tracypy.zone("clip", color="tomato") as zone:
        visible = [position for position in positions if position < 0.75]
        zone.value(len(visible))
    for layer in ("background", "sprites"):
        with tracypy.zone("layer") as zone:
            zone.text(layer)
            drawn += sum(position < 0.5 for position in visible)
    return drawn


def main() -> None:
    if "--wait" in sys.argv:
        tracypy.listen()
        tracypy.wait_connected()
    positions = [index / 1000 for index in range(1000)]
    for _ in range(100):
        positions = simulate(positions, 1 / 60)
        draw(positions)
        tracypy.frame_mark()
    with tracypy.frame("save"):
        print(f"{sum(positions):.3f}")


if __name__ == "__main__":
    main()
