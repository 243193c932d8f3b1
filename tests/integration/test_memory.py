"""`memory=`: the interpreter's own allocations, by its three domains."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import tracypy
from tracypy import _core
from tracypy.filters import Instruments

from support.command_line import tracypy_command
from support.target import running, trace_of
from support.viewer import PROTOCOLS

needs_hooks = pytest.mark.skipif(not _core.HAS_MEMORY_HOOKS, reason="no hooks without the GIL")

SOURCE = Path(__file__).parents[1] / "programs" / "count_allocations.c"
MARK, END = 123457, 123459


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that counts allocations by itself."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("counter") / "counter.so"
    command = [compiler, "-O1", "-shared", "-fPIC", f"-I{sysconfig.get_path('include')}", str(SOURCE)]
    subprocess.run([*command, "-o", str(library)], check=True)
    return library


#: What a real program does: NumPy if it is there, a large dict, lists that grow, threads.
WORK = """
def work(keep):
    import json, os, threading
    keep.append({f"key {i}": [i, str(i)] * 3 for i in range(20_000)})
    grown = []
    for i in range(30_000):
        grown.append(bytes(i % 700))
    del grown[::2]
    keep.append(grown)
    keep.append(json.loads(json.dumps(keep[0])))
    def other():
        mine = [object() for _ in range(5_000)]
        keep.append(mine[::3])
    threads = [threading.Thread(target=other) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    # One that was joined may still be about to free what the interpreter knew of it (3.12).
    while any(os.path.exists(f"/proc/self/task/{thread.native_id}") for thread in threads): pass
    try: import numpy
    except ImportError: return
    keep.append([numpy.arange(i) for i in range(1_000)])
"""

COUNTED = """
import ctypes, sys, tracypy
counter = ctypes.PyDLL(LIBRARY)
counter.count_allocations()
WORK
def main():
    bytes_, blocks = (ctypes.c_ulonglong * 3)(), (ctypes.c_ulonglong * 3)()
    keep = []
    work([])
    with tracypy.record("out.tracy", memory="all", include="nothing.at.all"):
        counter.arm()
        work(keep)
        counter.disarm(bytes_, blocks)
    print(*bytes_, *blocks)
main()
"""


def between_marks(trace: tracypy.trace.Trace, tail: str = "") -> dict[str, tuple[int, int]]:
    """Bytes and blocks that were allocated after the first mark, and lived at the second, by pool."""
    pools = {pool.name.removesuffix(tail): list(pool.iter_allocations()) for pool in trace.memory}
    (begin,) = (block.begin_ns for block in pools["raw"] if block.size == MARK)
    (end,) = (block.begin_ns for block in pools["raw"] if block.size == END)
    live = {
        name: [
            block.size for block in blocks
            if begin <= block.begin_ns < end and (block.end_ns is None or block.end_ns >= end)
        ]
        for name, blocks in pools.items()
    }  # fmt: skip
    return {name: (sum(sizes), len(sizes)) for name, sizes in live.items()}


@needs_hooks
def test_the_sum_is_the_allocators_own_to_the_byte(tmp_path: Path, counter: Path) -> None:
    program = COUNTED.replace("LIBRARY", repr(str(counter))).replace("WORK", WORK)
    with running(tmp_path, program) as target:
        numbers = [int(word) for word in target.expect_success().split()]
    found = between_marks(tracypy.open(tmp_path / "out.tracy"))
    assert [found[name] for name in ("raw", "mem", "object")] == list(zip(numbers[:3], numbers[3:], strict=True))
    assert numbers[2] > 10_000_000
    assert numbers[5] > 100_000


SCENE = """
    import tracypy
    tracypy.enable(memory="all", include="nothing.at.all")
    assert tracypy.wait_connected(100)
    kept = [bytes(1_000 + i) for i in range(2_000)]
    gone = [bytes(100_000) for i in range(5)]
    del gone
    kept += [bytearray(3) for i in range(3)]
    for block in kept[-3:]: block.extend(bytes(50_000))
    tracypy.disable()
    more = [bytes(77_777) for i in range(50)]
    del kept[:1_000], more
    tracypy.enable(memory="all", include="nothing.at.all")
    again = [bytes(88_888) for i in range(10)]
    del kept
"""


@needs_hooks
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_sees_allocations_also_when_they_are_switched_off_and_on(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, "\n".join(line[4:] for line in SCENE.splitlines()), prelude="", protocol=protocol)
    assert {"object"} <= set(trace.memory_pools) - {None} <= {"raw", "mem", "object"}
    head = sys.getsizeof(b"") - 1
    sizes = [block.size for block in trace.memory_pools["object"].allocations]
    for i in range(2_000):
        assert 1_000 + i + head + 1 in sizes
    assert sizes.count(100_000 + head + 1) == 5
    assert sizes.count(88_888 + head + 1) == 10
    assert 77_777 + head + 1 not in sizes
    assert all(
        block.end_tick is not None
        for block in trace.memory_pools["object"].allocations
        if block.size == 100_000 + head + 1
    )
    assert sum(pool.unmatched for pool in trace.memory_pools.values()) == 0


@needs_hooks
def test_about_one_in_so_many_bytes_is_sampled_and_its_end_is_seen(tmp_path: Path) -> None:
    program = """
        import tracypy
        def main():
            with tracypy.record("out.tracy", memory=65_536, include="nothing.at.all"):
                kept = []
                for i in range(200_000):
                    kept.append(bytes(467))
                    bytes(467)
                del kept
        main()
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    pools = {pool.name: pool for pool in tracypy.open(tmp_path / "out.tracy").memory}
    assert set(pools) <= {"raw (sampled)", "mem (sampled)", "object (sampled)"}
    blocks = [block for block in pools["object (sampled)"].iter_allocations() if block.size == 500]
    assert 0.8 < len(blocks) / (2 * 200_000 * 500 / 65_536) < 1.2
    assert [block for block in blocks if block.end_ns is None] == []
    assert pools["object (sampled)"].peak > 500 * 800


CHAINED = {
    "before": ("tracemalloc.start()", "tracemalloc.stop()"),
    "within": ("", "tracemalloc.stop()"),
    "beyond": ("", ""),
}


@needs_hooks
@pytest.mark.parametrize("order", CHAINED)
def test_other_tools_before_and_behind_do_no_harm(tmp_path: Path, order: str) -> None:
    before, within = CHAINED[order]
    program = f"""
        import tracemalloc, tracypy
        def once(name):
            with tracypy.record(name, memory="all", include="nothing.at.all"):
                tracemalloc.start()
                assert len([bytes(5_000 + i) for i in range(100)]) == 100
                {within or "pass"}
        {before or "pass"}
        for name in "a.tracy", "b.tracy", "c.tracy":
            once(name)
        assert len([bytes(5_000) for i in range(100)]) == 100
        tracemalloc.stop()
        once("d.tracy")
        print("alive")
    """
    with running(tmp_path, program) as target:
        code, out, _ = target.finish()
    assert (code, out) == (0, "alive\n")
    head = sys.getsizeof(b"")
    for name in "abcd":
        pools = {pool.name: pool for pool in tracypy.open(tmp_path / f"{name}.tracy").memory}
        sizes = [block.size for block in pools["object"].iter_allocations()]
        assert all(5_000 + i + head in sizes for i in range(100)), name


@needs_hooks
@pytest.mark.parametrize("allocator", ["debug", "malloc", "malloc_debug"])
def test_other_allocators_are_watched_as_well(tmp_path: Path, allocator: str) -> None:
    program = """
        import tracypy
        with tracypy.record("out.tracy", memory="all", include="nothing.at.all"):
            kept = [bytes(6_000 + i) for i in range(100)]
            del kept[:50]
        print(len(kept))
    """
    with running(tmp_path, program, environment={"PYTHONMALLOC": allocator}) as target:
        assert target.expect_success() == "50\n"
    pools = {pool.name: pool for pool in tracypy.open(tmp_path / "out.tracy").memory}
    head = sys.getsizeof(b"")
    ends = {block.size - head: block.end_ns is not None for block in pools["object"].iter_allocations()}
    assert [ends[6_000 + i] for i in range(100)] == [True] * 50 + [False] * 50


@needs_hooks
def test_forks_and_threads_that_end_at_exit_do_no_harm(tmp_path: Path) -> None:
    program = """
        import os, threading, tracypy
        tracypy.start_recording("out.tracy", memory="all")
        stop = threading.Event()
        def allocate():
            while not stop.is_set(): [bytes(1_000) for _ in range(100)]
        threads = [threading.Thread(target=allocate) for _ in range(3)]
        for thread in threads: thread.start()
        for _ in range(10):
            pid = os.fork()
            if pid == 0:
                kept = [bytes(700) for _ in range(1_000)]
                with tracypy.record(f"child {os.getpid()}.tracy", memory=True): kept = kept[::2] + [bytes(10**6)] * 3
                os._exit(7)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        stop.set()
        for thread in threads: thread.join()
        threading.Thread(target=lambda: [bytes(9) for _ in iter(int, 1)], daemon=True).start()
        print("end")
    """
    with running(tmp_path, program, arguments=("-W", "ignore::DeprecationWarning")) as target:
        code, out, _ = target.finish()
    assert (code, out) == (0, "end\n")
    assert len(list(tmp_path.glob("child *.tracy"))) == 10
    assert "object" in {pool.name for pool in tracypy.open(tmp_path / "out.tracy").memory}


@needs_hooks
def test_the_command_line_and_the_project_have_the_switch(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("kept = [bytes(4_000_000) for _ in range(10)]\n")
    for words in (["--memory", "all"], ["--memory=sampled"], ["--memory", "1MiB"]):
        result = tracypy_command("record", "-f", "-o", "out.tracy", *words, "p.py", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert any(pool.in_use or pool.bytes for pool in tracypy.open(tmp_path / "out.tracy").memory)
    (tmp_path / "pyproject.toml").write_text("[tool.tracypy]\nmemory = true\n")
    assert tracypy_command("record", "-f", "-o", "out.tracy", "p.py", cwd=tmp_path).returncode == 0
    assert any("sampled" in pool.name for pool in tracypy.open(tmp_path / "out.tracy").memory)
    result = tracypy_command("record", "-f", "-o", "out.tracy", "--memory", "much", "p.py", cwd=tmp_path)
    assert result.returncode != 0
    assert "is not a size" in result.stderr


def test_what_memory_may_be() -> None:
    if not _core.HAS_MEMORY_HOOKS:
        with pytest.raises(RuntimeError, match="without the GIL"):
            tracypy.enable(memory=True)
        return
    meant = {False: 0, True: 524_288, "sampled": 524_288, "all": 1, 4096: 4096}
    for value, interval in meant.items():
        assert Instruments(memory=value).native()["memory"] == interval
    for wrong in ("some", -5, 2**70):
        with pytest.raises(ValueError, match="memory: .* is not 'sampled', 'all' or a number from 1 on"):
            tracypy.profile(memory=wrong)
    with pytest.raises(TypeError, match="memory: None is not"):
        tracypy.profile(memory=None)  # type: ignore[typeddict-item]
