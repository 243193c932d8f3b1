"""Memory by hand: what a program takes and gives back, in a viewer and in a recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tracypy

from support.command_line import tracypy_command
from support.target import running, trace_of
from support.trace_reader import read_trace_file
from support.viewer import PROTOCOLS

QUIET = "import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"

# Every misuse is in it: an address twice, frees of what is not there, pools that share addresses.
USED = """
    import threading
    tracypy.memory_free(0x9000)
    tracypy.memory_free(0x9000, "arena")
    tracypy.memory_alloc(0x1000, 100)
    tracypy.memory_alloc(0x2000, 50)
    tracypy.memory_alloc(0x1000, 7, "arena")
    tracypy.memory_alloc(0x1000, 300)
    tracypy.memory_free(0x2000)
    tracypy.memory_free(0x2000)
    tracypy.memory_free(0)
    tracypy.memory_alloc(2**64 - 1, 2**47 - 1, name="large")
    tracypy.memory_alloc(1, 0, "large")
    thread = threading.Thread(target=tracypy.memory_free, args=(0x1000, "arena"), name="worker")
    thread.start()
    thread.join()
"""
#: By pool: address, size, whether it lives.
MEANT = {
    "": [(0x1000, 100, False), (0x2000, 50, False), (0x1000, 300, True)],
    "arena": [(0x1000, 7, False)],
    "large": [(2**64 - 1, 2**47 - 1, True), (1, 0, True)],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_sees_the_blocks_and_nothing_that_it_refuses(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, USED, prelude=QUIET, protocol=protocol)
    pools = {name or "": pool for name, pool in trace.memory_pools.items()}
    found = {
        name: [(block.address, block.size, block.end_tick is None) for block in pool.allocations]
        for name, pool in pools.items()
    }
    assert found == MEANT
    assert (pools[""].usage, pools[""].peak, pools["arena"].usage) == (300, 350, 0)
    assert sum(pool.unmatched for pool in pools.values()) == 0
    (block,) = pools["arena"].allocations
    names = {thread.id: thread.name for thread in trace.threads.values()}
    assert (names[block.thread], names[block.free_thread or 0]) == ("Main thread", "worker")


def test_a_recording_has_the_same(tmp_path: Path) -> None:
    path = tmp_path / "memory.tracy"
    with running(tmp_path, f"import tracypy\nwith tracypy.record({str(path)!r}):\n" + USED) as target:
        target.expect_success()
    trace = tracypy.open(path)
    found = {
        pool.name: [(block.address, block.size, block.end_ns is None) for block in pool.iter_allocations()]
        for pool in trace.memory
    }
    assert found == MEANT
    by_name = {pool.name: pool for pool in trace.memory}
    default = by_name[""]
    assert (default.bytes, default.in_use, default.peak, default.blocks, len(default)) == (450, 300, 350, 1, 3)
    (block,) = by_name["arena"].iter_allocations()
    assert block.thread is not None
    assert block.end_thread is not None
    assert trace.threads[block.thread].name == "Main thread"
    assert trace.threads[block.end_thread].name == "worker"
    assert by_name["arena"].allocations["size"].tolist() == [7]
    other = read_trace_file(path.read_bytes())
    assert {name: [(b.address, b.size, b.end_ns < 0) for b in blocks] for name, blocks in other.memory.items()} == MEANT
    assert other.memory_usage == {"": 300, "arena": 0, "large": 2**47 - 1}


def test_the_report_says_what_each_pool_holds(tmp_path: Path) -> None:
    with running(tmp_path, "import tracypy\nwith tracypy.record('out.tracy'):\n" + USED) as target:
        target.expect_success()
    result = tracypy_command("report", "--json", "out.tracy", cwd=tmp_path)
    assert json.loads(result.stdout)["memory"] == [
        {"name": "", "allocations": 3, "bytes": 450, "peak": 350, "in_use": 300, "blocks": 1},
        {"name": "arena", "allocations": 1, "bytes": 7, "peak": 7, "in_use": 0, "blocks": 0},
        {"name": "large", "allocations": 2, "bytes": 2**47 - 1, "peak": 2**47 - 1, "in_use": 2**47 - 1, "blocks": 2},
    ]
    table = tracypy_command("report", "out.tracy", cwd=tmp_path).stdout
    assert "Memory in bytes, by pool" in table
    assert [line.split() for line in table.splitlines() if line.split()[:1] == ["(default)"]] == [
        ["(default)", "3", "450", "350", "300", "1"]
    ]


def test_a_session_that_begins_later_does_not_know_what_was_there(tmp_path: Path) -> None:
    program = """
        import tracypy
        tracypy.listen()
        tracypy.memory_alloc(0x1000, 1)
        def session():
            assert tracypy.wait_connected(100)
            with tracypy.zone("seen"):
                tracypy.memory_free(0x1000)
                tracypy.memory_alloc(0x1000, 10)
        session()
        print("ready", flush=True)
        input()
        import time
        while tracypy.is_connected(): time.sleep(0.001)
        print("alone", flush=True)
        session()
    """
    with running(tmp_path, program) as target:
        first = target.viewer()
        first.receive_until(lambda trace: None in trace.memory_pools and trace.memory_pools[None].usage == 10)
        assert target.hear() == "ready"
        first.disconnect()
        target.say()
        assert target.hear() == "alone"
        second = target.viewer().run()
        target.expect_success()
    pool = second.memory_pools[None]
    assert [(block.size, block.end_tick) for block in pool.allocations] == [(10, None)]
    assert pool.unmatched == 0


def test_thousands_of_pools_are_one_from_some_number_on(tmp_path: Path) -> None:
    body = """
        for i in range(4_100):
            tracypy.memory_alloc(i + 1, 10, f"pool {i}")
    """
    trace = trace_of(tmp_path, body, prelude=QUIET)
    assert trace.memory_pools["other memory"].usage == 40
    assert trace.memory_pools["pool 4095"].usage == 10


def test_misuse_says_what_to_do_whether_or_not_anybody_listens(tmp_path: Path) -> None:
    calls = [
        "tracypy.memory_alloc()",
        "tracypy.memory_alloc(1)",
        'tracypy.memory_alloc("1", 1)',
        "tracypy.memory_alloc(1, 1.5)",
        "tracypy.memory_alloc(1, 1, 5)",
        'tracypy.memory_alloc(1, 1, "x", 2)',
        "tracypy.memory_alloc(0, 1)",
        "tracypy.memory_alloc(-5, 1)",
        "tracypy.memory_alloc(2**64, 1)",
        "tracypy.memory_alloc(1, -1)",
        "tracypy.memory_alloc(1, 2**47)",
        "tracypy.memory_free()",
        "tracypy.memory_free(None)",
        "tracypy.memory_free(-1)",
        "tracypy.memory_free(1, name=7)",
    ]
    program = f"""
