"""What may be called from any thread is called from many at once. Without the GIL, too, where Python has none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tracypy

from support.target import running

PROGRAM = Path(__file__).parents[1] / "programs" / "switch_from_many_threads.py"


@pytest.mark.parametrize("interval", [0.005, 1e-6], ids=["as ever", "switching at every bytecode"])
def test_many_threads_enable_record_and_listen_at_once(tmp_path: Path, interval: float) -> None:
    source = f"""
import runpy, sys
sys.setswitchinterval({interval})
sys.argv = ["program", {str(tmp_path)!r}]
runpy.run_path({str(PROGRAM)!r}, run_name="__main__")
"""
    with running(tmp_path, source) as target:
        begun, summed_up = json.loads(target.expect_success())
    assert set(summed_up) <= set(begun)
    assert begun, "no thread could begin"
    assert sorted(path.name for path in tmp_path.glob("*.tracy")) == sorted([*begun, "last.tracy"])
    assert list(tmp_path.glob("*.journal")) == []
    calls = {function.name: function.calls for function in tracypy.open(tmp_path / "last.tracy").functions()}
    assert calls["work"] == 100


def test_zones_at_new_places_in_many_threads_that_collections_and_forks_stop(tmp_path: Path) -> None:
    """To stop all threads, as both do without the GIL, each must come to a point where it can be stopped."""
    source = """
import gc, os, threading, tracypy

TEXT = "def work():\\n" + "    with tracypy.zone('at a new place'): pass\\n" * 20
works = []
for number in range(100):
    contents = {"tracypy": tracypy}
    exec(compile(TEXT, f"generated_{number}", "exec"), contents)
    works.append(contents["work"])

def open_all():
    for work in works:
        work()

with tracypy.record("out.tracy"):
    threads = [threading.Thread(target=open_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        gc.collect()
        if (child := os.fork()) == 0:
            os._exit(0)
        os.waitpid(child, 0)
"""
    with running(tmp_path, source, arguments=("-Wignore::DeprecationWarning",)) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "out.tracy")
    opened = [row for row in trace.functions() if trace.source_locations[row.location].label == "at a new place"]
    assert len(opened) == 100 * 20
    assert {row.calls for row in opened} == {4}
