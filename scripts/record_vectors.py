"""`make vectors`: records conversations and files of real Tracy tools, which the tests read as their golden data.

usage: scripts/record_vectors.py TOOLS VECTORS

TOOLS has a folder for each release, such as 0.13.1, with the programs of that release: tracy-capture, tracy-
csvexport, and the scene (tests/vectors/scene.cpp) built with its client in three flavours: scene-demand, scene-
always, scene-plain. In 0.13.1 there is tracy-update, too. VECTORS is made; what is there already is kept.
tests/vectors/README.md says how the tools are built.

Everything stays on loopback.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time
from typing import NamedTuple

FLAVOURS = ("demand", "always", "plain")
#: Not among the ports at which viewers look for programs.
PORT = 18_286
SECONDS = 60
#: The options of tracy-csvexport for each table.
TABLES = {
    "zones": (),
    "zones-self": ("-e",),
    "zones-unwrapped": ("-u",),
    "messages": ("-m",),
    "plots": ("-u", "-p", "-f", "no zone"),
}
#: How tracy-update is to write the same trace again. The release that has all of them is used.
CONTAINERS = {
    "lz4": ("-4",), "lz4-4streams": ("-4", "-j", "4"), "lz4hc": ("-h",), "lz4hc-8streams": ("-h", "-j", "8"),
    "lz4hc-extreme": ("-e",), "zstd1": ("-z", "1"), "zstd3-1stream": ("-z", "3", "-j", "1"),
    "zstd3-2streams": ("-z", "3", "-j", "2"),
    "zstd3-imagedict": ("-z", "3", "-d"), "zstd9": ("-z", "9"),
}  # fmt: skip
CONTAINERS_OF = "0.13.1"


class Read(NamedTuple):
    """One read of the proxy between the two."""

    t_ns: int
    direction: str
    offset: int
    length: int


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    tools, vectors = map(pathlib.Path, sys.argv[1:])
    releases = sorted(path for path in tools.iterdir() if (path / "tracy-capture").exists()) if tools.is_dir() else []
    if not releases:
        print(
            f"record_vectors: there is no release in {tools}: it has to hold folders such as 0.13.1/tracy-capture",
            file=sys.stderr,
        )
        return 1
    for release in releases:
        for flavour in FLAVOURS:
            scene, folder = release / f"scene-{flavour}", vectors / release.name / flavour
            if folder.exists():
                print(f"{folder}: is there")
            elif not scene.exists():
                print(f"{folder}: there is no {scene}")
            else:
                record(release, scene, folder)
        if release.name == CONTAINERS_OF:
            write_containers(release, vectors / release.name)
    return 0


def record(release: pathlib.Path, scene: pathlib.Path, folder: pathlib.Path) -> None:
    """Record what the scene and the capture say to each other, and what became of it."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "TRACY_PORT": str(PORT), "TRACY_ONLY_LOCALHOST": "1", "TRACY_NO_EXIT": "1"}
    program = start(scene, unfinished / "scene", environment)
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            reads: list[Read] = []
            proxy = threading.Thread(target=pass_on, args=(listener, unfinished, reads))
            proxy.start()
            port = listener.getsockname()[1]
            words = [release.resolve() / "tracy-capture", "-f", "-a", "127.0.0.1", "-p", str(port), "-o", "trace.tracy"]
            capture = subprocess.run(words, cwd=unfinished, check=True, capture_output=True, timeout=SECONDS)
            proxy.join()
        program.wait(SECONDS)
    finally:
        program.kill()
        program.wait()
    (unfinished / "capture.txt").write_bytes(capture.stdout)
    (unfinished / "chunks.jsonl").write_text("".join(json.dumps(read._asdict()) + "\n" for read in reads))
    for name, options in TABLES.items():
        words = [release.resolve() / "tracy-csvexport", *options, "trace.tracy"]
        table = subprocess.run(words, cwd=unfinished, check=False, capture_output=True, timeout=SECONDS)
        if table.returncode == 0:  # the oldest has no plots
            (unfinished / f"{name}.csv").write_bytes(table.stdout)
    unfinished.rename(folder)
    print(f"{folder}: {sum(read.length for read in reads):,} bytes in {len(reads)} reads")


def start(scene: pathlib.Path, own: pathlib.Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a scene from a file that is gone.

    A client that says when its program was built has to hand out sources, and `plain` never does. What has no file does
    not say it.
    """
    if not scene.name.endswith("plain"):
        return subprocess.Popen([scene.resolve()], env=environment, stdout=subprocess.DEVNULL)
    shutil.copy(scene, own)
    descriptor = os.open(own, os.O_RDONLY)
    path = own.resolve()  # by this name it looks for itself
    own.unlink()
    try:
        return subprocess.Popen(
            [path],
            executable=f"/proc/self/fd/{descriptor}",
            pass_fds=[descriptor],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    finally:
        os.close(descriptor)


def pass_on(listener: socket.socket, folder: pathlib.Path, reads: list[Read]) -> None:
    """Be between the viewer and the program until both have ended, and write down what passes."""
    viewer, _ = listener.accept()
    program = connect()
    began = time.monotonic_ns()
    with viewer, program, selectors.DefaultSelector() as selector:
        ways = {viewer: ("to-program", program), program: ("to-viewer", viewer)}
        offsets = dict.fromkeys(("to-program", "to-viewer"), 0)
        files = {direction: (folder / f"{direction}.bin").open("wb") for direction in offsets}
        for each in ways:
            selector.register(each, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                source = key.fileobj
                assert isinstance(source, socket.socket)
                direction, to = ways[source]
                data = received(source)
                reads.append(Read(time.monotonic_ns() - began, direction, offsets[direction], len(data)))
                offsets[direction] += len(data)
                files[direction].write(data)
                if data:
                    to.sendall(data)
                else:
                    selector.unregister(source)
                    finish(to)
        for file in files.values():
            file.close()


def received(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 16)
    except ConnectionError:  # the program does not wait until the viewer has read everything
        return b""


def finish(to: socket.socket) -> None:
    with contextlib.suppress(OSError):  # gone already
        to.shutdown(socket.SHUT_WR)


def connect() -> socket.socket:
    """Connect to the program, which may still be starting."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", PORT))
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def write_containers(release: pathlib.Path, folder: pathlib.Path) -> None:
    """Have the real tool write one trace in every way it knows."""
    update, containers = release / "tracy-update", folder / "containers"
    if containers.exists() or not update.exists() or not (folder / "demand").exists():
        return
    containers.mkdir()
    for name, options in CONTAINERS.items():
        words = [update.resolve(), *options, "../demand/trace.tracy", f"{name}.tracy"]
        subprocess.run(words, cwd=containers, check=True, capture_output=True, timeout=SECONDS)
    print(f"{containers}: {len(CONTAINERS)} files")


if __name__ == "__main__":
    sys.exit(main())
