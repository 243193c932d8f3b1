"""Quantities and names as people read them."""

from __future__ import annotations

import pytest

from tracypy.formatting import counted, duration, printable, size


@pytest.mark.parametrize(
    ("ns", "expected"),
    [
        (0, "0 ns"), (1, "1 ns"), (999, "999 ns"), (999.7, "1.00 µs"), (1_000, "1.00 µs"), (12_340, "12.3 µs"),
        (999_400, "999 µs"), (999_999, "1.00 ms"), (1_234_567, "1.23 ms"), (99_960_000, "100 ms"),
        (1_500_000_000, "1.50 s"), (59_990_000_000, "1.00 min"), (7_200_000_000_000, "120 min"), (-1_500, "-1.50 µs"),
    ],
)  # fmt: skip
def test_durations_have_three_digits_and_a_unit(ns: float, expected: str) -> None:
    assert duration(ns) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_000, "1.00 kB"), (12_340, "12.3 kB"), (287_500, "288 kB"),
        (999_999, "1.00 MB"), (12_900_000, "12.9 MB"), (5_000_000_000, "5.00 GB"), (7_300_000_000_000_000, "7,300 TB"),
    ],
)  # fmt: skip
def test_sizes_have_three_digits_and_a_unit(number: int, expected: str) -> None:
    assert size(number) == expected


def test_one_of_something_is_no_plural() -> None:
    assert [counted(number, "zone") for number in (0, 1, 1234)] == ["0 zones", "1 zone", "1,234 zones"]


def test_nothing_that_a_terminal_would_obey_is_printed() -> None:
    assert printable("a\x1b]0;title\x07b\tc\u202e") == "a\ufffd]0;title\ufffdb c\ufffd"
