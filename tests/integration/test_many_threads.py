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
