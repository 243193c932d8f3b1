"""Other Tracy clients in the same recording, or the same viewer: `tracypy.gather`."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tracypy

from support.recorded_program import record
from support.stream_builder import FIRST_TICK, ToyProgram
from support.target import running, unused_port, zones_named
from support.toy_server import answering, playing, saying
from support.viewer import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIN, OTHER = 11, 22
PLACE, OTHER_PLACE = 0x1000, 0x2000

#: A client of tracypy's, which says a little of everything once it is listened to.
CLIENT = """
import sys, threading, tracypy
tracypy.listen(port=int(sys.argv[1]), program_name="engine")
print("listens", flush=True)
def leaf(): pass
def work(count):
    for _ in range(count): leaf()
tracypy.enable(gc=False)
assert tracypy.wait_connected(100)
work(1000)
thread = threading.Thread(target=work, args=(500,), name="helper")
thread.start(); thread.join()
with tracypy.zone("own", color=0xFF0000) as zone:
    zone.text("its text")
tracypy.message("hello", severity="warning")
for value in range(3): tracypy.plot("speed", value)
for _ in range(5): tracypy.frame_mark()
tracypy.frame_mark("physics")
for address in (1, 2): tracypy.memory_alloc(address, 100 * address, "arena")
tracypy.memory_free(1, "arena")
"""


@contextmanager
def client(folder: Path, program: str = CLIENT) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A client that listens: its port, and its process."""
    port = unused_port()
    (folder / "client.py").write_text(program)
    with subprocess.Popen(
        [sys.executable, "client.py", str(port)], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listens\n"
        try:
            yield port, process
        finally:
            process.kill()


@contextmanager
def gathering(port: int) -> Iterator[None]:
    tracypy.gather(port)
    try:
        yield
    finally:
        tracypy.stop_gathering(port)


def calls(trace: tracypy.Trace) -> Counter[str]:
    return Counter({row.name: row.calls for row in trace.functions()})


def test_all_that_a_client_says_is_in_the_recording(tmp_path: Path) -> None:
    with client(tmp_path) as (port, process), gathering(port):
        with tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False), tracypy.zone("here"):
            tracypy.plot("speed", 7)
            assert process.wait(100) == 0
        pid = process.pid
    trace = tracypy.open(tmp_path / "out.tracy")
    rows = {thread.name: thread for thread in trace.threads}
    engine = f"engine ({pid})"
    assert {"leaf": 1500, "work": 2, "own": 1, "here": 1}.items() <= calls(trace).items()
    assert rows[f"{engine}: helper"].zone_count >= 501
    own = [zone for zone in rows[f"{engine}: Main thread"].iter_zones() if zone.text == "its text"]
    assert [trace.source_locations[zone.location].label for zone in own] == ["own"]
    assert trace.source_locations[own[0].location].color == 0xFF0000
    (message,) = trace.messages
    assert (message.text, message.severity, trace.threads[message.thread or 0].name) == (
        "hello",
        "warning",
        f"{engine}: Main thread",
    )
    assert {plot.name: len(plot) for plot in trace.plots} == {"speed": 1, f"{engine}: speed": 3}
    assert {frames.name: len(frames) for frames in trace.frames} == {
        "": 5,  # this program has marked none itself
        f"{engine}: physics": 1,
    }
    assert {(pool.name, pool.bytes, pool.in_use) for pool in trace.memory} == {(f"{engine}: arena", 300, 200)}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_all_that_a_client_says_is_in_the_viewer(tmp_path: Path, protocol: int) -> None:
    with client(tmp_path) as (port, process):
        body = f"""
            tracypy.gather({port})
            with tracypy.zone("here"):
                sys.stdin.read()
        """
        prelude = "import sys, tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"
        with running(tmp_path, prelude + textwrap.dedent(body)) as target:
            viewer = target.viewer(protocol)
            viewer.receive_until(lambda trace: any(message.text == "hello" for message in trace.messages))
            assert process.wait(100) == 0
            target.end_input()
            trace = viewer.run()
            target.expect_success()
    assert len(zones_named(trace, "leaf")) == 1500
    assert len(zones_named(trace, "here")) == 1
    assert [message.text for message in trace.messages] == ["hello"]


def test_the_clocks_of_two_processes_agree(tmp_path: Path) -> None:
    """A ball goes to and fro: each has it only after the other one has sent it."""
    player = """
        import sys, tracypy
        tracypy.listen(port=int(sys.argv[1]))
        print("listens", flush=True)
        assert tracypy.wait_connected(100)
        for line in sys.stdin:
            with tracypy.zone("there"):
                print(line, end="", flush=True)
    """
    program = """
        import subprocess, sys, tracypy
        from pathlib import Path
        Path("player.py").write_text(PLAYER)
        player = subprocess.Popen([sys.executable, "player.py", PORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert player.stdout.readline() == "listens\\n"
        tracypy.gather(int(PORT))
        with tracypy.record("out.tracy", include="nothing", gc=False):
            for number in range(300):
                with tracypy.zone("here"):
                    player.stdin.write("ball\\n"); player.stdin.flush()
                    assert player.stdout.readline() == "ball\\n"
            player.stdin.close()
            assert player.wait(100) == 0
    """
    program = program.replace("PLAYER", repr(textwrap.dedent(player))).replace("PORT", repr(str(unused_port())))
    with running(tmp_path, program) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "out.tracy")
    spans = {
        name: [
            (zone.start_ns, zone.end_ns)
            for thread in trace.threads
            for zone in thread.iter_zones()
            if trace.source_locations[zone.location].label == name
        ]
        for name in ("here", "there")
    }
    assert len(spans["here"]) == len(spans["there"]) == 300
    allowed_ns = 1_000
    for (begin, end), (there, _back) in zip(spans["here"], spans["there"], strict=True):
        assert begin - allowed_ns <= there <= end + allowed_ns


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_client_of_any_release_is_gathered(tmp_path: Path, protocol: int) -> None:
    toy = ToyProgram(protocol)
    stream = toy.stream
    for thread in (MAIN, OTHER):
        stream.thread(thread)
        for number in range(50):
            stream.begin(toy.location(PLACE, "toy"), FIRST_TICK + 10 * number)
            stream.begin(toy.location(OTHER_PLACE, "inner"), FIRST_TICK + 10 * number + 3)
            stream.zone_text(f"number {number}")
            stream.end(FIRST_TICK + 10 * number + 5)
            stream.end(FIRST_TICK + 10 * number + 7)
    stream.event("Terminate")
    with (
        tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False),
        answering(playing(toy)) as port,
    ):
        tracypy.gather(port)
    tracypy.stop_gathering(port)
    trace = tracypy.open(tmp_path / "out.tracy")
    assert calls(trace) == {"toy": 100, "inner": 100}
    for thread in trace.threads:
        texts = [zone.text for zone in thread.iter_zones() if zone.depth == 1]
        assert texts in ([], [f"number {number}" for number in range(50)])
    assert sum(thread.name.endswith((": thread 11", ": thread 22")) for thread in trace.threads) == 2


