"""What the tests of the strict viewer have in common: a protocol, and a toy program that speaks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.toy_conversations import make_toy
from support.viewer import PROTOCOLS

if TYPE_CHECKING:
    from support.stream_builder import ToyProgram


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def toy(protocol: int) -> ToyProgram:
    return make_toy(protocol)
