"""A program that says what it is: its version and settings, its own name, and those of its threads.

tracypy record examples/about.py     then: tracypy.open(...).info
"""

from __future__ import annotations

import threading

import tracypy


def serve(number: int) -> int:
    tracypy.set_thread_name(f"server {number}")
    with tracypy.zone("serve"):
        return sum(range(10_000 * number))


def main() -> None:
    tracypy.set_program_name("shop")
    tracypy.app_info("shop 1.2.3")
    tracypy.app_info("database: sqlite, in memory")
    servers = [threading.Thread(target=serve, args=(number,)) for number in (1, 2)]
    for server in servers:
        server.start()
    for server in servers:
        server.join()


if __name__ == "__main__":
    main()
