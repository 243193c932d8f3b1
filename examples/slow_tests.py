"""Tests to look at: `pytest --tracypy examples/slow_tests.py`. One of them is over its budget, and is told why."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def load_prices(currency: str) -> dict[str, float]:
    time.sleep(0.02)
    return {"apple": 0.5 if currency == "euro" else 0.6}


def total(fruits: list[str]) -> float:
    return sum(load_prices("euro")[fruit] for fruit in fruits)  # once would do


@pytest.fixture
def shop() -> Iterator[str]:
    time.sleep(0.05)  # opens
    yield "apple"
    time.sleep(0.03)  # closes


@pytest.mark.parametrize("currency", ["euro", "dollar"])
def test_prices(currency: str) -> None:
    assert load_prices(currency)


@pytest.mark.tracypy_budget("30ms")
def test_cart(shop: str) -> None:
    assert total([shop, shop]) == 1.0
