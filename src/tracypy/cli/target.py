"""Commands that are given a program: where their own words end and the program's begin."""

from __future__ import annotations

import click

from tracypy.cli.program import Program

_KINDS = {"-m": "module", "-c": "code"}


def first_word(arguments: list[str], flags_with_value: set[str]) -> int | None:
    """Finds the program on a command line: a script, or -m, or -c.

    Args:
        arguments: The command line.
        flags_with_value: Our options that are followed by a value.

    Returns:
        Its index; None when there are only options.
    """
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if word == "--":
            return index + 1 if index + 1 < len(arguments) else None
        if word == "-" or not word.startswith("-") or word[:2] in _KINDS:
            return index
        index += 2 if word in flags_with_value else 1
    return None


class ProgramCommand(click.Command):
    """A command that ends in `SCRIPT | -m MODULE | -c CODE` and that program's own arguments.

    Its callback gets them as `program`. Whatever stands after the program is the program's, options too.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Splits off the program, and leaves the rest to click."""
        start = first_word(args, flags_with_value(self))
        own = args if start is None else args[:start]
        rest = super().parse_args(ctx, [word for word in own if word != "--"])
        if not ctx.resilient_parsing:
            if start is None:
                raise click.UsageError("what should be run? Name a script, or -m MODULE, or -c CODE", ctx)
            ctx.params["program"] = _program(args[start:], ctx)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """How the usage line ends."""
        return [*super().collect_usage_pieces(ctx), "SCRIPT | -m MODULE | -c CODE", "[ARGS]..."]


def flags_with_value(command: click.Command) -> set[str]:
    """The options of `command` that are followed by a value."""
    return {
        flag
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.is_flag
        for flag in parameter.opts
    }


def _program(words: list[str], ctx: click.Context) -> Program:
    word, rest = words[0], words[1:]
    flag, attached = word[:2], word[2:]
    if flag not in _KINDS:
        if word == "-":
            raise click.UsageError("a program on standard input cannot be run; save it in a file", ctx)
        return Program("script", word, rest)
    if attached:
        return Program(_KINDS[flag], attached, rest)
    if not rest:
        raise click.UsageError(f"{flag} is followed by the {_KINDS[flag]} to run", ctx)
    return Program(_KINDS[flag], rest[0], rest[1:])
