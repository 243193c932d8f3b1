"""However a program ends, it ends as it would without us; and a viewer has everything up to the end."""

from __future__ import annotations

import re
import signal
import sysconfig
import textwrap
import time
from pathlib import Path

import pytest

from support.captures import capture_program, run_capture
from support.peers import Questioner
from support.target import PRELUDE, Target, only_zone, running, zones_named
from support.viewer import PROTOCOLS, ProtocolViolation, StrictViewer, Trace, Zone

#: What the programs import first: the same program, alone, watched, and with a viewer.
WATCH = {
    "alone": "",
    "watched": "import tracypy; tracypy.enable()",
    "with a viewer": PRELUDE,
}

#: Every program calls `work` 100 times at its very end, whatever that is.
BEGIN = """
import watch
import atexit, os, signal, sys, threading, time

def work():
    pass

def finish():
    for _ in range(100):
        work()

"""

ENDS = {
    "of the script": """
        print("out")
        print("err", file=sys.stderr)
        finish()
    """,
    "sys.exit(3)": """
        def deep(n):
            if n == 0:
                finish()
                sys.exit(3)
            deep(n - 1)
        deep(20)
    """,
    "sys.exit(text)": """
        finish()
        sys.exit("a text")
    """,
    "uncaught exception": """
        def fail(n):
            if n == 0:
                try:
                    {}["key"]
                except KeyError as problem:
                    finish()
                    raise ValueError("größe") from problem
            fail(n - 1)
        fail(3)
    """,
    "RecursionError": """
        def dive():
            dive()
        finish()
        dive()
    """,
    "sys.exit in a thread": """
        def leave():
            finish()
            sys.exit(3)
        thread = threading.Thread(target=leave)
        thread.start()
        thread.join()
        print("goes on")
    """,
    "uncaught exception in a thread": """
        def fail():
            finish()
            raise ValueError("in a thread")
        thread = threading.Thread(target=fail, name="failing")
        thread.start()
        thread.join()
    """,
    "thread that outlives the main one": """
        def outlive():
            threading.main_thread().join()
            print("still here")
            finish()
        threading.Thread(target=outlive).start()
    """,
    "KeyboardInterrupt": """
        def interrupted():
            finish()
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)
        interrupted()
    """,
    "SIGTERM with a handler": """
        def handler(number, frame):
            finish()
            sys.exit(7)
        signal.signal(signal.SIGTERM, handler)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    """,
    "atexit": """
        def last_words():
            finish()
            print("last words")
        atexit.register(last_words)
        raise SystemExit(5)
    """,
    "failing atexit": """
        def fail():
            finish()
            raise ValueError("at exit")
        atexit.register(fail)
    """,
    "generator closed at the end": """
        def careful():
            try:
                yield
            finally:
                print("closed")
        generator = careful()
        next(generator)
        finish()
    """,
    "destructor at the end": """
        class Last:
            def __del__(self):
                print("gone")
        last = Last()
        finish()
    """,
    "unclosed cycle": """
        class Cycle:
            def __init__(self):
                self.cycle = self
            def __del__(self, print=print):
                print("collected")
        Cycle()
        finish()
    """,
}


def run_as(mode: str, folder: Path, source: str, **environment: str) -> tuple[tuple[int, str, str], Trace | None]:
    """How the program ends in one of the modes of `WATCH`, and what a viewer got of it."""
    (folder / "watch.py").write_text(WATCH[mode])
    with running(folder, BEGIN + textwrap.dedent(source), environment=environment) as target:
        trace = target.viewer().run() if mode == "with a viewer" else None
        code, out, err = target.finish()
        return (code, out, re.sub("0x[0-9a-f]+", "0x", err)), trace


@pytest.mark.parametrize("source", ENDS.values(), ids=ENDS)
def test_end_is_what_it_is_without_us(tmp_path: Path, source: str) -> None:
    alone, _ = run_as("alone", tmp_path, source)
    watched, _ = run_as("watched", tmp_path, source)
    viewed, trace = run_as("with a viewer", tmp_path, source)
    assert watched == alone
    assert viewed == alone
    assert trace is not None
    assert len(zones_named(trace, "work")) == 100
    assert only_zone(trace, "finish").tree() == ("finish", (("work", ()),) * 100)


