"""Forks: the parent's session goes on as if nothing were, and the child has nothing of it but may have its own."""

from __future__ import annotations

import itertools
import os
import textwrap
from pathlib import Path

import pytest

from support.recording_facts import calls_of
from support.target import PRELUDE, Target, only_zone, running, tree, zones_named
from support.viewer import PROTOCOLS, StrictViewer, Trace

#: A fork by the program alone must not be warned about because of us. ("error" would be swallowed by the interpreter.)
STRICT = ("-Walways::DeprecationWarning",)
#: A fork by a program with threads is warned about whatever we do.
WITH_THREADS = ("-Wignore::DeprecationWarning",)

#: What most of the programs below begin with. The child's calls have names that no session of the parent may show.
FORKING = """
import os, sys, threading
import tracypy

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def before():
    pass

def after():
    pass

def in_child():
    fib(6)

def wait_for(child):
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code == 0, code

def serve_in_child():
    print(tracypy.listen(), flush=True)
    assert tracypy.wait_connected(100)
    in_child()
    assert tracypy.stop_listening()
    os._exit(0)

tracypy.enable(gc=False)
"""
WAIT = "assert tracypy.wait_connected(100)\n"
FIB_6 = 25


def fib_tree(n: int) -> object:
    return ("fib", () if n < 2 else (fib_tree(n - 1), fib_tree(n - 2)))


IN_CHILD = ("in_child", (fib_tree(6),))


@pytest.mark.parametrize("state", ["listening", "recording", "neither"])
@pytest.mark.parametrize("call", ["unshare(os.CLONE_NEWUSER)", "setns(os.open('/proc/self/ns/uts', os.O_RDONLY))"])
def test_calls_that_want_a_single_thread_find_one(tmp_path: Path, state: str, call: str) -> None:
    if not hasattr(os, call.partition("(")[0]):
        pytest.skip("this system has no such call")
    begin = {"listening": "tracypy.enable()", "recording": "tracypy.start_recording('out.tracy')", "neither": ""}[state]
    source = f"""
        import os, tracypy
        def attempt():
            try:
                os.{call}
            except OSError as problem:
                print(problem.errno)
            else:
                print("done")
        def work(): pass
        if (child := os.fork()) == 0:  # what the system says without us
            attempt()
            os._exit(0)
        os.waitpid(child, 0)
        {begin}
        attempt()
        work()
        if tracypy.is_recording(): tracypy.stop_recording()
        assert len(os.listdir("/proc/self/task")) == {2 if state == "listening" else 1}
    """
    with running(tmp_path, source, arguments=STRICT) as target:
        code, out, err = target.finish()
    assert (code, err) == (0, "")
    assert len(set(out.split())) == 1
    if state == "recording":
        assert calls_of(tmp_path / "out.tracy")["work"] == 1


def forking(body: str, *, wait: bool = True) -> str:
    return FORKING + (WAIT if wait else "") + textwrap.dedent(body)


def child_viewer(target: Target, protocol: int = 76) -> StrictViewer:
    """A viewer of the child that has just said where it listens."""
    port = int(target.hear())
    assert port != target.port
    return Target(target.process, port, target.path).viewer(protocol)


def main_children(trace: Trace) -> list[str]:
    return [child.name for child in only_zone(trace, "main").children]


