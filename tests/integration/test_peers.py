"""Whoever connects can do no harm: what it costs is its own connection, and one line in the log."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.captures import capture_program, capture_protocols, run_capture
from support.peers import Questioner, RawPeer
from support.programs import program
from support.target import Target, running, tree, zones_named
from support.viewer import PROTOCOLS, HandshakeRefused, Query, StrictViewer, Trace
from support.viewer.handshake import greeting
from support.viewer.queries import pack_query

HOST = program("told_host")
WORK = tree("work", tree("branch", tree("branch", tree("branch", "branch", "leaf"), "leaf"), "leaf"))


class Host:
    """The program above, from outside."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.holds = target.hear()
        self.expected: list[str] = []
        self.allowed: list[str] = []

    @property
    def port(self) -> int:
        return self.target.port

    def do(self, word: str) -> str:
        self.target.say(word)
        return self.target.hear()

    def expect_line(self, pattern: str) -> None:
        """At the end, stderr must have this line next, and no other."""
        self.expected.append(pattern)

    def allow_line(self, pattern: str) -> None:
        """At the end, stderr may have this line anywhere."""
        self.allowed.append(pattern)

    def check_next_viewer(self, protocol: int = 76) -> None:
        """A viewer gets in, gets an exact session, and leaves."""
        with self.target.viewer(protocol) as viewer:
            self.check_work(viewer)
            trace = viewer.disconnect()
        assert trace.is_terminated

    def check_work(self, viewer: StrictViewer) -> None:
        wanted = [*works(viewer.trace), WORK]
        assert self.do("work") == "worked"
        viewer.receive_until(lambda trace: works(trace) == wanted)

    def check_end(self) -> None:
        """It holds what it held at first, ends well, and has said what was expected."""
        assert self.do("holds") == self.holds
        self.target.end_input()
        code, out, err = self.target.finish()
        assert (code, out) == (0, "")
        lines = [line for line in err.splitlines() if not any(re.fullmatch(one, line) for one in self.allowed)]
        assert len(lines) == len(self.expected), err
        for pattern, line in zip(self.expected, lines, strict=True):
            assert re.fullmatch(pattern, line), f"{line!r} is not {pattern!r}"


def works(trace: Trace) -> list[object]:
    return [zone.tree() for zone in zones_named(trace, "work") if zone.end_tick is not None]


@contextmanager
def hosting(folder: Path, **environment: str) -> Iterator[Host]:
    with running(folder, HOST, environment=environment) as target:
        host = Host(target)
        yield host
        host.check_end()


NO_VIEWER = r"tracypy: a peer that is not a Tracy viewer connected; the connection was closed \(ADDRESS\)"
LEFT = r"tracypy: a peer left before it said which protocol it speaks \(ADDRESS\)"
SILENT = r"tracypy: a peer connected, but did not greet as a Tracy viewer does; the connection was closed \(ADDRESS\)"
UNKNOWN_KIND = r"tracypy: the viewer asked a question of unknown kind KIND; the connection was closed \(ADDRESS\)"


def line_of(pattern: str, peer: RawPeer, kind: int = 0) -> str:
    return pattern.replace("ADDRESS", re.escape(peer.address)).replace("KIND", str(kind))


