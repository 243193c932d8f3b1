"""Recordings where things go wrong: killed programs, full disks, forks, a maker that is given up."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import textwrap
from pathlib import Path

import pytest

import tracypy

from support.recording_facts import below, calls_of, facts_of_recording, files_in, tree_of
from support.target import running

#: A fork by the program alone must not be warned about because of us. ("error" would be swallowed by the interpreter.)
STRICT = ("-Walways::DeprecationWarning",)

#: Waits until everything so far is in the journal. Its size grows with every look at the clock, which is noted. One flush
#: may make it grow more than once; that after so many is of a flush that began after this was called. Makes no call that
#: would be recorded.
SETTLE = """
import os, sys
def settle():
    for _ in range(8):
        size = os.stat("out.tracy.journal").st_size
        while os.stat("out.tracy.journal").st_size == size:
            pass
"""


def numbers_in(path: Path) -> list[int]:
    """The values of the zones called "numbered", in their order; a recording may have ended before the last got one."""
    zones = [zone for zones in facts_of_recording(path).values() for zone in zones if zone.name == "numbered"]
    if zones and zones[-1].text is None:
        zones.pop()
    return [int((zone.text or "-1").split()[0]) for zone in zones]


@pytest.mark.parametrize("own_hand", [True, False], ids=["by itself", "by another"])
def test_killed_program_leaves_all_but_the_last_moment(tmp_path: Path, own_hand: bool) -> None:
    source = SETTLE + textwrap.dedent(f"""
        import signal, tracypy
        tracypy.start_recording("out.tracy")
        def step(number):
            with tracypy.zone("numbered") as zone:
                zone.value(number)
        number = 0
        for _ in range(3):
            for number in range(number + 1, number + 500):
                step(number)
            settle()
            print(number, flush=True)
        if {own_hand}:
            os.kill(os.getpid(), signal.SIGKILL)
        while True:
            number += 1
            step(number)
    """)
    with running(tmp_path, source) as target:
        for _ in range(3):
            certain = int(target.hear())
        if not own_hand:
            target.process.kill()
        code, _out, err = target.finish()
    assert (code, err) == (-signal.SIGKILL, "")
    assert files_in(tmp_path) == ["out.tracy.journal", "out.tracy.part"]
    summary = tracypy.recover(tmp_path / "out.tracy.journal")
    assert summary.ended_by == "killed"
    numbers = numbers_in(tmp_path / "out.tracy")
    assert numbers[:certain] == list(range(1, certain + 1))
    assert numbers == list(range(1, len(numbers) + 1))
    assert files_in(tmp_path) == ["out.tracy"]


def test_program_that_leaves_by_os_exit_leaves_its_journal(tmp_path: Path) -> None:
    source = SETTLE + textwrap.dedent("""
        import tracypy
        def work(): pass
        tracypy.start_recording("out.tracy")
        work()
        settle()
        os._exit(3)
    """)
    with running(tmp_path, source) as target:
        code, _out, err = target.finish()
    assert (code, err) == (3, "")
    assert tracypy.recover(tmp_path / "out.tracy").ended_by == "killed"
    assert calls_of(tmp_path / "out.tracy")["work"] == 1


#: Works until the recording has ended by itself, and a little longer.
UNTIL_FULL = """
import os, resource, signal, sys
import tracypy
def step(number):
    with tracypy.zone("numbered") as zone:
        zone.value(number)
        zone.text(f"{number * 2654435761 % 2**32:x}" * 4)
{before}
tracypy.start_recording("out.tracy")
number = 0
while tracypy.is_recording():
    number += 1
    step(number)
