"""The page of a timeline, put together from the files of the folder `page` and some of the flame graph's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracypy.exporters.pages import assembled

if TYPE_CHECKING:
    from tracypy.view.answers import Answers

_FOLDER = "view/page"
_SHARED = "exporters/page"
_OWN_SCRIPTS = (
    "source",
    "local",
    "tiles",
    "camera",
    "lanes",
    "painter",
    "details",
    "tables",
    "pointer",
    "flame",
    "view",
)
_STYLES = (f"{_SHARED}/page.css", f"{_FOLDER}/view.css")
_SCRIPTS = (
    f"{_SHARED}/words.js",
    f"{_SHARED}/colors.js",
    f"{_SHARED}/tree.js",
    f"{_SHARED}/canvas.js",
    f"{_SHARED}/graph.js",
    *(f"{_FOLDER}/{name}.js" for name in _OWN_SCRIPTS),
)


def served(answers: Answers) -> str:
    """Return the page that asks its server for what it draws."""
    return _page(answers, answers.overview(), "connect-src 'self'; ")


def alone(answers: Answers, data: object) -> str:
    """Return the page that has in itself what it draws.

    Args:
        answers: The recording.
        data: The overview, and what else the page has.
    """
    return _page(answers, data, "")


def _page(answers: Answers, data: object, allowed: str) -> str:
    return assembled(f"{_FOLDER}/view.html", _STYLES, _SCRIPTS, answers.title, answers.facts(), data, allowed)
