"""Traces in interpreters of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    first, second = result.stdout.splitlines()
    assert first == "2 [(1, 0.5), (9, -2.0)]"
    assert "pip install tracypy[numpy]" in second
