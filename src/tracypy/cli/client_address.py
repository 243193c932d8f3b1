"""Which program a command connects to, and how: the options of those that are a viewer in place of Tracy's."""

from __future__ import annotations

import click

import tracypy
from tracypy.cli.values import Value
from tracypy.config import number, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def client_address[F: Callable[..., object]](command: F) -> F:
    """Give a command `--address` and `--port`."""
    port = click.option(
        "-p",
        "--port",
        default=8086,
        show_default=True,
        type=Value(whole_number(1, 65535)),
        metavar="PORT",
        help="The program's port.",
    )
    address = click.option(
        "-a", "--address", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where the program listens."
    )
    return address(port(command))


def client_talk[F: Callable[..., object]](command: F) -> F:
    """Give a command `--timeout`, as `connect_timeout`, and `--protocol`."""
    protocol = click.option(
        "--protocol",
        type=click.Choice([str(number) for number, _releases in tracypy.PROTOCOLS]),
        help="Speak only this protocol; otherwise whichever the program speaks.",
    )
    timeout = click.option(
        "--timeout",
        "connect_timeout",
        type=Value(number("number of seconds")),
        metavar="SECONDS",
        help="Give up when no program has answered for so long; otherwise wait for one.",
    )
    return timeout(protocol(command))
