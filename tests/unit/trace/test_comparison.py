"""Two recordings side by side. The test of significance is held against its definition, worked out here."""

from __future__ import annotations

import itertools
import math
import random
from pathlib import Path
from statistics import NormalDist, fmean, median

import pytest

import tracypy
from tracypy.trace import FunctionChange, Side, Trace, compare
from tracypy.trace.comparison import FALSE_DISCOVERIES

from support.trace_file import TraceFileBuilder, zone

type Durations = dict[str, list[int]]


def recording(path: Path, durations: Durations, file: str = "app/main.py", first_line: int = 1) -> Trace:
    """A trace in which each function was called for so long, one call after the other."""
    builder = TraceFileBuilder()
    zones = []
    at = 0
    for line, (name, spans) in enumerate(durations.items(), first_line):
        location = builder.location(name, file, line)
        for span in spans:
            zones.append(zone(location, at, at + span))
            at += span + 1
    builder.thread(1, "main", *zones)
    path.write_bytes(builder.to_bytes())
    return tracypy.open(path)


def compared(folder: Path, before: Durations, after: Durations) -> dict[str, FunctionChange]:
    traces = recording(folder / "before.tracy", before), recording(folder / "after.tracy", after)
    return {change.name: change for change in compare(*traces)}


def mean_ranks(values: list[int]) -> dict[int, float]:
    """The rank of each value, from 1; equal values share the mean of theirs."""
    ranks: dict[int, float] = {}
    first = 1
    for value, group in itertools.groupby(sorted(values)):
        size = len(list(group))
        ranks[value] = first + (size - 1) / 2
        first += size
    return ranks


def p_by_definition(before: list[int], after: list[int]) -> float:
    """The normal approximation of the rank sum test, from the mean and variance of ranks drawn without replacement."""
    ranks = mean_ranks(before + after)
    everything = [ranks[value] for value in before + after]
    n, m = len(before), len(after)
    mean = m * fmean(everything)
    spread = sum((rank - fmean(everything)) ** 2 for rank in everything) / (n + m - 1)
    variance = n * m / (n + m) * spread
    if variance == 0:
        return 1.0
    distance = max(0.0, abs(sum(ranks[value] for value in after) - mean) - 0.5)
    return 2 * (1 - NormalDist().cdf(distance / math.sqrt(variance)))


def p_by_permutation(before: list[int], after: list[int]) -> float:
    """Exact: in how many of all ways to divide the values is the rank sum as far from its mean."""
    ranks = mean_ranks(before + after)
    everything = [ranks[value] for value in before + after]
    mean = len(after) * fmean(everything)
    seen = abs(sum(ranks[value] for value in after) - mean)
    sums = [abs(sum(chosen) - mean) for chosen in itertools.combinations(everything, len(after))]
    return sum(1 for distance in sums if distance >= seen - 1e-9) / len(sums)


def samples(choose: random.Random, count: int, most: int, shift: int = 0) -> list[int]:
    return [shift + choose.randrange(most) for _ in range(count)]


@pytest.mark.parametrize(
    ("sizes", "most", "shift"),
    [((8, 8), 1000, 0), ((30, 50), 10_000, 800), ((200, 120), 5, 1), ((500, 500), 2, 0), ((40, 9), 100, -20)],
    ids=["small", "different sizes", "many ties", "nearly all ties", "faster"],
)
@pytest.mark.parametrize("seed", range(3))
def test_p_value_is_that_of_the_definition(
    sizes: tuple[int, int], most: int, shift: int, seed: int, tmp_path: Path
) -> None:
    choose = random.Random(seed)
    before, after = samples(choose, sizes[0], most, 50), samples(choose, sizes[1], most, 50 + shift)
    change = compared(tmp_path, {"f": before}, {"f": after})["f"]
    assert change.p_value == pytest.approx(p_by_definition(before, after), rel=1e-6, abs=1e-12)
    wins = sum(1 if right > left else 0.5 if right == left else 0 for left in before for right in after)
    assert change.superiority == pytest.approx(wins / (len(before) * len(after)))


@pytest.mark.parametrize("seed", range(6))
def test_approximation_is_good_from_the_smallest_samples_on(seed: int, tmp_path: Path) -> None:
    choose = random.Random(seed)
    before, after = samples(choose, 8, 100), samples(choose, 8, 100, 10 * seed)
    change = compared(tmp_path, {"f": before}, {"f": after})["f"]
    assert change.p_value == pytest.approx(p_by_permutation(before, after), abs=0.025)


