"""Native code that includes `tracypy.h`, built for a test."""

from __future__ import annotations

import os
import shlex
import subprocess
import sysconfig
from pathlib import Path

import tracypy

PROGRAMS = Path(__file__).parents[1] / "programs"
EXAMPLES = Path(__file__).parents[2] / "examples" / "native"


def compiler(language: str = "c") -> list[str]:
    """The compiler, as this machine has it, whatever this Python was built with."""
    variable, usual = {"c": ("CC", "cc"), "c++": ("CXX", "c++")}[language]
    return shlex.split(os.environ.get(variable, usual))


def build(source: Path | str, target: Path, *flags: str, language: str = "c", include: Path | None = None) -> Path:
    """Compile a source, given by its path or its text, into `target`: a program, or whatever `flags` say.

    Args:
        source: What to compile; warnings are errors.
        target: What comes of it.
        *flags: For the compiler.
        language: "c" or "c++".
        include: Where `tracypy.h` is, by default that of the installed package.
    """
    if isinstance(source, str):
        path = target.with_suffix(".c" if language == "c" else ".cpp")
        path.write_text(source)
        source = path
    headers = ["-I", str(include or tracypy.get_include()), "-isystem", sysconfig.get_path("include")]
    command = [
        *compiler(language),
        "-O1",
        "-g",
        "-Wall",
        "-Wextra",
        "-Werror",
        *headers,
        str(source),
        "-o",
        str(target),
    ]
    result = subprocess.run([*command, *flags, "-pthread", "-ldl"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return target


def build_module(source: Path | str, folder: Path, name: str, *flags: str, **options: str | Path | None) -> Path:
    """Compile an extension module into `folder`."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    target = folder / f"{name}{suffix}"
    return build(source, target, "-shared", "-fPIC", "-fvisibility=hidden", *flags, **options)  # type: ignore[arg-type]


def path_line(folder: Path) -> str:
    """The line of a program by which it finds modules of that folder."""
    return f"import sys; sys.path.insert(0, {str(folder)!r})\n"
