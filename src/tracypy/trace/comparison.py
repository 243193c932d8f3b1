"""What became slower or faster between two recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tracypy import _core
from tracypy.trace.matching import Function, functions_of, match

if TYPE_CHECKING:
    from tracypy.trace.trace import Trace

#: Of all functions that are called different, no more than this part is expected to be so by chance.
FALSE_DISCOVERIES = 0.05

type Verdict = Literal["slower", "faster", "mixed", "same", "too few calls", "appeared", "vanished"]


class Side(NamedTuple):
    """What a function cost in one of the recordings. Times are nanoseconds.

    Attributes:
        calls: How many calls; 0 where the function does not occur.
        total_ns: With what was called; recursion counts once.
        self_ns: Without the direct children's time.
        mean_ns: The mean of the durations of the calls.
        median_ns: Their median.
    """

    calls: int
    total_ns: int
    self_ns: int
    mean_ns: float
    median_ns: float


@dataclass(frozen=True, slots=True)
class FunctionChange:
    """One function in both recordings.

    Attributes:
        name: Its label.
        file_before: Its file in the first recording; None if it is not there.
        file_after: Its file in the second recording; None if it is not there.
        before: What it cost in the first.
        after: What it cost in the second.
        verdict: slower or faster if the test says so and the mean agrees; mixed if the mean went the other way, as when
            most calls got faster and a few much slower; same if the test finds no difference; too few calls,
            appeared, vanished.
        superiority: The chance that a call of the second recording takes longer than one of the first, equal ones
            counted half; None without a test.
        p_value: How likely so large a difference is if there is none, for this function alone; None without a test.
        q_value: The same with regard to how many functions were tested (Benjamini and Hochberg).
    """

    name: str
    file_before: str | None
    file_after: str | None
    before: Side
    after: Side
    verdict: Verdict
    superiority: float | None
    p_value: float | None
    q_value: float | None

    @property
    def file(self) -> str:
        """The newer of its files."""
        return self.file_before or "" if self.file_after is None else self.file_after

    @property
    def total_change_ns(self) -> int:
        """By how much the total time grew."""
        return self.after.total_ns - self.before.total_ns

    @property
    def self_change_ns(self) -> int:
        """By how much the self time grew."""
        return self.after.self_ns - self.before.self_ns

    @property
    def mean_change(self) -> float | None:
        """By what part a call got slower on average, 0.1 for a tenth; None where there is nothing to compare with."""
        return self._part(self.before.mean_ns, self.after.mean_ns)

    @property
    def median_change(self) -> float | None:
        """The same for the median call."""
        return self._part(self.before.median_ns, self.after.median_ns)

    def _part(self, before: float, after: float) -> float | None:
        return after / before - 1 if self.before.calls and self.after.calls and before > 0 else None


def compare(before: Trace, after: Trace) -> list[FunctionChange]:
    """Compare the functions of two recordings, largest change of self time first.

    Functions are matched by name and file; different roots of the files and different lines do not matter. Where both
    recordings have at least eight calls, the durations of the calls are compared by the rank sum test of Wilcoxon, Mann
    and Whitney. The p-values of all functions that were tested are adjusted together (Benjamini and Hochberg), so that
    of those called slower or faster no more than one in twenty is expected to be so by chance.

    The test takes the calls for independent of each other, and knows only these two runs: what differs between any two
    runs of the same program on a busy machine is called different, too.

    Args:
        before: The recording to compare with.
        after: The one that may have become slower.
    """
    sides = functions_of(before.source_locations), functions_of(after.source_locations)
    pairs = match(list(sides[0]), list(sides[1]))
    groups = [[0] * len(trace.source_locations) for trace in (before, after)]
    for number, pair in enumerate(pairs):
        for side, function in enumerate(pair):
            for location in sides[side][function] if function is not None else ():
                groups[side][location] = number
    rows = _core.compare(before._file, groups[0], after._file, groups[1], len(pairs))  # noqa: SLF001  # same package
    adjusted = iter(_adjusted([row.test.p_value for row in rows if row.test is not None]))
    changes = []
    for pair, row in zip(pairs, rows, strict=True):
        first, second, test = _side(row.before), _side(row.after), row.test
        if first.calls or second.calls:  # else a location without zones
            q_value = next(adjusted) if test is not None else None
            changes.append(_change(pair, first, second, test, q_value))
    changes.sort(key=lambda change: abs(change.self_change_ns), reverse=True)
    return changes


def _side(row: _core.FunctionRow) -> Side:
    return Side(row.calls, row.total_ns, row.self_ns, row.mean_ns, row.median_ns)


def _change(
    pair: tuple[Function | None, Function | None],
    before: Side,
    after: Side,
    test: _core.RankSum | None,
    q_value: float | None,
) -> FunctionChange:
    first, second = pair
    superiority = test.superiority if test is not None else None
    return FunctionChange(
        name=next(function.name for function in pair if function is not None),
        file_before=first.file if first is not None and before.calls else None,
        file_after=second.file if second is not None and after.calls else None,
        before=before,
        after=after,
        verdict=_verdict(before, after, superiority, q_value),
        superiority=superiority,
        p_value=test.p_value if test is not None else None,
        q_value=q_value,
    )


def _verdict(before: Side, after: Side, superiority: float | None, q_value: float | None) -> Verdict:
    if not before.calls:
        return "appeared"
    if not after.calls:
        return "vanished"
    if superiority is None or q_value is None:
        return "too few calls"
    if q_value >= FALSE_DISCOVERIES or superiority == 0.5:
        return "same"
    if (after.mean_ns - before.mean_ns) * (superiority - 0.5) < 0:
        return "mixed"
    return "slower" if superiority > 0.5 else "faster"


def _adjusted(p_values: list[float]) -> list[float]:
    """Adjust the p-values to their number, by Benjamini and Hochberg's method, in the given order."""
    count = len(p_values)
    adjusted = [0.0] * count
    least = 1.0
    for rank, index in sorted(enumerate(sorted(range(count), key=p_values.__getitem__), 1), reverse=True):
        least = min(least, p_values[index] * count / rank)
        adjusted[index] = least
    return adjusted
