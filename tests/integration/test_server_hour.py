"""An hour of a server that serves requests as tasks: the memory it takes and the rows it has stay what they were."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import tracypy

from support.command_line import tracypy_command
from support.target import running
from support.viewer.handshake import greeting

PROGRAM = Path(__file__).parents[1] / "programs" / "server_hour.py"

#: What memory may grow by although nothing is kept: the drain's buffers, the allocator's.
SLACK_MB = 8


class Swallower:
    """A viewer that takes everything and asks nothing."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(greeting(76))
        self.taken = 0
        self._thread = threading.Thread(target=self._swallow)
        self._thread.start()

    def _swallow(self) -> None:
        while data := self._socket.recv(1 << 16):
            self.taken += len(data)

    def leave(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


def test_memory_stays_flat(tmp_path: Path) -> None:
    source = f"""
        import runpy, sys, tracypy
        tracypy.enable(include=["*server_hour.py"])
        print("listening", flush=True)
        assert tracypy.wait_connected(100)
        sys.argv[1:] = ["25", "3600"]
        runpy.run_path({str(PROGRAM)!r}, run_name="__main__")
        sys.stdin.readline()
    """
    with running(tmp_path, source) as target:
        assert target.hear() == "listening"
        viewer = Swallower(target.port)
        early, late = float(target.hear()), float(target.hear())
        viewer.leave()
        target.say()
        code, _out, errors = target.finish()
    assert (code, errors) == (0, "")
    assert viewer.taken > 5_000_000  # all of it has been told
    assert late - early < SLACK_MB


def test_rows_stay_the_same_and_hold_every_task(tmp_path: Path) -> None:
    per_second, seconds = 25, 900
    options = ("-o", "out.tracy", "--include", "*server_hour.py")
    result = tracypy_command("record", *options, PROGRAM, str(per_second), str(seconds), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    trace = tracypy.open(tmp_path / "out.tracy")
    tasks = {task.name: task.count for task in trace.tasks()}
    requests = 100 + per_second * (seconds - 1)
    assert (tasks["request"], tasks["audit"], tasks["serve"]) == (requests, requests, 1)
    (sixth,) = [message.time_ns for message in trace.messages if message.text == "a sixth"]
    rows = [thread for thread in trace.threads if thread.is_fiber]
    assert len(rows) <= 201 + 1  # one for each task of the first second
    assert all(next(row.iter_zones()).start_ns < sixth for row in rows)
