"""Values on the command line that click has no type for."""

from __future__ import annotations

import re

import click

from tracypy.config import Option, parse_size
from tracypy.errors import SettingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    _FloatType = click.ParamType[float]
    _IntType = click.ParamType[int]
    _AnyType = click.ParamType[object]
else:  # not every release of click has it generic
    _FloatType = _IntType = _AnyType = click.ParamType


class Percentage(_FloatType):
    """A number with or without a percent sign; 10% is 0.1."""

    name = "percentage"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Turns the text of the command line into a part of one."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no percentage such as 10%", param, ctx)
        return float(found[1]) / 100


class Setting(_AnyType):
    """A value that is checked like the environment variable of the same meaning."""

    name = "setting"

    def __init__(self, option: Option) -> None:
        self.option = option

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Turns the text of the command line into the setting's value."""
        flag = param.opts[0] if param is not None else self.option.name
        try:
            return self.option.read(str(value), flag)
        except SettingError as problem:
            raise click.UsageError(str(problem), ctx) from None


class Size(_IntType):
    """A number of bytes, as 500MB."""

    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Turns the text of the command line into bytes."""
        try:
            return parse_size(str(value))
        except ValueError as problem:
            raise click.UsageError(f"{param.opts[0] if param else 'size'}: {value!r} {problem}", ctx) from None
