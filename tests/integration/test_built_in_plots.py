"""Curves that tracypy draws by itself: of the processor, memory, threads, objects and tasks."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

import tracypy
from tracypy.trace.trace import Trace

from support.command_line import mistake, tracypy_command
from support.target import running
from support.viewer import PROTOCOLS
from support.viewer.trace import PlotConfig

NAMES = {
    "cpu": "process CPU", "memory": "resident memory", "threads": "threads", "gc": "GC objects",
    "asyncio": "asyncio tasks",
}  # fmt: skip
#: Works until each curve that is wanted must have some points, whatever the machine is busy with.
BUSY = """
import asyncio, threading, time
def until(ready, seconds=60):
    end = time.monotonic() + seconds
    while not ready() and time.monotonic() < end:
        sum(range(1000))
    return ready()
"""


def recorded(folder: Path, body: str, options: str) -> Trace:
    path = folder / "plots.tracy"
    program = f"import tracypy\n{BUSY}\nwith tracypy.record({str(path)!r}, {options}):\n"
    program += "\n".join("    " + line for line in body.strip().splitlines())
    with running(folder, program) as target:
        target.expect_success()
    return tracypy.open(path)


def values(trace: Trace, word: str) -> list[float]:
    [plot] = [plot for plot in trace.plots if plot.name == NAMES[word]]
    times = [time for time, _ in plot.iter_points()]
    assert times == sorted(times)
    return [value for _, value in plot.iter_points()]


def test_there_are_none_unless_asked_for(tmp_path: Path) -> None:
    trace = recorded(tmp_path, "began = time.monotonic(); until(lambda: time.monotonic() > began + 0.3)", "")
    assert [plot.name for plot in trace.plots] == []


def test_processor_memory_and_threads_are_those_of_the_process(tmp_path: Path) -> None:
    body = """
began = time.process_time(); until(lambda: time.process_time() > began + 0.5)
stay = threading.Event()
threads = [threading.Thread(target=stay.wait) for _ in range(20)]
for thread in threads: thread.start()
began = time.monotonic(); until(lambda: time.monotonic() > began + 0.5)
block = b"x" * 200_000_000
began = time.monotonic(); until(lambda: time.monotonic() > began + 0.5)
stay.set()
for thread in threads: thread.join()
"""
    trace = recorded(tmp_path, body, 'plots=["cpu", "memory", "threads"]')
    assert {plot.name: (plot.format, plot.shows_steps) for plot in trace.plots} == {
        "process CPU": ("percentage", False),
        "resident memory": ("memory", False),
        "threads": ("number", True),
    }
    cpu, memory, threads = (values(trace, word) for word in ("cpu", "memory", "threads"))
    assert max(cpu) > 1
    assert all(0 <= value < 100_000 for value in cpu)
    assert 200_000_000 <= max(memory) - memory[0] < 400_000_000
    assert max(threads) - min(threads) == 20


def test_objects_and_tasks_are_counted_while_python_runs(tmp_path: Path) -> None:
    body = """
class Named(asyncio.Task): pass
async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(lambda loop, work, **more: Named(work, loop=loop, **more))
    tasks = [asyncio.ensure_future(asyncio.sleep(3600)) for _ in range(49)]
    loop.set_task_factory(None)
    done = [asyncio.ensure_future(asyncio.sleep(0)) for _ in range(30)]
    await asyncio.gather(*done)
    began = time.monotonic()
    while time.monotonic() < began + 8 or time.process_time() < 4: await asyncio.sleep(0)  # however busy the machine is
    for task in tasks: task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
asyncio.run(main())
"""
    trace = recorded(tmp_path, body, 'plots="gc, asyncio"')
    objects, tasks = values(trace, "gc"), values(trace, "asyncio")
    assert 5_000 < max(objects) < 1_000_000
    assert statistics.mode(tasks) == 50  # those that sleep, and main; those that are done at once may be seen, too
    assert max(tasks) <= 80


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_draws_them(tmp_path: Path, protocol: int) -> None:
    program = f"""
import tracypy
{BUSY}
tracypy.plot_config("resident memory", format="memory", color=0x123456)
tracypy.enable(plots="all")
assert tracypy.wait_connected(100)
began = time.monotonic(); until(lambda: time.monotonic() > began + 1)
"""
    with running(tmp_path, program) as target:
        trace = target.viewer(protocol).run()
        target.expect_success()
    assert {NAMES[word] for word in ("cpu", "memory", "threads", "gc")} <= set(trace.plots)
    assert all(trace.plots.values())
    assert trace.plot_configs["process CPU"] == PlotConfig(2, False, True, 0)
    assert trace.plot_configs["resident memory"] == PlotConfig(1, False, True, 0x123456)


def test_words_that_there_are_not_are_an_error() -> None:
    with pytest.raises(ValueError, match="plots: 'disk' is not one of cpu, memory, threads, gc, asyncio, all, none"):
        tracypy.profile(plots=["cpu", "disk"])
    with pytest.raises(TypeError):
        tracypy.profile(plots=3)  # type: ignore[arg-type]


def test_the_command_line_has_them_too(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("pass\n")
    said = mistake(tracypy_command("record", "--plots", "cpu,disk", "p.py", cwd=tmp_path))
    assert said == "plots: 'disk' is not one of cpu, memory, threads, gc, asyncio, all, none"
    assert (
        tracypy_command("record", "-o", "out.tracy", "--plots", "memory,threads", "p.py", cwd=tmp_path).returncode == 0
    )
    assert [plot.name for plot in tracypy.open(tmp_path / "out.tracy").plots] == ["resident memory", "threads"]
