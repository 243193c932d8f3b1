"""Messages: what the tills of a shop say, each by its severity, some in a colour. Makes messages.tracy."""

from __future__ import annotations

import threading
import time

import tracypy


def sell(customer: int) -> None:
    with tracypy.zone("at the till") as zone:
        zone.text(f"customer {customer}")
        tracypy.message(f"customer {customer} comes", severity="debug")
        time.sleep(0.002)
        if customer % 4 == 3:
            tracypy.message(f"customer {customer} has a voucher", color="gold")
        if customer == 5:
            tracypy.message("the drawer is nearly full", severity="warning")
        if customer == 7:
            tracypy.message("the printer has no paper", severity="error")
        tracypy.message(f"customer {customer} has paid")


def serve(till: int) -> None:
    for customer in range(till, 10, 2):
        sell(customer)


def main() -> None:
    tills = [threading.Thread(target=serve, args=(till,), name=f"till {till}") for till in range(2)]
    for till in tills:
        till.start()
    for till in tills:
        till.join()


if __name__ == "__main__":
    with tracypy.record("messages.tracy", overwrite=True):
        main()
