"""The program's own log, on the timeline, above the calls that wrote it. Makes log_records.tracy."""

from __future__ import annotations

import logging

import tracypy

log = logging.getLogger("shop")


def sell(item: str, stock: dict[str, int]) -> None:
    log.debug("somebody wants %s", item)
    if stock[item] == 0:
        log.error("%s is sold out", item)
        return
    stock[item] -= 1
    if stock[item] == 0:
        log.warning("that was the last %s", item)


def main() -> None:
    stock = {"apple": 3, "pear": 1}
    for item in ("apple", "pear", "apple", "pear"):
        sell(item, stock)
    log.info("left: %s", stock)


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG, handlers=[tracypy.LoggingHandler()], format="%(name)s: %(message)s")
    with tracypy.record("log_records.tracy", overwrite=True):
        main()
