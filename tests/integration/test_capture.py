"""`tracypy.capture` and the command: programs of our own, and toy programs that say what no program of ours does."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import tracypy
from tracypy.captured import CaptureProgress

from support.command_line import tracypy_command
from support.same_trace import of_file, of_viewer
from support.stream_builder import FIRST_TICK, ToyProgram
from support.target import running, unused_port
from support.toy_conversations import CODE_TRANSFER
from support.toy_server import answering, playing, saying
from support.viewer import PROTOCOLS, Session
from support.viewer.queries import Query
from support.wiretap import Wiretap

MAIN, OTHER = 11, 22
PLACE, OTHER_PLACE = 0x1000, 0x2000

SCENE = """\
import threading, tracypy

def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def work(count):
    for number in range(count):
        with tracypy.zone("step", color="teal") as zone:
            zone.text(f"item {number}")
            zone.value(number * 1000)
            fib(4)
        with tracypy.zone("renamed") as zone:
            zone.name(f"Nummer {number} 名前")
            zone.color(0x102030 + number)
        if threading.current_thread() is threading.main_thread():
            tracypy.frame_mark()
            tracypy.frame_mark("physics")
            with tracypy.frame("batch"):
                pass

tracypy.enable()
assert tracypy.wait_connected(100)
threads = [threading.Thread(target=work, args=(20,), name=f"wörker-{number}") for number in range(3)]
for thread in threads:
    thread.start()
work(20)
for thread in threads:
    thread.join()
