"""What is watched: which calls become zones, by patterns and presets, and what is recorded besides, by switches.

Calls are decided on natively, once for each code object; what is left out costs nothing after its first call. Here
patterns are checked and put into the form the native side takes: globs over whole paths, and globs over module names.

A switch is one row of `INSTRUMENTS`, with its type in `InstrumentOptions`: from these follow the keyword arguments of
`enable`, `profile`, `record` and `start_recording`, the options of the command line and the keys of `[tool.tracypy]`.
What it does is in the row of that name in `cpp/cpython/instruments.cpp`.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from inspect import Signature
    from typing import TypedDict, Unpack

    class FilterOptions(TypedDict, total=False):
        """Which calls become zones: the keyword arguments of `Filter`, and of whatever takes filters.

        Attributes:
            include: Only what matches one of these patterns; nothing given means everything.
            exclude: Not what matches one of these, even if it is included.
            only_user_code: Not the standard library, not installed packages, not frozen modules.
            max_depth: Not what is nested deeper than this many zones on its thread.
            auto_throttle: Not, from when it is noticed, functions that are called very often and take almost no time.
            hide_imports: Not the functions by which the interpreter imports; what modules do stays.
            tasks_as_slices: Show each run of a task among the calls of its thread; else a task has a row of its own.
        """

        include: str | Iterable[str]
        exclude: str | Iterable[str]
        only_user_code: bool
        max_depth: int | None
        auto_throttle: bool
        hide_imports: bool
        tasks_as_slices: bool

    class InstrumentOptions(TypedDict, total=False):
        """What is recorded besides calls: the keyword arguments of whatever takes switches.

        Attributes:
            exceptions: A message where an exception is raised.
            plots: Curves of the process: "cpu", "memory", "threads", "gc", "asyncio", "all" or "none".
            memory: The interpreter's allocations: True or "sampled", "all", or about one in so many bytes.
            memory_callstacks: How many of the running calls to show with each of them, 62 at most.
            gc: A zone for each garbage collection.
            c_calls: A zone for each call of a C function.
            log_args: Arguments and results of functions whose names match.
        """

        exceptions: bool
        plots: str | Iterable[str]
        memory: bool | int | str
        memory_callstacks: int
        gc: bool
        c_calls: bool
        log_args: str | Iterable[str]

    class WatchOptions(FilterOptions, InstrumentOptions, total=False):
        """All that says what is watched."""

    class NativeFilter(TypedDict):
        """The keyword arguments of `_core.Settings`."""

        include_paths: list[str]
        include_modules: list[str]
        exclude_paths: list[str]
        exclude_modules: list[str]
        max_depth: int | None
        auto_throttle: bool
        tasks_as_rows: bool

    class NativeWatch(NativeFilter):
        """Those, and the switches."""

        instruments: dict[str, int | list[str]]


# The interpreter's own import, under the names that it has when it is frozen and when it is not.
_IMPORTING_PATHS = ("<frozen importlib*", "<frozen zipimport>")
_IMPORTING_MODULES = ("importlib", "importlib._bootstrap", "importlib._bootstrap_external", "zipimport")

# What is not the user's own: the interpreter's frozen modules, and whatever an installer put there. The paths are held
# against both that of which a code object was compiled and that from which its module was loaded. A program that was
# frozen into one file (PyInstaller and others, which set sys.frozen) may have neither: there the standard library is
# told by the names of its modules.
_NOT_USER_CODE = ("<frozen *", "*/site-packages/*", "*/dist-packages/*", "*\\site-packages\\*")


class WatchOption:
    """One argument that says what is watched, as the command line, `pyproject.toml` and the documentation have it.

    Args:
        name: Its name.
        kinds: What its value may be in `pyproject.toml`.
        meaning: What it does, in one sentence.
        off_flag: The option of the command line for its opposite.
        default: Its value when it is not given.
        words: What a list may have; nothing for patterns.
        sizes: Texts that stand for numbers; the first one is what True means.
        most: The largest number there may be; None for any.
    """

    __slots__ = ("default", "kinds", "meaning", "most", "name", "off_flag", "sizes", "words")

    def __init__(
        self,
        name: str,
        kinds: tuple[type, ...],
        meaning: str,
        off_flag: str = "",
        default: object = None,
        words: tuple[str, ...] = (),
        sizes: dict[str, int] | None = None,
        most: int | None = None,
    ) -> None:
        self.name: str = name
        self.kinds: tuple[type, ...] = kinds
        self.meaning: str = meaning
        self.off_flag: str = off_flag
        self.default: object = default
        self.words: tuple[str, ...] = words
        self.sizes: dict[str, int] = sizes or {}
        self.most: int | None = most

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be given several times."""
        return list in self.kinds

    def native(self, value: object) -> int | list[str]:
        """Return a switch's value as native code takes it: a number, or a list of patterns.

        Args:
            value: What the user gave.

        Raises:
            TypeError: It is of another kind.
            ValueError: A pattern is empty, or there is no such word, or the number is too small or too large.
        """
        if self.words:
            return _words(self.name, self.words, value)  # type: ignore[arg-type]  # which that checks
        if self.sizes:
            return _number_or_word(self, value)
        if self.is_repeatable:
            return list(_patterns(self.name, value))  # type: ignore[arg-type]  # which that checks
        is_kind = isinstance(value, self.kinds) and (bool in self.kinds or not isinstance(value, bool))
        if not is_kind or not isinstance(value, int):
            wanted = " or ".join(kind.__name__ for kind in self.kinds)
            raise TypeError(f"{self.name} is a {wanted}, not {type(value).__name__}")
        if self.most is not None and not 0 <= value <= self.most:
            raise ValueError(f"{self.name} must be from 0 to {self.most}, not {value}")
        return int(value)


