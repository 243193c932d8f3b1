"""Real Tracy programs for the conformance tests: the capture tools, and csvexport where somebody has built it.

Two capture tools come from PyPI, inside the wheel `iree-base-runtime`; they are downloaded once into
`.cache/captures/` of this checkout, and tests that need them fail without them. Others are named by environment:

- `TRACYPY_CAPTURE_<protocol number>`: the path of a capture tool;
- `TRACYPY_PEERS`: a directory with `<Tracy release>/tracy-capture`, `tracy-csvexport`
  and `tracy-update`.
"""

from __future__ import annotations

import contextlib
import csv
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

#: Releases of `iree-base-runtime` that carry the capture tool of a protocol, in order of preference.
PYPI_RELEASES: dict[int, tuple[str, ...]] = {66: ("2.9.0",), 72: ("3.13.0", "3.5.0")}
#: Tracy releases that speak the other protocols.
PEER_RELEASES: dict[int, str] = {69: "0.11.1", 74: "0.12.2", 76: "0.13.1", 82: "0.14.0"}

_REPOSITORY = Path(__file__).resolve().parents[2]
_CACHE = _REPOSITORY / ".cache" / "captures"
_MEMBER = "iree/_runtime_libs_tracy/iree-tracy-capture"
_LIBRARIES = "iree_base_runtime.libs/"
_DOWNLOAD_SECONDS = 600

# A separator that no trace of ours contains; csvexport quotes nothing.
_SEPARATOR = "\x1f"


def _peer(release: str, tool: str) -> Path | None:
    directory = os.environ.get("TRACYPY_PEERS")
    path = Path(directory) / release / tool if directory else None
    return path if path is not None and path.is_file() else None


def _named_capture(protocol: int) -> Path | None:
    """The capture tool that the environment names, if any."""
    named = os.environ.get(f"TRACYPY_CAPTURE_{protocol}")
    if named:
        if not Path(named).is_file():
            raise RuntimeError(f"TRACYPY_CAPTURE_{protocol}={named} is no file")
        return Path(named)
    release = PEER_RELEASES.get(protocol)
    return _peer(release, "tracy-capture") if release else None


def capture_protocols() -> list[int]:
    """The protocols that can be captured here: those of PyPI always, the others where they are given."""
    others = [protocol for protocol in PEER_RELEASES if _named_capture(protocol) is not None]
    return sorted([*PYPI_RELEASES, *others])


def capture_program(protocol: int) -> Path:
    """The capture tool that speaks this protocol.

    Raises:
        RuntimeError: it is not here; the message says what to do.
    """
    named = _named_capture(protocol)
    if named is not None:
        return named
    if protocol not in PYPI_RELEASES:
        raise RuntimeError(
            f"no capture tool for protocol {protocol}: set TRACYPY_CAPTURE_{protocol} to one, or TRACYPY_PEERS to a "
            f"directory with {PEER_RELEASES.get(protocol, '<release>')}/tracy-capture"
        )
    room = _CACHE / str(protocol)
    if not (room / _MEMBER).is_file():
        _download(protocol, room)
    return room / _MEMBER


def _download(protocol: int, room: Path) -> None:
    room.parent.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    for release in PYPI_RELEASES[protocol]:
        # Beside its destination, so that the last step is a rename: several test processes may do this at once.
        with tempfile.TemporaryDirectory(dir=room.parent) as scratch:
            wheel = _download_wheel(release, Path(scratch), failures)
            if wheel is None:
                continue
            unpacked = Path(scratch) / "unpacked"
            with zipfile.ZipFile(wheel) as archive:
                # The tool finds its shared libraries beside itself, by the wheel's own directory structure.
                wanted = [name for name in archive.namelist() if name == _MEMBER or name.startswith(_LIBRARIES)]
                archive.extractall(unpacked, wanted)
            (unpacked / _MEMBER).chmod(0o755)
            with contextlib.suppress(OSError):  # another process was faster
                unpacked.rename(room)
            return
    releases = " or ".join(PYPI_RELEASES[protocol])
    raise RuntimeError(
        f"the capture tool for protocol {protocol} cannot be downloaded. Unpack the cp312 wheel "
        f"iree-base-runtime {releases} (PyPI) to {room} and make {_MEMBER} executable, or set "
        f"TRACYPY_CAPTURE_{protocol}. pip said: {' / '.join(failures)}"
    )


def _download_wheel(release: str, room: Path, failures: list[str]) -> Path | None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--python-version", "3.12", "--dest", str(room), f"iree-base-runtime=={release}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False)
    wheels = list(room.glob("*.whl"))
    if result.returncode == 0 and wheels:
        return wheels[0]
    failures.append(f"{release}: {result.stderr.strip()[-500:]}")
    return None


