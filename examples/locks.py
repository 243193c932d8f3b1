"""Locks and curves: four threads that wait for one till. Makes locks.tracy."""

from __future__ import annotations

import threading
import time

import tracypy


def main() -> None:
    tracypy.plot_config("sold", step=True, color="orange")
    till = tracypy.Lock(name="till")
    seats = tracypy.Semaphore(2, name="seats")
    sold = 0

    def sell() -> None:
        nonlocal sold
        for _ in range(10):
            with seats, till:
                time.sleep(0.001)
                sold += 1
                tracypy.plot("sold", sold)

    threads = [threading.Thread(target=sell, name=f"clerk {number}") for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    with tracypy.record("locks.tracy", overwrite=True, plots=["cpu", "memory"]):
        main()