step(number + 1)
summary = tracypy.stop_recording()
print(summary.ended_by, summary.zones, number)
"""


def check_cut_recording(folder: Path, out: str, err: str) -> None:
    ended_by, zones, last = out.split()
    assert ended_by == "disk"
    assert err.startswith("tracypy: the recording ends here, the program goes on: ")
    assert err.count("\n") == 1
    numbers = numbers_in(folder / "out.tracy")
    assert numbers == list(range(1, len(numbers) + 1))
    assert 100 < len(numbers) <= int(last)
    assert tracypy.open(folder / "out.tracy").zone_count == int(zones)
    assert files_in(folder) == ["out.tracy"]


def test_limit_on_files_ends_the_recording_and_not_the_program(tmp_path: Path) -> None:
    source = UNTIL_FULL.replace("{before}", "resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))")
    with running(tmp_path, source) as target:
        code, out, err = target.finish()
    assert code == 0
    check_cut_recording(tmp_path, out, err)


#: Whatever it is that finds no room any more: the journal, or what is reserved for the trace.
FULL = "No space left on device|no room is left on the disk"


def small_disk(folder: Path, command: list[str], size: str) -> list[str]:
    """The command, with a file system of its own of that size mounted on `folder`. Skips where that is not allowed."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare")
    mount = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c"]
    script = f'mount -t tmpfs -o size={size} small "{folder}" && shift 0 && exec "$@"'
    if subprocess.run([*mount, script, "sh", "true"], capture_output=True, timeout=200, check=False).returncode != 0:
        pytest.skip("mounting in a namespace is not permitted")
    return [*mount, script, "sh", *command]


def test_full_disk_ends_the_recording_and_leaves_a_whole_file(tmp_path: Path) -> None:
    """The room for the trace was reserved: after the end there is none left for anything else."""
    import sys

    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    kept.mkdir()
    source = UNTIL_FULL.replace("{before}", f"os.chdir({str(disk)!r})") + textwrap.dedent(f"""
        import shutil
        for name in os.listdir("."):
            shutil.copy(name, {str(kept)!r})
    """)
    program = tmp_path / "program.py"
    program.write_text(source)
    command = small_disk(disk, [sys.executable, str(program)], "8m")
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 0, result.stderr
    assert re.search(FULL, result.stderr)
    check_cut_recording(kept, result.stdout, result.stderr)


def test_disk_that_is_full_from_the_start_is_an_error_at_once(tmp_path: Path) -> None:
    import sys

    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(f"""
        import os, tracypy
        os.chdir({str(tmp_path / "disk")!r})
        with open("filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass
        try:
            tracypy.start_recording("out.tracy")
        except OSError as problem:
            print(problem.strerror, os.listdir("."), tracypy.is_recording(), tracypy.is_enabled())
        """)
    )
    (tmp_path / "disk").mkdir()
    command = small_disk(tmp_path / "disk", [sys.executable, str(program)], "2m")
    result = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 0, result.stderr
    assert re.search(FULL, result.stdout)
    assert "['filler'] False False" in result.stdout


def test_file_that_comes_into_being_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    tracypy.start_recording(tmp_path / "out.tracy")
    (tmp_path / "out.tracy").write_bytes(b"precious")
    with pytest.raises(tracypy.RecordingError, match=r"exists already.*`tracypy recover .*out.tracy.journal`"):
        tracypy.stop_recording()
    assert not tracypy.is_enabled()
    assert (tmp_path / "out.tracy").read_bytes() == b"precious"
    assert files_in(tmp_path) == ["out.tracy", "out.tracy.journal"]
    assert tracypy.recover(tmp_path / "out.tracy.journal", tmp_path / "other.tracy").ended_by == "stopped"


def test_problem_with_the_file_does_not_hide_that_of_the_block(tmp_path: Path) -> None:
    source = """
        import tracypy
        try:
            with tracypy.record("out.tracy"):
                with open("out.tracy", "wb") as file:
                    file.write(b"precious")
                raise KeyError
        except KeyError:
            print("raised")
    """
    with running(tmp_path, source) as target:
        code, out, err = target.finish()
    assert (code, out) == (0, "raised\n")
    assert "exists already" in err


