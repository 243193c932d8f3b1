"""`--address` and `--port`: which program a command connects to."""

from __future__ import annotations

import click

from tracypy.cli.values import Value
from tracypy.config import whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def client_address[F: Callable[..., object]](command: F) -> F:
    """Give a command both options, as `address` and `port`."""
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
