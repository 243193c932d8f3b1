"""Becomes a command that may not use some system calls, as in a container: without_calls.py ERROR CALL,CALL COMMAND…"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

#: Their numbers on x86-64.
NUMBERS = {
    "accept4": 288,
    "clone3": 435,
    "close_range": 436,
    "getrandom": 318,
    "membarrier": 324,
    "pidfd_open": 434,
    "statx": 332,
}
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ANSWER_ERROR, _ALLOW = 0x00050000, 0x7FFF0000
_SET_SECCOMP, _FILTER, _NO_NEW_PRIVILEGES = 22, 2, 38


def main() -> None:
    """Set the filter, which all that descends from this process has, too."""
    code, names, *command = sys.argv[1:]
    answer = _ANSWER_ERROR | getattr(errno, code)
    steps = [(_LOAD, 0, 0, 0)]
    for name in names.split(","):
        steps += [(_JUMP_IF_EQUAL, 0, 1, NUMBERS[name]), (_RETURN, 0, 0, answer)]
    steps.append((_RETURN, 0, 0, _ALLOW))
    code_of_filter = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code_of_filter)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        sys.exit(77)
    os.execvp(command[0], command)


main()
