"""Our own words on a command line that runs a program: the options, and where the program's own words begin.

Plain Python, since `import click` takes longer than all else that a run needs. What is ordinary is read here. Help,
mistakes and everything unusual is click's, which gets the same table of options (`tracypy.cli.target`).
"""

from __future__ import annotations

from tracypy.cli.program import KINDS, STANDARD_INPUT, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracypy.cli.program import Body


class Option:
    """One option of a command that runs a program.

    Args:
        name: Of the argument that gets its value.
        flags: How it is written.
        meaning: Its help.
        metavar: What its value is called; empty when it has none.
        parse: Turns the text into the value; its ValueError says what the text is not.
        off_flags: How its opposite is written.
        default: Its value when it is not given.
        is_repeatable: Whether its value is a tuple of all that was given.
        is_hidden: Whether it is ours only, and help does not tell it.
    """

    __slots__ = ("default", "flags", "is_hidden", "is_repeatable", "meaning", "metavar", "name", "off_flags", "parse")

    def __init__(
        self,
        name: str,
        flags: tuple[str, ...],
        meaning: str,
        *,
        metavar: str = "",
        parse: Callable[[str], object] = str,
        off_flags: tuple[str, ...] = (),
        default: object = None,
        is_repeatable: bool = False,
        is_hidden: bool = False,
    ) -> None:
        self.name: str = name
        self.flags: tuple[str, ...] = flags
        self.meaning: str = meaning
        self.metavar: str = metavar
        self.parse: Callable[[str], object] = parse
        self.off_flags: tuple[str, ...] = off_flags
        self.default: object = () if is_repeatable else default
        self.is_repeatable: bool = is_repeatable
        self.is_hidden: bool = is_hidden


class Launch:
    """A command that runs a program.

    Args:
        name: The command's.
        options: All that it has.
        short_help: In the list of commands.
        start: Is called with the program and with the value of each option; returns what runs the program. Its
            docstring is the command's help.
    """

    __slots__ = ("_start", "name", "options", "short_help")

    def __init__(self, name: str, options: tuple[Option, ...], short_help: str, start: Callable[..., Body]) -> None:
        self.name: str = name
        self.options: tuple[Option, ...] = options
        self.short_help: str = short_help
        self._start = start

    @property
    def help(self) -> str | None:
        """What the command does."""
        return self._start.__doc__

    def start(self, program: Program, values: dict[str, object]) -> Body:
        """Do the command, here or with another interpreter.

        Args:
            program: What to run.
            values: Of the options, by their names.

        Returns:
            What runs the program.

        Raises:
            CommandError: It cannot be done.
        """
        python = values.pop("python")
        if python is None:
            return self._start(program, **values)
        from tracypy.cli.other_python import run_with  # now: it is seldom wanted

        return run_with(str(python), self.name, program)


def flags_with_value(options: tuple[Option, ...]) -> set[str]:
    """Return the options that are followed by a value."""
    return {flag for option in options if option.metavar for flag in option.flags}


def first_word(words: list[str], flags_with_value: set[str]) -> int | None:
    """Find the program on a command line: a script, or -m, or -c.

    Args:
        words: The command line.
        flags_with_value: Our options that are followed by a value.

    Returns:
        Its index; None when there are only options.
    """
    index = 0
    while index < len(words):
        word = words[index]
        if word == "--":
            return index + 1 if index + 1 < len(words) else None
        if word == STANDARD_INPUT or not word.startswith("-") or word[:2] in KINDS:
            return index
        index += 2 if word in flags_with_value else 1
    return None


def read(launch: Launch, words: list[str]) -> Callable[[], Body] | None:
    """Return what a command line, without our command's name, asks for; None if click has to read it.

    Args:
        launch: The command.
        words: What follows it.
    """
    start = first_word(words, flags_with_value(launch.options))
    if start is None:
        return None
    own = [word for word in words[:start] if word != "--"]
    values = _values(launch.options, own)
    program = Program.of(words[start:], own)
    if values is None or program is None:
        return None
    return lambda: launch.start(program, values)


def _values(options: tuple[Option, ...], words: list[str]) -> dict[str, object] | None:
    values = {option.name: option.default for option in options}
    by_flag = {flag: option for option in options for flag in (*option.flags, *option.off_flags)}
    rest = iter(words)
    for word in rest:
        flag, equals, text = word.partition("=")
        option = by_flag.get(flag)
        if option is None or (equals and not (option.metavar and flag.startswith("--"))):
            return None
        if not option.metavar:
            values[option.name] = flag in option.flags
            continue
        given = text if equals else next(rest, None)
        if given is None:
            return None
        try:
            value = option.parse(given)
        except ValueError:
            return None
        before = values[option.name]
        values[option.name] = (*before, value) if isinstance(before, tuple) else value
    return values
