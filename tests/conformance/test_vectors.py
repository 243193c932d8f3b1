"""The strict viewer against recorded conversations of real Tracy programs, and against real capture tools.

The recordings are not in this repository: `TRACYPY_SHARED`, or the directory `shared` beside the checkout, holds
them in `vectors/`. See support/vectors.py.
"""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.captures import capture_program, capture_protocols, parse_capture_output, run_capture
from support.stream_builder import FIRST_TICK, ToyProgram
from support.vectors import RECORDINGS, TOLERATED, Recording, needs_vectors, replay
from support.viewer import PROTOCOLS, HandshakeRefused, ProtocolViolation, StrictViewer
from support.viewer.queries import QUERY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The scene that was recorded, by source location.
COUNTS = {
    "fib": 2460, "frame": 60, "setup": 1, "job": 600, "step": 1800, "text zone": 50, "double text zone": 5,
    "long text zone": 1, "renamed zone": 40, "value zone": 40, "max value zone": 1, "colour zone": 40,
    "static colour zone": 10, "unicode zone": 30, "зона ünïcode 名前": 5, "nameless_dyn": 20, "c zone": 30,
    "memory": 1, "messages": 1, "ledger critical": 100, "short lock": 1, "outer level": 1, "middle level": 4,
    "leaf level": 16, **{f"dyn {number}": 25 for number in range(8)},
}  # fmt: skip
FIBER_COUNTS = {"fiber outer": 40, "fiber inner": 40, "between fibers": 20}


@pytest.fixture(params=RECORDINGS, ids="-".join)
def recording(request: pytest.FixtureRequest) -> Recording:
    return request.param


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port where `talk` serves the first who connects, once he has sent his greeting."""
    listener = socket.create_server(("127.0.0.1", 0))

    def go() -> None:
        with listener, listener.accept()[0] as connection:
            # The greeting comes in two pieces: 8 bytes, then the protocol number.
            connection.recv(12, socket.MSG_WAITALL)
            with suppress(ConnectionError):
                talk(connection)

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(10)
    assert not thread.is_alive(), "the viewer did not leave"


def replaying(data: bytes) -> Callable[[socket.socket], None]:
    """Send these bytes, then read until the viewer leaves."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(data)
        while connection.recv(65536):
            pass

    return talk


