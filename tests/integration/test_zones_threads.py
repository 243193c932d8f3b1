"""Zones and names of threads."""

from __future__ import annotations

from pathlib import Path

from support.target import PRELUDE, only_zone, running, trace_of, tree, zones_named


def test_each_thread_has_its_own_tree(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import threading
        def leaf():
            pass
        def work(n):
            for _ in range(n):
                leaf()
        threads = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in range(1, 5)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
    )
    for n in range(1, 5):
        (bootstrap,) = trace.thread(f"worker {n}").roots
        assert bootstrap.name == "Thread._bootstrap"
        found = [zone for zone in bootstrap.walk() if zone.name == "work"]
        assert [zone.tree() for zone in found] == [tree("work", *["leaf"] * n)]


def test_the_main_thread_is_called_main_thread(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, "def here(): pass\nhere()\n")
    assert only_zone(trace, "here") in [z for root in trace.thread("Main thread").roots for z in root.walk()]


def test_a_renamed_thread_has_its_new_name(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import threading
        def work(name):
            threading.current_thread().name = name
        threads = [threading.Thread(target=work, args=(name,)) for name in ("nähmaschine", "loom")]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        threading.main_thread().name = "boss"
        """,
    )
    assert {"nähmaschine", "loom", "boss"} <= {thread.name for thread in trace.threads.values()}
    assert "Main thread" not in {thread.name for thread in trace.threads.values()}


def test_threads_without_threading_are_recorded_too(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import _thread
        done = _thread.allocate_lock()
        done.acquire()
        def bare():
            done.release()
        _thread.start_new_thread(bare, ())
        done.acquire()
        """,
    )
    (thread,) = [t for t in trace.threads.values() if [root.name for root in t.roots] == ["bare"]]
    assert thread.name.startswith("thread ")


def test_ten_thousand_short_threads_do_not_grow_memory(tmp_path: Path) -> None:
    source = PRELUDE + (
        "import threading, time\n"
        "def resident():\n"
        "    return next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmRSS'))\n"
        "def work(): pass\n"
        "def many(n):\n"
        "    for _ in range(n):\n"
        "        thread = threading.Thread(target=work)\n"
        "        thread.start(); thread.join()\n"
        "many(1000)\n"
        "before = resident()\n"
        "many(9000)\n"
        "end = time.monotonic() + 60\n"  # what waits for the drain goes; what leaks stays
        "while (growth := resident() - before) > 48 * 1024 and time.monotonic() < end: pass\n"
        "print(growth)\n"
    )
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        growth_kib = int(target.expect_success())
    assert len(zones_named(trace, "work")) == 10_000
    # A buffer is 64 KiB: had only a tenth been kept, this would be 60 MiB. Names and ids of rows stay: 5 MiB, and what
    # was needed while the drain was behind, 30 MiB on a machine that has much else to do.
    assert growth_kib < 48 * 1024


def test_calls_from_many_threads_at_once_are_all_there(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        """
        import threading
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)
        def work():
            fib(15)
        threads = [threading.Thread(target=work, name=f"fib {n}") for n in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
    )
    for n in range(8):
        (root,) = trace.thread(f"fib {n}").roots
        assert sum(zone.name == "fib" for zone in root.walk()) == 1973
    assert len(zones_named(trace, "work")) == 8


def test_an_exception_that_ends_a_thread(tmp_path: Path) -> None:
    source = PRELUDE + (
        "import threading\n"
        "threading.excepthook = lambda info: None\n"
        "def fails():\n    raise ValueError\n"
        "def work():\n    fails()\n"
        "thread = threading.Thread(target=work, name='unlucky')\nthread.start(); thread.join()\n"
    )
    trace = trace_of(tmp_path, source, prelude="")
    assert only_zone(trace, "work").tree() == tree("work", "fails")