FILTERS: tuple[WatchOption, ...] = (
    WatchOption("include", (str, list), "Watch only modules or paths that match, such as shop.cart or src/shop"),
    WatchOption("exclude", (str, list), "Do not watch modules or paths that match"),
    WatchOption(
        "only_user_code", (bool,), "Leave out the standard library and installed packages", off_flag="--all-code"
    ),
    WatchOption("max_depth", (int,), "Leave out what is nested deeper than N zones on its thread"),
    WatchOption(
        "auto_throttle",
        (bool,),
        "Leave out functions that are called very often and take almost no time, and say which",
        off_flag="--no-throttle",
    ),
    WatchOption(
        "hide_imports",
        (bool,),
        "Leave out the functions by which the interpreter imports; what modules do stays",
        off_flag="--show-imports",
    ),
    WatchOption(
        "tasks_as_slices",
        (bool,),
        "Show each run of a task among the calls of its thread, not each task on a row of its own",
        off_flag="--tasks-as-rows",
    ),
)

INSTRUMENTS: tuple[WatchOption, ...] = (
    WatchOption(
        "exceptions",
        (bool,),
        "Add a message, with type, text and place, where an exception is raised",
        off_flag="--no-exceptions",
        default=False,
    ),
    WatchOption(
        "plots",
        (str, list),
        "Draw curves of the process: cpu, memory, threads, gc (objects), asyncio (tasks), or all",
        default=(),
        words=("cpu", "memory", "threads", "gc", "asyncio"),
    ),
    WatchOption(
        "memory",
        (bool, int, str),
        "Record the interpreter's allocations: sampled (about one in 512 KiB), all, or about one in so many bytes",
        default=False,
        sizes={"sampled": 512 * 1024, "all": 1},
    ),
    WatchOption(
        "memory_callstacks",
        (int,),
        "Show N of the running calls with each of these allocations, 62 at most",
        default=0,
        most=62,
    ),
    WatchOption(
        "gc",
        (bool,),
        "Make each garbage collection a zone, that tells the generation and what was collected",
        off_flag="--no-gc",
        default=True,
    ),
    WatchOption(
        "c_calls",
        (bool,),
        "Make each call of a C function a zone, built-in ones and those of extensions",
        off_flag="--no-c-calls",
        default=False,
    ),
    WatchOption(
        "log_args",
        (str, list),
        "Show arguments and results of functions whose names match, such as load, Cart.* or shop.cart.*",
        default=(),
    ),
)

OPTIONS = FILTERS + INSTRUMENTS


