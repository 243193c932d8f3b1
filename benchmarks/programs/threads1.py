"""What threads4 does, in one thread: their costs per call are to be the same."""

from programs.threads4 import run_threads

UNITS = 12
PIN = False
THREADS = True
EXACT = False  # the main thread waits for the other one in calls of its own


def run(n: int) -> int:
    return run_threads(1, n)
