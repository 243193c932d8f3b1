"""A GPU's timeline: a pretended device that does in a thread what it is given. Makes gpu.tracy."""

from __future__ import annotations

import queue
import threading
import time

import tracypy


class Device:
    """Works on one thing after the other, and keeps when."""

    def __init__(self) -> None:
        self._work: queue.Queue[tuple[tracypy.GpuZone, float] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="pretended device")
        self._thread.start()

    def submit(self, zone: tracypy.GpuZone, seconds: float) -> None:
        self._work.put((zone, seconds))

    def close(self) -> None:
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            zone, seconds = work
            begin = time.perf_counter_ns()
            time.sleep(seconds)
            zone.set_times(begin, time.perf_counter_ns())


def main() -> None:
    device = Device()
    context = tracypy.GpuContext("custom", "pretended device")
    for frame in range(20):
        tracypy.frame_mark()
        for name, seconds in (("shadows", 0.002), ("colours", 0.005)):
            zone = context.zone(name)
            with zone, tracypy.zone(f"submit {name}"):
                time.sleep(0.001)
            device.submit(zone, seconds + frame * 0.0001)
        time.sleep(0.006)
    device.close()


if __name__ == "__main__":
    with tracypy.record("gpu.tracy", overwrite=True):
        main()