import tracypy
def errors():
    found = []
    for call in {calls!r}:
        try: eval(call)
        except (TypeError, ValueError) as error: found.append(f"{{type(error).__name__}}: {{error}}")
    return found
idle = errors()
tracypy.listen()
assert tracypy.wait_connected(100)
assert idle == errors()
print("\\n".join(idle))
"""
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        lines = target.expect_success().splitlines()
    assert trace.memory_pools[None].allocations == []
    assert lines == [
        "TypeError: memory_alloc() needs an address",
        "TypeError: memory_alloc() needs a size",
        "TypeError: memory_alloc(): address must be an int, not str",
        "TypeError: memory_alloc(): size must be an int, not float",
        "TypeError: memory_alloc(): name must be a str, not int",
        "TypeError: memory_alloc() takes 3 positional arguments; give the others by keyword",
        "ValueError: memory_alloc(): address must be from 1 to 2**64 - 1, not 0",
        "ValueError: memory_alloc(): address must be from 1 to 2**64 - 1, not -5",
        "ValueError: memory_alloc(): address must be from 1 to 2**64 - 1, not 18446744073709551616",
        "ValueError: memory_alloc(): size must be from 0 to 2**47 - 1, not -1",
        "ValueError: memory_alloc(): size must be from 0 to 2**47 - 1, not 140737488355328",
        "TypeError: memory_free() needs an address",
        "TypeError: memory_free(): address must be an int, not NoneType",
        "ValueError: memory_free(): address must be from 0 to 2**64 - 1, not -1",
        "TypeError: memory_free(): name must be a str, not int",
    ]
