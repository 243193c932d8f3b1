"""Commands that are given a program, as click knows them: for their help, for mistakes, and for what is unusual."""

from __future__ import annotations

import click

from tracypy.cli.program import KINDS, Program
from tracypy.cli.values import Value
from tracypy.cli.words import first_word, flags_with_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.cli.program import Body
    from tracypy.cli.words import Launch, Option


class ProgramCommand(click.Command):
    """A command that ends in `SCRIPT | -m MODULE | -c CODE` and that program's own arguments.

    Its callback gets them as `program`. Whatever stands after the program is the program's, options too.

    Args:
        launch: What it is.
    """

    def __init__(self, launch: Launch) -> None:
        def command(program: Program, **values: object) -> Callable[[], Body]:
            return lambda: launch.start(program, values)

        super().__init__(
            launch.name,
            params=[_option(option) for option in launch.options],
            help=launch.help,
            short_help=launch.short_help,
            callback=command,
        )
        self._flags_with_value = flags_with_value(launch.options)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split off the program, and leave the rest to click."""
        start = first_word(args, self._flags_with_value)
        own = [word for word in (args if start is None else args[:start]) if word != "--"]
        rest = super().parse_args(ctx, list(own))
        if not ctx.resilient_parsing:
            if start is None:
                raise click.UsageError("nothing to run: name a script, or -m MODULE, or -c CODE", ctx)
            program = Program.of(args[start:], own)
            if program is None:
                raise click.UsageError(f"{args[start]} is followed by the {KINDS[args[start]]} to run", ctx)
            ctx.params["program"] = program
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the end of the usage line."""
        return [*super().collect_usage_pieces(ctx), "SCRIPT | -m MODULE | -c CODE", "[ARGS]..."]


def _option(option: Option) -> click.Option:
    flags = list(option.flags)
    if option.off_flags:
        flags = [f"{flags[0]}/{option.off_flags[0]}"]
    names = [*flags, option.name]
    if not option.metavar:
        return click.Option(names, is_flag=True, default=option.default, help=option.meaning, hidden=option.is_hidden)
    return click.Option(
        names,
        type=Value(option.parse),
        metavar=option.metavar,
        multiple=option.is_repeatable,
        help=option.meaning,
        hidden=option.is_hidden,
    )
