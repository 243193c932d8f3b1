"""What a capture and a recording of the same program must agree on."""

import asyncio
import threading

import tracypy


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fails(depth):
    if depth:
        fails(depth - 1)
    raise ValueError


def numbers():
    yield 1
    yield 2


def labelled():
    for n in range(6):
        with tracypy.zone("labelled", color=0x336699) as zone:
            zone.text(f"item {n}")
            zone.text("ünïcode 名前")
            zone.value(n * 1000003)
            if n % 2:
                zone.name(f"renamed {n}")
                zone.color("tomato")


def work():
    fib(10)
    for _ in range(3):
        try:
            fails(4)
        except ValueError:
            pass
    sum(numbers())
    labelled()


async def nap():
    await asyncio.sleep(0)


async def naps():
    for _ in range(3):
        await nap()


threads = [threading.Thread(target=work, name=f"wörker {n}") for n in range(2)]
for thread in threads:
    thread.start()
    thread.join()
for _ in range(7):
    tracypy.frame_mark()
    with tracypy.frame("phase"):
        pass
asyncio.run(naps())
