"""The subcommands, and which of them a command line means."""

from __future__ import annotations

import os
import sys

from tracypy.cli.words import Launch, first_word, flags_with_value, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tracypy.cli.program import Body

# One file each in this folder, with a `command` of click in it, or a `LAUNCH`. To add a command, add its name.
COMMANDS = (
    "run", "record", "recover", "report", "diff", "export", "flamegraph", "view", "top", "capture", "discover", "merge",
    "mcp",
)  # fmt: skip
DEFAULT = "run"
_LAUNCHING = ("run", "record")


def module_of(name: str) -> ModuleType:
    """Return the module of that command."""
    path = f"tracypy.cli.{name}"
    __import__(path)  # importlib is not imported yet, and that takes longer
    return sys.modules[path]


def launch_of(name: str) -> Launch | None:
    """Return how that command runs a program; None if it does not."""
    launch = getattr(module_of(name), "LAUNCH", None)
    return launch if isinstance(launch, Launch) else None


def command_and_rest(words: list[str]) -> tuple[str, list[str]]:
    """Return which command is meant, and the other words.

    Args:
        words: What follows `tracypy` on the command line.
    """
    program = _first_word(words)
    if program is not None and words[program] in COMMANDS:
        return words[program], words[:program] + words[program + 1 :]
    return DEFAULT, words


def bare_name(words: list[str]) -> str | None:
    """Return the first word if it seems to be neither a command nor a file that exists; else None."""
    program = _first_word(words)
    if program is None or words[program] in COMMANDS:
        return None
    word = words[program]
    is_bare = word.endswith(".tracy") or (word.isalpha() and not os.path.exists(word))
    return word if is_bare else None


def read_ordinary(words: list[str]) -> Callable[[], Body] | None:
    """Return what an ordinary command line that runs a program asks for; None if click has to read it.

    Args:
        words: As in `command_and_rest`.
    """
    name, rest = command_and_rest(words)
    if name not in _LAUNCHING or bare_name(words) is not None:
        return None
    launch = launch_of(name)
    return None if launch is None else read(launch, rest)


def _first_word(words: list[str]) -> int | None:
    """Return the index of the first word; None if it is certainly a program, or missing."""
    if words and words[0][:1] not in ("-", ""):
        return 0
    launch = launch_of(DEFAULT)
    start = first_word(words, set() if launch is None else flags_with_value(launch.options))
    return None if start is None or "--" in words[:start] else start
