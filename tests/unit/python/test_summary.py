"""What a recording says of itself: values that do not change, and a table to look at."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

from tracypy.summary import FunctionTotals, RecordingSummary

ROW = FunctionTotals("work", "/home/me/app/work.py", 12, 3, 5_000_000, 2_000_000)


def summary_with(functions: int, processes: int = 1) -> RecordingSummary:
    return RecordingSummary(
        path="out.tracy", span_ns=1_500_000, forgotten_ns=0, zones=7, threads=1, processes=processes, frames=0, messages=2, bytes=1234,
        layout="0.11.0", dropped=0, images_left_out=0, ended_by="stopped", imports=0, imports_ns=0, waits=(),
        functions=tuple(FunctionTotals(f"<f{n}>", "a.py", n, n, 10, 10) for n in range(functions)),
    )  # fmt: skip


def test_processes_are_told_when_there_are_several() -> None:
    assert str(summary_with(0, 3)).startswith("1.50 ms, 7 zones, 1 thread of 3 processes, 2 messages: ")


def test_values_do_not_change() -> None:
    with pytest.raises(AttributeError):
        ROW.calls = 4
    with pytest.raises(AttributeError):
        ROW.other = 4
    with pytest.raises(AttributeError):
        del ROW.calls
    assert ROW.calls == 3


def test_equal_values_are_equal() -> None:
    same = FunctionTotals(
        name="work", file="/home/me/app/work.py", line=12, calls=3, total_ns=5_000_000, self_ns=2_000_000
    )
    assert same == ROW
    assert hash(ROW) == hash(same)
    assert FunctionTotals("work", "a.py", 12, 3, 1, 1) != ROW
    assert ROW != ("work", "/home/me/app/work.py", 12, 3, 5_000_000, 2_000_000)
    assert pickle.loads(pickle.dumps(ROW)) == copy.copy(ROW) == copy.deepcopy(ROW) == ROW
    assert repr(ROW) == (
        "FunctionTotals(name='work', file='/home/me/app/work.py', line=12, calls=3, total_ns=5000000, self_ns=2000000)"
    )


@pytest.mark.parametrize("values", [("work",), (*"1234567",)])
def test_each_value_is_given_once(values: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        FunctionTotals(*values)
    with pytest.raises(TypeError):
        FunctionTotals("work", "a.py", 12, 3, 1, 1, line=3)


def test_a_hundred_functions_are_short_in_a_notebook() -> None:
    summary = summary_with(100)
    assert len(repr(summary)) < 300
    assert "\n" not in repr(summary)
    assert "functions=<100 of them>" in repr(summary)
    assert len(str(summary).splitlines()) == 13
    assert str(summary).splitlines()[0] == "1.50 ms, 7 zones, 1 thread, 2 messages: 1.23 kB in out.tracy"


def test_table_of_a_notebook_takes_names_for_text() -> None:
    html = summary_with(2)._repr_html_()
    assert "&lt;f1&gt;" in html
    assert "<f1>" not in html
    assert html.count("<tr>") == 3
    assert html.count("<th>") == html.count("<td>") / 2 == 5
    assert summary_with(0)._repr_html_().count("<tr>") == 1


def test_what_was_left_out_is_said() -> None:
    program = """
from tracypy.cli.recording_report import Report
from tracypy.summary import RecordingSummary
for images in (0, 3):
    Report().show(RecordingSummary("out.tracy", 1, 0, 7, 1, 1, 0, 0, 9, "0.11.0", 0, images, "stopped", 0, 0, (), ()))
"""
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stderr
    assert told.count("Left out") == told.count("Left out: 3 frame images; a file has room for 512 MiB of them.") == 1
