"""Programs in a network of their own: who announces itself there is heard by nobody else."""

from __future__ import annotations

import shutil
import subprocess

import pytest

#: Before a command: it has no network but a loopback of its own.
ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def _can_be_alone() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run([*ALONE, "true"], capture_output=True, timeout=60, check=False).returncode == 0


needs_own_network = pytest.mark.skipif(not _can_be_alone(), reason="no network of its own can be made (unshare -rn)")

#: Makes so many steps once it is listened to: its name, and how many.
PROGRAM = """\
import sys, tracypy
tracypy.set_program_name(sys.argv[1])
tracypy.enable()
assert tracypy.wait_connected(100)
for number in range(int(sys.argv[2])):
    with tracypy.zone("step"):
        pass
tracypy.disable()
"""
