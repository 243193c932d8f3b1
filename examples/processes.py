"""One timeline of several processes: a pool of workers, and a helper with a program of its own.

tracypy record -o processes.tracy examples/processes.py
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys

HELPER = """
def check(total):
    return total == sum(range(total))

for total in range(2_000):
    check(total)
"""


def is_prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))


def count_primes(begin: int) -> int:
    return sum(is_prime(number) for number in range(begin, begin + 1_000))


def main() -> None:
    helper = subprocess.Popen([sys.executable, "-c", HELPER])
    with multiprocessing.Pool(3) as pool:
        print(sum(pool.imap_unordered(count_primes, range(0, 10_000, 1_000))))
    helper.wait()


if __name__ == "__main__":
    main()
