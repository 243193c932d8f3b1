"""`make demo`: runs examples/demo.py under tracypy, with a real Tracy capture program connected, and shows what it got.

usage: scripts/demo.py [-o TRACE]
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shlex
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.captures import capture_program, run_capture  # noqa: E402

DEMO = ROOT / "examples" / "demo.py"
PROTOCOL = 72
SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def show(command: list[str]) -> None:
    print(f"$ {shlex.join(command)}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=ROOT / "build" / "demo.tracy")
    output: pathlib.Path = parser.parse_args().output
    output.parent.mkdir(parents=True, exist_ok=True)
    expected = json.loads(subprocess.check_output([sys.executable, str(DEMO), "--counts"]))
    try:
        program = capture_program(PROTOCOL)
    except RuntimeError as problem:
        print(f"no capture program: {problem}\nTry it with a viewer of your own:\n{own_viewer()}")
        return 1
    port = free_port()
    command = [sys.executable, "-m", "tracypy", "--wait", "--port", str(port), str(DEMO)]
    show([str(program), "-a", "127.0.0.1", "-p", str(port), "-o", str(output), "-f"])
    show(command)
    with run_capture(program, port, output) as capture:
        subprocess.run(command, check=True, timeout=SECONDS)
        result = capture.wait(SECONDS)
    if result.failure:
        print(f"the capture program gave up: {result.failure}")
        return 1
    report(result.zones, result.frames, result.span, output, expected)
    return 0


def report(zones: int, frames: int, span: str, output: pathlib.Path, expected: dict[str, int]) -> None:
    own = sum(expected.values())
    print(
        f"\ncaptured: {zones:,} zones, {frames} frames, {span}; {output.stat().st_size / 1024:,.0f} KiB in {output}\n"
        f"of them the demo's own functions, by its own count ({DEMO.name} --counts): {own:,}"
    )
    for name, count in sorted(expected.items(), key=lambda item: -item[1])[:8]:
        print(f"  {count:8,}  {name}")
    print(f"\nOpen the trace in a Tracy viewer, or watch it live:\n{own_viewer()}")


def own_viewer() -> str:
    return (
        "  .venv/bin/tracypy --wait examples/demo.py     then connect tracy-profiler (0.11 to 0.14) to 127.0.0.1\n"
        "  .venv/bin/tracypy --version                   lists the viewers that work"
    )


if __name__ == "__main__":
    sys.exit(main())
