"""Several interpreters of one process, each with a GIL of its own. Wants Python 3.14.

tracypy record -o interpreters.tracy examples/interpreters.py
"""

from __future__ import annotations

import threading
from concurrent import interpreters

WORK = """
def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))

def count_primes(begin):
    return sum(is_prime(number) for number in range(begin, begin + 1_000))

print(count_primes(begin))
"""


def main() -> None:
    threads = []
    for number in range(3):
        interpreter = interpreters.create()
        interpreter.prepare_main(begin=1_000 * number)
        threads.append(threading.Thread(target=interpreter.exec, args=(WORK,), name=f"worker {number}"))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