def test_parents_session_knows_nothing_of_its_children(tmp_path: Path) -> None:
    source = forking("""
        def main():
            for _ in range(100):
                before()
                child = os.fork()
                if child == 0:
                    in_child()
                    os._exit(0)
                after()
                wait_for(child)
        main()
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        trace = target.viewer().run()
        target.expect_success()
    assert main_children(trace) == ["before", "after", "wait_for"] * 100
    assert not zones_named(trace, "in_child")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_child_serves_a_session_of_its_own(tmp_path: Path, protocol: int) -> None:
    source = forking("""
        def fork():
            child = os.fork()
            if child == 0:
                serve_in_child()
            wait_for(child)
        def main():
            before()
            fork()
            after()
        main()
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        parents = target.viewer(protocol)
        childs = child_viewer(target, protocol)
        trace_of_child = childs.run()
        trace_of_parent = parents.run()
        target.expect_success()
    (root,) = trace_of_child.thread("Main thread").roots
    assert root.tree() == tree("<module>", tree("main", tree("fork", tree("serve_in_child", IN_CHILD))))  # type: ignore[arg-type]
    assert only_zone(trace_of_parent, "main").tree() == tree("main", "before", tree("fork", "wait_for"), "after")
    assert trace_of_child.welcome.pid != trace_of_parent.welcome.pid


@pytest.mark.parametrize("how", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 9)", "raise ValueError"])
@pytest.mark.parametrize("viewer", [True, False], ids=["viewer", "no viewer"])
def test_children_may_end_as_they_like(tmp_path: Path, viewer: bool, how: str) -> None:
    source = forking(
        f"""
        sys.excepthook = lambda *_: None
        def main():
            before()
            if os.fork() == 0:
                in_child()
                {how}
            print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
            after()
        main()
        """,
        wait=viewer,
    )
    with running(tmp_path, source, arguments=STRICT) as target:
        trace = target.viewer().run() if viewer else None
        code = target.expect_success()
    assert int(code) == {"os._exit(0)": 0, "sys.exit(0)": 0, "raise ValueError": 1}.get(how, -9)
    if trace is not None:
        assert main_children(trace) == ["before", "after"]


def test_child_that_outlives_its_parent_does_not_hold_the_parents_line(tmp_path: Path) -> None:
    source = forking("""
        if os.fork() == 0:
            os.close(1)
            os.close(2)
            sys.stdin.read()  # until the viewer has seen the parent's end
            os._exit(0)
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        trace = target.viewer().run()
        target.expect_success()
    assert trace.is_terminated


def test_forks_in_quick_succession_with_no_viewer(tmp_path: Path) -> None:
    source = forking(
        """
        for _ in range(200):
            child = os.fork()
            if child == 0:
                assert tracypy.is_listening()
                os._exit(0)
            wait_for(child)
        print(tracypy.is_listening(), tracypy.is_connected())
        """,
        wait=False,
    )
    with running(tmp_path, source, arguments=STRICT) as target:
        assert target.expect_success() == "True False\n"


def test_fork_in_a_thread(tmp_path: Path) -> None:
    source = forking("""
        def work():
            before()
            child = os.fork()
            if child == 0:
                serve_in_child()
            after()
            wait_for(child)
        thread = threading.Thread(target=work, name="forking")
        thread.start()
        thread.join()
    """)
    with running(tmp_path, source, arguments=WITH_THREADS) as target:
        parents = target.viewer()
        trace_of_child = child_viewer(target).run()
        trace_of_parent = parents.run()
        target.expect_success()
    assert only_zone(trace_of_parent, "work").tree() == tree("work", "before", "after", "wait_for")
    assert only_zone(trace_of_child, "work").tree() == tree("work", tree("serve_in_child", IN_CHILD))  # type: ignore[arg-type]
    assert len(trace_of_child.threads) == 1  # the others did not come along


BUSY = """
import time
stop = False
def leaf():
    pass
def busy(counts, number):
    go.acquire()
    go.release()
    while not stop:
        for _ in range(BURST):
            leaf()
            counts[number] += 1
        time.sleep(0.001)
counts = [0] * 4
threads = [threading.Thread(target=busy, args=(counts, n), name=f"busy {n}") for n in range(4)]
go = threading.Lock()
go.acquire()
for thread in threads:
    thread.start()
go.release()  # at once, so that starting them is not held up by what they do
"""


def test_forks_while_threads_record_heavily(tmp_path: Path) -> None:
    source = forking(BUSY.replace("BURST", "100")) + textwrap.dedent("""
        def main():
            for number in range(20):
                before()
                child = os.fork()
                if child == 0:
                    if number == 10:
                        serve_in_child()
                    in_child()
                    os._exit(0)
                after()
                wait_for(child)
        main()
        stop = True
        for thread in threads:
            thread.join()
        print(*counts)
    """)
    with running(tmp_path, source, arguments=WITH_THREADS) as target:
        parents = target.viewer()
        # The parent's program waits for the child here, and nobody reads: its threads run into the full buffer.
        trace_of_child = child_viewer(target).run()
        trace = parents.run()
        counts = [int(word) for word in target.expect_success().split()]
    for number, count in enumerate(counts):
        (busy,) = [zone for zone in trace.thread(f"busy {number}").zones() if zone.name == "busy"]
        assert busy.tree() == ("busy", (("leaf", ()),) * count)
    assert main_children(trace) == ["before", "after", "wait_for"] * 20
    assert only_zone(trace_of_child, "in_child").tree() == IN_CHILD


def test_forks_of_which_python_tells_nobody(tmp_path: Path) -> None:
    """For another user, `subprocess` can only fork, and calls no hooks: nothing of ours has been paused."""
    source = forking("""
        import subprocess
        stop = False
        def brief():
            before()
        def come_and_go():
            while not stop:
                thread = threading.Thread(target=brief)
                thread.start()
                thread.join()
        busy = threading.Thread(target=come_and_go)
        busy.start()
        for _ in range(100):
            subprocess.run(["true"], check=True, user=os.getuid())
        stop = True
        busy.join()
        print("done")
    """)
    with running(tmp_path, source, arguments=WITH_THREADS) as target:
        trace = target.viewer().run()
        assert target.expect_success() == "done\n"
    assert len(zones_named(trace, "run")) >= 100


def test_fork_while_threads_wait_for_a_full_buffer(tmp_path: Path) -> None:
    # In the child nobody is left who waits, but what they waited on was copied in the middle of it.
    source = forking(BUSY.replace("BURST", "100_000")) + textwrap.dedent("""
        seen = 0
        while not seen or seen != sum(counts):
            seen = sum(counts)
            time.sleep(0.1)
        child = os.fork()
        if child == 0:
            in_child_once = in_child
            def in_child():
                in_child_once()
                for _ in range(150_000):  # fills this buffer, too
                    leaf()
            serve_in_child()
        wait_for(child)
        print("served")
        os._exit(0)
    """)
    # Where this takes long, the parent gives up waiting for its viewer, which never reads, and says so.
    environment = {"TRACYPY_BUFFER_MB": "1", "TRACYPY_LOG": "off"}
    with running(tmp_path, source, arguments=WITH_THREADS, environment=environment) as target:
        with StrictViewer(76) as parents:
            parents.connect(target.port, receive_buffer=32 * 1024)
            trace = child_viewer(target).run()
        assert target.expect_success() == "served\n"
    in_child = [zone for zone in trace.zones() if zone.name == "in_child"]
    assert in_child[1].tree() == IN_CHILD
    assert [child.name for child in in_child[0].children] == ["in_child"] + ["leaf"] * 150_000


def test_children_of_children(tmp_path: Path) -> None:
    source = forking("""
        def generation(n):
            before()
            if n < 3:
                child = os.fork()
                if child == 0:
                    print(tracypy.listen(), flush=True)
                    assert tracypy.wait_connected(100)
                    generation(n + 1)
                    sys.exit()
                wait_for(child)
            after()
        generation(0)
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        viewers = [target.viewer()]
        viewers += [child_viewer(target) for _ in range(3)]
        traces = [viewer.run() for viewer in reversed(viewers)][::-1]
        target.expect_success()
    assert len({trace.welcome.pid for trace in traces}) == 4
    for number, trace in enumerate(traces):
        generations = zones_named(trace, "generation")
        assert len(generations) == number + 1
        assert all(inner in outer.children for outer, inner in itertools.pairwise(generations))
        own = [child.name for child in generations[-1].children]
        assert own == (["before", "wait_for", "after"] if number < 3 else ["before", "after"])


OTHER_PROGRAMS = {
    "run": "subprocess.run([sys.executable, '-c', SHOW], check=True)",
    "inheriting": "subprocess.run([sys.executable, '-c', SHOW], check=True, close_fds=False)",
    "preexec_fn": "subprocess.run([sys.executable, '-c', SHOW], check=True, close_fds=False, preexec_fn=before)",
    "shell": "os.system(f'{sys.executable} -c \"{SHOW}\"')",
    "posix_spawn": "wait_for(os.posix_spawn(sys.executable, [sys.executable, '-c', SHOW], os.environ))",
    "exec": "spawned = os.fork() or os.execv(sys.executable, [sys.executable, '-c', SHOW]); wait_for(spawned)",
}


@pytest.mark.parametrize("call", OTHER_PROGRAMS.values(), ids=OTHER_PROGRAMS)
def test_other_programs_inherit_nothing(tmp_path: Path, call: str) -> None:
    show = "import os; print([os.readlink(f'/proc/self/fd/{fd}') for fd in range(3, 64) if os.path.exists(f'/proc/self/fd/{fd}')])"
    source = forking(f"""
        import subprocess
        SHOW = {show!r}
        def main():
            before()
            {call}
            after()
        main()
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        trace = target.viewer().run()
        assert target.expect_success() == "[]\n"
    names = main_children(trace)
    assert (names[0], names[-1]) == ("before", "after")
    assert all(zone.end_tick is not None for zone in trace.zones())


METHODS = ["fork", "spawn", "forkserver"]

POOLS = {
    "process": """
        queue = context.SimpleQueue()
        workers = [context.Process(target=put, args=(queue, n)) for n in range(3)]
        for worker in workers:
            worker.start()
        print(sorted(queue.get() for _ in workers))
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0
    """,
    "pool": """
        with context.Pool(3) as pool:
            print(sorted(pool.map(square, range(3))))
            pool.close()
            pool.join()
    """,
    "terminated pool": """
        with context.Pool(3) as pool:
            print(sorted(pool.map(square, range(3))))
    """,
    "executor": """
        with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as executor:
            print(sorted(executor.map(square, range(3))))
    """,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("pool", POOLS.values(), ids=POOLS)
def test_multiprocessing(tmp_path: Path, method: str, pool: str) -> None:
    source = f"""
import concurrent.futures, multiprocessing
import tracypy

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def square(n):
    if not tracypy.is_enabled():
        tracypy.enable()  # "spawn" and "forkserver" begin anew
    assert tracypy.is_listening() and not tracypy.is_connected()
    fib(5)
    return n * n

def put(queue, n):
    queue.put(square(n))

def in_parent():
    pass

def main():
    in_parent()
{textwrap.indent(textwrap.dedent(pool), "    ")}
    in_parent()

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    tracypy.enable()
    assert tracypy.wait_connected(100)
    main()
"""
    with running(tmp_path, source, arguments=STRICT) as target:
        trace = target.viewer().run()
        assert target.expect_success() == "[0, 1, 4]\n"
    names = main_children(trace)
    assert (names[0], names[-1], names.count("in_parent")) == ("in_parent", "in_parent", 2)
    assert not zones_named(trace, "fib")


def test_children_that_find_no_port_run_unwatched_and_say_nothing(tmp_path: Path) -> None:
    # The first twenty take all ports that a child tries.
    source = forking(
        """
        ready, release = os.pipe(), os.pipe()
        children = []
        for _ in range(22):
            child = os.fork()
            if child == 0:
                os.close(release[1])
                in_child()
                os.write(ready[1], b"y" if tracypy.is_listening() else b"n")
                os.read(release[0], 1)
                os._exit(0)
            children.append(child)
            os.read(ready[0], 1) == b"y" or print("unwatched")
        os.close(release[1])
        for child in children:
            wait_for(child)
        """,
        wait=False,
    )
    with running(tmp_path, source, arguments=STRICT) as target:
        assert target.expect_success().count("unwatched") >= 2


def test_program_that_goes_on_in_its_child_again_and_again(tmp_path: Path) -> None:
    source = PRELUDE + textwrap.dedent("""
        import os
        def work():
            pass
        for number in range(5):
            work()
            child = os.fork()
            if child:
                assert os.waitpid(child, 0)[1] == 0
                break
            print(tracypy.listen(), flush=True)
            assert tracypy.wait_connected(100)
    """)
    with running(tmp_path, source, arguments=STRICT) as target:
        viewers = [target.viewer()]
        viewers += [child_viewer(target) for _ in range(5)]
        traces = [viewer.run() for viewer in reversed(viewers)]
        target.expect_success()
    assert [len(zones_named(trace, "work")) for trace in traces] == [0, 1, 1, 1, 1, 1]
