"""Which function of one recording is which of another, made elsewhere or of another version of the program."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tracypy.trace.source_locations import SourceLocation


class Function(NamedTuple):
    """What counts as one function: all source locations of one name in one file.

    Lines are left out on purpose: they change with everything that is written above them.

    Attributes:
        name: Its label.
        file: The file as the program knew it.
    """

    name: str
    file: str


def functions_of(locations: Iterable[SourceLocation]) -> dict[Function, list[int]]:
    """Return the functions, each with the indices of its source locations."""
    found: dict[Function, list[int]] = defaultdict(list)
    for index, location in enumerate(locations):
        found[Function(location.label, location.file)].append(index)
    return found


def match(before: Sequence[Function], after: Sequence[Function]) -> list[tuple[Function | None, Function | None]]:
    """Pair the functions that are taken for the same; None stands beside those of only one recording.

    First those of the same name and file. Then those of the same name whose files end alike: the pair with the longest
    common tail of path components first, at least the file's own name. Of several that are equally good, the first
    of one goes with the first of the other, in the order of their files.
    """
    pairs: list[tuple[Function | None, Function | None]] = []
    left = dict.fromkeys(before)
    right = dict.fromkeys(after)

    def pair(key: Callable[[Function], tuple[str, ...] | None]) -> None:
        candidates: dict[tuple[str, ...], list[Function]] = defaultdict(list)
        for function in sorted(right):
            place = key(function)
            if place is not None:
                candidates[place].append(function)
        for function in sorted(left):
            place = key(function)
            if place is not None and candidates.get(place):
                other = candidates[place].pop(0)
                pairs.append((function, other))
                del left[function], right[other]

    pair(lambda function: function)
    deepest = max((len(_components(function.file)) for function in (*left, *right)), default=0)
    for length in range(deepest, 0, -1):
        pair(lambda function, length=length: _tail(function, length))  # type: ignore[misc]  # a default of its own
    pairs.extend((function, None) for function in left)
    pairs.extend((None, function) for function in right)
    return pairs


def _components(file: str) -> list[str]:
    return [part for part in file.replace("\\", "/").split("/") if part]


def _tail(function: Function, length: int) -> tuple[str, ...] | None:
    parts = _components(function.file)
    return (function.name, *parts[-length:]) if len(parts) >= length else None
