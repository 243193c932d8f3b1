"""Tasks of other loops than asyncio's own: uvloop, AnyIO, Trio."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from support.target import PRELUDE, trace_of
from support.viewer import Trace

PROGRAMS = {
    "uvloop": """
        import asyncio
        async def job():
            await asyncio.sleep(0.03)
        async def main():
            async with asyncio.TaskGroup() as group:
                for _ in range(3): group.create_task(job())
        uvloop.run(main())
    """,
    "anyio": """
        async def job():
            await anyio.sleep(0.03)
        async def main():
            async with anyio.create_task_group() as group:
                for _ in range(3): group.start_soon(job)
        anyio.run(main)
    """,
    "trio": """
        async def job():
            await trio.sleep(0.03)
        async def main():
            async with trio.open_nursery() as group:
                for _ in range(3): group.start_soon(job)
            with trio.move_on_after(0.001):
                await trio.sleep(100)
        trio.run(main)
    """,
}


@pytest.mark.parametrize("framework", PROGRAMS)
def test_each_task_is_one_zone_on_its_row(tmp_path: Path, framework: str) -> None:
    pytest.importorskip(framework)
    trace: Trace = trace_of(tmp_path, textwrap.dedent(PROGRAMS[framework]), prelude=f"import {framework}\n{PRELUDE}")
    rows = [row for row in trace.threads.values() if row.is_fiber]
    jobs = [row for row in rows if any(zone.name == "job" for zone in row.zones())]
    assert len(jobs) == 3
    assert {row.name for row in jobs} == {"job" if framework == "uvloop" else "__main__.job"}  # as the library calls it
    for row in jobs:
        assert sum(zone.name == "job" for zone in row.zones()) == 1
        assert len(row.runs) == 2
        (zone,) = [zone for zone in row.zones() if zone.name == "job"]
        # Loops wake up by clocks of their own, to the nearest ms or so.
        assert (zone.end_ns or 0) - zone.begin_ns >= 20_000_000
    (main,) = [row for row in rows if any(zone.name == "main" for zone in row.zones())]
    assert sum(zone.name == "main" for zone in main.zones()) == 1
