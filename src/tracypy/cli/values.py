"""Values on the command line, and the line that says what is wrong with one."""

from __future__ import annotations

import re

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    _ParamType = click.ParamType[object]
else:  # not every release of click has it generic
    _ParamType = click.ParamType


class Value(_ParamType):
    """What a function makes of the text.

    Args:
        parse: Raises a ValueError that says what the text is not, as those of `tracypy.config` do.
    """

    name = "value"

    def __init__(self, parse: Callable[[str], object]) -> None:
        self.parse = parse

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Turn the text of the command line into the value."""
        try:
            return self.parse(str(value))
        except ValueError as problem:
            flag = max(param.opts, key=len) if param is not None else self.name
            raise click.UsageError(f"{flag}: {value!r} {problem}", ctx) from None


def percentage(text: str) -> float:
    """Read a number with or without a percent sign; 10% is 0.1.

    Raises:
        ValueError: It is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", text.strip())
    if found is None:
        raise ValueError("is not a percentage, such as 10%")
    return float(found[1]) / 100