class Filter:
    """Which calls to watch.

    A pattern with a path separator in it, or one that ends in `.py`, is a glob over the path of a file; a folder stands
    for all that is in it. It is held against the path that the code was compiled from, and against the one that its
    module was loaded from: they differ where a program was moved. Any other is a glob over a module's name, and stands
    for its submodules too; what `-m` runs has both its own name and `__main__`. `*` matches any text, `?` one
    character, `[a-z]` one of a set.

    Args:
        include: Only what matches one of these; nothing given means everything.
        exclude: Not what matches one of these, even if it is included.
        only_user_code: Not the standard library, not installed packages, not frozen modules.
        max_depth: Not what is nested deeper than this many zones on its thread.
        auto_throttle: Not, from when it is noticed, functions that are called very often and take almost no time.
        hide_imports: Not the functions by which the interpreter imports; what modules do stays.
        tasks_as_slices: Show each run of a task among the calls of its thread; else a task has a row of its own.

    Raises:
        TypeError: A pattern is not a str, or the depth is not an int.
        ValueError: A pattern is empty, or the depth is not at least 1.
    """

    __slots__ = (
        "auto_throttle", "exclude", "hide_imports", "include", "max_depth", "only_user_code", "tasks_as_slices",
    )  # fmt: skip

    def __init__(
        self,
        *,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        only_user_code: bool = False,
        max_depth: int | None = None,
        auto_throttle: bool = False,
        hide_imports: bool = False,
        tasks_as_slices: bool = False,
    ) -> None:
        self.include: tuple[str, ...] = _patterns("include", include)
        self.exclude: tuple[str, ...] = _patterns("exclude", exclude)
        self.only_user_code: bool = only_user_code
        self.max_depth: int | None = _depth(max_depth)
        self.auto_throttle: bool = auto_throttle
        self.hide_imports: bool = hide_imports
        self.tasks_as_slices: bool = tasks_as_slices

    @property
    def is_given(self) -> bool:
        """Whether anything is left out, or shown in another way."""
        paths = (self.include, self.exclude, self.only_user_code)
        options = (*paths, self.auto_throttle, self.hide_imports, self.tasks_as_slices)
        return any(options) or self.max_depth is not None

    def native(self) -> NativeFilter:
        """Return the form that native code takes."""
        include_paths, include_modules = _split(self.include)
        exclude_paths, exclude_modules = _split(self.exclude)
        if self.only_user_code:
            exclude_paths += [os.path.join(_library(), "*"), *_NOT_USER_CODE]
            if getattr(sys, "frozen", False):
                exclude_modules += _split(sorted(sys.stdlib_module_names))[1]
        if self.hide_imports:
            exclude_paths += _IMPORTING_PATHS
            exclude_modules += _IMPORTING_MODULES
        return {
            "include_paths": include_paths,
            "include_modules": include_modules,
            "exclude_paths": exclude_paths,
            "exclude_modules": exclude_modules,
            "max_depth": None if self.max_depth is None else min(self.max_depth, sys.maxsize),
            "auto_throttle": self.auto_throttle,
            "tasks_as_rows": not self.tasks_as_slices,
        }


class Instruments:
    """What is recorded besides calls.

    Args:
        **switches: Those of `INSTRUMENTS`.

    Raises:
        TypeError: There is no such switch, or its value is of another kind.
        ValueError: A pattern is empty.
    """

    __slots__ = ("_values", "is_given")

    def __init__(self, **switches: Unpack[InstrumentOptions]) -> None:
        given: dict[str, object] = {**switches}
        self._values: dict[str, int | list[str]] = {}
        self.is_given: bool = False  # whether anything is asked for that is not so anyway
        for option in INSTRUMENTS:
            usual = option.native(option.default)
            value = self._values[option.name] = option.native(given.pop(option.name, option.default))
            self.is_given |= value != usual
        if given:
            raise TypeError(f"there is no switch {', '.join(map(repr, given))}")

    def native(self) -> dict[str, int | list[str]]:
        """Return the form that native code takes."""
        return self._values


class Watch:
    """What to watch: which calls, and what besides.

    Args:
        **options: The arguments of `Filter`, and the switches of `INSTRUMENTS`.

    Raises:
        TypeError: There is no such option, or its value is of another kind.
        ValueError: A pattern is empty, or the depth is not at least 1.
    """

    __slots__ = ("filter", "instruments")

    def __init__(self, **options: Unpack[WatchOptions]) -> None:
        given: dict[str, object] = {**options}
        switches = {option.name: given.pop(option.name) for option in INSTRUMENTS if option.name in given}
        self.filter: Filter = Filter(**given)  # type: ignore[arg-type]  # which it checks
        self.instruments: Instruments = Instruments(**switches)  # type: ignore[arg-type]

    @property
    def is_given(self) -> bool:
        """Whether anything is asked for that is not so anyway."""
        return self.filter.is_given or self.instruments.is_given

    def native(self) -> NativeWatch:
        """Return the form that native code takes."""
        return {**self.filter.native(), "instruments": self.instruments.native()}


