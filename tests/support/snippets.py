"""The pieces of code in the README and in `docs`: what they are, and how to run those of a page, or read its commands."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from .recorded_program import clean_environment

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What a page shows of a shell: `console` has prompts and answers, `sh` commands alone, `yaml` the steps of a workflow.
SHELLS = ("console", "sh", "yaml")
_RUN_ALL = """
import ast, asyncio, inspect, json, os, sys, tracypy
names = {"__name__": "__main__"}
before = set()
for given, path, line, code in json.load(sys.stdin):
    exec(compile(given, "given to " + path, "exec"), names)
    before |= set(os.listdir())
    code = compile("\\n" * line + code, path, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, names)
    if inspect.iscoroutine(value):
        asyncio.run(value)
    if tracypy.is_recording():
        tracypy.stop_recording()
    if tracypy.is_enabled():
        tracypy.disable()
    for name in set(os.listdir()) - before:
        if name.endswith(".tracy"):
            os.unlink(name)
"""


class Snippet(NamedTuple):
    """A piece of a page: the page, the line of its fence, its language and text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def first(self) -> str:
        """Its first line, without what a comment says: how tables of tests know it."""
        return self.text.partition("\n")[0].partition("  #")[0].strip()


def pages() -> list[str]:
    """The README, and all pages of `docs`."""
    return ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


def snippets(page: str, *languages: str) -> list[Snippet]:
    """The pieces of a page that are in one of these languages."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Snippet(page, text.count("\n", 0, match.start()) + 1, match[1], match[2])
        for match in _FENCE.finditer(text)
        if match[1] in languages
    ]


def run_in_order(folder: Path, parts: list[tuple[str, Snippet]]) -> None:
    """Run pieces of Python one after the other in a process of their own, each with what it is given before.

    Recordings that one has made are gone before the next one, and what it enabled is disabled.
    """
    told = [(given, part.page, part.line, part.text) for given, part in parts]
    result = subprocess.run(
        [sys.executable, "-c", _RUN_ALL],
        cwd=folder, input=json.dumps(told), capture_output=True, text=True, timeout=200, check=False, env=clean_environment(),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def commands(page: str) -> list[str]:
    """The commands that a page shows, without their comments."""
    found = []
    for part in snippets(page, *SHELLS):
        lines = part.text.replace("\\\n", " ").splitlines()
        if part.language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        elif part.language == "yaml":
            lines = [line.partition("- run: ")[2].rpartition("&& ")[2] for line in lines]
        found += [line for line in lines if line.strip()]
    return found


def words_of(command: str) -> list[str]:
    """The words of a command; what it reads from a file, or passes on, is left out."""
    words = shlex.split(command, comments=True)
    ends = [words.index(word) for word in ("<", ">", ">>", "|", "&&") if word in words]
    return words[: min(ends, default=None)]