def playing(program: ToyProgram) -> Callable[[socket.socket], None]:
    """Send what is built, then answer until the viewer's goodbye."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(program.stream.head() + program.stream.block())
        while not program.is_terminated and (query := connection.recv(QUERY.size, socket.MSG_WAITALL)):
            connection.sendall(program.read(query))

    return talk


@needs_vectors
def test_asks_exactly_what_the_real_viewer_asked(recording: Recording) -> None:
    session = recording.session()
    session.feed(recording.to_viewer())
    assert session.take_outgoing() == recording.to_program()


@needs_vectors
@pytest.mark.parametrize("chunk", [1009, 65536])
def test_chunking_does_not_matter(recording: Recording, chunk: int) -> None:
    session = recording.session()
    data = recording.to_viewer()
    for start in range(0, len(data), chunk):
        session.feed(data[start : start + chunk])
    assert session.is_done
    assert session.take_outgoing() == recording.to_program()
    assert session.trace.counts() == replay(recording).counts()


@needs_vectors
def test_zone_counts_are_the_scene_s(recording: Recording) -> None:
    trace = replay(recording)
    expected = COUNTS if recording.flavour == "plain" else COUNTS | FIBER_COUNTS
    assert trace.counts() == expected
    assert trace.zone_count == sum(expected.values())


@needs_vectors
def test_zone_table_is_what_csvexport_counted(recording: Recording) -> None:
    # csvexport leaves out zones that last no whole nanosecond; the scene has none.
    counts = {row["name"]: int(row["counts"]) for row in recording.table("zones")}
    assert replay(recording).counts() == counts


@needs_vectors
def test_every_zone_is_what_csvexport_listed(recording: Recording) -> None:
    columns = ("name", "src_file", "src_line", "ns_since_start", "exec_time_ns")
    rows = recording.table("zones-unwrapped")
    listed = Counter(tuple(row[column] for column in columns) for row in rows)
    found = Counter(
        (zone.location.name, zone.file, str(zone.line), str(zone.begin_ns), str(zone.end_ns - zone.begin_ns))
        for zone in replay(recording).zones()
        if zone.end_ns is not None
    )
    assert found == listed


@needs_vectors
def test_zone_texts_are_what_csvexport_listed(recording: Recording) -> None:
    rows = recording.table("zones-unwrapped")
    if "value" not in rows[0]:
        pytest.skip("csvexport 0.11.1 has no column for them")
    texts = {(row["name"], row["ns_since_start"]): row["value"] for row in rows}
    for zone in replay(recording).zones():
        # For a zone without text csvexport repeats that of the row before.
        if zone.shown_text is not None:
            assert texts[zone.location.name, str(zone.begin_ns)] == zone.shown_text


@needs_vectors
def test_zone_texts_values_names_and_colours_are_the_scene_s(recording: Recording) -> None:
    zones: dict[str, list] = {}
    for zone in replay(recording).zones():
        zones.setdefault(zone.location.name, []).append(zone)
    assert sorted(zone.text for zone in zones["text zone"]) == sorted(f"item {number}" for number in range(50))
    assert {tuple(zone.texts) for zone in zones["double text zone"]} == {("first", "second")}
    assert len(zones["long text zone"][0].text) == 3000
    assert Counter(zone.name for zone in zones["renamed zone"]) == {f"renamed {number}": 5 for number in range(8)}
    assert {zone.value for zone in zones["value zone"]} == {number**2 * 1000003 for number in range(40)}
    assert zones["max value zone"][0].value == 2**64 - 1
    assert {zone.color for zone in zones["colour zone"]} == {0x102030 + number for number in range(40)}
    assert {zone.color for zone in zones["static colour zone"]} == {0xAA5533}
    assert {(z.text, z.name, z.color, z.value) for z in zones["c zone"]} == {("c text", "c renamed", 0x336699, 77)}


@needs_vectors
def test_trees_are_the_scene_s(recording: Recording) -> None:
    roots = [root for thread in replay(recording).threads.values() for root in thread.roots]
    leaf = ("leaf level", ())
    assert [root.tree() for root in roots if root.name == "outer level"] == [
        ("outer level", (("middle level", (leaf,) * 4),) * 4)
    ]
    jobs = [root.tree() for root in roots if root.location.name == "job"]
    assert len(jobs) == 600
    assert set(jobs) == {("job", (("step", ()),) * 3)}


@needs_vectors
def test_threads_fibers_and_group_hints_are_the_scene_s(recording: Recording) -> None:
    trace = replay(recording)
    names = {thread.name for thread in trace.threads.values()}
    expected = {"Main thread", "worker-1", "worker-2", "wörker-雪", "lock-a", "lock-b", "memory thread"}
    if recording.flavour != "plain":
        expected |= {"fiber runner", "fiber A", "fiber B"}
        assert {thread.name for thread in trace.threads.values() if thread.is_fiber} == {"fiber A", "fiber B"}
        assert (trace.other["FiberEnter"], trace.other["FiberLeave"]) == (90, 85)
        assert sum(1 for _ in trace.thread("fiber A").zones()) + sum(1 for _ in trace.thread("fiber B").zones()) == 80
    assert expected <= names
    assert all(name.startswith("Tracy") for name in names - expected)
    assert {trace.thread(f"worker-{number}").group_hint for number in (1, 2)} == {7}
    assert not any(thread.open for thread in trace.threads.values())


@needs_vectors
def test_frames_are_the_scene_s(recording: Recording) -> None:
    trace = replay(recording)
    frames = trace.frames
    assert {name: len(marks) for name, marks in frames.items()} == {None: 60, "physics": 120, "io batch": 20}
    assert all(frame.end_ns is not None and frame.end_ns >= frame.begin_ns for frame in frames["io batch"])
    printed = parse_capture_output((recording.directory / "capture.txt").read_text("utf-8"))
    assert (printed.frames, printed.zones) == (trace.shown_frame_count, trace.zone_count)
    assert (trace.on_demand.frames if trace.on_demand else None) == (5 if recording.flavour == "demand" else None)


@needs_vectors
def test_messages_are_what_csvexport_listed(recording: Recording) -> None:
    trace = replay(recording)
    lines = (recording.directory / "messages.csv").read_text("utf-8").split("\n")
    assert Counter(f"{message.text},{message.time_ns}" for message in trace.messages) == Counter(lines[1:-1])
    colors = Counter(message.color for message in trace.messages if message.color is not None)
    assert (colors[0xFF8000], colors[0x0080FF]) == (10, 10)
    if recording.protocol >= 77:
        levels = Counter(message.severity for message in trace.messages if "severity" in message.text)
        assert levels == dict.fromkeys(range(6), 4)


@needs_vectors
def test_plots_are_the_scene_s(recording: Recording) -> None:
    trace = replay(recording)
    plots = trace.plots
    values = {name: [value for _, value in points] for name, points in plots.items()}
    assert values == {
        "temperature": [20 + frame / 4 for frame in range(60)],
        "heap use": [1 << frame % 50 for frame in range(60)],
        "progress": [pytest.approx(frame * 100 / 60, rel=1e-6) for frame in range(60)],
        "unconfigured": [-2 * number for number in range(30)],
    }
    heap = trace.plot_configs["heap use"]
    assert (heap.kind, heap.step, heap.color) == (1, True, 0xFFA020)  # as it is drawn: the scene says 0x20A0FF
    if (recording.directory / "plots.csv").exists():
        rows = recording.table("plots")
        listed = {(row["name"], int(row["ns_since_start"])) for row in rows if row["name"] in plots}
        assert listed == {(name, time) for name, points in plots.items() for time, _ in points}


@needs_vectors
def test_what_is_only_counted_is_the_scene_s(recording: Recording) -> None:
    trace = replay(recording)
    has_discard = recording.protocol >= 72
    expected = {
        "MemAlloc": 110 + 51 + (15 if has_discard else 0),
        "MemFree": 80 + 46,
        "MemDiscard": 1 if has_discard else 0,
        "LockAnnounce": 3,
        "LockTerminate": 3,
        "LockEvent": 110 + 115 + 115 + 20 * 3,
        "LockMark": 10,
        "FrameImage": 6,
    }
    assert {name: trace.other[name] for name in expected} == expected
    assert len(trace.app_info) == 2
    assert [(trace.strings[p.name_pointer], p.kind, p.value) for p in trace.parameters][:2] == [
        ("speed", 0, 42),
        ("turbo", 1, 1),
    ]
    assert any(trace.sources.values()) == (recording.flavour == "always")


@needs_vectors
def test_the_same_through_a_socket(recording: Recording) -> None:
    viewer = StrictViewer(recording.protocol, tolerated=TOLERATED)
    with serving(replaying(recording.to_viewer())) as port:
        viewer.connect(port)
        assert viewer.welcome.program_name == "scene"
        viewer.receive_until(lambda trace: trace.zone_count > 100)
        trace = viewer.run(bytes_per_second=1_000_000)
    assert trace.counts() == replay(recording).counts()


@needs_vectors
def test_a_stream_that_breaks_off_is_refused(recording: Recording) -> None:
    session = recording.session()
    session.feed(recording.to_viewer()[:-1])
    with pytest.raises(ProtocolViolation, match="before the viewer's goodbye"):
        session.end_of_stream()


@needs_vectors
def test_damaged_streams_raise_nothing_but_violations(recording: Recording) -> None:
    events: list[bytes] = []
    session = recording.session()
    session.feed(recording.to_viewer()[:1200])
    original = session.stream.take

    def keep(buffer: bytearray) -> bytes | None:
        block = original(buffer)
        if block is not None:
            events.append(block)
        return block

    session.stream.take = keep  # type: ignore[method-assign]
    session.feed(recording.to_viewer()[1200:])
    dice = random.Random(recording.protocol)
    refused = 0
    for _ in range(20):
        damaged = recording.session()
        damaged.feed(recording.to_viewer()[:1200])
        number = dice.randrange(len(events))
        blocks = list(events)
        block = bytearray(blocks[number])
        block[dice.randrange(len(block))] = dice.randrange(256)
        blocks[number] = bytes(block)
        try:
            for part in blocks:
                damaged._decoder.block(part)
        except ProtocolViolation:
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("protocol", capture_protocols())
def test_a_real_capture_tool_understands_the_builder(protocol: int, tmp_path: Path) -> None:
    toy = ToyProgram(protocol, exec_time=5)
    outer, inner = toy.location(0x1000, "outer"), toy.location(0x2000, "inner")
    stream = toy.stream
    stream.thread(7)
    tick = FIRST_TICK
    for number in range(1000):
        # Steps that need each of the three time forms of protocol 82.
        tick += (10, 70_000, 1 << 33)[number % 3]
        stream.begin(outer, tick)
        stream.begin(inner, tick + 5)
        stream.zone_text(f"text {number}")
        stream.end(tick + 10)
        stream.end(tick + 80_000)
        tick += 80_000
    stream.begin_dynamic(tick, "dynamic")
    stream.end(tick + 10)
    stream.event("FrameMarkMsg", tick, 0)
    stream.fiber_enter(0x99, 7, tick + 20)
    stream.begin(outer, tick + 30)
    stream.end(tick + 40)
    stream.fiber_leave(7, tick + 50)
    stream.event("Terminate")
    program = capture_program(protocol)
    with serving(playing(toy)) as port, run_capture(program, port, tmp_path / "toy.tracy") as capture:
        result = capture.wait()
    assert (result.zones, result.frames, result.failure) == (2002, 3, None)


# The client's behaviour on a socket


def one_zone(protocol: int, *, is_open: bool = False, terminate: bool = True) -> ToyProgram:
    toy = ToyProgram(protocol)
    toy.location(0x1000, "f")
    toy.stream.thread(7)
    toy.stream.begin(0x1000, FIRST_TICK)
    if not is_open:
        toy.stream.end(FIRST_TICK + 10)
    if terminate:
        toy.stream.event("Terminate")
    return toy


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_zone_left_open_is_refused_after_a_while(protocol: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.viewer.client.OPEN_ZONE_GRACE", 0.1)
    viewer = StrictViewer(protocol)
    with serving(playing(one_zone(protocol, is_open=True))) as port:
        viewer.connect(port)
        with pytest.raises(ProtocolViolation, match="waits for ever, because of: .*zone 'f' open on thread 'thread 7'"):
            viewer.run()
    assert not viewer.is_connected


def test_a_missing_answer_is_named() -> None:
    toy = one_zone(76)
    with serving(replaying(toy.stream.head() + toy.stream.block())) as port, StrictViewer(76) as viewer:
        viewer.connect(port)
        viewer.receive_until(lambda trace: trace.zone_count == 1)
        with pytest.raises(TimeoutError, match=r"still missing: THREAD_STRING 0x7, SOURCE_LOCATION 0x1000"):
            viewer.run(timeout=0.2)


def test_disconnecting_in_mid_run() -> None:
    toy = one_zone(76, is_open=True, terminate=False)
    viewer = StrictViewer(76)
    with serving(playing(toy)) as port:
        viewer.connect(port)
        viewer.receive_until(lambda trace: trace.zone_count == 1)
        assert viewer.disconnect().thread("thread 7").open[0].name == "f"
    assert not viewer.is_connected


def test_leaving_and_reading_nothing() -> None:
    toy = one_zone(76, terminate=False)
    viewer = StrictViewer(76)
    with serving(playing(toy)) as port:
        viewer.connect(port, receive_buffer=4096)
        viewer.pause_reading()
        with pytest.raises(RuntimeError, match="reading is paused"):
            viewer.run()
        viewer.resume_reading()
        viewer.leave()
    assert not viewer.is_connected


@pytest.mark.parametrize(("answer", "status"), [(b"\x02", 2), (b"\x03", 3), (b"", None)])
def test_refused_connections(answer: bytes, status: int | None) -> None:
    viewer = StrictViewer(76)
    with serving(lambda connection: connection.sendall(answer)) as port, pytest.raises(HandshakeRefused) as refusal:
        viewer.connect(port)
    assert refusal.value.status == status
    assert not viewer.is_connected


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TimeoutError, match="nobody listens"):
        StrictViewer(76).connect(port, timeout=0.1)
