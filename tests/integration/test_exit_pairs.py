"""A daemon thread at work within tracypy while the interpreter takes itself down, and finalizers that go there, too.

From CPython 3.14 on, a thread that asks for the interpreter then waits for ever, with all that it holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

#: Each way into tracypy that takes a lock, or waits for a thread of ours.
WAYS = {
    "enable and disable": "tracypy.disable(); tracypy.enable()",
    "profile": "\n    with tracypy.profile(): called()",
    "profiled": "tracypy.profiled(lambda: None)",
    "zone": "\n    with tracypy.zone('zone'): called()",
    "frame mark": "tracypy.frame_mark('frame')",
    "listen and stop": "tracypy.listen(); tracypy.stop_listening()",
    "wait for a viewer": "tracypy.wait_connected(0.0001)",
    "record": "\n    with tracypy.record(NAME, overwrite=True): called()",
    "start and stop": "tracypy.start_recording(NAME, overwrite=True); tracypy.stop_recording()",
}

PROGRAM = """
import builtins, gc, os, sys, threading
import tracypy

gc.disable()  # the last collection comes all the same, and is the one that is wanted

NAME = "daemon.tracy"
def called(): pass

def daemon():
    WAY

def forever():
    while True:
        try:
            daemon()
        except (RuntimeError, OSError):
            pass  # such as: enabled already, no port free, no thread to be had any more
        went.set()

class Late:
    def __init__(self, name, act):
        self.me = self  # found by the garbage collector, while modules still have their contents
        self.name, self.act = name, act
    def __del__(self, write=os.write, is_finalizing=sys.is_finalizing):
        assert is_finalizing()
        try:
            self.act()
        except (RuntimeError, OSError):
            pass
        write(1, (self.name + "\\n").encode())

def finalizers():
    NAME = "late.tracy"
    def called(): pass
FINALIZERS

finalizers()
builtins.late = Late("the very last", tracypy.disable)
builtins.late.me = None
went = threading.Event()
for _ in range(3):
    threading.Thread(target=forever, daemon=True).start()
went.wait()
"""


#: CPython 3.13t ends threads inside sys.monitoring.set_events, where they have the world stopped, and the interpreter
#: then waits for them in stop_the_world, whatever runs; without us, too. And it ends threads that have a dictionary's
#: lock, as those have that set a module's variables: whoever looks at that module waits for ever.
NEEDS_WHAT_THREADS_KEEP = ("enable and disable", "profile", "record", "start and stop", "listen and stop")
ENDS_THREADS_THAT_KEEP_SOMETHING = sys.version_info[:2] == (3, 13) and bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def finalizers() -> Iterator[str]:
    for name, way in WAYS.items():
        function = name.replace(" ", "_")
        body = way.replace("\n    ", "")
        yield f"    def {function}():\n        {body}\n    Late({name!r}, {function})\n"


def run(folder: Path, way: str) -> tuple[int | str, list[str], str]:
    folder.mkdir()
    (folder / "program.py").write_text(
        PROGRAM.replace("WAY", WAYS[way]).replace("FINALIZERS", "".join(finalizers())), encoding="utf-8"
    )
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("TRACY_", "TRACYPY_"))}
    variables |= {"TRACYPY_ANNOUNCE": "0", "TRACYPY_LOG": "off"}  # it is no news that all ports are taken
    command = [sys.executable, "program.py"]
    with subprocess.Popen(
        command, env=variables, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            out, err = process.communicate(timeout=100)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return "hangs", out.splitlines(), err
        return process.returncode, out.splitlines(), err


@pytest.mark.parametrize("way", WAYS)
def test_no_pair_of_daemon_thread_and_finalizer_hangs(tmp_path: Path, way: str) -> None:
    if ENDS_THREADS_THAT_KEEP_SOMETHING and way in NEEDS_WHAT_THREADS_KEEP:
        pytest.skip(
            "hangs without us, too: CPython 3.13t ends threads that have the world stopped, or a dictionary's lock"
        )
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda number: run(tmp_path / str(number), way), range(6)))
    everything = {*WAYS, "the very last"}
    assert [(code, everything - set(done), err) for code, done, err in outcomes] == [(0, set(), "")] * len(outcomes)
