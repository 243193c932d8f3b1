"""Ranks that record beside each other: each has a file, its mark, by which rank 0 knows what the others do.

A mark lies beside the part, and is replaced as a whole.
"""

from __future__ import annotations

import json
import os

from tracypy import _core
from tracypy.interpreter import host_name
from tracypy.left_behind import JOURNAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy.ranks import Rank

_MARK = ".rank"


class Mark:
    """What a rank says of itself.

    Args:
        path: Of its part.
        rank: Which it is.

    Attributes:
        counter: Whose counter its times are of: equal on one machine.
    """

    def __init__(self, path: str, rank: Rank) -> None:
        self.path: str = path
        self.counter: str = _core.counter_identity()
        self._said: dict[str, object] = {
            "job": rank.job,
            "host": host_name(),
            "counter": self.counter,
        }

    def say(self, **more: object) -> None:
        """Write it, or anew with more in it. A mark that cannot be written is one that nobody finds."""
        self._said.update(more)
        draft = f"{self.path}{_MARK}.new"
        try:
            with open(draft, "w") as file:
                json.dump(self._said, file)
            os.replace(draft, self.path + _MARK)
        except OSError:
            return


class Seen:
    """The mark of a rank, as another one has read it.

    Args:
        path: Of the part.
        said: What is in it.
    """

    def __init__(self, path: str, said: dict[str, object]) -> None:
        self.path: str = path
        self.counter: str = str(said.get("counter", ""))
        self.host: str = str(said.get("host", ""))
        self.is_done: bool = bool(said.get("done"))
        asks = said.get("asks")
        #: Which ranks are asked for their clocks; None while that is not known.
        self.asks: list[int] | None = asks if isinstance(asks, list) else None

    @property
    def is_ready(self) -> bool:
        """Whether the part is there, and whole."""
        return os.path.isfile(self.path) and (self.is_done or not os.path.exists(self.path + JOURNAL))

    @property
    def is_lost(self) -> bool:
        """Whether the part will not come any more, as far as can be seen here."""
        journal = self.path + JOURNAL
        if os.path.exists(journal):
            return _core.is_left_behind(journal) and not os.path.isfile(self.path)
        return not os.path.exists(self.path)


def read_mark(path: str, job: str) -> Seen | None:
    """Return the mark of the part of that path; None if there is none, or it is of another job."""
    try:
        with open(path + _MARK) as file:
            said = json.load(file)
    except (OSError, ValueError):
        return None
    return Seen(path, said) if isinstance(said, dict) and said.get("job") == job else None


def remove_mark(path: str) -> None:
    """Delete it."""
    try:
        os.unlink(path + _MARK)
    except OSError:
        return
