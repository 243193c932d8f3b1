"""Every kind of event in two children at once, and in their root: all of it is there, and nobody's is taken for another's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import record
from support.target import running
from support.viewer import PROTOCOLS

ROUNDS = 50
PROGRAM = f"""
import asyncio, subprocess, sys, threading, time, tracypy

def work():
    pass

async def job():
    with tracypy.zone("in a job"):
        await asyncio.sleep(0.0001)

def tell(number, lock, context):
    tracypy.message(f"message {{number}}", callstack=4)
    tracypy.plot("speed", number)
    tracypy.frame_mark()
    with tracypy.frame("request"), lock, tracypy.section("part", category="parts"):
        tracypy.memory_alloc(0x1000 + number, 16, "arena", callstack=3)
        tracypy.memory_alloc(0x9000 + number, 16)
        with tracypy.zone("zone", callstack=4) as zone:
            zone.text(f"text {{number}}")
            zone.value(number)
            work()
        tracypy.memory_free(0x1000 + number, "arena")
        tracypy.memory_free(0x9000 + number)
    zone = context.zone("on the device")
    with zone:
        work()
    zone.set_times(time.perf_counter_ns() - 10, time.perf_counter_ns())
    asyncio.run(job())

def main():
    tracypy.plot_config("speed", format="percentage", color="red")
    lock, context = tracypy.Lock(name="till"), tracypy.GpuContext("custom", "device")
    tracypy.app_info("a line")
    thread = threading.Thread(target=lambda: [lock.acquire() and lock.release() for _ in range({ROUNDS})], name="beside")
    thread.start()
    for number in range({ROUNDS}):
        tell(number, lock, context)
    thread.join()

"""
ROOT = (
    PROGRAM
    + "children = [subprocess.Popen([sys.executable, 'child.py']) for _ in range(2)]\nmain()\n"
    + "assert [child.wait() for child in children] == [0, 0]\nprint(*(child.pid for child in children))\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "child.py").write_text(PROGRAM + "main()\n")
    return tmp_path


def test_every_kind_is_recorded(folder: Path) -> None:
    out, err = record(folder, "--exclude", "threading", program=ROOT)
    assert "left out" not in err.lower()
    processes = ["", *(f"child.py ({pid}): " for pid in out.split())]
    trace = tracypy.open(folder / "out.tracy")
    assert sum(message.text.startswith("message ") for message in trace.messages) == 3 * ROUNDS
    assert all(message.callstack for message in trace.messages if message.text.startswith("message "))
    assert {plot.name: len(plot) for plot in trace.plots if plot.name.endswith("speed")} == {
        process + "speed": ROUNDS for process in processes
    }
    frames = {frame_set.name: len(frame_set) for frame_set in trace.frames}
    assert {name: frames[name] for name in frames if name and name.endswith("request")} == {
        process + "request": ROUNDS for process in processes
    }
    assert all(frames[process + "frames"] >= ROUNDS - 1 for process in processes[1:])
    pools = {pool.name: list(pool.iter_allocations()) for pool in trace.memory}
    assert {name for name in pools if name and name.endswith("arena")} == {process + "arena" for process in processes}
    for name, blocks in pools.items():
        assert len(blocks) == ROUNDS, name
        assert all(block.end_ns is not None and block.end_ns >= block.begin_ns for block in blocks)
    assert [trace.source_locations[lock.location].label for lock in trace.locks] == ["till"] * 3
    assert len(trace.gpu) == 3
    assert all(len(context.zones) == ROUNDS for context in trace.gpu)
    assert len(trace.sections) == 3 * ROUNDS
    assert {section.category for section in trace.sections} == {"parts"}
    zones = [zone for thread in trace.threads for zone in thread.iter_zones()]
    texts = Counter(zone.text.split("\n")[0] for zone in zones if zone.text and zone.text.startswith("text "))
    assert texts == {f"text {number}": 3 for number in range(ROUNDS)}
    jobs = [thread.name for thread in trace.threads if thread.is_fiber and thread.name.endswith("job")]
    assert {name.rpartition("job")[0] for name in jobs} == set(processes)
    assert len([line for line in trace.info.app_info if line.endswith("a line")]) == 3


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_kind_comes_to_a_viewer(folder: Path, protocol: int) -> None:
    source = ROOT.replace("children = [", "assert tracypy.wait_connected(100)\nchildren = [", 1)
    with running(folder, source, arguments=("-m", "tracypy", "run", "--exclude", "threading")) as target:
        trace = target.viewer(protocol).run()
        pids = target.expect_success().split()
    processes = ["", *(f"child.py ({pid}): " for pid in pids)]
    assert sum(message.text.startswith("message ") for message in trace.messages) == 3 * ROUNDS
    assert {name: len(points) for name, points in trace.plots.items() if name.endswith("speed")} == {
        process + "speed": ROUNDS for process in processes
    }
    pools = trace.memory_pools
    assert {name for name in pools if name and "arena" in name} == {process + "arena" for process in processes}
    assert len(trace.locks) == 3
    assert len(trace.gpu_contexts) == 3
    zones = [zone for thread in trace.threads.values() for root in thread.roots for zone in root.walk()]
    assert sum(zone.name == "zone" for zone in zones) == 3 * ROUNDS
    assert sum(zone.name == "in a job" for zone in zones) == 3 * ROUNDS
