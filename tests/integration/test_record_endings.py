"""`tracypy record`, however the program ends: the trace is there moments later, and nobody notices how it was made."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tracypy

from support.recorded_program import clean_environment
from support.recording_facts import calls_of, files_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")

#: Works, and says so once that is in the journal: its size grows with every look at the clock. One flush may make it grow
#: more than once; that after so many is of a flush that began after this was called.
WORKING = """
import ctypes, os, resource, signal, subprocess, sys, threading, time
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
def work(): pass
def work_often(count):
    for _ in range(count): work()
def settle():
    for _ in range(8):
        size = os.stat("out.tracy.journal").st_size
        while os.stat("out.tracy.journal").st_size == size: pass
"""
WAITING = """
work_often(1000)
settle()
print("ready", flush=True)
signal.pause()
"""
TOLD = r"tracypy: the program ended before its recording did: what was recorded, [\d,]+ zones, is in .*out\.tracy\n"


def eventually(is_so: Callable[[], object], told: Callable[[], object] = str) -> None:
    """Waits for what another process does, of which nothing tells. `told`: what an error says of how it is."""
    until = time.monotonic() + 100
    while not is_so():
        assert time.monotonic() < until, f"it never happens: {told()}"
        time.sleep(0.005)


def ending_of(process: subprocess.Popen[str]) -> int:
    """Return how it ended; where it does not, say what each of its threads is doing."""
    try:
        return process.wait(100)
    except subprocess.TimeoutExpired:
        threads = [
            f"{(task / 'comm').read_text().strip()}: {(task / 'wchan').read_text()} {(task / 'status').read_text()}"
            for task in Path(f"/proc/{process.pid}/task").iterdir()
        ]
        pytest.fail("\n".join(threads))


def command(folder: Path, source: str, *options: str) -> list[str]:
    (folder / "program.py").write_text(WORKING + textwrap.dedent(source))
    return [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", *options, "program.py"]


@contextmanager
def started(folder: Path, source: str, *options: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """The program, recorded, with its stderr in err.txt."""
    more.setdefault("stdout", subprocess.PIPE)
    with open(folder / "err.txt", "w") as err:
        settings = {"stderr": err, "cwd": folder, "text": True, "env": clean_environment()} | more
        with subprocess.Popen(command(folder, source, *options), **settings) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()


def run(folder: Path, source: str, *options: str) -> tuple[int, str]:
    """To its end: exit code and output."""
    with started(folder, source, *options) as process:
        out, _err = process.communicate(timeout=200)
        return process.returncode, out


def trace_arrives(folder: Path, *, told: bool = True) -> None:
    """The trace, then the line, and nothing else stays."""
    eventually(lambda: files_in(folder) == ["out.tracy"], lambda: (files_in(folder), errors(folder)))
    if told:
        eventually(lambda: re.fullmatch(f"(?s:.*){TOLD}", errors(folder)))


def errors(folder: Path) -> str:
    return (folder / "err.txt").read_text()


def keeper_of(folder: Path) -> int:
    """The process that waits for the program's end."""
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == b"_keeper" and words[1] == bytes(folder / "out.tracy"):
            return int(entry.name)
    raise AssertionError("there is no keeper")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL", "SIGABRT", "SIGSEGV", "SIGXCPU"])
