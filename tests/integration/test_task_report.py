"""What is said of tasks that wait: latency, from begin to end, and busy time, per function and per name of a task."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tracypy

from support.command_line import table_rows, tracypy_command
from support.recorded_program import record
from support.trace_file import TraceFileBuilder, zone

FIRST_FIBER = 2**32


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three requests on two rows, the longest one with a query in it, and a greenlet that never ended."""
    builder = TraceFileBuilder(program="shop", span_ns=2_000)
    loop, handle, query, serve = (builder.location(name) for name in ("loop", "handle", "query", "serve"))
    builder.thread(1, "main", zone(loop, 0, 2_000))
    rows = {
        "request": [(100, 150, 1), (450, 500, 1), (600, 700, 1)],
        "request 2": [(100, 300, 1), (950, 1_100, 1)],
        "green": [(1_200, 1_300, 1), (1_900, -1, 1)],
    }
    for number, runs in enumerate(rows.values(), FIRST_FIBER):
        builder.kinds.runs[number] = runs
    first, second, third = range(FIRST_FIBER, FIRST_FIBER + 3)
    builder.thread(first, "request", zone(handle, 100, 500), zone(handle, 600, 700), is_fiber=True)
    builder.thread(second, "request", zone(handle, 100, 1_100, zone(query, 200, 1_000)), is_fiber=True)
    builder.thread(third, "green", zone(serve, 1_200, -1), is_fiber=True)
    path = tmp_path / "shop.tracy"
    path.write_bytes(builder.to_bytes())
    return path


def test_functions_have_latency_and_busy_time(recording: Path) -> None:
    found = {function.name: function for function in tracypy.open(recording).functions()}
    figures = {name: (one.calls, one.total_ns, one.busy_ns, one.mean_ns) for name, one in found.items()}
    assert figures == {
        "loop": (1, 2_000, 2_000, 2_000),  # a thread runs all the time
        "handle": (3, 1_500, 550, 500),
        "query": (1, 800, 150, 800),
        "serve": (1, 800, 200, 800),
    }


def test_tasks_have_latency_and_busy_time_by_name(recording: Path) -> None:
    request, green = tracypy.open(recording).tasks()
    assert (request.name, request.count, request.busy_ns, request.latency_ns) == ("request", 3, 550, 1_500)
    assert (request.mean_ns, request.median_ns, request.max_ns) == (500, 400, 1_000)
    assert request.p95_ns == pytest.approx(940)
    assert (green.name, green.count, green.busy_ns, green.latency_ns, green.max_ns) == ("green", 1, 200, 800, 800)


def test_report_has_them_as_tables_and_as_json(recording: Path) -> None:
    printed = tracypy_command("report", recording, COLUMNS="200").stdout
    heading = next(line for line in printed.splitlines() if "Calls" in line).split()
    handle = next(row for row in table_rows(printed, "Functions") if row[0] == "handle")
    assert handle[heading.index("Total")] == "1.50 µs"
    assert handle[heading.index("Busy")] == "550 ns"
    assert table_rows(printed, "Tasks") == [
        ["request", "3", "550 ns", "500 ns", "400 ns", "940 ns", "1.00 µs"],
        ["green", "1", "200 ns", "800 ns", "800 ns", "800 ns", "800 ns"],
    ]
    assert [row[0] for row in table_rows(printed, "Threads")] == ["main"]
    document = json.loads(tracypy_command("report", recording, "--json").stdout)
    assert [(task["name"], task["count"], task["busy_ns"]) for task in document["tasks"]] == [
        ("request", 3, 550),
        ("green", 1, 200),
    ]
    page = (Path(__file__).parents[2] / "docs" / "traces.md").read_text()
    assert all(f"`{key}`" in page for key in document["tasks"][0])


def test_recorded_tasks_wait_as_long_as_they_do(tmp_path: Path) -> None:
    record(
        tmp_path,
        program="""
        import asyncio, time
        def work():
            end = time.perf_counter() + 0.005
            while time.perf_counter() < end: pass
        async def request():
            work()
            await asyncio.sleep(0.05)
            work()
        async def main():
            async with asyncio.TaskGroup() as group:
                for number in range(3): group.create_task(request(), name=f"get {number}")
                for _ in range(2): group.create_task(request(), name="put")
        asyncio.run(main())
        """,
    )
    trace = tracypy.open(tmp_path / "out.tracy")
    (request,) = [function for function in trace.functions() if function.name == "request"]
    assert request.calls == 5
    assert request.min_ns >= 60_000_000
    # As nobody else could run meanwhile, the rest of the time was spent waiting.
    assert 5 * 10_000_000 <= request.busy_ns <= request.total_ns - 5 * 50_000_000
    tasks = {task.name: task for task in trace.tasks()}
    assert {name: task.count for name, task in tasks.items() if name[:3] in ("get", "put")} == {
        "get 0": 1,
        "get 1": 1,
        "get 2": 1,
        "put": 2,
    }
    assert 20_000_000 <= tasks["put"].busy_ns <= tasks["put"].latency_ns - 100_000_000
