"""What is told on stderr, whatever a program has made of it: each in a process of its own, of which it is the stderr."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

BUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "PYTHONUNBUFFERED"])


def run(code: str, line: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a program that has `stderr`, with that behind it on the command line."""
    return subprocess.run(
        ["bash", "-c", f'"$0" -c "$1" {line}', sys.executable, f"import os, sys\nfrom tracypy import stderr\n{code}"],
        env={**os.environ, "PYTHONUTF8": "1", **environment}, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=200, check=False,
    )  # fmt: skip


def told(code: str, **environment: str) -> str:
    result = run(code, **environment)
    assert result.returncode == 0, result.stderr
    return result.stderr.decode(environment.get("PYTHONIOENCODING", "utf-8"))


def test_lines_say_who_speaks() -> None:
    assert told("stderr.say('it is so')") == "tracypy: it is so\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("utf-8", "1.50 µs, µ計"), ("latin-1", r"1.50 us, µ\u8a08"), ("ascii", r"1.50 us, \xb5\u8a08")],
)
def test_what_the_encoding_has_not_can_still_be_read(encoding: str, expected: str) -> None:
    assert told("stderr.write('1.50 µs, µ計')", PYTHONIOENCODING=encoding) == expected


@pytest.mark.parametrize(
    "replacement",
    [
        "import io; sys.stderr = io.StringIO()",
        "sys.stderr = None",
        "sys.stderr = type('Deaf', (), {'flush': lambda self: None})()",
        "sys.stderr = sys.stdout",
        "del sys.stderr",
        "sys.stderr = open(os.devnull, 'w')",
        "import contextlib, io; contextlib.redirect_stderr(io.StringIO()).__enter__()",
        "sys.__stderr__ = None",
        "import io; sys.stderr = io.TextIOWrapper(sys.stderr.detach(), 'utf-16')",
    ],
)
def test_it_goes_to_the_stderr_of_the_process(replacement: str) -> None:
    result = run(f"{replacement}\nstderr.say('it is so')")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"tracypy: it is so\n")


@BUFFERED
def test_what_the_program_has_written_comes_before(unbuffered: str) -> None:
    code = "sys.stderr.write('a')\nstderr.say('b')\nprint('c', file=sys.stderr)"
    assert told(code, PYTHONUNBUFFERED=unbuffered) == "atracypy: b\nc\n"


@BUFFERED
@pytest.mark.parametrize("line", ["2>&-", "2>/dev/full", "2>&1 | true", "2> >(exit)"])
def test_nobody_who_listens_is_no_error(unbuffered: str, line: str) -> None:
    result = run(
        "stderr.say('nobody hears this' * 100000)", f"{line}; exit ${{PIPESTATUS[0]}}", PYTHONUNBUFFERED=unbuffered
    )
    assert (result.returncode, result.stderr) == (0, b"")


def test_reader_that_is_gone_kills_no_program_that_has_its_signals_back() -> None:
    code = """
import signal
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
reader, writer = os.pipe()
os.close(reader)
os.set_inheritable(writer, True)
again = "import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL); from tracypy import stderr; stderr.say('gone')"
print(os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", again], os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, writer, 2)]), 0)[1]))
"""
    assert run(code).stdout == b"0\n"


@pytest.mark.parametrize("flags", ["os.O_CREAT | os.O_RDWR", "os.O_CREAT | os.O_WRONLY | os.O_APPEND"])
def test_file_that_got_its_number_is_the_programs_own(tmp_path: Path, flags: str) -> None:
    code = f"os.close(2)\nassert os.open({str(tmp_path / 'data')!r}, {flags}) == 2\nstderr.say('it is so')\n"
    result = run(code + "assert not stderr.is_terminal()")
    assert (result.returncode, result.stderr, (tmp_path / "data").read_bytes()) == (0, b"", b"")


def test_native_lines_are_kept_out_of_it_too(tmp_path: Path) -> None:
    """The limit of a recording is told by a thread that knows no Python."""
    code = f"""
import tracypy
os.close(2)
assert os.open({str(tmp_path / "data")!r}, os.O_CREAT | os.O_RDWR) == 2
tracypy.start_recording({str(tmp_path / "out.tracy")!r}, seconds=0.01)
while tracypy.is_recording():
    pass
"""
    assert run(code).returncode == 0
    assert (tmp_path / "data").read_bytes() == b""


def test_file_that_has_the_number_from_the_start_on_is_no_stderr(tmp_path: Path) -> None:
    """The interpreter was started without one, and the program has opened a file before it imports us."""
    code = f"import os\nassert os.open({str(tmp_path / 'data')!r}, os.O_CREAT | os.O_RDWR) == 2\nfrom tracypy import stderr\nstderr.say('it is so')"
    subprocess.run(["bash", "-c", '"$0" -c "$1" 2>&-', sys.executable, code], timeout=200, check=True)
    assert (tmp_path / "data").read_bytes() == b""


@pytest.mark.parametrize("blocking", [True, False])
def test_reader_that_takes_it_slowly_gets_all(blocking: bool) -> None:
    code = f"os.set_blocking(2, {blocking})\nstderr.write('x' * 1000000)"
    with subprocess.Popen(
        [sys.executable, "-c", f"import os\nfrom tracypy import stderr\n{code}"], stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert len(process.stderr.read()) == 1_000_000
    assert process.returncode == 0


def test_interrupted_program_leaves_a_reader_that_takes_nothing() -> None:
    code = (
        "import sys\nfrom tracypy import stderr\nsys.excepthook = lambda *_: None  # that would wait for the reader, too\n"
        "print('ready', flush=True)\nstderr.write('x' * 1000000)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"ready\n"
        assert process.stderr.read(1) == b"x"  # it is at it, and 64 KiB are all that a pipe takes
        process.send_signal(signal.SIGINT)
        process.wait(100)
    assert process.returncode == -signal.SIGINT


def test_terminal_is_known_as_one() -> None:
    ours, theirs = pty.openpty()
    code = "import io, sys\nfrom tracypy import stderr\nsys.stderr = io.StringIO()\nprint(stderr.is_terminal(), stderr.columns() < 10000)"
    result = subprocess.run(
        [sys.executable, "-c", code], stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=200, check=False
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert result.stdout.split()[0] == "True"


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_program_that_cannot_be_told_goes_on(tmp_path: Path, redirection: str) -> None:
    """No viewer can connect, since the port is taken; that is told on stderr."""
    (tmp_path / "program.py").write_text("""\
import os, socket
taken = socket.create_server(("127.0.0.1", 0))
os.environ["TRACY_PORT"] = str(taken.getsockname()[1])
import tracypy
tracypy.enable()
print("went on")
""")
    line = f'"{sys.executable}" program.py {redirection}'
    result = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, "went on\n")