SUDDEN_ENDS = {
    "os._exit": "os._exit(4)",
    "os.abort": "os.abort()",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL)",
    "SIGSEGV": "import ctypes; ctypes.string_at(0)",
    "os._exit in a thread": "threading.Thread(target=os._exit, args=(6,)).start(); time.sleep(10)",
    "exec": "sys.stdout.flush(); os.execv(sys.executable, [sys.executable, '-c', 'print(\"another program\")'])",
}


@pytest.mark.parametrize("end", SUDDEN_ENDS.values(), ids=SUDDEN_ENDS)
def test_sudden_end_is_sudden(tmp_path: Path, end: str) -> None:
    source = f"print('out', flush=True)\nfinish()\n{end}\n"
    alone, _ = run_as("alone", tmp_path, source)
    watched, _ = run_as("watched", tmp_path, source)
    assert watched == alone
    (tmp_path / "watch.py").write_text(WATCH["with a viewer"])
    with running(tmp_path, BEGIN + source) as target, target.viewer() as viewer:
        with pytest.raises((ProtocolViolation, OSError)):
            viewer.run()
        assert target.finish() == alone


#: With daemon threads at work the interpreter ends them where they are; that must not be inside of us.
DAEMONS = {
    "calls": "fib(12)",
    "zones": "with tracypy.zone('zone') as zone: zone.text('text')",
    "frame marks": "tracypy.frame_mark('frame')",
    "wait_connected": "tracypy.wait_connected(0.0001)",
    "enable and disable": "tracypy.disable(); tracypy.enable()",
    "listen and stop": "tracypy.stop_listening(); tracypy.listen()",
    "short threads": "thread = threading.Thread(target=fib, args=(3,)); thread.start(); thread.join()",
    "new code": "exec('def new(): pass\\nnew()')",
}
DAEMON = """
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def forever():
    go.acquire()
    go.release()
    while True:
        try:
            LOOP
        except RuntimeError:
            pass  # can't start new thread at interpreter shutdown; enabled already
        went.set()

import tracypy
went = threading.Event()
go = threading.Lock()
go.acquire()
for _ in range(2):
    threading.Thread(target=forever, daemon=True).start()
go.release()  # late, so that a viewer has not much to read
went.wait()
"""


@pytest.mark.parametrize("loop", DAEMONS.values(), ids=DAEMONS)
@pytest.mark.parametrize("mode", ["watched", "with a viewer"])
def test_daemon_threads_at_work_at_the_end(tmp_path: Path, mode: str, loop: str) -> None:
    if "enable" in loop and sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("hangs without us, too: CPython 3.13t ends threads inside sys.monitoring.set_events")
    if "wait_connected" in loop and sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip(
            "crashes without us, too: CPython 3.13t frees the state of a thread that takes the interpreter again"
        )
    if mode == "with a viewer" and "listen" in loop:
        pytest.skip("the daemon would end the viewer's session, not the exit")
    for _ in range(4):
        outcome, _ = run_as(mode, tmp_path, DAEMON.replace("LOOP", loop), TRACYPY_BUFFER_MB="1")
        assert outcome == (0, "", "")


def test_daemon_thread_that_waits_for_a_full_buffer_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "watch.py").write_text(PRELUDE)
    source = (
        BEGIN
        + "import tracypy\n"
        + textwrap.dedent("""
        def produce():
            while True:
                for counts[0] in range(counts[0] + 1, sys.maxsize):
                    work()
        counts = [0]
        threading.Thread(target=produce, daemon=True).start()
        seen = 0
        while not seen or seen != counts[0]:
            seen = counts[0]
            time.sleep(0.1)
        print("waits")
    """)
    )
    environment = {"TRACYPY_BUFFER_MB": "1", "TRACYPY_EXIT_TIMEOUT": "0.5"}
    with running(tmp_path, source, environment=environment) as target, StrictViewer(76) as viewer:
        viewer.connect(target.port, receive_buffer=32 * 1024)
        assert target.hear() == "waits"
        code, _, err = target.finish()
    assert code == 0
    assert "has taken no data for too long" in err.splitlines()[-1]


INTO_TRACYPY = {
    "zone": "with tracypy.zone('late'): pass",
    "frame mark": "tracypy.frame_mark()",
    "enable": "tracypy.disable(); tracypy.enable()",
    "disable": "tracypy.disable()",
    "listen": "tracypy.listen()",
    "stop": "tracypy.stop_listening()",
    "questions": "tracypy.is_enabled(), tracypy.is_connected(), tracypy.is_listening()",
    "wait": "tracypy.wait_connected(0.01)",
}


