"""Every setting once: its name, its environment variable, its default, and what it means.

An argument or a command line option wins over the environment, the environment wins over the default. An empty variable
counts as not set. `docs/environment.md` is made from `OPTIONS`.
"""

from __future__ import annotations

from tracypy.errors import SettingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LOG_LEVELS = ("off", "warning", "info")
BUFFER_POLICIES = ("wait", "skip")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


def _flag(text: str) -> bool:
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("is neither 1 nor 0")


def whole_number(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a parser for whole numbers in [low, high]; its ValueError says what is wrong with the text."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            raise ValueError(f"is not a whole number from {low} {'on' if high is None else f'to {high}'}")
        return number

    return parse


def number(what: str, low: float = 0.0, high: float | None = None, *, above: bool = False) -> Callable[[str], float]:
    """Return a parser for numbers in [low, high]; its ValueError says what is wrong with the text.

    Args:
        what: As in "is not a number of seconds".
        low: The least.
        high: The most; None if there is none.
        above: Whether it must be more than `low`.
    """
    if above:
        wanted = f"above {low:g}" + ("" if high is None else f", up to {high:g}")
    else:
        wanted = f"from {low:g} " + ("on" if high is None else f"to {high:g}")

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        is_low_enough = high is None or value <= high
        if not (value > low if above else value >= low) or not is_low_enough:  # also refuses nan
            raise ValueError(f"is not a {what} {wanted}")
        return value

    return parse


_UNITS = {
    "": 1,
    **{f"{letter}b": 1000 ** (power + 1) for power, letter in enumerate("kmgt")},
    **{f"{letter}ib": 1024 ** (power + 1) for power, letter in enumerate("kmgt")},
}


def parse_size(text: str) -> int:
    """Read a number of bytes: 1000000, 500MB, 1.5GiB.

    Args:
        text: What the user wrote.

    Raises:
        ValueError: It is not; the text says what would be valid.
    """
    word = text.strip().lower()
    digits = word.rstrip("bikmgt ")
    try:
        size = float(digits) * _UNITS[word[len(digits) :].strip()]
    except (KeyError, ValueError):
        size = 0
    if not 1 <= size < 2**63:  # also refuses nan
        raise ValueError("is not a size, such as 500MB or 2GiB")
    return int(size)


_TIMES = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> float:
    """Read a time with its unit as seconds: 50ms, 1.5s, 5min.

    Args:
        text: What the user wrote.

    Raises:
        ValueError: It is not; the text says what would be valid.
    """
    word = text.strip().lower()
    digits = word.rstrip("abcdefghijklmnopqrstuvwxyzµ ")
    try:
        seconds = float(digits) * _TIMES[word[len(digits) :].strip()]
    except (KeyError, ValueError):
        seconds = 0
    if not 0 < seconds < float("inf"):  # also refuses nan
        raise ValueError("is not a time with its unit, such as 50ms, 30s or 5min")
    return seconds


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is not one of {', '.join(words)}")
        return text.lower()

    return parse


def _address(text: str) -> str:
    if text in LOOPBACK_NAMES:
        return text
    from _socket import AF_INET, AF_INET6, inet_pton

    for family in (AF_INET, AF_INET6):
        try:
            inet_pton(family, text)
        except OSError:
            continue
        return text
    raise ValueError("is not an IP address (127.0.0.1, 192.168.1.5, ::1, …), nor 0.0.0.0 or :: for all of them")


def _text(text: str) -> str:
    return text


class Option:
    """One setting."""

    __slots__ = ("default", "default_text", "meaning", "name", "parse", "values", "variable")

    def __init__(
        self,
        name: str,
        variable: str,
        default: object,
        parse: Callable[[str], object],
        values: str,
        meaning: str,
        default_text: str = "",
    ) -> None:
        self.name: str = name
        self.variable: str = variable
        self.default: object = default
        self.parse: Callable[[str], object] = parse
        self.values: str = values
        self.meaning: str = meaning
        self.default_text: str = default_text or str(default)

    def read(self, text: str, source: str) -> object:
        """Turn text into the setting's value.

        Args:
            text: What the user wrote.
            source: Where the user wrote it, for the message.

        Raises:
            SettingError: The text is not a value of this setting.
        """
        try:
            return self.parse(text)
        except ValueError as problem:
            raise SettingError(f"{source}: {text!r} {problem}") from None


OPTIONS = (
    Option(
        "port",
        "TRACY_PORT",
        0,
        whole_number(0, 65535),
        "PORT",
        "The port a viewer connects to. 0 takes the first of 8086 to 8105 that is free.",
        "the first free one of 8086 to 8105",
    ),
    Option(
        "no_exit",
        "TRACY_NO_EXIT",
        False,
        _flag,
        "0 or 1",
        "At exit, wait until a viewer has connected and received everything. Ctrl-C ends the wait.",
        "0",
    ),
    Option(
        "only_localhost",
        "TRACY_ONLY_LOCALHOST",
        False,
        _flag,
        "0 or 1",
        "Refuse to listen beyond this machine, whatever TRACYPY_LISTEN says. "
        "Listening on this machine only is the default anyway.",
        "0",
    ),
    Option(
        "only_ipv4", "TRACY_ONLY_IPV4", False, _flag, "0 or 1", "Listen on IPv4 only, not on IPv4 and IPv6 both.", "0"
    ),
    Option(
        "address",
        "TRACYPY_LISTEN",
        "localhost",
        _address,
        "ADDRESS",
        "The address to listen on; 0.0.0.0 or :: is every address of this machine. "
        "Whoever can reach it can read the trace.",
        "localhost (127.0.0.1 and ::1)",
    ),
    Option(
        "client",
        "TRACYPY_CLIENT",
        "",
        _text,
        "LIBRARY",
        "A library with Tracy's own client in it, which is told everything in place of a listener; "
        "`.` is whatever the process exports.",
        "none",
    ),
    Option(
        "announce",
        "TRACYPY_ANNOUNCE",
        True,
        _flag,
        "0 or 1",
        "Send the datagrams by which a viewer finds programs; on loopback only, unless TRACYPY_LISTEN says otherwise.",
        "1",
    ),
    Option(
        "announced_protocol",
        "TRACYPY_ANNOUNCE_PROTOCOL",
        0,
        whole_number(0, 65535),
        "NUMBER",
        "The protocol number to announce. A viewer greys out programs whose number is not its own, "
        "although connecting works: name your viewer's. 0 is the newest one.",
        "the newest one",
    ),
    Option(
        "exit_timeout",
        "TRACYPY_EXIT_TIMEOUT",
        5.0,
        number("number of seconds", 0, 3600),
        "SECONDS",
        "At exit, how long to wait for a connected viewer that makes no progress.",
        "5",
    ),
    Option(
        "log",
        "TRACYPY_LOG",
        "warning",
        _one_of(*LOG_LEVELS),
        "off, warning or info",
        "What tracypy writes to stderr while the program runs.",
    ),
    Option(
        "buffer_mb",
        "TRACYPY_BUFFER_MB",
        256,
        whole_number(1, 65536),
        "MEGABYTES",
        "The most memory that recorded events which no viewer has received yet may take.",
    ),
    Option(
        "buffer_policy",
        "TRACYPY_BUFFER_POLICY",
        "wait",
        _one_of(*BUFFER_POLICIES),
        "wait or skip",
        "When that memory is full: let the program wait for the viewer, or skip calls and frame marks, "
        "which are counted and told in the trace.",
    ),
    Option(
        "children",
        "TRACYPY_CHILDREN",
        True,
        _flag,
        "0 or 1",
        "Whether `tracypy run` and `tracypy record` follow child processes.",
        "1",
    ),
    Option(
        "clock",
        "TRACYPY_CLOCK",
        "auto",
        _one_of("auto", "counter", "monotonic"),
        "auto, counter or monotonic",
        "The clock that events are stamped with, from when tracypy is imported on: the processor's counter, or the "
        "system's monotonic clock, which costs more for each call. `auto` takes the counter unless it does not run at "
        "one rate, or the system takes its own time from something else. `tracypy --version` says which it is.",
    ),
    Option(
        "program_name",
        "TRACYPY_PROGRAM_NAME",
        "",
        _text,
        "NAME",
        "The name a viewer shows for this program.",
        "the script's name",
    ),
)


class Config:
    """All settings with their values, checked.

    Args:
        environ: The environment to read.
        **given: Settings that win over the environment; None means not given.

    Raises:
        SettingError: A value is invalid.
    """

    port: int
    no_exit: bool
    only_localhost: bool
    only_ipv4: bool
    address: str
    client: str
    announce: bool
    announced_protocol: int
    exit_timeout: float
    log: str
    buffer_mb: int
    buffer_policy: str
    children: bool
    clock: str
    program_name: str

    def __init__(self, environ: Mapping[str, str], **given: object) -> None:
        for option in OPTIONS:
            value = given.pop(option.name, None)
            if value is not None:
                value = option.read(str(value), option.name)
            elif text := environ.get(option.variable, ""):
                value = option.read(text, option.variable)
            else:
                value = option.default
            setattr(self, option.name, value)
        if given:
            raise TypeError(f"no such setting: {', '.join(given)}")
        if self.only_localhost and self.address not in LOOPBACK_NAMES:
            raise SettingError(f"TRACY_ONLY_LOCALHOST=1 forbids listening on {self.address}; remove one of the two")
        if self.only_ipv4 and ":" in self.address and self.address != "::":  # which is every address, of either kind
            raise SettingError(f"TRACY_ONLY_IPV4=1 forbids listening on {self.address}; remove one of the two")
