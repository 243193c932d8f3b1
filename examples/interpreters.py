"""Several interpreters of one process, each with a GIL of its own. Wants Python 3.14.

tracypy record -o interpreters.tracy examples/interpreters.py
"""

from __future__ import annotations

import threading
from concurrent import interpreters

WORK = r"""
def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))

def count_primes(begin):
    return sum(is_prime(number) for number in range(begin, begin + 1_000))

print(f"{count_primes(begin)}\n", end="")  # at once: the others write, too
"""


def main() -> None:
    workers = [interpreters.create() for _ in range(3)]
    threads = []
    for number, worker in enumerate(workers):
        worker.prepare_main(begin=1_000 * number)
        threads.append(threading.Thread(target=worker.exec, args=(WORK,), name=f"worker {number}"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.close()


if __name__ == "__main__":
    main()
