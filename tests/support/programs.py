"""The longer programs that tests run: `tests/programs`, as text, so that a test can put lines before and behind."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "programs"


def program(name: str) -> str:
    """Return the text of a program.

    Args:
        name: That of its file, without the suffix.
    """
    return (_FOLDER / f"{name}.py").read_text(encoding="utf-8")