GARBAGE = {
    "web browser": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "zeros": bytes(64),
    "random": random.Random(1).randbytes(1 << 20),
    "nearly a greeting": b"TracyPrg\x4c\0\0\0",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One host for all of the short abuses: each leaves it as good as new."""
    with hosting(tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.mark.parametrize("data", GARBAGE.values(), ids=GARBAGE)
def test_garbage(host: Host, data: bytes) -> None:
    with RawPeer(host.port) as peer:
        peer.send(data)
        assert peer.end_of_stream() == b""
        host.expect_line(line_of(NO_VIEWER, peer))
    host.check_next_viewer()


@pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("size", [1, 8, 11])
def test_half_a_handshake(host: Host, size: int, family: str) -> None:
    with RawPeer(host.port, family) as peer:
        peer.send(greeting(76)[:size])
        peer.socket.shutdown(1)
        assert peer.end_of_stream() == b""
        address = peer.address if family == "127.0.0.1" else f"[::1]:{peer.socket.getsockname()[1]}"
    host.expect_line(LEFT.replace("ADDRESS", re.escape(address)))
    host.check_next_viewer()


def test_knock_at_the_door_is_not_worth_a_line(host: Host) -> None:
    with RawPeer(host.port):
        pass
    host.check_next_viewer()


def test_silence_and_half_a_handshake_with_silence(host: Host) -> None:
    with RawPeer(host.port) as silent, RawPeer(host.port) as stuck:
        stuck.send(greeting(76)[:11])
        host.check_next_viewer()  # meanwhile
        assert silent.end_of_stream() == b""
        host.expect_line(line_of(SILENT, silent))
        assert stuck.end_of_stream() == b""
        host.expect_line(line_of(SILENT, stuck))
    host.check_next_viewer()


def test_more_silent_peers_than_are_listened_to(host: Host) -> None:
    # The newest are heard: a crowd that says nothing does not keep a viewer out.
    crowd = [RawPeer(host.port) for _ in range(40)]
    host.check_next_viewer()
    for peer in crowd:
        peer.reset()
        host.allow_line(line_of(SILENT, peer))  # where all this takes longer than a greeting may
    host.check_next_viewer()


@pytest.mark.parametrize("protocol", [0, 65, 67, 77, 83, 0xFFFFFFFF])
def test_unsupported_protocol_is_told_which_releases_work(host: Host, protocol: int) -> None:
    with RawPeer(host.port) as peer:
        peer.send(greeting(protocol))
        assert peer.end_of_stream() == bytes([2])
    releases = r"0\.11\.0 .*, 0\.11\.1 .*0\.12\.\d.*0\.13\.\d.*0\.14\.\d.*"
    host.expect_line(
        rf"tracypy: a viewer with protocol {protocol} was refused; viewers of these Tracy releases work: {releases}"
    )
    host.check_next_viewer()


@pytest.mark.parametrize("kind", [16, 100, 255])
def test_unknown_kind_of_question(host: Host, kind: int) -> None:
    with Questioner(host.port, 76) as peer:
        peer.send(bytes([kind]) + bytes(12))
        peer.end_of_stream()
        host.expect_line(line_of(UNKNOWN_KIND, peer, kind))
    host.check_next_viewer()


def unissued(host: Host) -> list[int]:
    """Numbers that were never shown: small ones, as ids are; huge ones; and the address of a secret."""
    return [0, 1, 2, 3, 1000, 1 << 20, 0xFFFF_FFF0, 1 << 47, (1 << 64) - 1, int(host.do("secret"))]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_questions_for_what_was_never_shown_get_empty_answers(host: Host, protocol: int) -> None:
    numbers = unissued(host)
    texts = [Query.STRING, Query.THREAD_STRING, Query.PLOT_NAME, Query.FRAME_NAME, Query.FIBER_NAME]
    with Questioner(host.port, protocol) as peer:
        for number in numbers:
            for kind in texts:
                peer.ask(kind, number)
        heard = peer.hear_out(texts * len(numbers))
        assert {answer.data for answer in heard} == {b""}
        assert {answer.fields[0] for answer in heard} == set(numbers)
        unseen = [number for number in numbers if number not in peer.decoder.trace.locations]
        for number in unseen:
            peer.ask(Query.SOURCE_LOCATION, number)
        heard = peer.hear_out([Query.SOURCE_LOCATION] * len(unseen))
        # Location 1 is shown to all: "other functions", for when a viewer can hold no more.
        assert {answer.fields for answer in heard} <= {(0,) * 7, (0, 1, 2, 0, 0, 0, 0)}
        peer.send(pack_query(Query.TERMINATE))
        peer.end_of_stream()
    host.check_next_viewer()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_questions_for_what_there_is_not_are_answered_without_contents(host: Host, protocol: int) -> None:
    numbers = unissued(host)
    kinds = [
        Query.PARAMETER, Query.EXTERNAL_NAME, Query.CALLSTACK_FRAME, Query.SYMBOL, Query.SYMBOL_CODE,
        Query.SOURCE_CODE, Query.DATA_TRANSFER, Query.DATA_TRANSFER_PART,
    ]  # fmt: skip
    with Questioner(host.port, protocol) as peer:
        for number in numbers:
            for kind in kinds:
                peer.ask(kind, number, 0xFFFFFFFF)
        heard = peer.hear_out(kinds * len(numbers))
        assert {answer.data for answer in heard} <= {b"", b"[unknown]"}
        peer.send(pack_query(Query.TERMINATE))
        peer.end_of_stream()
    host.check_next_viewer()


def read_into_a_frame(peer: Questioner) -> None:
    """Reads until in the middle of a frame."""
    assert len(peer.receive(1000)) == 1000


def drop_by_reset(peer: Questioner) -> None:
    read_into_a_frame(peer)
    peer.reset()


def drop_by_close(peer: Questioner) -> None:
    read_into_a_frame(peer)
    peer.socket.close()


def drop_in_a_question(peer: Questioner) -> None:
    peer.send(pack_query(Query.STRING, 5)[:7])
    peer.socket.close()


DROPS: list[Callable[[Questioner], None]] = [drop_by_reset, drop_by_close, drop_in_a_question]


@pytest.mark.parametrize("drop", DROPS)
def test_line_dropped_in_the_middle(host: Host, drop: Callable[[Questioner], None]) -> None:
    peer = Questioner(host.port, 76)
    host.target.say("many")
    drop(peer)
    assert host.target.hear() == "worked"
    host.check_next_viewer()


def test_line_dropped_in_the_middle_is_one_line_for_who_wants_to_know(tmp_path: Path) -> None:
    # Capture programs that leave a busy program close without a word, so at the usual level nothing is said.
    with hosting(tmp_path, TRACYPY_LOG="info") as host:
        peer = Questioner(host.port, 76)
        host.target.say("many")
        drop_by_reset(peer)
        assert host.target.hear() == "worked"
        host.expect_line(rf"tracypy: the viewer at {re.escape(peer.address)} connected, Tracy 0.13.*")
        host.expect_line(rf"tracypy: the viewer at {re.escape(peer.address)} went away")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_viewer_leaves_in_the_middle(host: Host, protocol: int) -> None:
    with host.target.viewer(protocol) as viewer:
        host.target.say("many")
        viewer.receive_until(lambda trace: trace.zone_count > 1000)
        viewer.leave()
    assert host.target.hear() == "worked"
    host.check_next_viewer(protocol)


def test_second_viewer_is_told_at_once_that_there_is_one(host: Host) -> None:
    seconds = []
    with host.target.viewer() as first:
        for protocol in PROTOCOLS:
            begun = time.monotonic()
            with pytest.raises(HandshakeRefused) as refusal:
                host.target.viewer(protocol)
            assert refusal.value.status == 3
            seconds.append(time.monotonic() - begun)
            host.check_work(first)
        trace = first.disconnect()
    assert min(seconds) < 1  # each of them would wait; others may, where the machine is busy
    assert works(trace) == [WORK] * len(PROTOCOLS)
    host.check_next_viewer()


def test_peers_of_every_kind_while_a_viewer_is_served(host: Host) -> None:
    with host.target.viewer() as viewer:
        for data in GARBAGE.values():
            with RawPeer(host.port) as peer:
                peer.send(data)
                peer.end_of_stream()
                host.expect_line(line_of(NO_VIEWER, peer))
            host.check_work(viewer)
        trace = viewer.disconnect()
    assert works(trace) == [WORK] * len(GARBAGE)


def test_two_hundred_viewers_one_after_the_other(tmp_path: Path) -> None:
    with hosting(tmp_path) as host:
        for number in range(200):
            protocol = list(PROTOCOLS)[number % len(PROTOCOLS)]
            with host.target.viewer(protocol) as viewer:
                host.check_work(viewer)
                if number % 3 == 0:
                    viewer.leave()
                else:
                    trace = viewer.disconnect()
                    assert [root.tree() for root in trace.thread("Main thread").roots] == [tree("<module>", WORK)]


@pytest.mark.parametrize("protocol", capture_protocols())
def test_real_capture_leaves_by_itself(tmp_path: Path, protocol: int) -> None:
    with hosting(tmp_path) as host:
        with run_capture(capture_program(protocol), host.port, tmp_path / "a.tracy", seconds=1) as capture:
            while capture.is_running:
                host.do("many")
            result = capture.wait()
        assert result.failure is None
        assert result.zones > 0
        host.check_next_viewer()


def test_many_threads_may_start_listening_at_once(tmp_path: Path) -> None:
    source = """
        import threading, tracypy
        def listen():
            barrier.wait()
            ports.append(tracypy.listen())
        for _ in range(20):
            ports = []
            barrier = threading.Barrier(8)
            threads = [threading.Thread(target=listen) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(ports) == 8 and len(set(ports)) == 1, ports
            stops = [threading.Thread(target=tracypy.stop_listening) for _ in range(4)]
            for stop in stops:
                stop.start()
            stops[0].join()
            assert not tracypy.is_listening()
            tracypy.listen()
            for stop in stops:
                stop.join()
            tracypy.stop_listening()
    """
    with running(tmp_path, source) as target:
        assert target.expect_success() == ""


#: Makes calls in threads and says, by the main one, what becomes of them. `time.sleep` is no Python call.
PRODUCER = """
import resource, sys, threading, time, tracypy

def call():
    pass

def produce(number):
    go.acquire()
    go.release()
    for done in range(CALLS):
        call()
        with tracypy.zone("by hand") as zone:
            zone.value(done)
            zone.text("text")
        calls[number] = done + 1

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20

calls = [0] * 3
tracypy.enable()
assert tracypy.wait_connected(100)
before = resident_mb()
threads = [threading.Thread(target=produce, args=(number,), name=f"producer {number}") for number in range(3)]
go = threading.Lock()
go.acquire()
for thread in threads:
    thread.start()
go.release()  # at once, so that starting them is not held up by what they do
seen = 0
while WAITS and (not seen or seen != sum(calls)):
    seen = sum(calls)
    time.sleep(0.1)
if WAITS:
    print("waits" if any(thread.is_alive() for thread in threads) else "does not wait")
for thread in threads:
    thread.join()
print(sum(calls), int(resident_mb() - before))
"""


def slow_viewer(target: Target) -> StrictViewer:
    """One that reads nothing for now, and into whose buffers little goes."""
    viewer = StrictViewer(76)
    viewer.connect(target.port, receive_buffer=32 * 1024)
    viewer.pause_reading()
    return viewer


def test_viewer_that_stops_reading_for_a_while_loses_nothing(tmp_path: Path) -> None:
    source = PRODUCER.replace("CALLS", "40_000").replace("WAITS", "True")
    with running(tmp_path, source, environment={"TRACYPY_BUFFER_MB": "1"}) as target:
        viewer = slow_viewer(target)
        assert target.hear() == "waits"
        viewer.resume_reading()
        trace = viewer.run()
        assert target.expect_success().startswith("120000 ")
    for number in range(3):
        (produce,) = [zone for zone in trace.thread(f"producer {number}").zones() if zone.name == "produce"]
        assert produce.tree() == ("produce", (("call", ()), ("by hand", ())) * 40_000)
        by_hand = produce.children[1::2]
        assert [zone.values for zone in by_hand] == [[done] for done in range(40_000)]
        assert {zone.text for zone in by_hand} == {"text"}


@pytest.mark.parametrize("policy", ["wait", "skip"])
def test_viewer_that_stops_reading_for_ever_stops_nothing_else(tmp_path: Path, policy: str) -> None:
    environment = {"TRACYPY_BUFFER_MB": "8", "TRACYPY_BUFFER_POLICY": policy, "TRACYPY_EXIT_TIMEOUT": "1"}
    source = PRODUCER.replace("CALLS", "200_000").replace("WAITS", str(policy == "wait"))
    with running(tmp_path, source, environment=environment) as target, slow_viewer(target) as viewer:
        if policy == "wait":
            assert target.hear() == "waits"
        calls, grown_mb = map(int, target.hear().split())
        begun = time.monotonic()
        code, out, err = target.finish()
        lasted = time.monotonic() - begun
        address = "{}:{}".format(*viewer._connection().getsockname())
    assert (code, out, calls) == (0, "", 600_000)
    left_out, gave_up = err.splitlines()
    assert re.fullmatch(
        r"tracypy: left out \d+ calls .* the viewer, or the disk, was slower .* 8 MB was full \(TRACYPY_BUFFER_MB\)",
        left_out,
    )
    assert gave_up == f"tracypy: the viewer at {address} has taken no data for too long; its trace is incomplete"
    assert grown_mb < 8 + 8
    assert lasted < 60


FLOODS = [Query.STRING, Query.THREAD_STRING, Query.SOURCE_LOCATION, Query.CALLSTACK_FRAME]


@pytest.mark.parametrize("kind", FLOODS)
def test_flood_of_questions_without_an_ear_for_answers(tmp_path: Path, kind: Query) -> None:
    with hosting(tmp_path) as host:
        before_mb = resident_mb(host)
        peer = Questioner(host.port, 76)
        peer.socket.settimeout(1)
        with pytest.raises(TimeoutError):  # the program stops reading
            peer.socket.sendall(pack_query(kind, 1) * 5_000_000)
        assert resident_mb(host) - before_mb < 16
        peer.reset()
        host.check_next_viewer()


def resident_mb(host: Host) -> float:
    pages = int(Path(f"/proc/{host.target.process.pid}/statm").read_text().split()[1])
    return pages * 4096 / 2**20
