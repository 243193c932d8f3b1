"""Traces in interpreters of their own."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tracypy

from support.trace_file import TraceFileBuilder, zone


def test_everything_but_columns_works_without_numpy(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    location = builder.location("work")
    builder.thread(1, "main", zone(location, 1, 9, zone(location, 2, 3)))
    builder.plot("heap", [(1, 0.5), (9, -2.0)])
    path = tmp_path / "plain.tracy"
    path.write_bytes(builder.to_bytes())
    code = f"""
import sys
sys.modules["numpy"] = None  # as if it were not installed
import tracypy
trace = tracypy.open({str(path)!r})
print(sum(1 for thread in trace.threads for _ in thread.iter_zones()), list(trace.plots[0].iter_points()))
try:
    trace.threads[0].zones
except ImportError as problem:
    print(problem)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200, check=True)
    first, second = result.stdout.splitlines()
    assert first == "2 [(1, 0.5), (9, -2.0)]"
    assert "pip install tracypy[numpy]" in second


def test_any_number_of_threads_may_look(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    outer, inner = builder.location("outer"), builder.location("inner")
    for number in range(4):
        zones = [zone(outer, at, at + 90, zone(inner, at + 1, at + 50, text=str(at))) for at in range(0, 50_000, 100)]
        builder.thread(number + 1, f"thread {number}", *zones)
    path = tmp_path / "shared.tracy"
    path.write_bytes(builder.to_bytes())
    shared = tracypy.open(path)

    def look(worker: int) -> tuple[object, ...]:
        trace = shared if worker % 2 else tracypy.open(path)
        rows = [row for thread in trace.threads for row in thread.iter_zones()]
        return rows, trace.functions(), list(trace.call_tree().calls), trace.zones["start_ns"].sum(), len(trace.zones)

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(look, range(16))
    assert all(other == first for other in others)
    assert first[-1] == 4_000
