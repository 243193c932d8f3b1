"""Which calls become zones: patterns over modules and paths, and the presets made of them.

Decided natively, once for each code object; what is left out costs nothing after its first call. Here patterns are
checked and put into the form the native side takes: globs over whole paths, and globs over module names.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypedDict

    class FilterOptions(TypedDict, total=False):
        """Which calls become zones: the keyword arguments of `Filter`, and of whatever takes filters.

        Attributes:
            include: Only what matches one of these patterns; nothing given means everything.
            exclude: Not what matches one of these, even if it is included.
            only_user_code: Not the standard library, not installed packages, not frozen modules.
            max_depth: Not what is nested deeper than this many zones on its thread.
            auto_throttle: Not, from when it is noticed, functions that are called very often and take almost no time.
        """

        include: str | Iterable[str]
        exclude: str | Iterable[str]
        only_user_code: bool
        max_depth: int | None
        auto_throttle: bool

    class NativeFilter(TypedDict):
        """The keyword arguments of `_core.Settings`."""

        include_paths: list[str]
        include_modules: list[str]
        exclude_paths: list[str]
        exclude_modules: list[str]
        max_depth: int | None
        auto_throttle: bool


# What is not the user's own: the interpreter's frozen modules, and whatever an installer put there. The paths are held
# against both that of which a code object was compiled and that from which its module was loaded. A program that was
# frozen into one file (PyInstaller and others, which set sys.frozen) may have neither: there the standard library is
# told by the names of its modules.
_NOT_USER_CODE = ("<frozen *", "*/site-packages/*", "*/dist-packages/*", "*\\site-packages\\*")


class FilterOption:
    """One argument of `Filter`, as the command line, `pyproject.toml` and the documentation have it.

    Args:
        name: Its name.
        kinds: What its value may be in `pyproject.toml`.
        meaning: What it does, in one sentence.
        off_flag: The option of the command line for its opposite.
    """

    __slots__ = ("kinds", "meaning", "name", "off_flag")

    def __init__(self, name: str, kinds: tuple[type, ...], meaning: str, off_flag: str = "") -> None:
        self.name: str = name
        self.kinds: tuple[type, ...] = kinds
        self.meaning: str = meaning
        self.off_flag: str = off_flag

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be given several times."""
        return list in self.kinds


OPTIONS: tuple[FilterOption, ...] = (
    FilterOption("include", (str, list), "Watch only modules or paths that match, such as shop.cart or src/shop"),
    FilterOption("exclude", (str, list), "Do not watch modules or paths that match"),
    FilterOption(
        "only_user_code", (bool,), "Leave out the standard library and installed packages", off_flag="--all-code"
    ),
    FilterOption("max_depth", (int,), "Leave out what is nested deeper than N zones on its thread"),
    FilterOption(
        "auto_throttle",
        (bool,),
        "Leave out functions that are called very often and take almost no time, and say which",
        off_flag="--no-throttle",
    ),
)


class Filter:
    """What to watch.

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

    Raises:
        TypeError: A pattern is not a str, or the depth is not an int.
        ValueError: A pattern is empty, or the depth is not at least 1.
    """

    __slots__ = ("auto_throttle", "exclude", "include", "max_depth", "only_user_code")

    def __init__(
        self,
        *,
        include: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        only_user_code: bool = False,
        max_depth: int | None = None,
        auto_throttle: bool = False,
    ) -> None:
        self.include: tuple[str, ...] = _patterns("include", include)
        self.exclude: tuple[str, ...] = _patterns("exclude", exclude)
        self.only_user_code: bool = only_user_code
        self.max_depth: int | None = _depth(max_depth)
        self.auto_throttle: bool = auto_throttle

    @property
    def is_given(self) -> bool:
        """Whether anything is left out."""
        options = (self.include, self.exclude, self.only_user_code, self.auto_throttle)
        return any(options) or self.max_depth is not None

    def native(self) -> NativeFilter:
        """Return the form that native code takes."""
        include_paths, include_modules = _split(self.include)
        exclude_paths, exclude_modules = _split(self.exclude)
        if self.only_user_code:
            exclude_paths += [os.path.join(_library(), "*"), *_NOT_USER_CODE]
            if getattr(sys, "frozen", False):
                exclude_modules += _split(sorted(sys.stdlib_module_names))[1]
        return {
            "include_paths": include_paths,
            "include_modules": include_modules,
            "exclude_paths": exclude_paths,
            "exclude_modules": exclude_modules,
            "max_depth": None if self.max_depth is None else min(self.max_depth, sys.maxsize),
            "auto_throttle": self.auto_throttle,
        }


def _library() -> str:
    """Return where the standard library is: a folder, or an archive."""
    return os.path.dirname(getattr(os, "__file__", None) or os.path.join(sys.base_prefix, "lib", "os.py"))


def _patterns(what: str, given: str | Iterable[str]) -> tuple[str, ...]:
    patterns = (given,) if isinstance(given, str) else tuple(given)
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise TypeError(f"{what}: a pattern is a str, not {type(pattern).__name__}")
        if not pattern.strip():
            raise ValueError(f"{what}: an empty pattern matches nothing; leave it out")
    return patterns


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
