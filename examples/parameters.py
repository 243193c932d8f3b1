"""Parameters: a simulation whose speed a viewer sets. Run it, connect a viewer, and look at "Trace parameters"."""

from __future__ import annotations

import time

import tracypy

SECONDS = 60.0


def main() -> None:
    speed = tracypy.parameter("speed", 5, min=1, max=100)
    is_paused = tracypy.parameter("paused", False)
    tracypy.parameter("say hello", callback=lambda: tracypy.message("hello"))
    tracypy.listen()
    tracypy.wait_connected(SECONDS)
    position = 0
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and tracypy.is_connected():
        if not is_paused.value:
            position += speed.value
        tracypy.plot("position", position)
        tracypy.frame_mark()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
