"""Child processes: what happens in them is in the one file of their root, call for call, however they were started."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import clean_environment, record
from support.recording_facts import calls_of, facts_of_recording, files_in
from support.working_processes import FORKS, WORK

#: A child that is a program of its own.
CHILD = WORK + "do(int(sys.argv[1]))\n"

WAYS = {
    "subprocess": "subprocess.run([sys.executable, 'child.py', '300'], check=True)",
    "all descriptors": "subprocess.run([sys.executable, 'child.py', '300'], check=True, close_fds=False)",
    "environment of its own": "subprocess.run([sys.executable, 'child.py', '300'], check=True, env={})",
    "another folder": "subprocess.run([sys.executable, os.path.abspath('child.py'), '300'], check=True, cwd='/')",
    "PYTHONPATH of its own": "subprocess.run([sys.executable, 'child.py', '300'], check=True, env={'PYTHONPATH': '/x'})",
    "PYTHONPATH set before": """
        os.environ["PYTHONPATH"] = "/x"
        subprocess.run([sys.executable, "child.py", "300"], check=True)
        """,
    "shell": "subprocess.run(f'{sys.executable} child.py 300', shell=True, check=True)",
    "system": "assert os.system(f'{sys.executable} child.py 300') == 0",
    "popen": "assert os.popen(f'{sys.executable} child.py 300').close() is None",
    "preexec_fn": "subprocess.run([sys.executable, 'child.py', '300'], check=True, preexec_fn=os.getpid)",
    "posix_spawn": "wait_for(os.posix_spawn(sys.executable, [sys.executable, 'child.py', '300'], os.environ))",
    "posix_spawnp": "wait_for(os.posix_spawnp(sys.executable, [sys.executable, 'child.py', '300'], {}))",
    "spawnv": "assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, 'child.py', '300']) == 0",
    "spawnve": "assert os.spawnve(os.P_WAIT, sys.executable, [sys.executable, 'child.py', '300'], {}) == 0",
    "fork": "in_fork(lambda: do(300))",
    "fork that exits": "in_fork(lambda: (do(300), sys.exit(0)))",
    "forkpty": """
        child, terminal = os.forkpty()
        if child == 0:
            do(300)
            os._exit(0)
        wait_for(child)
        """,
    "fork and exec": "in_fork(lambda: (do(100), os.execv(sys.executable, [sys.executable, 'child.py', '200'])))",
    "fork and exec with an environment": """
        in_fork(lambda: (do(100), os.execve(path=sys.executable, argv=[sys.executable, 'child.py', '200'], env={})))
        """,
    "fork in a thread": """
        import threading
        thread = threading.Thread(target=lambda: in_fork(lambda: do(300)))
        thread.start()
        thread.join()
        """,
    "asyncio": """
        import asyncio
        async def main():
            assert await (await asyncio.create_subprocess_exec(sys.executable, 'child.py', '300')).wait() == 0
        asyncio.run(main())
        """,
    "nested": """
        in_fork(lambda: (do(100), subprocess.run([sys.executable, '-c', '''
        from child import *
        do(99)
        subprocess.run([sys.executable, 'child.py', '100'], check=True, env={})
        ''', '1'], check=True)))
        """,
}


def work_by_process(folder: Path) -> Counter[str]:
    """How many calls of `work` there are in each process, by its name and its rows; "" is the root."""
    found: Counter[str] = Counter()
    for row, zones in facts_of_recording(folder / "out.tracy").items():
        process = row.rpartition(": ")[0]
        found[process] += sum(zone.name == "work" for zone in zones)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "child.py").write_text(CHILD)
    return tmp_path


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_call_of_a_child_is_recorded(folder: Path, way: str) -> None:
    record(folder, program=WORK + FORKS + "do(7)\n" + textwrap.dedent(way))
    found = work_by_process(folder)
    assert found.pop("") == 7
    assert found.total() == 300, found
    assert files_in(folder) == ["out.tracy"]
    assert not [path for path in folder.glob("*.tracy") if path.name != "out.tracy"]


POOLS = {
    "Process": "process = context.Process(target=do, args=(3000,)); process.start(); process.join()",
    "Pool": """
        with context.Pool(3) as pool:
            pool.map(do, [100] * 30, chunksize=1)
        """,
    "ProcessPoolExecutor": """
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(3, mp_context=context) as pool:
            list(pool.map(do, [100] * 30))
        """,
    "terminate": """
        done = context.Event()
        process = context.Process(target=do_and_wait, args=(done,))
        process.start()
        done.wait()
        process.terminate()
        process.join()
        """,
}


@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_every_call_of_multiprocessing_is_recorded(folder: Path, method: str, pool: str) -> None:
    """Also of a worker that is sent SIGTERM as soon as it has returned its last result."""
    helper = "import time\ndef do_and_wait(done):\n    do(3000)\n    done.set()\n    time.sleep(100)\n"
    record(
        folder, program=f"{WORK}{helper}if __name__ == '__main__':\n    import multiprocessing\n"
        f"    context = multiprocessing.get_context({method!r})\n{textwrap.indent(textwrap.dedent(pool), '    ')}\n",
    )  # fmt: skip
    found = work_by_process(folder)
    assert found.total() == 3000, found
    assert found[""] == 0


def test_rows_are_named_by_their_process(folder: Path) -> None:
    out, _err = record(
        folder,
        program=f"""
        {textwrap.indent(WORK, " " * 8).strip()}
        import multiprocessing
        child = multiprocessing.get_context("fork").Process(target=do, args=(1,), name="worker 3")
        child.start()
        other = subprocess.Popen([sys.executable, "-c", "import threading; threading.Thread(name='beside', target=print).start()"])
        child.join()
        other.wait()
        print(child.pid, other.pid)
        """,
    )
    child, other = out.split()
    trace = tracypy.open(folder / "out.tracy")
    assert {thread.name for thread in trace.threads} >= {
        "Main thread", f"worker 3 ({child}): Main thread", f"python -c ({other}): Main thread",
        f"python -c ({other}): beside",
    }  # fmt: skip


def test_child_that_is_killed_keeps_what_it_has_done(folder: Path) -> None:
    """By its parent, at once; and by somebody else, after a moment."""
    record(
        folder,
        program=WORK
        + """
