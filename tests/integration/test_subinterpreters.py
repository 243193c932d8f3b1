"""Other interpreters of the process: their calls are zones on the rows of their threads, and each is named."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from support.recorded_program import record, run
from support.recording_facts import below, calls_of, facts_of_recording
from support.target import running, zones_named

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="before 3.13 several interpreters share code objects"
)

EXAMPLES = Path(__file__).parents[2] / "examples"
#: Python 3.13 has no public module for it.
PRELUDE = """
import _interpreters, textwrap
def execute(interpreter, code):
    problem = _interpreters.exec(interpreter, textwrap.dedent(code))
    assert problem is None, problem.formatted
"""
CALLS = """
    def leaf(): pass
    def branch():
        for _ in range(10): leaf()
    branch()
"""


def names(path: Path, thread: str = "Main thread") -> list[tuple[int, str]]:
    """The zones within the outermost `interpreter 1`, by their depth in it."""
    zones = below(facts_of_recording(path)[thread], "interpreter 1")
    return [(zone.depth - zones[0].depth, zone.name) for zone in zones]


TREE = [(0, "interpreter 1"), (1, "<module>"), (2, "branch"), *[(3, "leaf")] * 10]


def test_what_a_new_interpreter_calls_is_recorded(tmp_path: Path) -> None:
    program = PRELUDE + f"there = _interpreters.create()\nexecute(there, '''{CALLS}''')\n_interpreters.destroy(there)\n"
    out, err = record(tmp_path, program=program)
    assert (out, "Warning" in err) == ("", False)
    assert names(tmp_path / "out.tracy") == TREE


def test_interpreters_that_import_tracypy_are_recorded_whenever_they_were_made(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + f"""
import tracypy
there = _interpreters.create()
execute(there, "import tracypy")
with tracypy.record("out.tracy"):
    execute(there, '''{CALLS}''')
execute(there, '''{CALLS}''')
with tracypy.record("again.tracy"):
    execute(there, '''{CALLS}''')
_interpreters.destroy(there)
with tracypy.record("none.tracy"):
    pass
"""
    )
    run(tmp_path, program=program)
    assert names(tmp_path / "out.tracy") == TREE
    assert names(tmp_path / "again.tracy") == TREE
    assert calls_of(tmp_path / "none.tracy")["leaf"] == 0


def test_threads_of_an_interpreter_have_rows_that_name_it(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + """
there = _interpreters.create()
execute(there, '''
    import threading
    def leaf(): pass
    def work():
        for _ in range(1000): leaf()
    threads = [threading.Thread(target=work, name=f"worker {n}") for n in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
''')
"""
    )
    record(tmp_path, program=program)
    facts = facts_of_recording(tmp_path / "out.tracy")
    for number in range(3):
        zones = facts[f"interpreter 1: worker {number}"]
        assert sum(zone.name == "leaf" for zone in zones) == 1000
        assert zones[0].name == "interpreter 1"
    assert not any(zone.name == "leaf" for zone in facts["Main thread"])


def test_the_filter_holds_there_too(tmp_path: Path) -> None:
    (tmp_path / "shown.py").write_text("def f(): pass\n")
    (tmp_path / "hidden.py").write_text("import shown\ndef g():\n    shown.f()\n")
    program = (
        PRELUDE
        + "there = _interpreters.create()\nexecute(there, 'import sys; sys.path.insert(0, \"\"); import hidden; [hidden.g() for _ in range(5)]')\n"
    )
    record(tmp_path, "--include", "shown", program=program)
    calls = calls_of(tmp_path / "out.tracy")
    assert (calls["f"], calls["g"]) == (5, 0)


def test_exceptions_generators_and_recursion_nest(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + """
there = _interpreters.create()
execute(there, '''
    def fails(): raise KeyError
    def catches():
        try: fails()
        except KeyError: pass
    def numbers():
        yield 1
        yield 2
    def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
    async def waits(): return 1
    def main():
        for _ in range(3): catches()
        list(numbers())
        fib(5)
        try: waits().send(None)
        except StopIteration: pass
    main()
''')
problem = _interpreters.exec(there, "def falls(): raise ValueError\\nfalls()")
assert "ValueError" in problem.formatted
execute(there, "def after(): pass\\nafter()")
"""
    )
    record(tmp_path, program=program)
    row = facts_of_recording(tmp_path / "out.tracy")["Main thread"]
    zones = below(row, "main")
    inside = [(zone.depth - zones[0].depth, zone.name) for zone in zones]
    expected = [(0, "main"), *[(1, "catches"), (2, "fails")] * 3, *[(1, "numbers")] * 3]
    assert inside[: len(expected)] == expected
    assert sum(name == "fib" for _, name in inside) == 15
    assert inside[-1] == (1, "waits")
    depths = {zone.name: zone.depth for zone in row}
    assert depths["after"] == depths["falls"] + 1  # within execute()
    # Besides, the interpreter itself calls what formats the traceback.
    entries = [inner.name for outer, inner in itertools.pairwise(row) if outer.name == "interpreter 1"]
    assert entries.count("<module>") == 3


def test_interpreters_that_come_and_go_while_recordings_do(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + """
import threading, tracypy
stop = threading.Event()
def churn():
    while not stop.is_set():
        there = _interpreters.create()
        execute(there, "import tracypy\\ndef f(): pass\\nfor _ in range(200): f()")
        _interpreters.destroy(there)
threads = [threading.Thread(target=churn) for _ in range(3)]
for thread in threads: thread.start()
for number in range(15):
    with tracypy.record(f"{number}.tracy"):
        stop.wait(0.05)