BAD = {
    "hangs up": b"",
    "is something else": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "sends garbage": b"\x01" + b"\xff" * 5000,
}


@pytest.mark.parametrize("said", BAD.values(), ids=BAD)
def test_a_client_that_talks_nonsense_costs_a_line(tmp_path: Path, said: bytes) -> None:
    program = """
        import sys, tracypy
        tracypy.gather(int(sys.stdin.readline()))
        with tracypy.record("out.tracy", include="nothing", gc=False):
            for _ in range(1000):
                with tracypy.zone("here"): pass
            sys.stdin.read()
    """
    with running(tmp_path, program) as target:
        with answering(saying(said)) as port:
            target.say(str(port))
        if said:
            assert target.process.stderr is not None
            assert f"127.0.0.1:{port} is not gathered any more: " in target.process.stderr.readline()
        target.end_input()
        target.expect_success()  # and no line more
    assert calls(tracypy.open(tmp_path / "out.tracy")) == {"here": 1000}


def test_a_client_that_dies_has_rows_up_to_then(tmp_path: Path) -> None:
    program = CLIENT + "tracypy.zone_begin('open')\nimport os\nos.kill(os.getpid(), 9)\n"
    program = program.replace("work(1000)\n", "work(1000)\nimport time\ntime.sleep(0.5)\n", 1)
    with (
        client(tmp_path, program) as (port, process),
        gathering(port),
        tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False),
        tracypy.zone("here"),
    ):
        assert process.wait(100) == -9
    found = calls(tracypy.open(tmp_path / "out.tracy"))
    assert found["here"] == 1
    assert 1000 <= found["leaf"] <= 1500


def test_a_client_that_comes_again_is_gathered_again(tmp_path: Path) -> None:
    port = 0
    with tracypy.record(tmp_path / "out.tracy", include="nothing", gc=False):
        for _ in range(2):
            with client(tmp_path) as (port, process), gathering(port):
                assert process.wait(100) == 0
    assert calls(tracypy.open(tmp_path / "out.tracy"))["leaf"] == 3000


def test_a_forked_child_gathers_nobody(tmp_path: Path) -> None:
    program = f"""
        import os, tracypy
        tracypy.gather({unused_port()})
        with tracypy.record("out.tracy"):
            child = os.fork()
            if child == 0:
                try:
                    tracypy.stop_gathering({{port}})
                except tracypy.SettingError as problem:
                    os._exit(7 if "is not gathered" in str(problem) else 1)
                os._exit(2)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        tracypy.stop_gathering({{port}})
    """
    program = program.replace("{port}", program.split("gather(")[1].split(")", maxsplit=1)[0])
    with running(tmp_path, program) as target:
        target.expect_success()


def test_who_gathers_itself_is_told(tmp_path: Path) -> None:
    port = unused_port()
    program = f"""
        import tracypy
        tracypy.listen(port={port})
        tracypy.gather({port})
        with tracypy.record("out.tracy", include="nothing", gc=False):
            for _ in range(1000):
                with tracypy.zone("here"): pass
    """
    with running(tmp_path, program) as target:
        code, _out, _err = target.finish()
    assert code == 0
    assert calls(tracypy.open(tmp_path / "out.tracy")) == {"here": 1000}


def test_the_command_line(tmp_path: Path) -> None:
    port = unused_port()
    (tmp_path / "client.py").write_text(CLIENT)
    program = f"""
        import subprocess, sys
        subprocess.run([sys.executable, "client.py", "{port}"], stdout=subprocess.DEVNULL, check=True)
    """
    record(tmp_path, "--no-children", "--gather", str(port), program=program)
    assert calls(tracypy.open(tmp_path / "out.tracy"))["leaf"] == 1500


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [((0,), "not a port"), ((65536,), "not a port")],
)
def test_what_cannot_be_gathered_is_refused(arguments: tuple[int, str], problem: str) -> None:
    with pytest.raises(tracypy.SettingError, match=problem):
        tracypy.gather(*arguments)
    with pytest.raises(tracypy.SettingError, match="is not gathered|not"):
        tracypy.stop_gathering(*arguments)


def test_a_wrong_word_on_the_command_line(tmp_path: Path) -> None:
    _out, err = record(tmp_path, "--gather", "engine", program="", code=2)
    assert "--gather" in err
    assert "engine" in err