import time
WAITS = "from child import *; print(flush=True); import time; time.sleep(100)"

def start(calls):
    child = subprocess.Popen([sys.executable, "-c", WAITS, calls], stdout=subprocess.PIPE)
    child.stdout.readline()
    return child

child = start("1000")
child.kill()
assert child.wait() == -9
child = start("20")
time.sleep(0.4)  # twice as long as it may take
subprocess.run(["sh", "-c", f"kill -9 {child.pid}"], check=True)
assert child.wait() == -9
""",
    )
    assert calls_of(folder / "out.tracy")["work"] == 1020


def test_child_that_outlives_the_root_goes_on(folder: Path) -> None:
    (folder / "long.py").write_text(
        WORK
        + "import time\ndo(50)\nprint('up', flush=True)\n"
        + "while os.getppid() == int(sys.argv[1]): time.sleep(0.01)\n"
        + "do(50)\nprint('late')\nsys.stderr.write('and well')\nopen('done.part', 'w').write(str(sys.flags))\nos.rename('done.part', 'done')\n"
    )
    program = (
        WORK
        + "child = subprocess.Popen([sys.executable, 'long.py', str(os.getpid())], stdout=open('out', 'w'), stderr=open('err', 'w'))\n"
    )
    program += "while not os.path.getsize('out'): pass\n"
    record(folder, program=program)
    while not (folder / "done").exists():
        pass
    assert (folder / "out").read_text() == "up\nlate\n"
    assert (folder / "err").read_text() == "and well"
    assert calls_of(folder / "out.tracy")["work"] == 50


def test_child_sees_nothing_of_us(folder: Path) -> None:
    show = (
        "import json, os, sys\n"
        "print(json.dumps([dict(os.environ), sys.path, sys.argv, sys.orig_argv, 'sitecustomize' in sys.modules, "
        "str(sys.flags), __name__, len(os.listdir('/proc/self/task')) > 0]))\n"
    )
    (folder / "show.py").write_text(show)
    program = (
        "import os, subprocess, sys\n"
        "for environment in (None, {}, {'PYTHONPATH': '/x:/y', 'A': '1'}, {**os.environ, 'B': '2'}):\n"
        "    subprocess.run([sys.executable, 'show.py', 'a'], check=True, env=environment)\n"
        "os.environ['PYTHONPATH'] = '/z'\n"
        "subprocess.run([sys.executable, 'show.py', 'a'], check=True)\n"
        "print(sorted(os.environ), flush=True)\n"
    )
    recorded, _err = record(folder, program=program)
    plain = subprocess.run(
        [sys.executable, "p.py"], cwd=folder, capture_output=True, text=True, check=True, timeout=200
    ).stdout
    assert recorded == plain


def test_own_sitecustomize_of_the_program_runs(folder: Path) -> None:
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text("print('customized', __file__, flush=True)\nMARK = 1\n")
    program = (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import sitecustomize; print(sitecustomize.MARK)'], check=True, "
        "env={'PYTHONPATH': 'site'})\n"
    )
    out, _err = record(folder, program=program)
    assert out.splitlines() == [f"customized {folder / 'site' / 'sitecustomize.py'}", "1"]


@pytest.mark.parametrize("how", ["option", "variable", "project"])
def test_children_are_left_alone_on_demand(folder: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "variable":
        monkeypatch.setenv("TRACYPY_CHILDREN", "0")
    if how == "project":
        (folder / "pyproject.toml").write_text("[tool.tracypy]\nchildren = false\n")
    words = ["--no-children"] if how == "option" else []
    program = (
        WORK
        + FORKS
        + "do(7)\n"
        + WAYS["subprocess"]
        + "\n"
        + WAYS["fork"]
        + "\nprint('TRACYPY_FOLLOW' in os.popen('env').read())"
    )
    out, _err = record(folder, *words, program=program)
    assert out == "False\n"
    assert work_by_process(folder) == {"": 7}


def test_project_setting_must_be_a_truth_value(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.tracypy]\nchildren = 3\n")
    _out, err = record(folder, program="", code=2)
    assert "children of [tool.tracypy] must be a bool, not 3" in err


def test_child_may_record_to_a_file_of_its_own(folder: Path) -> None:
    program = (
        WORK
        + FORKS
        + textwrap.dedent(
            """
        def record_here():
            import tracypy
            do(5)
            with tracypy.record("mine.tracy"):
                do(3)
        in_fork(record_here)
        subprocess.run([sys.executable, "-m", "tracypy", "record", "-o", "theirs.tracy", "child.py", "4"], check=True)
        """
        )
    )
    record(folder, program=program)
    assert calls_of(folder / "mine.tracy")["work"] == 3
    assert calls_of(folder / "theirs.tracy")["work"] == 4
    assert work_by_process(folder).total() == 5


def test_times_of_two_processes_are_those_of_one_clock(folder: Path) -> None:
    """What one does after the other has said so is later in the trace, each time."""
    rounds = 200
    record(
        folder,
        program=f"""
        import os, tracypy
        from_parent, to_child = os.pipe()
        from_child, to_parent = os.pipe()
        child = os.fork()
        for _ in range({rounds}):
            if child == 0:
                os.read(from_parent, 1)
            with tracypy.zone("pong" if child == 0 else "ping"):
                pass
            os.write(to_parent if child == 0 else to_child, b"x")
            if child != 0:
                os.read(from_child, 1)
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        """,
    )
    trace = tracypy.open(folder / "out.tracy")
    found: dict[str, list[tuple[int, int]]] = {"ping": [], "pong": []}
    for thread in trace.threads:
        for zone in thread.iter_zones():
            label = trace.source_locations[zone.location].label
            if label in found:
                found[label].append((zone.start_ns, zone.end_ns))
    assert len(found["ping"]) == len(found["pong"]) == rounds
    in_turn = [time for pair in zip(found["ping"], found["pong"], strict=True) for zone in pair for time in zone]
    assert in_turn == sorted(in_turn)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_example_is_one_timeline(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "processes.py"
    out, err = record(tmp_path, program=example.read_text())
    # From 3.14 on workers come from a server; it is a process, too, and so is the tracker of what they share.
    served = multiprocessing.get_all_start_methods()[0] == "forkserver"
    assert f"threads of {7 if served else 5} processes" in err
    assert out == "1229\n"
    calls = calls_of(tmp_path / "out.tracy")
    assert (calls["is_prime"], calls["count_primes"], calls["check"]) == (10_000, 10, 2_000)
    processes = {row.rpartition(": ")[0].partition(" (")[0] for row in facts_of_recording(tmp_path / "out.tracy")}
    assert processes >= {"", "python -c"}
    assert any(name.endswith("PoolWorker-1") for name in processes)


def test_nothing_is_left_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tmp").mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    record(
        folder,
        program=WORK
        + "print(os.listdir('tmp'), oct(os.stat('tmp/' + os.listdir('tmp')[0]).st_mode))\n"
        + WAYS["subprocess"],
    )
    assert os.listdir(folder / "tmp") == []
    assert clean_environment()
