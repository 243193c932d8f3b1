"""Viewers that come before, during and after the work, leave, and come back."""

from __future__ import annotations

import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from support.target import Target, only_zone, running, trace_of, tree, zones_named
from support.viewer import PROTOCOLS, HandshakeRefused, StrictViewer, Trace

#: Waits, in a chain of calls, for words on standard input, and says when it waits.
CHAIN = """\
import sys, threading, tracypy
tracypy.enable()
tracypy.listen()
def leaf():
    pass
def inner():
    for line in sys.stdin:
        for _ in range(int(line)):
            leaf()
        print("done", flush=True)
def middle():
    inner()
def outer():
    middle()
def waits(lock):
    lock.acquire()
lock = threading.Lock()
lock.acquire()
thread = threading.Thread(target=waits, args=(lock,), name="waiting")
thread.start()
print("ready", flush=True)
outer()
lock.release()
thread.join()
"""


def calls_below_inner(trace: Trace) -> list[str]:
    (inner,) = zones_named(trace, "inner")
    return [child.name for child in inner.children if child.name == "leaf"]


def until_leaves(viewer: StrictViewer, count: int) -> None:
    def seen(trace: Trace) -> bool:
        return sum(zone.name == "leaf" for zone in open_and_closed(trace)) == count

    viewer.receive_until(seen)


def open_and_closed(trace: Trace) -> list:
    return [zone for thread in trace.threads.values() for root in thread.roots for zone in root.walk()]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_running_frames_are_opened_at_once(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, CHAIN) as target:
        assert target.hear() == "ready"
        target.say("0")
        assert target.hear() == "done"  # so that the whole chain is open when the viewer comes
        viewer = target.viewer(protocol)
        target.say("3")
        assert target.hear() == "done"
        target.end_input()
        trace = viewer.run()
    main = only_zone(trace, "<module>")
    chain = [main, *[only_zone(trace, name) for name in ("outer", "middle", "inner")]]
    for above, below in pairwise(chain):
        assert below in above.children
        assert below.begin_tick == main.begin_tick  # all at once
    assert calls_below_inner(trace) == ["leaf"] * 3
    (bootstrap,) = trace.thread("waiting").roots
    names = [zone.name for zone in bootstrap.walk()]
    assert names[:4] == ["Thread._bootstrap", "Thread._bootstrap_inner", "Thread.run", "waits"]


def test_viewers_of_every_release_one_after_the_other(tmp_path: Path) -> None:
    with running(tmp_path, CHAIN) as target:
        assert target.hear() == "ready"
        for round_number, protocol in enumerate((*PROTOCOLS, *reversed(PROTOCOLS)), start=1):
            with target.viewer(protocol) as viewer:
                target.say(str(round_number))
                assert target.hear() == "done"
                until_leaves(viewer, round_number)
                viewer.receive_until(lambda trace: "waiting" in {thread.name for thread in trace.threads.values()})
                assert viewer.trace.thread("waiting").roots[0].name == "Thread._bootstrap"
                viewer.leave()
            target.say("1000")  # nobody listens
            assert target.hear() == "done"
        last = target.viewer(76)
        target.say("2")
        target.hear()
        target.end_input()
        trace = last.run()
    assert calls_below_inner(trace) == ["leaf"] * 2


def test_a_viewer_that_comes_after_the_work_gets_a_valid_session(tmp_path: Path) -> None:
    source = """\
    import sys, tracypy
    tracypy.enable()
    tracypy.listen()
    def work():
        pass
    for _ in range(100):
        work()
    print("worked", flush=True)
    sys.stdin.readline()
    """
    with running(tmp_path, source) as target:
        assert target.hear() == "worked"
        viewer = target.viewer()
        target.say()
        trace = viewer.run()
        target.expect_success()
    assert not zones_named(trace, "work")
    assert len(zones_named(trace, "<module>")) == 1


def test_no_exit_waits_for_a_viewer(tmp_path: Path) -> None:
    source = "import tracypy\ntracypy.enable()\ntracypy.listen()\nprint('end', flush=True)\n"
    with running(tmp_path, source, environment={"TRACY_NO_EXIT": "1", "TRACYPY_LOG": "off"}) as target:
        assert target.hear() == "end"
        assert target.process.poll() is None
        target.viewer().run()
        target.expect_success()


def test_idle_sets_no_monitoring_events(tmp_path: Path) -> None:
    source = """\
    import sys, tracypy
    tracypy.enable()
    tracypy.listen()
    def events():
        print(sys.monitoring.get_events(tracypy.PROFILER_ID), tracypy.is_connected(), flush=True)
    events()
    sys.stdin.readline()
    assert tracypy.wait_connected(100)
    events()
    sys.stdin.readline()
    while tracypy.is_connected():
        pass
    events()
    """
    with running(tmp_path, source) as target:
        assert target.hear() == "0 False"
        viewer = target.viewer()
        target.say()
        events, connected = target.hear().split()
        assert int(events) != 0
        assert connected == "True"
        viewer.drop()
        target.say()
        assert target.hear() == "0 False"