def test_existing_files_are_errors_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "out.tracy").write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"overwrite=True"):
        tracypy.start_recording(tmp_path / "out.tracy")
    (tmp_path / "out.tracy").unlink()
    (tmp_path / "out.tracy.journal").write_bytes(b"all that is left")
    with pytest.raises(FileExistsError, match=r"`tracypy recover .*out.tracy.journal`"):
        tracypy.start_recording(tmp_path / "out.tracy")
    with pytest.raises(IsADirectoryError):
        tracypy.start_recording(tmp_path)
    with pytest.raises(FileNotFoundError):
        tracypy.start_recording(tmp_path / "no" / "out.tracy")
    with pytest.raises(TypeError):
        tracypy.start_recording(bytes(tmp_path / "out.tracy"))  # type: ignore[arg-type]
    assert (tmp_path / "out.tracy.journal").read_bytes() == b"all that is left"
    assert files_in(tmp_path, "") == ["out.tracy.journal"]
    assert not tracypy.is_enabled()


def test_links_in_the_place_of_the_files_are_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    (tmp_path / "out.tracy.part").symlink_to(precious)
    with tracypy.record(tmp_path / "out.tracy"):
        pass
    assert precious.read_bytes() == b"precious"
    (tmp_path / "out.tracy").unlink()
    (tmp_path / "out.tracy").symlink_to(precious)
    with pytest.raises(FileExistsError):
        tracypy.start_recording(tmp_path / "out.tracy")
    with tracypy.record(tmp_path / "out.tracy", overwrite=True):
        pass
    assert precious.read_bytes() == b"precious"


def test_interrupted_making_leaves_the_journal(tmp_path: Path) -> None:
    """Ctrl-C while the file is made: a program of its own size may not want to wait for it."""
    source = """
        import os, signal, tracypy
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        tracypy.start_recording("out.tracy")
        fib(23)
        class Interrupting:
            def __init__(self):
                self.calls = 0
            def __call__(self, done, total):
                raise KeyboardInterrupt
        from tracypy.recording import finish_recording
        try:
            finish_recording(Interrupting())
        except KeyboardInterrupt:
            print("given up")
        assert not tracypy.is_recording()
        with tracypy.record("next.tracy"):
            pass
    """
    with running(tmp_path, source) as target:
        code, out, err = target.finish()
    assert (code, out) == (0, "given up\n")
    assert err.startswith("tracypy: ")
    assert err.count("\n") == 1
    assert "`tracypy recover " in err
    assert files_in(tmp_path) == ["out.tracy.journal"]
    summary = tracypy.recover(tmp_path / "out.tracy")
    assert summary.ended_by == "stopped"
    assert calls_of(tmp_path / "out.tracy")["fib"] == 92_735


FORKING = """
import os, sys, tracypy
def in_child():
    pass
def in_parent():
    pass
def wait_for(child):
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == 0, code
"""


