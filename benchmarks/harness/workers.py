"""Worker processes, and the capture programs that are connected to them."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from harness.variants import Variant

from support.captures import CaptureResult, capture_program, parse_capture_output
from support.target import unused_port

WORKER = Path(__file__).with_name("worker.py")
READY_SECONDS = 60
CAPTURE_SECONDS = 300

#: `sh -c NAMESPACE sh COMMAND…`, run by `unshare -n`: a network that ends at this process.
NAMESPACE = 'ip link set lo up && exec "$@"'


@dataclass(frozen=True)
class Cores:
    """Which processors the measured thread and its helpers (drain, capture program) keep to."""

    program: set[int]
    helpers: set[int]

    @classmethod
    def of_this_machine(cls) -> Cores | None:
        """Two sets that have nothing in common, or None on a machine with one core."""
        available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls({available[0]}, set(available[1:])) if len(available) > 1 else None

    def as_job(self) -> dict[str, list[int]]:
        return {
            "program": sorted(self.program),
            "helpers": sorted(self.helpers),
            "all": sorted(self.program | self.helpers),
        }


def may_go_first() -> bool:
    """Whether real-time priority can be had: without it, others who use the machine are in every figure."""
    if not hasattr(os, "sched_setscheduler"):
        return False
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Round:
    """What one round took."""

    wall_ns: int
    processor_ns: int
    frames_so_far: int


class Worker:
    """A process that runs one program under one variant, round by round, and its capture program if it has one."""

    def __init__(self, variant: Variant, program: str, cores: Cores | None) -> None:
        self.variant = variant
        self.rounds: list[Round] = []
        self.zones: int | None = None
        self._cores = cores
        self._room = tempfile.TemporaryDirectory(prefix="tracypy-bench-")
        self._port = 8086 if variant.isolated else unused_port()
        self._capture: subprocess.Popen[bytes] | None = None
        self._log = Path(self._room.name) / "capture.log"
        self._process = self._start(program)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self._process, self._capture):
            if process is not None and process.poll() is None:
                process.kill()
            if process is not None:
                process.wait()
        self._room.cleanup()

    def _start(self, program: str) -> subprocess.Popen[bytes]:
        variant = self.variant
        job = {
            "kind": variant.kind,
            "program": f"programs.{program}",
            "paths": [str(WORKER.parents[1]), *variant.paths],
            "options": variant.options,
            "ours": variant.ours,
            "connected": variant.is_connected,
            "cores": self._cores.as_job() if self._cores else None,
            "first": may_go_first(),
        }
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TRACY", "PYTHON"))}
        environment |= {"TRACY_PORT": str(self._port), "TRACYPY_ANNOUNCE": "0", "PYTHONHASHSEED": "0"}
        command = [variant.python, "-P", str(WORKER), json.dumps(job)]
        if variant.isolated:
            command = ["unshare", "-n", "sh", "-c", NAMESPACE, "sh", *command]
        # In its own folder: whatever a profiler writes goes with it.
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=self._room.name
        )

    def await_ready(self) -> None:
        """Wait until it is set up, and its capture program connected."""
        if self.variant.protocol is not None:
            self._capture = self._start_capture(self.variant.protocol)
        if self._answer() != b"ready\n":
            raise RuntimeError(f"the worker of {self.variant.name} did not start")

    def _start_capture(self, protocol: int) -> subprocess.Popen[bytes]:
        output = Path(self._room.name) / "out.tracy"
        command = [str(capture_program(protocol)), "-a", "127.0.0.1", "-p", str(self._port), "-o", str(output), "-f"]
        if self.variant.isolated:
            self._await_namespace()
            command = ["nsenter", "-t", str(self._process.pid), "-n", *command]
        cores = self._cores

        def keep_to_helpers() -> None:
            if cores is not None:
                os.sched_setaffinity(0, cores.helpers)

        with self._log.open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, preexec_fn=keep_to_helpers
            )

    def _await_namespace(self) -> None:
        ours = Path("/proc/self/ns/net").readlink()
        deadline = time.monotonic() + READY_SECONDS
        while Path(f"/proc/{self._process.pid}/ns/net").readlink() == ours:
            if time.monotonic() > deadline:
                raise RuntimeError("unshare made no network namespace")
            time.sleep(0.002)

    def _answer(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.variant.name} ended with {self._process.wait()}")
        return line

    def run_round(self, units: int) -> None:
        """Run one round, and remember what it took."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"%d\n" % units)
        self._process.stdin.flush()
        self.rounds.append(Round(*map(int, self._answer().split())))

    def finish(self) -> None:
        """Let the worker leave as programs do, and read what its capture program printed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait(CAPTURE_SECONDS)
        if code != 0:
            raise RuntimeError(f"the worker of {self.variant.name} ended with {code}")
        if self._capture is not None:
            self._capture.wait(CAPTURE_SECONDS)
            result: CaptureResult = parse_capture_output(self._log.read_text("utf-8", "replace"))
            if result.failure:
                raise RuntimeError(f"{self.variant.name}: the capture program says {result.failure}")
            self.zones = result.zones