tracypy.disable()
"""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_program_of_ours_is_captured_exactly(tmp_path: Path, protocol: int) -> None:
    # Both look at the same conversation: every tick, and so every nanosecond, has to be the same.
    path = tmp_path / "out.tracy"
    with running(tmp_path, SCENE) as target, Wiretap(target.port) as tap:
        summary = tracypy.capture(path, port=tap.port, protocol=protocol, connect_timeout=60)
        target.expect_success()
    session = Session(protocol)
    session.feed(bytes(tap.to_viewer))
    # The strict viewer would ask for sources, too, and the capture did not.
    sources = ("SOURCE_CODE", "acknowledgement of DATA_TRANSFER")
    assert [what for what in session.missing() if not what.startswith(sources)] == []
    found, expected = of_file(tracypy.open(path)), of_viewer(session.trace)
    for part in expected:
        assert found[part] == expected[part], part
    assert (summary.protocol, summary.ending, summary.problem) == (protocol, "finished", "")
    assert summary.zones == session.trace.zone_count == len(found["zones"]) > 4 * 20 * 10
    assert summary.not_kept == {}
    assert summary.file_bytes == path.stat().st_size
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "program.py"]


def everything(program: ToyProgram) -> None:
    """What other clients send: fibers, plots, literals, validated zones, call stacks, what is not kept, strange orders."""
    stream = program.stream
    first = FIRST_TICK + 1000
    program.location(PLACE, "place", "toy.cpp", 12, 0xAABBCC)
    program.location(OTHER_PLACE, "other place", "toy.cpp", 34)
    program.strings |= {0x3000: "a plot", 0x3100: "a literal", 0x3200: "frames", 0x3300: "twice", 0x3400: "twice"}
    program.strings |= {0x3500: "speed", 0x3600: "a pool"}
    stream.thread(MAIN)
    stream.begin(PLACE, first)
    stream.zone_text("first")
    stream.zone_text("second")
    stream.event("ZoneValue", 2**64 - 1)
    stream.begin_dynamic(first + 70_000, "made", "made.py", "Gemachtes ü", 7)
    stream.zone_name("x" * 3000)
    stream.zone_color(0x123456)
    stream.plot(0x3000, first + 70_100, 1.5)
    stream.event("PlotConfig", 0x3000, 2, 1, 0, 0x00FF8000)
    stream.event("PlotDataInt", 0x3000, stream._delta(first + 70_150), -7)
    stream.event("PlotDataFloat", 0x3000, stream._delta(first + 70_160), 0.25)
    stream.end(first + 50_000_000_000)
    stream.message(first + 300, "a message ü")
    stream.literal(first + 200, 0x3100)
    stream.single("with colour")
    metadata = [0] if program.stream.protocol >= 77 else []
    stream.stack_of_addresses(0x40, 0x50)
    stream.event("Callstack")
    stream.event("MessageColorCallstack", first + 400, 1, 2, 3, *metadata)
    stream.event("FrameMarkMsg", first + 500, 0)
    stream.event("FrameMarkMsgStart", first + 500, 0x3200)
    stream.event("FrameMarkMsgEnd", first + 600, 0x3200)
    stream.event("FrameMarkMsg", first + 700, 0x3300)  # two names of one text, as two libraries have them
    stream.event("FrameMarkMsg", first + 600, 0x3400)
    # What has no place, but moves the same clock, or has texts and locations of its own.
    stream.event("LockAnnounce", 1, first, OTHER_PLACE, 0)
    stream.serial_event("LockWait", first + 10, thread=OTHER, id=1)
    stream.serial_event("LockObtain", first + 20, thread=OTHER, id=1)
    stream.serial_event("LockRelease", first + 30, id=1)
    stream.event("MemNamePayload", 0x3600)
    stream.serial_event("MemAllocNamed", first + 40, thread=OTHER, address=4096, size=b"\1" + b"\0" * 5)
    stream.event("ParamSetup", 0, 0x3500, 0, 42)
    stream.single("a line about the program")
    stream.event("MessageAppInfo", first)
    stream.event("FrameVsync", first + 50, 1)
    stream.event("SysTimeReport", first + 60, 12.5)
    stream.event("GpuNewContext", first, 0, 0, 1.0, 0, 0, 2)
    content = bytes(8) + b"gpu function\0gpu.cpp\0"
    stream.event("SourceLocationPayload", 1, tail=content)
    stream.event("GpuZoneBeginAllocSrcLoc", stream._delta(stream.now + 1000), MAIN, 1, 0)
    stream.event("GpuZoneEnd", stream._delta(stream.now + 1000), MAIN, 2, 0)
    stream.event("CallstackPayload", 1, tail=bytes(24))
    stream.event("Callstack")
    stream._zone_event("ZoneBeginCallstack", stream.now + 10, OTHER_PLACE)
    stream.end(stream.now + 10)
    stream.thread(OTHER)
    stream.event("ZoneValidation", 77)
    stream.begin(OTHER_PLACE, first + 100)
    stream.event("ZoneValidation", 77)
    stream.end(first + 200)
    stream.fiber_enter(0x9000, OTHER, first + 300)
    stream.begin(PLACE, first + 310)
    stream.fiber_leave(OTHER, first + 320)
    stream.thread(MAIN)
    stream.end(first + 50_000_005_000)
    stream.fiber_enter(0x9000, MAIN, first + 50_000_005_010)
    stream.end(first + 50_000_005_020)
    stream.fiber_leave(MAIN, first + 50_000_005_030)
    program.strings[0x9000] = "a fiber"
    if "ThreadGroupHint" in stream.dialect.by_name:
        stream.event("ThreadGroupHint", OTHER, 7)
    stream.event("Terminate")


@pytest.mark.parametrize("flags", [0, 1], ids=["always", "on demand"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_other_clients_send_is_kept_or_counted(tmp_path: Path, protocol: int, flags: int) -> None:
    path = tmp_path / "out.tracy"
    program, same = (ToyProgram(protocol, flags=flags) for _ in range(2))
    everything(program)
    with answering(playing(program)) as port:
        summary = tracypy.capture(path, port=port, connect_timeout=60)
    everything(same)
    session = Session(protocol)
    same.converse(session, terminate=False)
    assert session.is_done
    found, expected = of_file(tracypy.open(path)), of_viewer(session.trace)
    # The strict viewer counts the use of the processors, which is a plot without a name, as no plot of the program's.
    use = [("", session.trace.nanoseconds(FIRST_TICK + 1060), 12.5)], [("", "percentage", False, True, 0)]
    expected["points"], expected["styles"] = use[0] + expected["points"], use[1] + expected["styles"]
    expected["frames"] = sorted([*expected["frames"], ("[0] Vsync", session.trace.nanoseconds(FIRST_TICK + 1050), -1)])
    for part in expected:
        assert found[part] == expected[part], part
    assert len(found["zones"]) == 5 == summary.zones
    assert (summary.protocol, summary.ending, summary.program) == (protocol, "finished", "built")
    assert (summary.threads, summary.messages, summary.plots, summary.frames) == (3, 3, 2, 1)
    assert summary.not_kept == {"parameters": 1}


def _zone_that_never_ends(program: ToyProgram) -> None:
    program.location(PLACE, "place")
    program.stream.thread(MAIN)
    program.stream.begin(PLACE, FIRST_TICK + 10)


def test_a_zone_that_never_ends_holds_nobody_up(tmp_path: Path) -> None:
    program = ToyProgram(76)
    _zone_that_never_ends(program)
    program.stream.event("Terminate")
    with answering(playing(program)) as port:
        summary = tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60)
    assert summary.ending == "finished"
    (zone,) = tracypy.open(tmp_path / "out.tracy").threads[0].iter_zones()
    assert (zone.start_ns, zone.end_ns) == (10, -1)


class _Silent(ToyProgram):
    """Says that it sends the texts of its sources, and does not."""

    def answer(self, kind: Query, pointer: int, extra: int) -> None:
        if kind is not Query.SOURCE_CODE:
            super().answer(kind, pointer, extra)


def test_sources_that_never_come_hold_nobody_up_and_are_told(tmp_path: Path) -> None:
    program = _Silent(76, exec_time=5, flags=CODE_TRANSFER)
    _zone_that_ends(program)
    with answering(playing(program)) as port:
        summary = tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60)
    assert (summary.ending, summary.zones) == ("finished", 1)
    assert summary.not_kept == {"texts of sources that the program did not send": 1}


def _zone_that_ends(program: ToyProgram) -> None:
    program.location(PLACE, "place")
    program.stream.thread(MAIN)
    program.stream.begin(PLACE, FIRST_TICK + 1000)
    program.stream.end(FIRST_TICK + 2000)
    program.stream.event("Terminate")


def test_a_limit_of_time_asks_the_program_to_stop(tmp_path: Path) -> None:
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    with answering(playing(program)) as port:
        summary = tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60, seconds=0.2)
    assert (summary.ending, summary.zones) == ("stopped", 1)
    assert tracypy.open(tmp_path / "out.tracy").source_locations[1].function == "place"


def test_a_limit_of_memory_stops(tmp_path: Path) -> None:
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    with answering(playing(program)) as port:
        summary = tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60, memory_percent=1e-6)
    assert (summary.ending, summary.zones) == ("memory", 1)


def test_progress_is_told_and_may_stop(tmp_path: Path) -> None:
    program = ToyProgram(69)
    _zone_that_never_ends(program)
    phases = []

    def progress(state: tracypy.captured.CaptureProgress) -> bool:
        phases.append(state.phase)
        return state.zones == 0

    with answering(playing(program)) as port:
        summary = tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60, progress=progress)
    assert summary.ending == "stopped"
    assert [phases[0], phases[-1]] == ["receiving", "saving"]


def test_an_exception_saves_first(tmp_path: Path) -> None:
    program = ToyProgram(74)
    _zone_that_never_ends(program)

    def progress(state: tracypy.captured.CaptureProgress) -> bool:
        if state.zones:
            raise LookupError("enough")
        return True

    with answering(playing(program)) as port, pytest.raises(LookupError, match="enough"):
        tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60, progress=progress)
    assert tracypy.open(tmp_path / "out.tracy").zone_count == 1


def test_a_program_of_ours_goes_on_after_a_capture(tmp_path: Path) -> None:
    source = """\
        import sys, tracypy
        tracypy.enable()
        def work(): pass
        for line in sys.stdin:
            work()
            print("worked", flush=True)
    """
    with running(tmp_path, source) as target:
        for round_ in range(2):
            path = tmp_path / f"{round_}.tracy"
            summary = tracypy.capture(path, port=target.port, connect_timeout=60, seconds=0.1)
            assert (summary.ending, summary.problem) == ("stopped", "")
            assert tracypy.open(path).info.is_on_demand
            target.say()
            assert target.hear() == "worked"
        target.end_input()
        target.expect_success()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"seconds": -1.0}, "seconds must not be negative"),
        ({"seconds": float("nan")}, "seconds must not be negative"),
        ({"connect_timeout": -0.1}, "connect_timeout must not be negative"),
        ({"memory_percent": 0.0}, "memory_percent must be above 0"),
        ({"memory_percent": 101.0}, "memory_percent must be above 0"),
        ({"port": 0}, "0 is not a port"),
        ({"port": 70000}, "70000 is not a port"),
        ({"protocol": 75}, "protocol 75 is not one of 0.11.0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_invalid_values_are_refused(tmp_path: Path, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        tracypy.capture(tmp_path / "out.tracy", **options)
    assert list(tmp_path.iterdir()) == []


# The command


def _capture(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return tracypy_command("capture", "-o", "out.tracy", *words, cwd=cwd, timeout=200, **environment)


def test_the_command_says_what_it_saved(tmp_path: Path) -> None:
    program = ToyProgram(72)
    everything(program)
    with answering(playing(program)) as port:
        result = _capture("-p", str(port), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[-2:] == [
        "tracypy: receiving (Ctrl-C: stop and save)",
        "tracypy: saving 5 zones",
    ]
    lines = dict(line.split(":", 1) for line in result.stdout.splitlines())
    shown = {name: text.strip() for name, text in lines.items()}
    assert shown["Program"] == "built (protocol 72, Tracy between 0.11.1 and 0.12.0)"
    assert (shown["Zones"], shown["Threads"], shown["Frames"]) == ("5", "3", "1")
    assert shown["Not kept"] == "1 parameters"
    assert shown["Saved"].startswith("out.tracy, ")
    assert tracypy.open(tmp_path / "out.tracy").zone_count == 5


def _refusal(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode == 2, (result.stdout, result.stderr)
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()[-1]


def test_another_protocol_names_the_releases_that_work(tmp_path: Path) -> None:
    asked = []

    def talk(connection: object, protocol: int) -> bool:
        asked.append(protocol)
        connection.sendall(b"\2")
        return len(asked) == len(PROTOCOLS)

    with answering(talk) as port:
        line = _refusal(_capture("-p", str(port), cwd=tmp_path))
    assert asked == sorted(PROTOCOLS, reverse=True)
    assert "speaks another protocol" in line
    assert "0.11.0 (protocol 66)" in line
    assert "0.14.0 (protocol 82)" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("answer", "text"),
    [(b"\3", "accepts no viewer now"), (b"HTTP/1.1 400 Bad Request\r\n", "is not a program with Tracy")],
    ids=["busy", "foreign"],
)
def test_whoever_is_no_program_to_capture_is_told(tmp_path: Path, answer: bytes, text: str) -> None:
    with answering(saying(answer)) as port:
        assert text in _refusal(_capture("-p", str(port), cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_nobody_there(tmp_path: Path) -> None:
    port = unused_port()
    result = _capture("-p", str(port), "--timeout", "0.3", cwd=tmp_path)
    assert _refusal(result) == f"tracypy: no program listens at 127.0.0.1:{port}"
    assert result.stderr.splitlines()[0] == f"tracypy: waiting for a program at 127.0.0.1:{port} (Ctrl-C: give up)"


def test_a_program_that_serves_another_viewer_is_waited_for(tmp_path: Path) -> None:
    phases = set()
    with (
        answering(saying(b"", stay=True)) as port,
        pytest.raises(ConnectionError, match="another viewer may be connected"),
    ):
        tracypy.capture(
            tmp_path / "out.tracy", port=port, connect_timeout=3, progress=lambda state: phases.add(state.phase)
        )
    assert phases == {"knocking"}
    assert list(tmp_path.iterdir()) == []


def test_unknown_hosts_files_that_are_there_and_folders_that_are_not(tmp_path: Path) -> None:
    assert _refusal(_capture("-a", "no.such.host.invalid", cwd=tmp_path)).startswith("tracypy: there is no host")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out.tracy").write_text("precious")
    assert _refusal(_capture(cwd=tmp_path)) == "tracypy: out.tracy exists already; -f overwrites it"
    assert (tmp_path / "out.tracy").read_text() == "precious"
    assert "No such file or directory" in _refusal(_capture("-o", "no/such/folder.tracy", cwd=tmp_path))
    assert "name of the file is empty" in _refusal(_capture("-o", "", cwd=tmp_path))
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    program.stream.event("Terminate")
    with answering(playing(program)) as port:
        assert _capture("-p", str(port), "-f", cwd=tmp_path).returncode == 0
    assert tracypy.open(tmp_path / "out.tracy").zone_count == 1


def _file(path: Path) -> None:
    path.write_text("precious")


def _link_that_leads_nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize("come", [_file, _link_that_leads_nowhere])
def test_what_has_the_name_is_an_error_before_anything_begins(tmp_path: Path, come: Callable[[Path], None]) -> None:
    come(tmp_path / "out.tracy")
    with pytest.raises(FileExistsError, match=r"out\.tracy exists already"):
        tracypy.capture(tmp_path / "out.tracy", port=unused_port(), connect_timeout=0)
    assert _refusal(_capture(cwd=tmp_path)) == "tracypy: out.tracy exists already; -f overwrites it"
    assert [path.name for path in tmp_path.iterdir()] == ["out.tracy"]


@pytest.mark.parametrize("come", [_file, _link_that_leads_nowhere])
def test_what_has_got_the_name_meanwhile_is_not_overwritten(tmp_path: Path, come: Callable[[Path], None]) -> None:
    path = tmp_path / "out.tracy"
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    program.stream.event("Terminate")

    def progress(state: CaptureProgress) -> None:
        if state.phase == "saving":
            come(path)

    with answering(playing(program)) as port, pytest.raises(FileExistsError, match=r"captured is in .*\.part"):
        tracypy.capture(path, port=port, connect_timeout=60, progress=progress)
    assert tracypy.open(tmp_path / "out.tracy.part").zone_count == 1
    assert path.is_symlink() if come is _link_that_leads_nowhere else path.read_text() == "precious"


def test_a_link_in_place_of_the_unfinished_file_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    (tmp_path / "out.tracy.part").symlink_to(elsewhere)
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    program.stream.event("Terminate")
    with answering(playing(program)) as port:
        tracypy.capture(tmp_path / "out.tracy", port=port, connect_timeout=60)
    assert elsewhere.read_text() == "precious"
    assert tracypy.open(tmp_path / "out.tracy").zone_count == 1
    assert sorted(tmp_path.iterdir()) == [elsewhere, tmp_path / "out.tracy"]


def test_a_lost_connection_saves_what_came(tmp_path: Path) -> None:
    program = ToyProgram(76)
    _zone_that_never_ends(program)
    stream = program.stream
    with answering(saying(stream.head() + stream.block())) as port:
        result = _capture("-p", str(port), "--protocol", "76", cwd=tmp_path)
    assert result.returncode == 0
    assert "warning: the connection to the program ended before it had said goodbye" in result.stderr
    trace = tracypy.open(tmp_path / "out.tracy")
    assert trace.zone_count == 1
    assert trace.source_locations[1].function == "???"


NONSENSE = {
    "an event of unknown kind 255": lambda stream: stream.events.append(255),
    "with no zone open on row 11": lambda stream: stream.end(FIRST_TICK + 50) or stream.end(FIRST_TICK + 60),
    "not asked for": lambda stream: stream.event("StringData", 0x4444, tail=b"surprise"),
    "ends in the middle of ThreadName": lambda stream: stream.events.extend(
        bytes([stream.dialect.number("ThreadName")]) + bytes(8) + b"\xff\xff"
    ),
    "without its text": lambda stream: stream.event("ZoneText"),
    "belongs to another zone": lambda stream: (
        stream.event("ZoneValidation", 1),
        stream.begin(PLACE, FIRST_TICK + 20),
        stream.event("ZoneValidation", 2),
        stream.end(FIRST_TICK + 30),
    ),
    "leaves a fiber": lambda stream: stream.fiber_leave(MAIN, FIRST_TICK + 50),
    "a source location of 3 bytes": lambda stream: stream.event("SourceLocationPayload", 1, tail=b"abc"),
}


@pytest.mark.parametrize("text", NONSENSE)
@pytest.mark.parametrize("protocol", [66, 82])
def test_nonsense_ends_the_capture_with_one_line(tmp_path: Path, protocol: int, text: str) -> None:
    program = ToyProgram(protocol)
    _zone_that_never_ends(program)
    stream = program.stream
    NONSENSE[text](stream)
    with answering(saying(stream.head() + stream.block(), stay=True)) as port:
        summary = tracypy.capture(tmp_path / "out.tracy", port=port, protocol=protocol, connect_timeout=60)
    assert summary.ending == "failed"
    assert text in summary.problem
    assert "\n" not in summary.problem
    assert tracypy.open(tmp_path / "out.tracy").zone_count == summary.zones >= 1


def test_nonsense_makes_the_command_fail_and_the_file_stay(tmp_path: Path) -> None:
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    data = program.stream.head() + program.stream.block() + b"\xff\xff\xff\xff"
    with answering(saying(data, stay=True)) as port:
        result = _capture("-p", str(port), "--protocol", "82", cwd=tmp_path)
    assert result.returncode == 1
    assert "error: the program sent a block of 4294967295 bytes" in result.stderr.splitlines()[-1]
    assert tracypy.open(tmp_path / "out.tracy").zone_count == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_and_saves(tmp_path: Path, number: signal.Signals) -> None:
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    with answering(playing(program)) as port:
        command = [sys.executable, "-m", "tracypy", "capture", "-o", "out.tracy", "-p", str(port)]
        process = subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stderr is not None
        while "receiving" not in (line := process.stderr.readline()):
            assert line, "the command ended by itself"
        process.send_signal(number)
        out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert "stopped; the file has all that came until then" in err
    assert "Zones:     1" in out
    assert tracypy.open(tmp_path / "out.tracy").source_locations[1].function == "place"


def test_what_runs_behind_a_shell_heeds_an_interrupt_and_not_a_closed_terminal(tmp_path: Path) -> None:
    program = ToyProgram(82)
    _zone_that_never_ends(program)
    with answering(playing(program)) as port:
        code = textwrap.dedent("""
            import os, signal, sys
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
        """)
        command = [sys.executable, "-c", code, "-m", "tracypy", "capture", "-o", "out.tracy", "-p", str(port)]
        process = subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stderr is not None
        while "receiving" not in (line := process.stderr.readline()):
            assert line, "the command ended by itself"
        for number in (signal.SIGHUP, signal.SIGINT):  # were the first one heeded, the second would be a second Ctrl-C
            process.send_signal(number)
        _out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert tracypy.open(tmp_path / "out.tracy").zone_count == 1


def test_ctrl_c_while_waiting_gives_up(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tracypy", "capture", "-o", "out.tracy", "-p", str(unused_port())]
    process = subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert "waiting for a program" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert (process.returncode, out) == (2, "")
    assert "given up: no program was found" in err
    assert list(tmp_path.iterdir()) == []
