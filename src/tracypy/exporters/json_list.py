"""JSON written piece by piece: for lists that need not fit into memory."""

from __future__ import annotations

import json
from itertools import batched
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

_ITEMS_AT_ONCE = 4000


def to_json(value: object) -> str:
    """Return `value` as compact JSON, in ASCII."""
    return json.dumps(value, separators=(",", ":"))


def write_items(out: TextIO, items: Iterable[str]) -> None:
    """Write the items of a list between its brackets, a line each.

    Args:
        out: Where to.
        items: The items as JSON.
    """
    lead = "\n"
    for piece in batched(items, _ITEMS_AT_ONCE):
        out.write(lead + ",\n".join(piece))
        lead = ",\n"
    out.write("\n")