def test_the_tail_arrives(tmp_path: Path) -> None:
    source = """\
    import tracypy
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    def main():
        with tracypy.profile():
            assert tracypy.wait_connected(100)
            fib(18)
    main()
    """
    trace = trace_of(tmp_path, source, prelude="")
    assert len(zones_named(trace, "fib")) == 8361


def test_enable_and_disable_inside_nested_calls(tmp_path: Path) -> None:
    source = """\
    import gc, tracypy
    gc.disable()
    def leaf():
        pass
    def on():
        leaf()
        tracypy.enable()
        leaf()
    def off():
        leaf()
        tracypy.disable()
        leaf()
    def middle():
        on()
        leaf()
        off()
        leaf()
    def main():
        leaf()
        middle()
        leaf()
    tracypy.listen()
    assert tracypy.wait_connected(100)
    main()
    main()
    """
    trace = trace_of(tmp_path, source, prelude="")
    expected = tree("<module>", tree("main", tree("middle", tree("on", "leaf"), "leaf", tree("off", "leaf"))))
    assert [root.tree() for root in trace.thread("Main thread").roots] == [expected, expected]


def test_a_refused_enable_leaves_nothing_claimed(tmp_path: Path) -> None:
    source = """\
    import sys, tracypy
    sys.monitoring.use_tool_id(3, "somebody else")
    def refused(error, *args):
        try:
            tracypy.enable(*args)
        except error as problem:
            return str(problem)
        raise AssertionError("not refused")
    assert "somebody else" in refused(RuntimeError, 3)
    refused(ValueError, 6)
    refused(ValueError, -1)
    assert sys.monitoring.get_tool(2) is None
    tracypy.enable(4, "ours")
    assert "ours" in refused(RuntimeError)
    assert [sys.monitoring.get_tool(n) for n in range(6)] == [None, None, None, "somebody else", "ours", None]
    tracypy.disable()
    tracypy.disable()
    assert sys.monitoring.get_tool(4) is None
    assert not tracypy.is_enabled()
    """
    with running(tmp_path, source) as target:
        target.expect_success()


def test_it_can_stop_and_start_again(tmp_path: Path) -> None:
    source = """\
    import os, threading, tracypy
    def sockets():
        places = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
        links = [os.readlink(place) for place in places if os.path.lexists(place)]
        return len([link for link in links if link.startswith(("socket", "anon_inode"))])
    def threads():
        return len(os.listdir("/proc/self/task"))
    before = sockets(), threads()
    for _ in range(3):
        tracypy.enable()
        assert threads() == before[1] + 1
        assert tracypy.wait_connected(100)
        def work(): pass
        work()
        tracypy.disable()
        tracypy.stop_listening()
        assert (sockets(), threads()) == before
        print("stopped", flush=True)
    """
    with running(tmp_path, source) as target:
        for _ in range(3):
            trace = target.viewer().run()
            assert len(zones_named(trace, "work")) == 1
            assert target.hear() == "stopped"
        target.expect_success()


@pytest.mark.parametrize("is_watched", [True, False])
def test_program_that_closes_all_descriptors_keeps_its_own_and_its_viewers(tmp_path: Path, is_watched: bool) -> None:
    """As daemons do. What the program opens next has the numbers of tracypy's sockets."""
    source = """\
    import os, socket, sys, time, tracypy
    tracypy.enable()
    sys.stdin.readline()
    os.closerange(3, 256)
    server = socket.create_server(("127.0.0.1", 0))
    pairs = [socket.socketpair() for _ in range(8)]
    for one, other in pairs: one.send(b"a"), other.send(b"b")
    print(server.getsockname()[1], flush=True)
    while tracypy.is_connected(): time.sleep(0.001)
    print("lost", flush=True)
    assert tracypy.wait_connected(100)
    def work(): pass
    work()
    tracypy.disable()
    tracypy.stop_listening()
    server.settimeout(20)
    client, _ = server.accept()
    print(client.recv(100), flush=True)
    for pair in pairs:
        for end in pair: end.setblocking(False)
    assert [(one.recv(9), other.recv(9)) for one, other in pairs] == [(b"b", b"a")] * 8
    """
    with running(tmp_path, source) as target:
        first = target.viewer() if is_watched else None
        target.say("go on")
        server_port = int(target.hear())
        with socket.create_connection(("127.0.0.1", server_port)) as client:
            client.sendall(b"hello")
            assert target.hear() == "lost"
            if first is not None:
                first.drop()
            trace = _viewer_that_tries_again(target).run()
            assert target.hear() == str(b"hello")
        code, _, err = target.finish()
    # Meanwhile any program of the machine may have had the port, for a connection of its own. That is said, no more.
    told = f"tracypy: the program has closed the socket for viewers, and port {target.port} is not to be had again yet"
    assert (code, err.rstrip("\n")) in {(0, ""), (0, told)}
    assert len(zones_named(trace, "work")) == 1


def _viewer_that_tries_again(target: Target) -> StrictViewer:
    """The first connection may still have gone to the socket that the program has closed."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return target.viewer()
        except (ConnectionError, HandshakeRefused):
            assert time.monotonic() < deadline
