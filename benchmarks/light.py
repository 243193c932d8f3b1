"""What tracypy costs while nobody looks: importing it, starting a program, and being enabled without a viewer.

Rounds of all variants alternate; the least of each counts.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 40


STARTS = {
    "import tracypy": ["-c", "import tracypy"],
    "tracypy program.py": ["-c", "from tracypy.cli import main; main()", "program.py"],
    "tracypy record program.py": [
        "-c",
        "from tracypy.cli import main; main()",
        "record",
        "-f",
        "-o",
        "out.tracy",
        "program.py",
    ],
}


def seconds_of_start(words: list[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=folder, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def print_starts() -> None:
    """Of a program that does nothing, by what the console script does, but for what installers write into that."""
    variants = {"python program.py": ["program.py"], **STARTS}
    taken: dict[str, list[float]] = {name: [] for name in variants}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "program.py"), "w") as program:
            program.write("pass\n")
        for _ in range(ROUNDS):
            for name, words in variants.items():
                taken[name].append(seconds_of_start(words, folder))
    plain = taken.pop("python program.py")
    print(f"python program.py: {min(plain) * 1e3:.1f} ms at least, median {statistics.median(plain) * 1e3:.1f}")
    for name, seconds in taken.items():
        least, median = min(seconds) - min(plain), statistics.median(seconds) - statistics.median(plain)
        print(f"{name}: {least * 1e3:.1f} ms more, median {median * 1e3:.1f} more")


def fib(n: int) -> int:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def seconds_of_calls() -> float:
    start = time.perf_counter()
    fib(21)
    return time.perf_counter() - start


def main() -> None:
    os.environ["TRACYPY_ANNOUNCE"] = "0"
    import tracypy

    print_starts()
    plain, idle = [], []
    for _ in range(ROUNDS):
        plain.append(seconds_of_calls())
        with tracypy.profile():
            idle.append(seconds_of_calls())
    print(f"enabled, no viewer: {min(idle) / min(plain):.2f} x plain Python")


if __name__ == "__main__":
    main()
