"""What tracypy costs while nobody looks: importing it, and being enabled without a viewer.

Rounds of both variants alternate; the least of each counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

ROUNDS = 40


def seconds_of_start(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def seconds_of_calls() -> float:
    start = time.perf_counter()
    fib(21)
    return time.perf_counter() - start


def main() -> None:
    os.environ["TRACYPY_ANNOUNCE"] = "0"
    import tracypy

    starts = [(seconds_of_start("pass"), seconds_of_start("import tracypy")) for _ in range(ROUNDS)]
    bare, importing = (min(column) for column in zip(*starts, strict=True))
    print(f"import tracypy: {(importing - bare) * 1e3:.1f} ms over a bare interpreter ({bare * 1e3:.1f} ms)")

    plain, idle = [], []
    for _ in range(ROUNDS):
        plain.append(seconds_of_calls())
        with tracypy.profile():
            idle.append(seconds_of_calls())
    print(f"enabled, no viewer: {min(idle) / min(plain):.2f} x plain Python")


if __name__ == "__main__":
    main()
