"""A recording with one of everything, and how tests get recordings of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tracypy
from tracypy.trace import Trace

from support.trace_file import TraceFileBuilder, zone

type Read = Callable[[TraceFileBuilder], Trace]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Opens what a builder made."""

    def read(builder: TraceFileBuilder) -> Trace:
        path = tmp_path / "built.tracy"
        path.write_bytes(builder.to_bytes())
        return tracypy.open(path)

    return read


@pytest.fixture
def varied(read: Read) -> Trace:
    """Two threads and a fiber; recursion, texts, names, a zone that took no time and one that never ended."""
    builder = TraceFileBuilder(program="varied", span_ns=1_000_000)
    outer = builder.location("outer", "/app/one.py", 10)
    inner = builder.location("inner", "/app/two.py", 20)
    block = builder.location("outer", "/app/one.py", 12, name="a block")
    builder.thread(
        4711,
        "main",
        zone(outer, 1_000, 900_001, zone(inner, 2_000, 5_000, zone(inner, 3_000, 4_500)), zone(block, 6_000, 6_000)),
        zone(outer, 910_000, -1, zone(inner, 920_000, 930_000, text='say "hi"\n77', name="renamed", color=0x0A0B0C)),
    )
    builder.thread(4712, "worker, 1", zone(inner, 10, 20, zone(outer, 12, 15)))
    builder.thread(2**40, "a fiber", zone(block, 100, 300), is_fiber=True)
    builder.frame_marks(1_000, 501_000)
    builder.frame_set("io", [(5, 9), (20, -1)])
    builder.message(2_500, "hello, world", 4711, color=0x112233)
    builder.message(3_000, "from nobody", 999)
    builder.plot("heap", [(7, 0.5), (2_007, -3.0), (3_000, float("nan"))])
    return read(builder)