@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit(0)", "tracypy.disable(); os._exit(0)"])
def test_parents_recording_knows_nothing_of_its_children(tmp_path: Path, leave: str) -> None:
    source = FORKING + textwrap.dedent(f"""
        def main():
            for _ in range(20):
                in_parent()
                child = os.fork()
                if child == 0:
                    assert not tracypy.is_recording()
                    in_child()
                    {leave}
                in_parent()
                wait_for(child)
        with tracypy.record("out.tracy", include="__main__"):
            main()
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        target.expect_success()
    children = [child[0] for child in tree_of(tmp_path / "out.tracy", "main")[1]]
    assert children == ["in_parent", "in_parent", "wait_for"] * 20
    assert files_in(tmp_path) == ["out.tracy"]


def test_child_may_leave_the_block_and_record_for_itself(tmp_path: Path) -> None:
    source = FORKING + textwrap.dedent("""
        with tracypy.record("out.tracy") as recording:
            in_parent()
            child = os.fork()
            in_parent() if child else in_child()
        if child == 0:
            assert recording.summary is None
            with tracypy.record("child.tracy"):
                in_child()
            sys.exit(0)
        assert recording.summary is not None
        wait_for(child)
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        target.expect_success()
    assert calls_of(tmp_path / "out.tracy")["in_parent"] == 2
    assert calls_of(tmp_path / "out.tracy")["in_child"] == 0
    assert calls_of(tmp_path / "child.tracy")["in_child"] == 1
    assert files_in(tmp_path, "") == ["child.tracy", "out.tracy", "program.py"]


def test_fork_while_the_file_is_made_and_after_it(tmp_path: Path) -> None:
    source = FORKING + textwrap.dedent("""
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        tracypy.start_recording("out.tracy", max_size="200kB")
        while tracypy.is_recording():
            fib(12)
        for _ in range(3):
            child = os.fork()
            if child == 0:
                in_child()
                os._exit(0)
            wait_for(child)
        assert tracypy.stop_recording().ended_by == "max_size"
        child = os.fork()
        if child == 0:
            os._exit(0)
        wait_for(child)
    """)
    with running(tmp_path, source, arguments=STRICT, environment={"TRACYPY_LOG": "off"}) as target:
        target.expect_success()
    assert calls_of(tmp_path / "out.tracy")["fib"] > 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_process_of_multiprocessing_records_for_itself(tmp_path: Path, method: str) -> None:
    source = f"""
        import multiprocessing, os, tracypy
        def work(): pass
        def in_worker(number):
            tracypy.start_recording(f"worker-{{number}}.tracy", include="*/program.py")
            for _ in range(number):
                work()
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            workers = [context.Process(target=in_worker, args=(number,)) for number in (1, 2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert [worker.exitcode for worker in workers] == [0, 0]
    """
    with running(tmp_path, source, arguments=("-Wignore::DeprecationWarning",)) as target:
        target.expect_success()
    counts = [calls_of(tmp_path / f"worker-{number}.tracy")["work"] for number in (1, 2)]
    assert counts == [1, 2]


def test_threads_that_come_and_go_while_it_starts_and_stops(tmp_path: Path) -> None:
    source = """
        import threading, tracypy
        stop = threading.Event()
        def leaf(): pass
        def busy():
            while not stop.is_set():
                leaf()
                stop.wait(0.001)
        def brief():
            leaf()
        threads = [threading.Thread(target=busy, name=f"busy-{i}") for i in range(3)]
        for thread in threads: thread.start()
        for number in range(5):
            with tracypy.record(f"{number}.tracy") as recording:
                for i in range(20):
                    thread = threading.Thread(target=brief, name=f"brief-{i}")
                    thread.start()
                    thread.join()
            assert recording.summary.threads >= 20, recording.summary
        stop.set()
        for thread in threads: thread.join()
    """
    with running(tmp_path, source) as target:
        target.expect_success()
    for number in range(5):
        facts = facts_of_recording(tmp_path / f"{number}.tracy")
        for i in range(20):
            brief = below(facts[f"brief-{i}"], "brief")
            assert [zone.name for zone in brief] == ["brief", "leaf"]


def test_memory_stays_bounded_in_a_long_recording(tmp_path: Path) -> None:
    """4 million zones would be 128 MB as a model, and 96 MB as events."""
    zones = 4_000_000
    source = f"""
        import resource, tracypy
        def leaf(): pass
        def branch():
            for _ in range(99):
                leaf()
        def peak_kib():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with tracypy.record("warm.tracy"):
            branch()
        before = peak_kib()
        with tracypy.record("out.tracy") as recording:
            for _ in range({zones // 100}):
                branch()
        print(peak_kib() - before, recording.summary.zones, recording.summary.dropped)
    """
    with running(tmp_path, source, environment={"TRACYPY_BUFFER_MB": "8"}) as target:
        code, out, err = target.finish()
    assert code == 0, err
    growth_kib, recorded, dropped = map(int, out.split())
    assert recorded + dropped == zones + 1
    assert growth_kib < 48 * 1024
    assert files_in(tmp_path) == ["out.tracy"]


def test_deep_recursion_is_recorded_to_its_end(tmp_path: Path) -> None:
    source = """
        import sys, tracypy
        sys.setrecursionlimit(60_000)
        def dive(depth):
            return dive(depth - 1) if depth else 0
        with tracypy.record("out.tracy"):
            for _ in range(3):
                dive(50_000)
    """
    with running(tmp_path, source) as target:
        target.expect_success()
    zones = next(iter(facts_of_recording(tmp_path / "out.tracy").values()))
    assert sum(zone.name == "dive" for zone in zones) == 3 * 50_001
    assert max(zone.depth for zone in zones) == 50_001
