"""Sections: parts of the whole program's run."""

from __future__ import annotations

from typing import NamedTuple


class Section(NamedTuple):
    """One of them.

    Attributes:
        name: What the program did.
        begin_ns: When it began.
        end_ns: When it ended; None if the recording did not live to see it.
        category: The name of its category; empty for none.
    """

    name: str
    begin_ns: int
    end_ns: int | None
    category: str
