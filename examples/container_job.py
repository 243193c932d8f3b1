"""A job as it runs in a container: it asks a shop for prices, and writes nothing. See docs/questions/container.md."""

from __future__ import annotations

import os
import signal
import sys
import time

ORDERS = int(os.environ.get("ORDERS", "20"))


def wait_for_shop(order: int) -> float:
    time.sleep(0.001)  # somebody else is slow
    return order / 10


def price_of(order: int) -> float:
    return wait_for_shop(order)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # `docker stop`
    prices = [price_of(order) for order in range(ORDERS)]
    print(f"{len(prices)} orders, {sum(prices):.2f} in all", flush=True)


if __name__ == "__main__":
    main()
