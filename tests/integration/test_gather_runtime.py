"""Tracy's own client, in a library of somebody else: IREE's runtime from PyPI, gathered and told.

Its zones and all else are those that a viewer shows who is connected to it alone. It listens at Tracy's port, to every
address, so it only ever runs in a network of its own.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.own_network import HEARD, needs_own_network
from support.programs import program
from support.trace_reader import read_trace_file

pytestmark = [
    needs_own_network,
    pytest.mark.skipif(importlib.util.find_spec("iree") is None, reason="there is no wheel of iree-base-runtime"),
]

#: What the library's own functions say.
ZONES = {
    "VmInstance::Create": 1,
    "iree_hal_driver_create_default_device": 1,
    "iree_hal_allocator_allocate_buffer": 10,
    "iree_hal_heap_buffer_create": 10,
    "iree_hal_buffer_map_fill": 10,
    "iree_hal_buffer_recycle": 10,
}

#: Runs the client as a program of its own.
ROOT = """
import subprocess, sys, tracypy
client = subprocess.Popen(
    [sys.executable, "real_client.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
)
assert client.stdout.readline() == "listens\\n"
START
with tracypy.zone("here"):
    assert client.stdout.readline() == "has said all\\n"
END
client.kill()
client.communicate()
"""

#: The same in one process.
WITHIN = """
import os, tracypy
import real_client
tracypy.gather()
with tracypy.record("out.tracy", include="nothing", gc=False):
    with tracypy.zone("here"):
        real_client.wait_connected()
        real_client.say_all()
os._exit(0)
"""

#: Tells the client, to whom its own capture tool is connected for three seconds.
TELLING = """
import os, subprocess, sys, tracypy
import real_client
viewer = subprocess.Popen(
    [sys.argv[1], "-o", "out.tracy", "-a", "127.0.0.1", "-s", "3"], stdout=subprocess.DEVNULL
)
real_client.wait_connected()
tracypy.use_client(real_client.iree.__file__)
def step():
    with tracypy.zone("inside"):
        tracypy.plot("speed", 7)
tracypy.enable(gc=False)
for _ in range(100):
    step()
tracypy.message("hello")
tracypy.disable()
real_client.use_the_library()
assert viewer.wait(100) == 0
os._exit(0)
"""


def capture_tool() -> str:
    """The one that comes with the library, and speaks its protocol."""
    (folder,) = importlib.import_module("iree").__path__
    return str(Path(folder) / "_runtime_libs_tracy" / "iree-tracy-capture")


def run(folder: Path, text: str, *words: str) -> None:
    """Run a Python program beside the client, in a network of its own."""
    (folder / "real_client.py").write_text(program("real_client"))
    (folder / "program.py").write_text(text)
    result = subprocess.run(
        [*HEARD, sys.executable, "program.py", *words],
        cwd=folder, capture_output=True, encoding="utf-8", timeout=200, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def calls(path: Path) -> dict[str, int]:
    return {row.name: row.calls for row in tracypy.open(path).functions()}


def check(path: Path) -> None:
    """All is there that the client has said, and our own zone."""
    trace, facts = tracypy.open(path), read_trace_file(path.read_bytes())
    found = calls(path)
    assert found["here"] == 1
    assert ZONES.items() <= found.items()
    assert {name_of(frames.name): len(frames) for frames in trace.frames} == {"": 10, "physics": 10}
    speed = [plot for plot in trace.plots if name_of(plot.name) == "speed"]
    assert [value for _, value in speed[0].iter_points()] == list(range(10))
    assert [(message.text, message.color) for message in trace.messages] == [("hello", 0xFF8000)] * 10
    assert (1000, 900) in [(pool.bytes, pool.in_use) for pool in trace.memory]
    assert [[step.kind for step in lock.events] for lock in trace.locks] == [["wait", "obtain", "release"] * 10]
    assert {name: [zone.name for zone in zones] for name, zones in facts.gpu.items()} == {"queue": ["draw call"] * 10}
    assert "version 3" in [name_of(line) for line in trace.info.app_info]


def name_of(text: str) -> str:
    """Without the process in front."""
    return text.rpartition(": ")[2]


def test_in_another_program(tmp_path: Path) -> None:
    start = 'tracypy.gather(8086); tracypy.start_recording("out.tracy", include="nothing", gc=False)'
    run(tmp_path, ROOT.replace("START", start).replace("END", "tracypy.stop_recording()"))
    check(tmp_path / "out.tracy")


def test_within_the_program(tmp_path: Path) -> None:
    """Found by its announcement."""
    run(tmp_path, WITHIN)
    check(tmp_path / "out.tracy")


def test_in_its_own_capture_tool(tmp_path: Path) -> None:
    """Which is connected to us, and shows both."""
    start = """
tracypy.listen(port=8087)
viewer = subprocess.Popen([sys.argv[1], "-o", "out.tracy", "-a", "127.0.0.1", "-p", "8087"], stdout=subprocess.DEVNULL)
tracypy.gather(8086)
assert tracypy.wait_connected(100)
"""
    end = "tracypy.stop_listening()\nassert viewer.wait(100) == 0"
    run(tmp_path, ROOT.replace("START", start).replace("END", end), capture_tool())
    check(tmp_path / "out.tracy")


def test_told_by_us(tmp_path: Path) -> None:
    """`tracypy.use_client`: our calls are among its own."""
    run(tmp_path, TELLING, capture_tool())
    found = calls(tmp_path / "out.tracy")
    assert (found["step"], found["inside"]) == (100, 100)
    assert ZONES.items() <= found.items()
    trace = tracypy.open(tmp_path / "out.tracy")
    assert "hello" in [message.text for message in trace.messages]
    assert [len(plot) for plot in trace.plots if plot.name == "speed"] == [100]
