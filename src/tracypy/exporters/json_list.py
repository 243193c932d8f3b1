"""JSON written piece by piece: for lists that need not fit into memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

_ITEMS_AT_ONCE = 4000


def to_json(value: object) -> str:
    """`value` as compact JSON, in ASCII."""
    return json.dumps(value, separators=(",", ":"))


def write_items(out: TextIO, items: Iterable[str]) -> None:
    """Writes what stands between the brackets of a list, a line for each item.

    Args:
        out: Where to.
        items: The items as JSON.
    """
    piece: list[str] = []
    lead = "\n"
    for item in items:
        piece.append(item)
        if len(piece) == _ITEMS_AT_ONCE:
            out.write(lead + ",\n".join(piece))
            lead = ",\n"
            piece.clear()
    if piece:
        out.write(lead + ",\n".join(piece))
    out.write("\n")
