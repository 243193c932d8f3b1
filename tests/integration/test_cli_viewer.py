"""`tracypy` with a viewer: waiting for it, staying for it, and what it gets of the demo."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.captures import capture_program, capture_protocols, csvexport, csvexport_program, run_capture
from support.viewer import PROTOCOLS, StrictViewer, Trace

DEMO = Path(__file__).parents[2] / "examples" / "demo.py"

RECURSE = """
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
fib(10)
"""


def _fib_tree(n: int) -> tuple[str, tuple[object, ...]]:
    return ("fib", () if n < 2 else (_fib_tree(n - 1), _fib_tree(n - 2)))


@pytest.fixture
def start(free_port: int) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `python WORDS…` to listen on `free_port`; what still runs in the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def launch(*words: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *words],
            env={
                **os.environ,
                "TRACY_PORT": str(free_port),
                "TRACYPY_ANNOUNCE": "0",
                "TRACYPY_EXIT_TIMEOUT": "100",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield launch
    for process in processes:
        process.kill()
        process.communicate()


def _finish(process: subprocess.Popen[str], timeout: float = 100) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def _watch(port: int, protocol: int = 76) -> Trace:
    viewer = StrictViewer(protocol)
    viewer.connect(port)
    return viewer.run()


def test_waiting_says_where_to_connect_and_then_starts(start, free_port: int) -> None:
    process = start("-m", "tracypy", "--wait", "-c", RECURSE)
    trace = _watch(free_port)
    line = f"tracypy: waiting for a viewer to connect to 127.0.0.1:{free_port} (Ctrl-C: give up)\n"
    assert _finish(process) == (0, "", line)
    assert trace.thread("Main thread").tree()[0] == ("<module>", (_fib_tree(10),))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_wait_can_be_given_up(start, free_port: int, number: signal.Signals) -> None:
    process = start("-m", "tracypy", "--wait", "-c", "print('not run')")
    assert process.stderr is not None
    assert "waiting for a viewer" in process.stderr.readline()
    process.send_signal(number)
    assert _finish(process) == (-number, "", "")


@pytest.mark.parametrize("way", ["option", "variable"])
def test_program_stays_until_a_viewer_has_everything(start, free_port: int, way: str) -> None:
    words, environment = (["--no-exit"], {}) if way == "option" else ([], {"TRACY_NO_EXIT": "1"})
    code = "import tracypy\nprint('done', flush=True)\n"
    process = start("-m", "tracypy", *words, "-c", code, **environment)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "done\n"
    assert process.stderr.readline().startswith("tracypy: the program is done; a viewer can connect to 127.0.0.1:")
    assert process.poll() is None
    trace = _watch(free_port)
    assert trace.is_terminated
    assert _finish(process) == (0, "", "")


def test_wait_at_exit_can_be_interrupted(start, free_port: int) -> None:
    process = start("-m", "tracypy", "--no-exit", "-c", "pass")
    assert process.stderr is not None
    assert "the program is done" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    assert _finish(process) == (0, "", "")


def test_program_does_not_wait_for_a_viewer_by_itself(start, free_port: int) -> None:
    assert _finish(start("-m", "tracypy", "-c", "print('done')")) == (0, "done\n", "")


def test_exit_code_passes_a_connected_viewer(start, free_port: int) -> None:
    process = start("-m", "tracypy", "--wait", "-c", "import sys\nsys.exit(7)")
    trace = _watch(free_port)
    assert _finish(process)[0] == 7
    assert trace.counts()["<module>"] == 1


def test_traceback_passes_a_connected_viewer(start, free_port: int) -> None:
    process = start("-m", "tracypy", "--wait", "-c", "def f():\n    raise ValueError('x')\nf()")
    trace = _watch(free_port)
    code, _out, err = _finish(process)
    assert (code, err.splitlines()[-1]) == (1, "ValueError: x")
    assert trace.thread("Main thread").tree()[0] == ("<module>", (("f", ()),))


@pytest.mark.parametrize("environment", [{}, {"TRACYPY_PROGRAM_NAME": "größer"}], ids=["script", "variable"])
def test_viewer_learns_the_name_of_the_program(
    start, free_port: int, tmp_path: Path, environment: dict[str, str]
) -> None:
    script = tmp_path / "a program.py"
    script.write_text("pass\n")
    process = start("-m", "tracypy", "--wait", str(script), **environment)
    viewer = StrictViewer(82)
    viewer.connect(free_port)
    viewer.run()
    assert _finish(process)[0] == 0
    assert viewer.welcome.program_name == environment.get("TRACYPY_PROGRAM_NAME", "a program.py")


@pytest.fixture(scope="module")
def demo_counts() -> Counter[str]:
    """How often each function of the demo runs, by `sys.setprofile` in a plain run."""
    return Counter(json.loads(subprocess.check_output([sys.executable, str(DEMO), "--counts"], timeout=200)))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_viewer_gets_every_call_of_the_demo(start, free_port: int, protocol: int, demo_counts: Counter[str]) -> None:
    process = start("-m", "tracypy", "--wait", str(DEMO))
    trace = _watch(free_port, protocol)
    assert _finish(process)[0] == 0
    # By function: the demo gives one zone a name of its own.
    of_demo = Counter(zone.function for zone in trace.zones() if zone.file == str(DEMO) and zone.name == zone.function)
    assert {name: of_demo[name] for name in demo_counts} == dict(demo_counts)
    assert set(of_demo) - set(demo_counts) == {"<module>", "main"} | CLASS_BODIES
    assert len(trace.frames[None]) == 60
    assert len(trace.frames["save"]) == 3
    assert trace.counts()["draw"] == 60
    assert sum(message.text.startswith("crawler") for message in trace.messages) == 20
    assert [message.text.partition(":")[0] for message in trace.messages if message.text.startswith("save")] == [
        "save 1", "save 2", "save 3"
    ]  # fmt: skip
    assert len(trace.plots["farthest particle"]) == 60


CLASS_BODIES = {"Board"}


@pytest.mark.parametrize("protocol", capture_protocols())
def test_real_capture_gets_the_demo(
    start, free_port: int, protocol: int, tmp_path: Path, demo_counts: Counter[str]
) -> None:
    process = start("-m", "tracypy", "--wait", str(DEMO))
    with run_capture(capture_program(protocol), free_port, tmp_path / "demo.tracy") as capture:
        result = capture.wait()
    assert _finish(process)[0] == 0
    assert result.failure is None
    assert result.frames == 63
    assert result.zones > demo_counts.total()
    if csvexport_program() is not None:
        rows = csvexport(tmp_path / "demo.tracy")
        of_demo = {row["name"]: int(row["counts"]) for row in rows if row["src_file"] == str(DEMO)}
        assert {name: of_demo[name] for name in demo_counts} == dict(demo_counts)


def test_marked_up_example_shows_its_marks_and_nothing_else(start, free_port: int) -> None:
    example = DEMO.with_name("markup.py")
    process = start(str(example), "--wait")
    trace = _watch(free_port)
    assert _finish(process) == (0, "499.907\n", "")
    assert trace.counts() == {"simulate": 100, "draw everything": 100, "clip": 100, "layer": 200}
    assert (len(trace.frames[None]), len(trace.frames["save"])) == (100, 1)


def test_port_option_wins_over_the_variable(start, free_port: int) -> None:
    process = start("-m", "tracypy", "--wait", "--port", str(free_port), "-c", RECURSE, TRACY_PORT="1")
    assert _watch(free_port).counts()["fib"] == 177
    assert _finish(process)[0] == 0
