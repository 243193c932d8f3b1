"""Works when it is told to, and counts what it holds of the system."""

import os
import sys
import time

import tracypy


def leaf():
    pass


def branch(n):
    if n:
        branch(n - 1)
        leaf()


def work():
    branch(3)


def holds():
    sockets = 0
    for entry in os.listdir("/proc/self/fd"):
        try:
            sockets += os.readlink(f"/proc/self/fd/{entry}").startswith(("socket:", "anon_inode:"))
        except OSError:
            pass
    return len(os.listdir("/proc/self/task")), sockets


def holds_in_the_end():
    deadline = time.monotonic() + 60  # a viewer that has just gone is still being cleared away
    while holds() != at_first and time.monotonic() < deadline:
        time.sleep(0.001)
    return holds()


def many():
    for _ in range(200_000):
        leaf()


SECRET = b"the launch code is 0000"
tracypy.enable()
at_first = holds()
print(*at_first)
while line := sys.stdin.buffer.readline():  # no Python code, unlike sys.stdin.readline
    match line.strip():
        case b"work":
            work()
            print("worked")
        case b"many":
            many()
            print("worked")
        case b"holds":
            print(*holds_in_the_end())
        case b"secret":
            print(id(SECRET) + bytes.__basicsize__ - 1)
