"""Programs under tracypy, run in an interpreter of their own with the strict viewer connected."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .viewer import StrictViewer, Trace, Zone

type Tree = tuple[str, tuple[Tree, ...]]

PROTOCOL = 76

#: Before the body of most programs: every call is recorded, and the viewer is there. A test that says what all zones are
#: leaves out those of collections, which happen when they will.
PRELUDE = """\
import tracypy
tracypy.enable(gc=False)
assert tracypy.wait_connected(100)
"""
#: The same, but tasks are not on rows of their own.
SLICES = PRELUDE.replace("gc=False", "gc=False, tasks_as_slices=True")

#: The same, but not every call is recorded.
QUIET = "import gc, tracypy; gc.disable()\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"


def unused_port() -> int:
    """A port of 127.0.0.1 on which nobody listened a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Target:
    """A running program."""

    process: subprocess.Popen[str]
    port: int
    path: Path

    def viewer(self, protocol: int = PROTOCOL, timeout: float = 100.0) -> StrictViewer:
        """A strict viewer, connected."""
        viewer = StrictViewer(protocol)
        try:
            viewer.connect(self.port, timeout=timeout)
        except TimeoutError:
            if self.process.poll() is not None:
                raise AssertionError(f"the program ended before it listened: {self.errors()}") from None
            raise
        return viewer

    def say(self, line: str = "") -> None:
        """Write a line to the program's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end_input(self) -> None:
        """Close the program's standard input."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.stdin = None  # or communicate() would try to flush it

    def hear(self) -> str:
        """The next line that the program prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the program ended: {self.errors()}")
        return line.rstrip("\n")

    def errors(self) -> str:
        assert self.process.stderr is not None
        self.process.wait(100)
        return self.process.stderr.read()

    def finish(self, timeout: float = 100.0) -> tuple[int, str, str]:
        """Wait for the end: exit code, standard output, standard error."""
        out, err = self.process.communicate(timeout=timeout)
        return self.process.returncode, out, err

    def expect_success(self) -> str:
        """Wait for the end, which must be a silent success, and return the output."""
        code, out, err = self.finish()
        assert (code, err) == (0, ""), f"exit code {code}\n{err}"
        return out


@contextmanager
def running(
    folder: Path, source: str, *, arguments: tuple[str, ...] = (), environment: dict[str, str] | None = None
) -> Iterator[Target]:
    """Run `source` as a program in `folder`; it is killed when the block ends before it."""
    path = folder / "program.py"
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    port = unused_port()
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("TRACY_", "TRACYPY_"))}
    variables |= {"TRACY_PORT": str(port), "TRACYPY_ANNOUNCE": "0", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    variables["TRACYPY_EXIT_TIMEOUT"] = (
        "100"  # on a busy machine, a viewer in Python may take a while to take something
    )
    variables |= environment or {}
    command = [sys.executable, *arguments, str(path)]
    process = subprocess.Popen(
        command, env=variables, cwd=folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Target(process, port, path)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def trace_of(folder: Path, body: str, *, protocol: int = PROTOCOL, prelude: str = PRELUDE, **options: object) -> Trace:
    """What a viewer receives that connects before `body` runs and stays to the end."""
    with running(folder, prelude + textwrap.dedent(body), **options) as target:  # type: ignore[arg-type]
        trace = target.viewer(protocol).run()
        target.expect_success()
    return trace


def zones_named(trace: Trace, name: str) -> list[Zone]:
    """Every zone of that name, thread by thread."""
    return [
        zone for thread in trace.threads.values() for root in thread.roots for zone in root.walk() if zone.name == name
    ]


def only_zone(trace: Trace, name: str) -> Zone:
    """The one zone of that name."""
    found = zones_named(trace, name)
    assert len(found) == 1, f"{len(found)} zones named {name!r}"
    return found[0]


def tree(name: str, *children: Tree | str) -> Tree:
    """An expected tree, written down: names without children may be bare strings."""
    return (name, tuple(child if isinstance(child, tuple) else (child, ()) for child in children))


def trace_of_second_viewer(target: Target, name: str) -> Trace:
    """What a viewer receives that comes after another one has left, when that has seen a zone called `name`.

    The program says "ready", waits for a line, says "alone" when no viewer is connected, and waits for the next one.
    """
    viewer = target.viewer()
    viewer.receive_until(lambda trace: bool(zones_named(trace, name)))
    assert target.hear() == "ready"
    viewer.disconnect()
    target.say()
    assert target.hear() == "alone"
    trace = target.viewer().run()
    target.expect_success()
    return trace
