"""What functions are called with, and what they return, with their zones. Makes arguments.tracy.

Of any program, without a change to it: tracypy record --log-args "shop.*" PROGRAM
"""

from __future__ import annotations

import tracypy


class Cart:
    """Its methods are shown by the switch below."""

    def __init__(self) -> None:
        self.prices: list[float] = []

    def add(self, price: float, count: int = 1) -> int:
        self.prices += [price] * count
        return len(self.prices)


@tracypy.profiled(args=True, result=True)
def total(prices: list[float], *, discount: float = 0.0) -> float:
    return round(sum(prices) * (1 - discount), 2)


def main() -> None:
    cart = Cart()
    cart.add(2.5)
    cart.add(0.8, count=3)
    print(total(cart.prices, discount=0.1))


if __name__ == "__main__":
    with tracypy.record("arguments.tracy", overwrite=True, log_args="Cart.add"):
        main()