def test_program_that_is_ended_by_a_signal(tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    with started(tmp_path, WAITING) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert ending_of(process) == -number
    trace_arrives(tmp_path)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000
    assert errors(tmp_path).count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_signal_to_the_whole_group_leaves_the_keeper_alone(tmp_path: Path, number: int) -> None:
    source = f"signal.signal({number}, signal.SIG_DFL) if {number} != signal.SIGKILL else None\n{WAITING}"
    with started(tmp_path, source, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, number)
        assert ending_of(process) == -number
    trace_arrives(tmp_path)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


CRASHES = {
    "crash": ("ctypes.string_at(0)", -signal.SIGSEGV),
    "crash of a thread": (
        "threading.Thread(target=ctypes.string_at, args=(0,)).start()\nsignal.pause()",
        -signal.SIGSEGV,
    ),
    "abort": ("os.abort()", -signal.SIGABRT),
    "kills itself": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "exit of the C library": ("ctypes.CDLL(None)._exit(7)", 7),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_program_that_crashes(tmp_path: Path, crash: str) -> None:
    source, code = CRASHES[crash]
    assert run(tmp_path, f"work_often(1000)\nsettle()\n{source}") == (code, "")
    trace_arrives(tmp_path)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


EXITS = {
    "main thread": "os._exit(3)",
    "by name": "import posix; posix._exit(status=3)",
    "thread": "thread = threading.Thread(target=os._exit, args=(3,)); thread.start(); thread.join()",
    "daemon": "threading.Thread(target=os._exit, args=(3,), daemon=True).start()\nwhile True: time.sleep(60)",
    "signal": "signal.signal(signal.SIGTERM, lambda *_: os._exit(3))\nos.kill(os.getpid(), signal.SIGTERM)\nsignal.pause()",
    "atexit": "import atexit; atexit.register(os._exit, 3)",
    "destructor": "class Leaving:\n def __del__(self): os._exit(3)\nLeaving()",
    "excepthook": "sys.excepthook = lambda *_: os._exit(3)\n1 / 0",
}


@pytest.mark.parametrize("way", EXITS)
def test_nothing_is_lost_by_os_exit(tmp_path: Path, way: str) -> None:
    """mypy ends so, to save the time of its destructors."""
    assert run(tmp_path, f"work_often(200_000)\n{EXITS[way]}") == (3, "")
    assert files_in(tmp_path) == ["out.tracy"]  # already: it was made by the program
    assert calls_of(tmp_path / "out.tracy")["work"] == 200_000
    assert "200,000  work" in errors(tmp_path)
    assert "ended before" not in errors(tmp_path)


def test_os_exit_of_two_threads_at_once(tmp_path: Path) -> None:
    source = """
        work_often(100_000)
        barrier = threading.Barrier(4)
        def leave():
            barrier.wait()
            os._exit(3)
        for _ in range(4): threading.Thread(target=leave, daemon=True).start()
        signal.pause()
    """
    assert run(tmp_path, source) == (3, "")
    trace_arrives(tmp_path, told=False)
    assert calls_of(tmp_path / "out.tracy")["work"] == 100_000


def test_os_exit_that_fails_ends_nothing(tmp_path: Path) -> None:
    source = """
        for wrong in ((), ("x",), (2**40,), (1, 2)):
            try: os._exit(*wrong)
            except (TypeError, OverflowError) as problem: print(problem)
        work_often(1000)
    """
    code, out = run(tmp_path, source)
    plain = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False
    )
    assert (code, out) == (plain.returncode, plain.stdout)
    assert out.count("\n") == 4
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


EXECS = {
    "execv": "os.execv('/bin/sh', ['sh', '-c', 'echo here; exit 4'])",
    "execlpe": "os.execlpe('sh', 'sh', '-c', 'echo here; exit 4', dict(os.environ))",
    "thread": "threading.Thread(target=os.execv, args=('/bin/sh', ['sh', '-c', 'echo here; exit 4'])).start()\nsignal.pause()",
}


@pytest.mark.parametrize("way", EXECS)
def test_nothing_is_lost_by_exec(tmp_path: Path, way: str) -> None:
    source = f"""
work_often(100_000)
try: os.execv("/no/such/program", ["x"])
except OSError: work_often(100_000)
{EXECS[way]}
"""
    assert run(tmp_path, source) == (4, "here\n")
    trace_arrives(tmp_path)
    assert calls_of(tmp_path / "out.tracy")["work"] == 200_000


def test_trace_comes_while_the_program_that_took_the_place_runs(tmp_path: Path) -> None:
    source = "work_often(1000)\nos.execv('/bin/sh', ['sh', '-c', 'read line'])"
    with started(tmp_path, source, stdin=subprocess.PIPE) as process:
        trace_arrives(tmp_path)
        assert process.poll() is None
        process.communicate("\n", timeout=100)
        assert process.returncode == 0
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


#: What uvicorn does when it was asked to stop: it shuts down, and sends itself the signal again, as it was before.
SERVER = """
def stop(number, _frame):
    signal.signal(number, signal.SIG_DFL)
    work_often(1000)
    {again}
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
print("ready", flush=True)
while True: time.sleep(0.05)
"""


@pytest.mark.parametrize("again", ["signal.raise_signal(number)", "os.kill(os.getpid(), number)"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_server_that_sends_itself_the_signal_again(tmp_path: Path, number: int, again: str) -> None:
    with started(tmp_path, SERVER.format(again=again)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert ending_of(process) == -number
    assert files_in(tmp_path) == ["out.tracy"]  # already: a container would not wait for others
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000
    assert "Open it:" in errors(tmp_path)
    assert "ended before" not in errors(tmp_path)


def test_signal_that_ends_nothing_does_not_end_the_recording(tmp_path: Path) -> None:
    source = """
        signal.signal(signal.SIGTERM, lambda *_: work_often(1000))
        signal.raise_signal(signal.SIGTERM)
        os.kill(os.getpid(), 0)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGCHLD)
        work_often(1000)
    """
    assert run(tmp_path, source) == (0, "")
    assert calls_of(tmp_path / "out.tracy")["work"] == 2000


def test_out_of_memory(tmp_path: Path) -> None:
    source = """
        work_often(1000)
        resource.setrlimit(resource.RLIMIT_AS, (2**28, 2**28))
        hoard = []
        while True: hoard.append(bytes(10_000))
    """
    code, _out = run(tmp_path, source)
    assert code in (1, -signal.SIGSEGV, -signal.SIGABRT), errors(tmp_path)
    trace_arrives(tmp_path, told=False)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


def test_program_that_has_used_up_its_descriptors(tmp_path: Path) -> None:
    source = """
        work_often(1000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        try:
            while True: os.dup(0)
        except OSError: pass
    """
    assert run(tmp_path, source) == (0, "")
    trace_arrives(tmp_path, told=False)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


def test_program_that_closes_all_descriptors_but_the_first(tmp_path: Path) -> None:
    source = """
        work_often(1000)
        settle()
        os.closerange(3, 64)
        time.sleep(0.2)  # the recording learns of it when it writes
        print("on it goes")
    """
    assert run(tmp_path, source) == (0, "on it goes\n")
    trace_arrives(tmp_path, told=False)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


def test_children_that_python_does_not_know_of_hold_nothing_up(tmp_path: Path) -> None:
    source = f"""
if ctypes.CDLL(None).fork() == 0:
    ctypes.CDLL(None).pause()
{WAITING}"""
    with started(tmp_path, source, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
        process.wait(100)
        trace_arrives(tmp_path)
        os.killpg(process.pid, signal.SIGKILL)  # the child is still there
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


def test_locks_that_are_let_go_of_one_by_one_are_waited_for(tmp_path: Path) -> None:
    """As on a busy system: the program is gone, the journal is free, and the trace's place is not yet."""
    source = f"""
here, there = os.pipe()
if ctypes.CDLL(None).fork() == 0:  # a copy of the program that keeps one lock for a while
    os.close(there)
    for entry in os.listdir("/proc/self/fd"):
        try:
            name = os.readlink("/proc/self/fd/" + entry)
        except OSError:
            continue
        if int(entry) > 2 and int(entry) != here and not name.endswith(".part"):
            os.close(int(entry))
    os.read(here, 1)  # until the program is gone
    time.sleep(0.2)
    os._exit(0)
os.close(here)
{WAITING}"""
    with started(tmp_path, source) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
        process.wait(100)
        trace_arrives(tmp_path)
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


def test_forked_children_leave_the_recording_alone(tmp_path: Path) -> None:
    source = """
        work_often(1000)
        for leave in (lambda: os._exit(0), lambda: os.execv("/bin/true", ["true"]),
                      lambda: os.kill(os.getpid(), signal.SIGTERM), lambda: ctypes.CDLL(None)._exit(0)):
            for fork in (os.fork, ctypes.CDLL(None).fork):
                if fork() == 0: leave()
                os.wait()
        work_often(1000)
    """
    assert run(tmp_path, source) == (0, "")
    assert calls_of(tmp_path / "out.tracy")["work"] == 2000


def test_file_that_comes_into_being_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with started(tmp_path, WAITING) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        (tmp_path / "out.tracy").write_bytes(b"precious")
        process.kill()
    eventually(lambda: "`tracypy recover" in errors(tmp_path))
    assert files_in(tmp_path) == ["out.tracy", "out.tracy.journal"]
    assert (tmp_path / "out.tracy").read_bytes() == b"precious"
    assert re.fullmatch(r"tracypy: .* no trace was made: .*out.tracy exists already.*\n", errors(tmp_path))


def test_killed_program_may_be_started_again_at_once(tmp_path: Path) -> None:
    for _ in range(3):
        with started(tmp_path, WAITING, "-f") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.kill()
    trace_arrives(tmp_path)


#: What a program can find out of its surroundings.
FACTS = """
import glob, json
children = []
try:
    while True: children.append(os.wait())
except ChildProcessError: pass
def signals(*names):
    with open("/proc/self/status") as status:  # without 32 and 33, which are the C library's, for threads
        return [(line, int(line.split()[1], 16) & ~(3 << 31)) for line in status if line.startswith(names)]
def is_inherited(number):
    try: return os.get_inheritable(number)
    except OSError: return False
facts = {
    "handlers": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "signals": [mask for _, mask in signals("SigIgn", "SigCgt", "SigBlk", "ShdPnd")],
    "group": os.getpgrp() == os.getpid(), "session": os.getsid(0) == os.getpid(),
    "children": children, "living": "".join(open(name).read() for name in glob.glob("/proc/self/task/*/children")),
    "inherited": [n for n in sorted(map(int, os.listdir("/proc/self/fd"))) if is_inherited(n)],
    "folder": os.getcwd(), "limits": resource.getrlimit(resource.RLIMIT_NOFILE),
    "functions": [repr(function) for function in (os._exit, os.execv, os.execve, os.kill, signal.raise_signal)],
    "texts": [(f.__name__, f.__doc__, f.__module__, f.__text_signature__, type(f).__name__) for f in (os._exit, os.execve, os.kill)],
    "in sets": os.execve in os.supports_fd,
}
print(json.dumps(facts))
"""


def test_program_finds_everything_as_without_us(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "cwd": tmp_path,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.DEVNULL,
        "start_new_session": True,
        "env": clean_environment(),
    }
    words = command(tmp_path, FACTS)
    with_us = json.loads(subprocess.run(words, timeout=200, check=True, **options).stdout)
    plain = json.loads(subprocess.run([sys.executable, "program.py"], timeout=200, check=True, **options).stdout)
    assert with_us == plain
    assert plain["children"] == []
    assert files_in(tmp_path) == ["out.tracy"]


def test_keeper_shares_nothing_with_the_program(tmp_path: Path) -> None:
    with started(tmp_path, WAITING, stderr=subprocess.PIPE, stdin=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        keeper = keeper_of(tmp_path)
        place = Path(f"/proc/{keeper}")
        targets = {int(link.name): os.readlink(link) for link in (place / "fd").iterdir()}
        assert [targets.pop(number) for number in range(3)] == ["/dev/null"] * 3
        assert targets.pop(3) == str(tmp_path / "out.tracy.journal")
        assert all(re.fullmatch(r"socket:\[\d+\]|anon_inode:\[pidfd\]", target) for target in targets.values()), targets
        assert os.getsid(keeper) not in (keeper, os.getsid(process.pid), os.getsid(0))
        assert os.getpgid(keeper) != os.getpgid(process.pid)
        assert os.readlink(place / "cwd") == "/"
        assert (place / "environ").read_bytes() == b""
        process.kill()
        # To the end of the pipes: nobody else has them open.
        assert process.communicate(timeout=100) == ("", "")
    trace_arrives(tmp_path, told=False)


def test_keeper_goes_when_the_program_has_made_its_trace(tmp_path: Path) -> None:
    with started(
        tmp_path, "work()\nprint('ready', flush=True)\nsys.stdin.readline()", stdin=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        keeper = os.pidfd_open(keeper_of(tmp_path))
        process.communicate("\n", timeout=200)
    import select

    assert select.select([keeper], [], [], 100)[0]
    os.close(keeper)
    assert files_in(tmp_path) == ["out.tracy"]
    assert "ended before" not in errors(tmp_path)


@pytest.fixture
def terminal() -> tuple[int, int]:
    """Our end of one, and the program's."""
    try:
        return pty.openpty()
    except OSError:
        pytest.skip("there are no terminals to be had")


def test_terminal_is_told_and_not_held(tmp_path: Path, terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    with started(tmp_path, WAITING, stderr=theirs) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert os.ttyname(theirs) not in [
            os.readlink(link) for link in Path(f"/proc/{keeper_of(tmp_path)}/fd").iterdir()
        ]
        process.kill()
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(ours, 4096)
    assert re.fullmatch(TOLD.replace(r"\n", r"\r\n"), text.decode())
    os.close(theirs)
    os.close(ours)


#: A terminal with a program in it, which is closed when the program says that it is ready. By a process of its own: a
#: fork is not for one that may have threads.
WINDOW = """
import json, os, pty, sys
words, environment = json.loads(sys.stdin.read())
process, window = pty.fork()
if process == 0: os.execve(words[0], words, environment)
said = b""
while b"ready" not in said: said += os.read(window, 4096)
os.close(window)
print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""


def test_terminal_that_is_closed_ends_the_program_and_not_its_trace(tmp_path: Path, terminal: tuple[int, int]) -> None:
    for end in terminal:  # it was a trial
        os.close(end)
    told = json.dumps([command(tmp_path, WAITING), clean_environment()])
    result = subprocess.run(
        [sys.executable, "-c", WINDOW],
        input=told,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        timeout=200,
        check=True,
    )
    assert int(result.stdout) == -signal.SIGHUP
    eventually(lambda: files_in(tmp_path) == ["out.tracy"])
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000


@pytest.mark.parametrize("how", ["a shell", "a group"])
def test_line_stands_behind_what_others_write_to_the_same_file(tmp_path: Path, how: str) -> None:
    """The place in an open file is common to all who have got it from each other."""
    words = " ".join(command(tmp_path, "work()\nsettle()\nos.kill(os.getpid(), signal.SIGKILL)"))
    script = f"{words}; echo from the shell >&2; while [ -e out.tracy.journal ]; do :; done; echo last >&2"
    if how == "a group":
        script = f"( {script} )"
    with open(tmp_path / "err.txt", "w") as err:
        subprocess.run(
            ["sh", "-c", script], cwd=tmp_path, stderr=err, timeout=200, env=clean_environment(), check=False
        )
    eventually(lambda: re.search(TOLD, errors(tmp_path)))
    assert "from the shell\n" in errors(tmp_path)
    assert "last\n" in errors(tmp_path)


def test_process_that_would_adopt_the_keeper_has_none(tmp_path: Path) -> None:
    """The first process of a container, say: when that waits for all its children, it must not wait for ours."""
    words = command(tmp_path, FACTS + WAITING)
    adopting = f"import ctypes, os; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); os.execv({words[0]!r}, {words!r})"
    with subprocess.Popen(
        [sys.executable, "-c", adopting], cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=clean_environment()
    ) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert facts["children"] == []
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(AssertionError, match="no keeper"):
            keeper_of(tmp_path)
        process.kill()
    assert files_in(tmp_path) == ["out.tracy.journal", "out.tracy.part"]
    tracypy.recover(tmp_path / "out.tracy")
    assert calls_of(tmp_path / "out.tracy")["work"] == 1000
