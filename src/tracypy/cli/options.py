"""Options that several commands share: where to listen, how long to stay, what to watch."""

from __future__ import annotations

import click

from tracypy.cli.values import Value
from tracypy.config import OPTIONS, whole_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SETTINGS = {option.name: option for option in OPTIONS}


def server_options[F: Callable[..., object]](command: F) -> F:
    """Adds --wait, --no-exit, --port and --listen."""
    decorators = (
        click.option("--wait", is_flag=True, help="Start the program when a viewer has connected."),
        click.option("--no-exit", "no_exit", is_flag=True, default=None, help=_meaning("no_exit")),
        click.option("--port", type=Value(_SETTINGS["port"].parse), metavar="PORT", help=_meaning("port")),
        click.option(
            "--listen", "address", type=Value(_SETTINGS["address"].parse), metavar="ADDRESS", help=_meaning("address")
        ),
    )
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def filter_options[F: Callable[..., object]](command: F) -> F:
    """Adds --include, --exclude, --only-user-code, --max-depth and --auto-throttle; None means not given."""
    decorators = (
        click.option(
            "--include",
            multiple=True,
            metavar="PATTERN",
            help="Watch only modules or paths that match, such as shop.cart or src/shop; repeatable.",
        ),
        click.option(
            "--exclude", multiple=True, metavar="PATTERN", help="Do not watch modules or paths that match; repeatable."
        ),
        click.option(
            "--only-user-code/--all-code",
            default=None,
            help="Leave out the standard library and installed packages, or do not (the default).",
        ),
        click.option(
            "--max-depth",
            type=Value(whole_number(1)),
            metavar="N",
            help="Leave out what is nested deeper than N zones on its thread.",
        ),
        click.option(
            "--auto-throttle/--no-throttle",
            default=None,
            help="Leave out functions that turn out to be called very often for almost nothing, and say which; "
            "or do not (the default).",
        ),
    )
    for decorate in reversed(decorators):
        command = decorate(command)
    return command


def _meaning(name: str) -> str:
    option = _SETTINGS[name]
    return f"{option.meaning}  [{option.variable}]"
