"""HTML pages that need no other file: style, scripts and data are in them, and a policy forbids the rest."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from importlib.resources import files
from typing import TYPE_CHECKING

import tracypy
from tracypy.exporters.json_list import to_json
from tracypy.exporters.names import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable


def assembled(
    template: str,
    styles: Iterable[str],
    scripts: Iterable[str],
    title: str,
    facts: Iterable[str],
    data: object,
    allowed: str = "",
) -> str:
    """Return a page as text.

    Args:
        template: The file of the page, below the package; so are styles and scripts.
        styles: Its styles.
        scripts: Its scripts, in the order in which they run.
        title: The heading.
        facts: What stands below it.
        data: What the scripts draw.
        allowed: What its policy allows besides, for templates that ask.
    """
    style = "\n".join(map(_part, styles))
    script = "\n".join(map(_part, scripts))
    filling = {
        "@GENERATOR@": html.escape(f"tracypy {tracypy.__version__}"),
        "@ALLOWED@": allowed,
        "@STYLE_HASH@": _hash(style),
        "@SCRIPT_HASH@": _hash(script),
        "@TITLE@": html.escape(one_line(title)),
        "@FACTS@": " · ".join(html.escape(one_line(fact)) for fact in facts),
        "@STYLE@": style,
        "@SCRIPT@": script,
        "@DATA@": _embedded(data),
    }
    return re.sub("@[A-Z_]+@", lambda mark: filling[mark[0]], _part(template))


def _part(name: str) -> str:
    return (files("tracypy") / name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return the hash by which a content security policy allows this text, and nothing else."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _embedded(value: object) -> str:
    """Return JSON that cannot end its HTML element, whatever functions are called. ASCII: any encoding will do."""
    text = to_json(value)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
