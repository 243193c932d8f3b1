"""The local socket of a program that is recorded: who is not its child gets nothing, and changes nothing."""

from __future__ import annotations

import os
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracypy

from support.recorded_program import clean_environment
from support.recording_facts import calls_of, facts_of_recording

PROGRAM = """
import os, subprocess, sys
def work():
    pass
print(subprocess.run("echo $TRACYPY_FOLLOW", shell=True, check=True, stdout=subprocess.PIPE, text=True).stdout.strip(), flush=True)
sys.stdin.readline()
subprocess.run([sys.executable, "-c", "def work(): pass\\nfor _ in range(50): work()"], check=True)
work()
print("done")
"""
HELLO, NAME, BEGIN, JOURNAL, LOST, END = range(1, 7)


class Recorded:
    """A recorded program that waits for a line, and what its children know."""

    def __init__(self, folder: Path) -> None:
        (folder / "p.py").write_text(PROGRAM)
        (folder / "tmp").mkdir()
        self.folder = folder
        environment = {
            **clean_environment(),
            "TMPDIR": str(folder / "tmp"),
            "TRACYPY_LOG": "info",
            "TRACYPY_CLOCK": "monotonic",
        }
        environment.pop("XDG_RUNTIME_DIR", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", "p.py"], cwd=folder, env=environment,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline().strip()
        words = self.said.split("|", 6)
        self.secret, self.path = bytes.fromhex(words[4]), words[6]

    def connect(self) -> socket.socket:
        stranger = socket.socket(socket.AF_UNIX)
        stranger.settimeout(100)
        stranger.connect(self.path)
        return stranger

    def finish(self) -> str:
        """Let the program end, which must be as ever, and return what was said on stderr."""
        out, err = self.process.communicate("\n", timeout=200)
        assert (self.process.returncode, out) == (0, "done\n"), err
        rows = facts_of_recording(self.folder / "out.tracy")
        assert calls_of(self.folder / "out.tracy")["work"] == 51
        assert len([row for row in rows if row.startswith("python -c (")]) == 1
        assert not [row for row in rows if "stranger" in row]
        return err


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    recorded = Recorded(tmp_path)
    yield recorded
    recorded.process.kill()
    recorded.process.communicate()


def message(kind: int, content: bytes) -> bytes:
    return struct.pack("<BI", kind, len(content)) + content


def hello(secret: bytes, version: int = 2, name: bytes = b"stranger", *, counts: bool = False) -> bytes:
    return message(HELLO, secret + struct.pack("<IQq?", version, 4711, time.monotonic_ns(), counts) + name)


def is_cut_off(stranger: socket.socket) -> bool:
    try:
        while stranger.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


def test_folder_is_closed_to_others(recorded: Recorded) -> None:
    folder = os.path.dirname(recorded.path)
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(recorded.path).st_mode & 0o777 == 0o600
    recorded.finish()
    assert not os.path.exists(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_other_user_cannot_connect(recorded: Recorded) -> None:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setuid(65534)
            recorded.connect()
        except PermissionError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    recorded.finish()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_child_tells_nothing_to_another_user(recorded: Recorded, tmp_path: Path) -> None:
    """Who has made a socket of the name that one had which is gone."""
    place = tmp_path / "open"
    place.mkdir()
    place.chmod(0o777)
    folder = tmp_path
    while folder != folder.parent and folder.stat().st_uid == 0 and not folder.stat().st_mode & stat.S_ISVTX:
        folder.chmod(0o755)
        folder = folder.parent
    path = str(place / "s")
    ready, tell = os.pipe()
    heard, say = os.pipe()
    listener = os.fork()
    if listener == 0:
        try:
            os.setuid(65534)
            server = socket.socket(socket.AF_UNIX)
            server.bind(path)
            os.chmod(path, 0o777)
            server.listen()
            os.write(tell, b"x")
            connection = server.accept()[0]
            os.write(say, b"heard: " + connection.recv(1000))
        finally:
            os._exit(0)
    os.close(tell)  # so that the listener's end would be seen
    assert os.read(ready, 1) == b"x"
    hook = Path(tracypy.__file__).parent / "_follow"
    said = recorded.said.replace(recorded.path, path)
    subprocess.run(
        [sys.executable, "-c", "print('ran')"], check=True, env={"TRACYPY_FOLLOW": said, "PYTHONPATH": str(hook)}
    )
    assert os.read(heard, 1000) == b"heard: "
    os.waitpid(listener, 0)
    for descriptor in (ready, heard, say):
        os.close(descriptor)
    recorded.finish()


STRANGERS = {
    "wrong secret": lambda _secret: hello(bytes(16)),
    "half a secret": lambda secret: message(HELLO, secret[:8]),
    "nearly the secret": lambda secret: hello(secret[:15] + bytes([secret[15] ^ 1])),
    "another version": lambda secret: hello(secret, version=1),
    "endless name": lambda secret: hello(secret, name=b"stranger" * 1000),
    "no greeting": lambda _secret: message(BEGIN, struct.pack("<Q", 1)),
    "viewer": lambda _secret: b"TracyPrf" + struct.pack("<I", 76),
    "garbage": lambda _secret: bytes(range(255, 0, -1)) * 100,
    "endless message": lambda _secret: struct.pack("<BI", HELLO, 0xFFFF_FFFF),
}


@pytest.mark.parametrize("says", STRANGERS.values(), ids=STRANGERS)
def test_stranger_is_turned_away(recorded: Recorded, says: object) -> None:
    with recorded.connect() as stranger:
        stranger.sendall(says(recorded.secret))  # type: ignore[operator]
        assert is_cut_off(stranger)
    assert "somebody who is no child of this process was turned away" in recorded.finish()


def test_stranger_who_says_nothing_is_in_nobodys_way(recorded: Recorded) -> None:
    strangers = [recorded.connect() for _ in range(200)]
    strangers[0].close()
    recorded.finish()
    for stranger in strangers:
        stranger.close()


NONSENSE = {
    "journal of nothing": message(JOURNAL, b"") * 3,
    "journal of zeros": message(JOURNAL, bytes(28)) + message(JOURNAL, bytes(100)),
    "journal of another release": message(
        JOURNAL, struct.pack("<II", 0x184D2A5A, 20) + b"tracypy journal\n" + struct.pack("<I", 4)
    )
    * 2,
    "unknown message": message(200, b"x"),
    "of the root": message(16, struct.pack("<Q", 1)),
    "endless message": struct.pack("<BI", JOURNAL, 10_000_000),
    "endless name": message(NAME, bytes(10_000)),
}


def test_member_that_reads_another_clock_is_not_followed(recorded: Recorded) -> None:
    with recorded.connect() as stranger:
        stranger.sendall(hello(recorded.secret, counts=True))
        assert is_cut_off(stranger)
    assert "stranger (4711) is not followed any more: it reads another clock than this process" in recorded.finish()


@pytest.mark.parametrize("says", NONSENSE.values(), ids=NONSENSE)
def test_member_that_talks_nonsense_is_cut_out(recorded: Recorded, says: bytes) -> None:
    """With the right secret: what it says costs its own rows, and one line."""
    with recorded.connect() as stranger:
        stranger.sendall(hello(recorded.secret) + message(BEGIN, struct.pack("<Q", 1)) + says)
        assert is_cut_off(stranger)
    assert recorded.finish().count("stranger (4711) is not followed any more: ") == 1
