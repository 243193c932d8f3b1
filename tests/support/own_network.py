"""Programs in a network of their own: who announces itself there is heard by nobody else. And with a clock of their own."""

from __future__ import annotations

import shutil
import subprocess

import pytest

#: Before a command: it has no network but a loopback of its own.
ALONE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]

#: As ALONE: who announces himself to all of the network is heard, though there is nobody else.
HEARD = [*ALONE[:4], 'ip link set lo up && ip route add 255.255.255.255 dev lo && exec "$@"', "sh"]

#: An address that is not the loopback's, in such a network. It is for documentation, and so nobody's.
ADDRESS = "192.0.2.7"
#: Before a command, as ALONE: its network has ADDRESS, too.
AT_AN_ADDRESS = [*ALONE[:4], f'ip link set lo up && ip address add {ADDRESS} dev lo && exec "$@"', "sh"]
#: Before a command in there: the system's clock reads an hour more.
AN_HOUR_LATER = ["unshare", "-T", "--monotonic", "3600"]


def _works(*words: str) -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run([*words, "true"], capture_output=True, timeout=60, check=False).returncode == 0


needs_own_network = pytest.mark.skipif(not _works(*ALONE), reason="no network of its own can be made (unshare -rn)")
needs_other_clock = pytest.mark.skipif(
    not _works(*AT_AN_ADDRESS, *AN_HOUR_LATER), reason="no clock of its own can be had (unshare -rn, unshare -T)"
)

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
