"""Where exceptions are raised, also those that somebody catches. Makes exceptions.tracy.

The same of any program: tracypy record --exceptions PROGRAM
"""

from __future__ import annotations

import tracypy


class SoldOutError(Exception):
    """There is no such thing any more."""


def take(item: str, stock: dict[str, int]) -> None:
    if stock[item] == 0:
        raise SoldOutError(item)
    stock[item] -= 1


def sell(item: str, stock: dict[str, int]) -> bool:
    try:
        take(item, stock)
    except SoldOutError:
        return False
    except KeyError:
        return False
    return True


def main() -> None:
    stock = {"apple": 2, "pear": 1}
    sold = [sell(item, stock) for item in ("apple", "pear", "plum", "pear", "apple")]
    print(f"{sum(sold)} of {len(sold)} sold")


if __name__ == "__main__":
    with tracypy.record("exceptions.tracy", overwrite=True, exceptions=True):
        main()