@dataclass(frozen=True)
class CaptureResult:
    """What a capture tool printed. `failure` is its `Instrumentation failure` line, None for a sound trace."""

    zones: int
    frames: int
    span: str
    failure: str | None
    stdout: str


_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def parse_capture_output(stdout: str) -> CaptureResult:
    """Read the lines that a capture tool prints at the end."""
    plain = _ESCAPES.sub("", stdout).replace("\r", "\n")

    def line(label: str) -> str:
        found = re.findall(rf"^{label}: (.*)$", plain, re.MULTILINE)
        if not found:
            raise RuntimeError(f"the capture tool printed no {label!r} line:\n{plain}")
        return str(found[-1]).strip()

    failure = re.search(r"^Instrumentation failure: (.*)$", plain, re.MULTILINE)
    return CaptureResult(
        zones=int(line("Zones").replace(",", "")),
        frames=int(line("Frames").replace(",", "")),
        span=line("Time span"),
        failure=failure.group(1) if failure else None,
        stdout=plain,
    )


class Capture:
    """A capture tool at work. Leaving the context kills it if it is still running."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes], output: Path) -> None:
        self._process = process
        self._log = log
        self._printed = ""
        self.output = output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def interrupt(self) -> None:
        """Ask the tool to disconnect and save, as Ctrl+C does."""
        self._process.send_signal(2)

    def kill(self) -> None:
        """End the tool without a trace file."""
        if self.is_running:
            self._process.kill()
        self._process.wait()
        self.stdout()
        self._log.close()

    def stdout(self) -> str:
        """What it has printed so far."""
        if not self._log.closed:
            self._log.seek(0)
            self._printed = self._log.read().decode("utf-8", "replace")
        return self._printed

    def wait(self, timeout: float = 200.0) -> CaptureResult:
        """Wait until the tool has saved its trace.

        Raises:
            TimeoutError: it is still running; it is killed.
            RuntimeError: it failed; the message holds its output.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"the capture tool runs still after {timeout} s:\n{self.stdout()}") from None
        self.kill()
        if code != 0 or not self.output.is_file():
            raise RuntimeError(f"the capture tool ended with {code}:\n{self.stdout()}")
        return parse_capture_output(self.stdout())


def run_capture(program: Path, port: int, output: Path, seconds: int | None = None) -> Capture:
    """Start a capture tool; it tries to connect until somebody listens, so it may start before its target.

    Args:
        program: from `capture_program`.
        port: on 127.0.0.1.
        output: the trace file; overwritten.
        seconds: leave after so long; otherwise at the program's end.
    """
    command = [str(program), "-a", "127.0.0.1", "-p", str(port), "-o", str(output), "-f"]
    if seconds is not None:
        command += ["-s", str(seconds)]
    # A file, not a pipe: nobody has to read while the tool runs.
    log = tempfile.TemporaryFile()  # noqa: SIM115 - the Capture closes it
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    return Capture(process, log, output)


def csvexport_program(release: str | None = None) -> Path | None:
    """The csvexport of one release, or of the newest that is here; it reads the traces of all releases before it."""
    releases = [release] if release else sorted(PEER_RELEASES.values(), reverse=True)
    return next((path for path in (_peer(name, "tracy-csvexport") for name in releases) if path is not None), None)


def update_programs() -> dict[str, Path]:
    """The tools that read a file and save it again, by their release."""
    found = {release: _peer(release, "tracy-update") for release in PEER_RELEASES.values()}
    return {release: path for release, path in found.items() if path is not None}


def csvexport(path: Path, *options: str, release: str | None = None) -> list[dict[str, str]]:
    """The table that csvexport prints: all source locations; with `-u` every zone, `-m` messages, `-p` plots.

    Zones that last no whole nanosecond are not in any of its tables.

    Raises:
        RuntimeError: there is no csvexport here (`csvexport_program` tells), or it failed.
    """
    program = csvexport_program(release)
    if program is None:
        raise RuntimeError("no csvexport: set TRACYPY_PEERS to a directory with <Tracy release>/tracy-csvexport")
    command = [str(program), "-s", _SEPARATOR, *options, str(path)]
    result = subprocess.run(command, capture_output=True, timeout=200, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{command} ended with {result.returncode}: {result.stderr.decode('utf-8', 'replace')}")
    return parse_table(result.stdout.decode("utf-8"), _SEPARATOR)


def parse_table(printed: str, separator: str) -> list[dict[str, str]]:
    """The rows of a table in which nothing is quoted and the last column may hold separators and line ends."""
    lines = printed.removesuffix("\n").split("\n")
    columns = next(csv.reader([lines[0]], delimiter=separator))
    rows: list[list[str]] = []
    for line in lines[1:]:
        cells = line.split(separator, len(columns) - 1)
        if len(cells) == len(columns) or not rows:
            rows.append(cells)
        else:
            rows[-1][-1] += "\n" + line
    return [dict(zip(columns, cells, strict=False)) for cells in rows]
