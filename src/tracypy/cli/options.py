"""Options that several commands share: where to listen, how long to stay, what to watch."""

from __future__ import annotations

from tracypy import filters
from tracypy.cli.words import Option
from tracypy.config import OPTIONS, parse_size, whole_number
from tracypy.saving import parse_last, parse_occasion, parse_slower

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SETTINGS = {option.name: option for option in OPTIONS}


def _of_setting(name: str, flag: str, metavar: str = "") -> Option:
    """Return the option that says on the command line what an environment variable says."""
    setting = _SETTINGS[name]
    meaning = f"{setting.meaning}  [{setting.variable}]"
    return Option(name, (flag,), meaning, metavar=metavar, parse=setting.parse)


def _metavar(option: filters.WatchOption) -> str:
    if option.sizes:
        return "|".join((*option.sizes, "SIZE"))
    if option.words:
        return "PLOT"
    return "PATTERN" if option.is_repeatable else "N" if int in option.kinds else ""


def _word_or_size(option: filters.WatchOption) -> Callable[[str], object]:
    return lambda text: text if text in option.sizes else parse_size(text)


def _number(option: filters.WatchOption) -> Callable[[str], int]:
    return whole_number(1) if option.most is None else whole_number(0, option.most)


def _of_watch(option: filters.WatchOption) -> Option:
    """Return the option of the command line for an argument that says what is watched."""
    usual = " (the default), or do not." if option.default is True else ", or do not (the default)."
    end = "; repeatable." if option.is_repeatable else usual if option.off_flag else "."
    return Option(
        option.name,
        (option.flag,),
        option.meaning + end,
        metavar=_metavar(option),
        parse=_word_or_size(option) if option.sizes else _number(option) if int in option.kinds else str,
        off_flags=(option.off_flag,) if option.off_flag else (),
        is_repeatable=option.is_repeatable,
    )


def _checked(parse: Callable[[str], object]) -> Callable[[str], str]:
    """Return a function that checks the text and leaves reading it to others."""

    def check(text: str) -> str:
        parse(text)
        return text

    return check


def _client(text: str) -> tuple[int | None, str]:
    from tracypy.gathering import parse_client  # now: few programs have another client

    return parse_client(text)


# None means not given, everywhere here: the environment is in charge then, or pyproject.toml.
SERVER_OPTIONS = (
    Option("wait", ("--wait",), "Start the program when a viewer has connected.", default=False),
    _of_setting("no_exit", "--no-exit"),
    _of_setting("port", "--port", "PORT"),
    _of_setting("address", "--listen", "ADDRESS"),
)
PROGRAM_OPTIONS = (
    Option(
        "children",
        ("--children",),
        f"Follow child processes (the default), or do not.  [{_SETTINGS['children'].variable}]",
        off_flags=("--no-children",),
    ),
    Option(
        "gather",
        ("--gather",),
        "Take in another Tracy client, too, such as an engine's; self: those of this program; repeatable.",
        metavar="[ADDRESS:]PORT|self",
        parse=_client,
        is_repeatable=True,
    ),
    Option(
        "python",
        ("--python",),
        "Run the program with another interpreter, such as that of its environment: a path, a name, or the folder.",
        metavar="PYTHON",
    ),
    Option("skip_first_line", ("-x",), "Skip the first line of the script, as python's -x does.", default=False),
    Option("again", ("--again",), "Of a program that has started itself again.", metavar="BASE", is_hidden=True),
)
WATCH_OPTIONS = tuple(map(_of_watch, filters.OPTIONS))
SAVING_OPTIONS = (
    Option(
        "last",
        ("--last",),
        "Keep only the last moments, such as 30s or what fits into 500MB, for as long as the program runs.",
        metavar="TIME|SIZE",
        parse=_checked(parse_last),
    ),
    Option(
        "save_on",
        ("--save-on",),
        "Save what there is, and go on, when that signal comes (USR1, USR2, RTMIN+1, …), or when there is an exception "
        "that nobody catches; repeatable.",
        metavar="SIGNAL|error",
        parse=_checked(parse_occasion),
        is_repeatable=True,
    ),
    Option(
        "save_slower",
        ("--save-slower",),
        "Save what there is, and go on, when a zone that the program makes, a @profiled function or a frame takes "
        "longer, such as 50ms; with a NAME or a pattern, whatever is called so; repeatable.",
        metavar="[NAME=]TIME",
        parse=_checked(parse_slower),
        is_repeatable=True,
    ),
)
