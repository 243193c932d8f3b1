"""Two programs on one axis of time: a server and its client, each with a trace of its own. Makes merging.tracy."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import tracypy


def serve(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while name := connection.recv(64):
            with tracypy.zone("answer") as zone:
                zone.text(name.decode())
                time.sleep(0.002)
                connection.sendall(name.upper())


def ask(connection: socket.socket) -> None:
    for number in range(10):
        with tracypy.zone("ask") as zone:
            zone.text(f"item {number}")
            connection.sendall(f"item {number}".encode())
            connection.recv(64)
        time.sleep(0.001)


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = subprocess.Popen([sys.executable, __file__, str(listener.getsockname()[1])])
        with tracypy.record("client.tracy", overwrite=True), listener.accept()[0] as connection:
            ask(connection)
        server.wait()
    summary = tracypy.merge(["client.tracy", "server.tracy"], "merging.tracy", overwrite=True)
    print(f"{summary.zones} zones of {len(summary.parts)} programs, by the {summary.parts[1].placed_by}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with tracypy.record("server.tracy", overwrite=True):
            serve(int(sys.argv[1]))
    else:
        main()
