"""Programs on clusters that are made on this machine: by mpirun on the loopback alone, and on what looks like another host."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import clean_environment

BIN = Path(sys.executable).parent
#: In name spaces of its own: another name, and another number of its start, by which machines are told apart. The counter
#: is the same, so that it is known how right the clocks were aligned.
_OTHER_HOST = (
    "echo 11111111-2222-3333-4444-555555555555 >$0.id && mount --bind $0.id /proc/sys/kernel/random/boot_id && "
    'hostname elsewhere && exec "$@"'
)
_LOOPBACK = 'ip link set lo up && exec "$@"'


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(importlib.util.find_spec(module) is None, reason=f"there is no wheel of {module}")


@cache
def _works(*words: str) -> bool:
    try:
        return subprocess.run([*words, "true"], capture_output=True, timeout=100, check=False).returncode == 0
    except OSError:
        return False


def elsewhere(folder: Path) -> list[str]:
    """The words before a command that let it take this machine for another one. Skips the test where nobody may do that."""
    words = ["unshare", "-m", "-u", "sh", "-c", _OTHER_HOST, str(folder / "other")]
    if not _works(*words):
        pytest.skip("name spaces of one's own are not allowed here")
    return words


def on_loopback() -> list[str]:
    """The words before a command that let it have no other network, if that is allowed."""
    words = ["unshare", "-n", "sh", "-c", _LOOPBACK, "sh"]
    return words if _works(*words) else []


def mpirun(folder: Path, *words: str, code: int = 0) -> tuple[str, str]:
    """Run `mpirun WORDS` in a folder; return what all ranks have written to standard output and standard error."""
    options = ["--allow-run-as-root", "--oversubscribe", "--mca", "btl", "self,sm"]
    with subprocess.Popen(
        [*on_loopback(), str(BIN / "mpirun"), *options, *words], cwd=folder, env=clean_environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,  # it signals its whole group when a rank dies
    ) as launcher:  # fmt: skip
        try:
            said, errors = launcher.communicate(timeout=100)
        except BaseException:  # a limit of time
            os.killpg(launcher.pid, signal.SIGKILL)
            raise
    assert launcher.returncode == code, errors
    return said, errors


def zones_by_row(path: Path) -> Counter[tuple[str, str]]:
    """How many zones of each name there are, by the program that rows are called after: without process and thread."""
    trace = tracypy.open(path)
    return Counter(
        (thread.name.partition(" (")[0], trace.source_locations[zone.location].label)
        for thread in trace.threads
        for zone in thread.iter_zones()
    )


#: Reads the machine's counter within a zone, and says what it was.
NOW = """
import tracypy
from tracypy import _core

def now():
    with tracypy.zone("now") as zone:
        zone.text(str(_core.ticks()))
"""


def clocks_differ_by(path: Path, host: str) -> tuple[int, int]:
    """By how many nanoseconds the zones of `now` on that host are away from where they were, by those of other hosts.

    Returns:
        That, and how exactly it can be known: how long these zones took.
    """
    trace = tracypy.open(path)
    zones = [
        (f" on {host} (" in thread.name, int(zone.text), zone.start_ns, zone.end_ns)
        for thread in trace.threads
        for zone in thread.iter_zones()
        if trace.source_locations[zone.location].label == "now" and zone.text is not None
    ]
    there = min((zone for zone in zones if zone[0]), key=lambda zone: zone[3] - zone[2])
    here = min((zone for zone in zones if not zone[0]), key=lambda zone: zone[3] - zone[2])
    real = (there[1] - here[1]) * trace.info.ns_per_tick
    shown = (there[2] + there[3]) / 2 - (here[2] + here[3]) / 2
    return round(abs(shown - real)), there[3] - there[2] + here[3] - here[2]