@pytest.mark.parametrize("call", INTO_TRACYPY.values(), ids=INTO_TRACYPY)
@pytest.mark.parametrize("order", ["before", "after"])
def test_atexit_handlers_may_call_into_tracypy(tmp_path: Path, order: str, call: str) -> None:
    # Handlers run last in, first out: what was registered before tracypy was imported runs after its own.
    register = f"""
import atexit
def late():
    import tracypy
    {call}
    print("called")
atexit.register(late)
"""
    source = register + PRELUDE if order == "before" else PRELUDE + register
    with running(tmp_path, source) as target:
        trace = target.viewer().run()
        assert target.finish() == (0, "called\n", "")
    assert trace.is_terminated


# Interrupts

#: Recursions that are interrupted once in each `step`, by a handler in C: nothing but the recursion itself runs. A
#: level that is a multiple of 7 passes no interrupt on; it says so by a call of `caught`.
INTERRUPTED = """
import random, signal, sys, time
import tracypy

def caught():
    pass

def even(n):
    if n % 7:
        if n:
            odd(n - 1)
    else:
        try:
            if n:
                odd(n - 1)
        except KeyboardInterrupt:
            caught()

def odd(n):
    if n % 7:
        if n:
            even(n - 1)
    else:
        try:
            if n:
                even(n - 1)
        except KeyboardInterrupt:
            caught()

def alone(n):
    if n % 7:
        if n:
            alone(n - 1)
    else:
        try:
            if n:
                alone(n - 1)
        except KeyboardInterrupt:
            caught()

def by_hand(n):
    with tracypy.zone("by hand"):
        if n % 7:
            if n:
                by_hand(n - 1)
        else:
            try:
                if n:
                    by_hand(n - 1)
            except KeyboardInterrupt:
                caught()

def step(delay):
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        for _ in range(5):
            FUNCTION(100)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        caught()

def time_of_work():
    "How long a step takes that nothing interrupts, here and now: interpreters and machines differ."
    begun = time.perf_counter()
    for _ in range(5):
        FUNCTION(100)
    return time.perf_counter() - begun

signal.signal(signal.SIGALRM, signal.default_int_handler)
random.seed(1)
tracypy.enable(gc=False)
assert tracypy.wait_connected(100)
longest = min(time_of_work() for _ in range(20))
for _ in range(300):
    step(random.uniform(1e-6, longest))
"""


def check_recursion(step: Zone, names: tuple[str, ...]) -> int:
    """Checks that each zone below has its place, and returns how many interrupts there were."""
    interrupts = 0
    for child in step.children:
        if child.name == "caught":
            interrupts += 1
            assert child is step.children[-1]
            continue
        zone, level = child, 100
        while True:
            assert zone.name == names[level % len(names)]
            inside = zone.children
            if len(names) == 1 and inside and inside[0].name == "by hand":
                assert len(inside) == 1
                inside = inside[0].children
            if inside and inside[-1].name == "caught":
                assert level % 7 == 0
                interrupts += 1
                inside = inside[:-1]
            if not inside:
                break
            (zone,) = inside
            level -= 1
    return interrupts


@pytest.mark.parametrize("function", ["even", "alone", "by_hand"])
def test_interrupts_at_any_moment_leave_every_zone_in_its_place(tmp_path: Path, function: str) -> None:
    names = {"even": ("even", "odd"), "alone": ("alone",), "by_hand": ("by_hand",)}[function]
    with running(tmp_path, INTERRUPTED.replace("FUNCTION", function)) as target:
        trace = target.viewer().run()
        target.expect_success()
    steps = [zone for zone in only_zone(trace, "<module>").children if zone.name == "step"]
    assert len(steps) == 300
    interrupts = [check_recursion(step, names) for step in steps]
    assert set(interrupts) <= {0, 1}
    assert sum(interrupts) > 50


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_from_outside_in_the_middle_of_work(tmp_path: Path, number: signal.Signals) -> None:
    source = """
    import tracypy
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    tracypy.enable()
    assert tracypy.wait_connected(100)
    print("begins")
    while True:
        fib(20)
    """
    with running(tmp_path, source, environment={"TRACYPY_BUFFER_MB": "1"}) as target:
        with target.viewer() as viewer:
            viewer.receive_until(lambda trace: trace.zone_count > 10_000)
            target.process.send_signal(number)
            if number == signal.SIGTERM:  # ends the process on the spot
                with pytest.raises((ProtocolViolation, OSError)):
                    viewer.run()
            else:
                trace = viewer.run()
                program, *_excepthook = trace.thread("Main thread").roots
                assert sum(zone.name == "fib" for zone in program.walk()) == trace.counts()["fib"]
        code, _, err = target.finish()
    assert code == -number
    assert ("KeyboardInterrupt" in err) == (number == signal.SIGINT)
    assert "tracypy" not in err


