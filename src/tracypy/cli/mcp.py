"""`tracypy mcp`: recordings for assistants."""

from __future__ import annotations

import click

from tracypy.cli.errors import CommandError
from tracypy.cli.trace_files import open_trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


@click.command(short_help="Let an assistant look into recordings.")
@click.argument("files", type=click.Path(), nargs=-1, required=True)
def command(files: tuple[str, ...]) -> Callable[[], None]:
    """Answer an assistant's questions about FILES, by the Model Context Protocol over standard input and output.

    The assistant starts this command itself. It may ask for functions, call trees, single zones, plots and messages,
    and for the difference of two recordings; it can neither read another file nor change one.
    """

    def start() -> None:
        for file in files:  # a mistake is told now, and not to the assistant
            open_trace(file)
        try:
            from tracypy.integrations.mcp_server import serve
        except ImportError as problem:
            raise CommandError(f"the package mcp is missing ({problem}): pip install 'tracypy[mcp]'", 1) from None
        serve(files)

    return start
