"""Programs whose processes make a number of calls of `work` that is known."""

from __future__ import annotations

#: `do(calls)` makes as many calls of `work` as it is told.
WORK = """
import os, subprocess, sys

def work():
    pass

def do(calls):
    for _ in range(calls):
        work()
"""

#: `in_fork(action)` does it in a child, which must succeed.
FORKS = """
def wait_for(child):
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

def in_fork(action):
    child = os.fork()
    if child == 0:
        action()
        os._exit(0)
    wait_for(child)

"""