stop.set()
for thread in threads: thread.join()
print("done")
"""
    )
    out, err = run(tmp_path, program=program)
    assert (out, err) == ("done\n", "")
    for number in range(15):
        calls_of(tmp_path / f"{number}.tracy")  # each is whole


def test_a_viewer_gets_them_and_an_interpreter_may_outlive_it(tmp_path: Path) -> None:
    body = (
        PRELUDE
        + """
import tracypy
tracypy.enable()
there = _interpreters.create()
assert tracypy.wait_connected(100)
execute(there, "def seen(): pass\\nseen()")
print("seen", flush=True)
input()
execute(there, "seen()")
_interpreters.destroy(there)
"""
    )
    with running(tmp_path, body) as target:
        viewer = target.viewer()
        assert target.hear() == "seen"
        viewer.receive_until(lambda trace: bool(zones_named(trace, "seen")))
        assert len(zones_named(viewer.disconnect(), "seen")) == 1
        target.say()
        target.expect_success()


def test_markup_does_nothing_there_and_says_so_once(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + """
import tracypy
there = _interpreters.create()
execute(there, '''
    import tracypy, tracypy.aio
    @tracypy.profiled
    def f():
        with tracypy.zone("mine") as zone:
            zone.text("x")
        tracypy.message("hello")
        tracypy.plot("speed", 1)
        return 7
    assert f() == 7
    try: tracypy.start_recording("x.tracy")
    except RuntimeError as problem: print(problem)
    assert isinstance(tracypy.RecordingError, type)
    print(tracypy.__version__)
''')
_interpreters.destroy(there)
"""
    )
    out, err = run(tmp_path, program=program)
    import tracypy

    assert out.splitlines() == [
        "tracypy.start_recording works in the main interpreter only, and this is interpreter 1: its calls are recorded when those of the main one are",
        tracypy.__version__,
    ]
    assert err == (
        "tracypy: interpreter 1: its calls are recorded, but what marks up code, as tracypy.profiled here, does nothing there\n"
    )


def test_another_tool_there_is_named_once_and_the_program_goes_on(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + """
import tracypy
there = _interpreters.create()
execute(there, '''
    import sys, tracypy
    for tool in range(6): sys.monitoring.use_tool_id(tool, "other")
''')
for name in "a.tracy", "b.tracy":
    with tracypy.record(name):
        execute(there, "def f(): pass\\nf()")
_interpreters.destroy(there)
"""
    )
    _, err = run(tmp_path, program=program)
    assert err.count("\n") == 1
    assert err.startswith("tracypy: interpreter 1 is not recorded: ")


def test_the_function_that_makes_interpreters_is_as_before_afterwards(tmp_path: Path) -> None:
    program = (
        PRELUDE
        + """
import tracypy
before = _interpreters.create
with tracypy.record("out.tracy"):
    kept = _interpreters.create
    made = kept()
assert _interpreters.create is before
late = kept()
execute(late, "import sys; assert not any('tracypy' in name for name in sys.modules)")
execute(made, "assert set(globals()) <= {'__name__', '__doc__', '__package__', '__loader__', '__spec__', '__builtins__', '__annotations__'}, list(globals())")
"""
    )
    run(tmp_path, program=program)


def test_a_fork_has_the_main_interpreter_only(tmp_path: Path) -> None:
    plain = "import _interpreters, os; _interpreters.create(); os.fork() or os._exit(0); exit(os.wait()[1])"
    if (
        subprocess.run([sys.executable, "-c", plain], stderr=subprocess.DEVNULL, check=False, timeout=100).returncode
        != 0
    ):
        pytest.skip("crashes without us, too: this CPython cannot fork while there are other interpreters")
    program = (
        PRELUDE
        + f"""
import os, tracypy, warnings
there = _interpreters.create()
execute(there, "import tracypy")
with tracypy.record("out.tracy"):
    execute(there, '''{CALLS}''')
    pid = os.fork()
    if pid == 0:
        def child(): pass
        child()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
"""
    )
    run(tmp_path, program=program)
    assert calls_of(tmp_path / "out.tracy")["leaf"] == 10


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
def test_a_pool_of_interpreters(tmp_path: Path) -> None:
    # A function comes without the names around it.
    (tmp_path / "jobs.py").write_text(
        "def job(n):\n    def leaf(k):\n        return k\n    return sum(leaf(k) for k in range(n))\n"
    )
    program = """
    from concurrent.futures import InterpreterPoolExecutor
    import jobs
    if __name__ == "__main__":
        with InterpreterPoolExecutor(2) as pool:
            print(sum(pool.map(jobs.job, [100] * 20)))
    """
    out, err = record(tmp_path, program=program)
    assert out == "99000\n"
    assert "Traceback" not in err
    assert calls_of(tmp_path / "out.tracy")["job.<locals>.leaf"] == 2000
    facts = facts_of_recording(tmp_path / "out.tracy")
    rows = [name for name, zones in facts.items() if any(zone.name == "job" for zone in zones)]
    assert rows
    assert all(name.startswith("InterpreterPoolExecutor-0_") for name in rows)
    assert {zone.name for row in rows for zone in facts[row]} >= {"job"}
    assert any(zone.name.startswith("interpreter ") for row in rows for zone in facts[row])


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
def test_the_example_has_a_row_for_each_thread_and_a_zone_for_its_interpreter(tmp_path: Path) -> None:
    out, err = record(tmp_path, program=(EXAMPLES / "interpreters.py").read_text())
    assert sorted(map(int, out.split())) == [127, 135, 168]
    assert "Traceback" not in err
    facts = facts_of_recording(tmp_path / "out.tracy")
    for worker in ("worker 0", "worker 1", "worker 2"):
        names = [zone.name for zone in facts[worker]]
        assert names.count("count_primes") == 1, worker
        assert names.count("is_prime") == 1000, worker
        assert sum(name.startswith("interpreter ") for name in names) >= 1, worker