class Spelled:
    """What `inspect` finds behind a function whose last argument is `**options: Unpack[WatchOptions]`.

    Args:
        function: That function, or one whose arguments are the same.
    """

    __slots__ = ("function",)

    def __init__(self, function: object) -> None:
        self.function: object = function

    # Later releases of 3.13 ask for what could be called, and bind it to have it without `self`.
    def __call__(self) -> None:
        """Do nothing."""

    def __get__(self, _instance: object, owner: type) -> object:
        from types import MethodType

        return MethodType(self, owner)

    @property
    def __signature__(self) -> Signature:
        """All arguments, each by its own name."""
        import inspect

        own = inspect.signature(self.function)  # type: ignore[arg-type]
        named = [entry for entry in own.parameters.values() if entry.kind is not entry.VAR_KEYWORD]
        named += inspect.signature(Filter).parameters.values()
        for option in INSTRUMENTS:
            kinds = " | ".join(kind.__name__ for kind in option.kinds)
            named.append(
                inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=kinds)
            )
        return own.replace(parameters=named)


def _library() -> str:
    """Return where the standard library is: a folder, or an archive."""
    return os.path.dirname(getattr(os, "__file__", None) or os.path.join(sys.base_prefix, "lib", "os.py"))


def _patterns(what: str, given: str | Iterable[str]) -> tuple[str, ...]:
    try:
        patterns = (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        raise TypeError(f"{what}: give a str, or several in a list, not {type(given).__name__}") from None
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise TypeError(f"{what}: a pattern is a str, not {type(pattern).__name__}")
        if not pattern.strip():
            raise ValueError(f"{what}: an empty pattern matches nothing; leave it out")
    return patterns


def _words(what: str, known: tuple[str, ...], given: str | Iterable[str]) -> list[str]:
    """Return those of the known words that are given, also as one text with commas; "all" and "none" are two more."""
    words = [word.strip() for text in _patterns(what, given) for word in text.split(",")]
    for word in words:
        if word not in (*known, "all", "none"):
            raise ValueError(f"{what}: {word!r} is not one of {', '.join(known)}, all, none")
    return [word for word in known if word in words or "all" in words]


def _number_or_word(option: WatchOption, value: object) -> int:
    if value is False:
        return 0
    word = next(iter(option.sizes)) if value is True else value
    if isinstance(word, str) and word in option.sizes:
        return option.sizes[word]
    if isinstance(word, int) and 1 <= word < 1 << 62:
        return word
    wrong = f"{option.name}: {value!r} is not {', '.join(map(repr, option.sizes))} or a number from 1 on"
    raise ValueError(wrong) if isinstance(word, str | int) else TypeError(wrong)


def _depth(depth: int | None) -> int | None:
    if depth is None:
        return None
    if not isinstance(depth, int) or isinstance(depth, bool):
        raise TypeError(f"max_depth is an int, not {type(depth).__name__}")
    if depth < 1:
        raise ValueError(f"max_depth must be at least 1, not {depth}")
    return depth


def _split(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    paths: list[str] = []
    modules: list[str] = []
    for pattern in patterns:
        if _is_path(pattern):
            paths += _path_globs(pattern)
        else:
            modules += [pattern, f"{pattern}.*"]
    return paths, modules


def _is_path(pattern: str) -> bool:
    return "/" in pattern or os.sep in pattern or pattern.endswith(".py") or pattern.startswith(("<", "~"))


def _path_globs(pattern: str) -> list[str]:
    if pattern.startswith("<"):  # "<string>", "<frozen *": no path on disk
        return [pattern]
    pattern = os.path.expanduser(pattern).rstrip(os.sep)
    if pattern.startswith(("./", "../")):
        pattern = os.path.abspath(pattern)
    globs = [pattern, os.path.join(pattern, "*")]  # a file, or a folder with all that is in it
    if not os.path.isabs(pattern) and not pattern.startswith("*"):
        globs = [os.path.join("*", glob) for glob in globs]
    return globs