# The tail, and how long it is waited for

COUNTS = (
    PRELUDE
    + """
def call():
    pass
def main():
    for _ in range(300_000):
        call()
main()
"""
)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_viewer_gets_the_tail_to_the_last_call(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, COUNTS.replace("300_000", "50_000")) as target:
        trace = target.viewer(protocol).run()
        target.expect_success()
    assert only_zone(trace, "main").tree() == ("main", (("call", ()),) * 50_000)


def test_slow_viewer_is_waited_for_as_long_as_it_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, COUNTS, environment={"TRACYPY_EXIT_TIMEOUT": "2"}) as target:
        viewer = StrictViewer(76)
        viewer.connect(target.port, receive_buffer=32 * 1024)
        begun = time.monotonic()
        trace = viewer.run(bytes_per_second=2e6)
        assert time.monotonic() - begun > 3
        target.expect_success()
    assert len(only_zone(trace, "main").children) == 300_000


def stuck_viewer(target: Target) -> StrictViewer:
    """A viewer that has everything but Terminate, and will not say goodbye."""
    viewer = target.viewer()
    viewer.pause_reading()
    return viewer


STUCK = PRELUDE + "import time\nprint(time.monotonic())\n"
GAVE_UP = "has taken no data for too long; its trace is incomplete"


def test_exit_waits_no_longer_than_the_timeout(tmp_path: Path) -> None:
    # Longer than without the setting, and in the program's own time, in which no pause of this process counts.
    with running(tmp_path, STUCK, environment={"TRACYPY_EXIT_TIMEOUT": "6"}) as target, stuck_viewer(target):
        begun = float(target.hear())
        code, _, err = target.finish()
        assert 6 <= time.monotonic() - begun < 60
    assert code == 0
    assert err.endswith(f"{GAVE_UP}\n")
    assert err.count("\n") == 1


def test_wait_at_exit_ends_with_ctrl_c(tmp_path: Path) -> None:
    source = "import tracypy\nprint(tracypy.listen())\n" + STUCK
    with running(tmp_path, source, environment={"TRACYPY_EXIT_TIMEOUT": "60"}) as target:
        target.hear()
        with Questioner(target.port, 76) as viewer:  # one that never says goodbye by itself
            viewer.hear_terminate()
            target.process.send_signal(signal.SIGINT)
            code, _, err = target.finish()
    assert (code, err) == (0, "")


def test_wait_at_exit_ends_when_the_viewer_goes(tmp_path: Path) -> None:
    with running(tmp_path, STUCK, environment={"TRACYPY_EXIT_TIMEOUT": "60"}) as target, stuck_viewer(target) as viewer:
        target.hear()
        viewer.drop()
        assert target.finish() == (0, "", "")


def test_no_exit_waits_for_a_viewer_that_stays_to_the_end(tmp_path: Path) -> None:
    environment = {"TRACY_NO_EXIT": "1", "TRACYPY_LOG": "off"}
    with running(tmp_path, COUNTS, environment=environment) as target:
        with target.viewer() as first:  # goes too early
            first.receive_until(lambda trace: trace.zone_count > 1000)
        with target.viewer() as second:
            trace = second.run()
        target.expect_success()
    assert trace.is_terminated


def test_no_exit_with_a_viewer_that_has_everything_ends_at_once(tmp_path: Path) -> None:
    with running(tmp_path, COUNTS, environment={"TRACY_NO_EXIT": "1"}) as target:
        trace = target.viewer().run()
        target.expect_success()
    assert len(only_zone(trace, "main").children) == 300_000


def test_capture_program_killed_in_the_middle(tmp_path: Path) -> None:
    source = PRELUDE + textwrap.dedent("""
        import sys
        def call():
            pass
        print("connected")
        while tracypy.is_connected():
            call()
        print("alone")
        sys.stdin.readline()
        call()
    """)
    with running(tmp_path, source) as target:
        with run_capture(capture_program(66), target.port, tmp_path / "a.tracy") as capture:
            assert target.hear() == "connected"
            capture.kill()
        assert target.hear() == "alone"
        with target.viewer() as viewer:
            target.say()
            trace = viewer.run()
        target.expect_success()
    assert len(zones_named(trace, "call")) == 1
