"""A little of everything that can be in a trace, the same in every run."""

import threading

import tracypy


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def generate():
    for i in range(3):
        yield i


@tracypy.profiled(name="own name", color=0x112233)
def marked():
    pass


def fail(depth):
    if depth == 0:
        raise ValueError
    fail(depth - 1)


def in_thread():
    with tracypy.zone("thread's") as zone:
        zone.text("of " + threading.current_thread().name)
        fib(5)


def main():
    fib(10)
    list(generate())
    marked()
    try:
        fail(20)
    except ValueError:
        pass
    with tracypy.zone("ünïcode", color="tomato") as zone:
        zone.text("first")
        zone.value(77)
        zone.text("second 名")
        with tracypy.zone("inner") as inner:
            inner.name("renamed")
            inner.color(0xABCDEF)
    for name in ("worker-1", "wörker-2"):
        thread = threading.Thread(target=in_thread, name=name)
        thread.start()
        thread.join()
    for _ in range(7):
        tracypy.frame_mark()
    for _ in range(3):
        with tracypy.frame("request"):
            fib(3)
    for _ in range(2):
        tracypy.frame_mark("physics")


main()