def test_clear_differences_are_seen_and_small_ones_are_not(tmp_path: Path) -> None:
    choose = random.Random(1)
    names = ("slower", "faster", "same")
    before = {name: samples(choose, 100, 200, 1_000) for name in names}
    after = {name: samples(choose, 100, 200, 1_000 + shift) for name, shift in zip(names, (150, -150, 0), strict=True)}
    changes = compared(tmp_path, before, after)
    assert {name: change.verdict for name, change in changes.items()} == {name: name for name in names}
    slower = changes["slower"]
    assert slower.before == Side(100, sum(before["slower"]), sum(before["slower"]), *averages(before["slower"]))
    assert slower.total_change_ns == sum(after["slower"]) - sum(before["slower"]) == slower.self_change_ns
    assert slower.mean_change == pytest.approx(fmean(after["slower"]) / fmean(before["slower"]) - 1)
    assert slower.median_change == pytest.approx(median(after["slower"]) / median(before["slower"]) - 1)
    assert slower.superiority is not None
    assert slower.superiority > 0.8


def averages(values: list[int]) -> tuple[float, float]:
    return fmean(values), median(values)


def test_mean_that_goes_the_other_way_is_said_so(tmp_path: Path) -> None:
    before = {"cached": [100 + number % 7 for number in range(100)]}
    after = {"cached": [10 + number % 7 for number in range(95)] + [5_000] * 5}
    change = compared(tmp_path, before, after)["cached"]
    assert change.verdict == "mixed"
    assert change.mean_change is not None
    assert change.mean_change > 1
    assert change.median_change is not None
    assert change.median_change < -0.5


@pytest.mark.parametrize(("calls", "verdict"), [(7, "too few calls"), (8, "slower")])
def test_fewer_than_eight_calls_are_not_tested(calls: int, verdict: str, tmp_path: Path) -> None:
    before, after = list(range(10, 20)), [1_000 + number for number in range(calls)]
    change = compared(tmp_path, {"f": before}, {"f": after})["f"]
    assert change.verdict == verdict
    assert (change.p_value is None) == (change.superiority is None) == (verdict == "too few calls")


def test_functions_of_one_recording_only(tmp_path: Path) -> None:
    changes = compared(tmp_path, {"old": [5, 5], "kept": [1]}, {"kept": [1], "new": [7]})
    assert {name: change.verdict for name, change in changes.items()} == {
        "old": "vanished",
        "new": "appeared",
        "kept": "too few calls",
    }
    old, new = changes["old"], changes["new"]
    assert (old.before.calls, old.after, old.file_after) == (2, Side(0, 0, 0, 0.0, 0.0), None)
    assert (new.file_before, new.file_after, new.total_change_ns, new.mean_change) == (None, "app/main.py", 7, None)


def test_p_values_are_adjusted_for_their_number(tmp_path: Path) -> None:
    choose = random.Random(7)
    before = {f"f{number}": samples(choose, 20, 100) for number in range(40)}
    after = {name: samples(choose, 20, 100, 4 * number) for number, name in enumerate(before)}
    changes = list(compared(tmp_path, before, after).values())
    p_values = sorted(change.p_value for change in changes if change.p_value is not None)
    assert len(p_values) == 40
    for change in changes:
        assert change.p_value is not None
        candidates = [p * 40 / rank for rank, p in enumerate(p_values, 1) if p >= change.p_value]
        assert change.q_value == pytest.approx(min(1.0, *candidates))
        assert (change.verdict == "same") == (change.q_value >= FALSE_DISCOVERIES)
    assert len({change.verdict for change in changes}) > 1


def test_recordings_that_differ_by_chance_only_show_nothing(tmp_path: Path) -> None:
    choose = random.Random(3)
    before, after = ({f"f{number}": samples(choose, 30, 1_000) for number in range(300)} for _ in range(2))
    changes = compared(tmp_path, before, after).values()
    assert sum(1 for change in changes if change.p_value is not None and change.p_value < 0.05) > 5  # by chance
    assert [change.name for change in changes if change.verdict != "same"] == []


def test_other_lines_and_other_roots_do_not_matter(tmp_path: Path) -> None:
    durations = {"f": [10] * 9, "g": [20] * 9}
    before = recording(tmp_path / "a.tracy", durations, "/home/me/app/main.py")
    after = recording(tmp_path / "b.tracy", durations, "/builds/app/main.py", first_line=100)
    assert [(change.name, change.verdict, change.p_value) for change in compare(before, after)] == [
        ("f", "same", 1.0),
        ("g", "same", 1.0),
    ]


def test_functions_of_one_name_and_file_count_as_one(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    first, second = builder.location("<lambda>", line=3), builder.location("<lambda>", line=7)
    builder.thread(1, "main", zone(first, 0, 100, zone(second, 10, 30)), zone(second, 200, 250))
    path = tmp_path / "lambdas.tracy"
    path.write_bytes(builder.to_bytes())
    (change,) = compare(tracypy.open(path), tracypy.open(path))
    assert change.before == Side(calls=3, total_ns=150, self_ns=150, mean_ns=pytest.approx(170 / 3), median_ns=50)
