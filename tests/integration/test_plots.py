"""Plots: curves, in a viewer and in a recording."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, running, trace_of
from support.viewer import PROTOCOLS

DRAWN = """
    for i in range(5):
        tracypy.plot("ints", i * i)
        tracypy.plot("floats", -i / 2)
    tracypy.plot("ints", 2**70)
    class Meters:
        def __float__(self): return 1.25
    tracypy.plot("floats", Meters())
    tracypy.plot("ünï", True)
"""
MEANT = {
    "ints": [0.0, 1.0, 4.0, 9.0, 16.0, 2.0**70],
    "floats": [0.0, -0.5, -1.0, -1.5, -2.0, 1.25],
    "ünï": [1.0],
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_draws_the_points_in_their_order(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, DRAWN, prelude=QUIET, protocol=protocol)
    assert {name: [value for _, value in points] for name, points in trace.plots.items()} == MEANT
    for points in trace.plots.values():
        assert [tick for tick, _ in points] == sorted(tick for tick, _ in points)


def test_a_recording_has_the_plots(tmp_path: Path) -> None:
    path = tmp_path / "plots.tracy"
    with running(tmp_path, f"import tracypy\nwith tracypy.record({str(path)!r}):\n" + DRAWN) as target:
        target.expect_success()
    trace = tracypy.open(path)
    assert {plot.name: [value for _, value in plot.iter_points()] for plot in trace.plots} == MEANT


def test_points_lie_where_they_were_made_among_the_zones(tmp_path: Path) -> None:
    path = tmp_path / "order.tracy"
    program = f"""
        import threading, tracypy
        def work(number):
            for i in range(300):
                with tracypy.zone(f"step {{number}}"):
                    tracypy.plot(f"of {{number}}", i)
                    tracypy.plot("of all", i)
        with tracypy.record({str(path)!r}):
            threads = [threading.Thread(target=work, args=(n,), name=f"worker {{n}}") for n in range(3)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    trace = tracypy.open(path)
    points = {plot.name: list(plot.iter_points()) for plot in trace.plots}
    assert len(points["of all"]) == 900
    labels = [location.label for location in trace.source_locations]
    for number in range(3):
        thread = next(thread for thread in trace.threads if thread.name == f"worker {number}")
        steps = [row for row in thread.iter_zones() if labels[row.location] == f"step {number}"]
        own = points[f"of {number}"]
        assert [value for _, value in own] == list(range(300))
        assert all(row.start_ns <= time <= row.end_ns for row, (time, _) in zip(steps, own, strict=True))


def test_what_is_no_number_is_left_out_and_told(tmp_path: Path) -> None:
    body = """
        for value in float("nan"), float("inf"), -float("inf"), 10**400, 3:
            tracypy.plot("odd", value)
    """
    with running(tmp_path, QUIET + "\n".join(line[8:] for line in body.splitlines())) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert (code, [value for _, value in trace.plots["odd"]]) == (0, [3.0])
    assert "left out 4 points of plots: NaN or infinite" in errors
    assert [message.text for message in trace.messages] == ["tracypy: left out 4 points of plots: NaN or infinite"]


def test_thousands_of_names_are_one_curve_from_some_number_on(tmp_path: Path) -> None:
    body = """
        for i in range(5_000):
            tracypy.plot(f"plot {i}", i)
    """
    trace = trace_of(tmp_path, body, prelude=QUIET)
    by_name = {name: len(points) for name, points in trace.plots.items()}
    assert by_name.pop("other plots") == 5_000 - 4_096
    assert by_name == {f"plot {i}": 1 for i in range(4_096)}


def test_misuse_says_what_to_do_whether_or_not_anybody_listens(tmp_path: Path) -> None:
    calls = [
        "tracypy.plot()",
        'tracypy.plot("x")',
        "tracypy.plot(7, 7)",
        'tracypy.plot("x", "7")',
        'tracypy.plot("x", None)',
        'tracypy.plot("x", 1j)',
        'tracypy.plot("x", 1, 2)',
        'tracypy.plot("x", y=2)',
    ]
    program = f"""
import tracypy
def errors():
    found = []
    for call in {calls!r}:
        try: eval(call)
        except TypeError as error: found.append(str(error))
    return found
idle = errors()
tracypy.listen()
assert tracypy.wait_connected(100)
tracypy.plot("still", 1)
assert errors() == idle
print(*idle, sep="\\n")
"""
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        said = target.expect_success().splitlines()
    assert list(trace.plots) == ["still"]
    assert said == [
        "plot() needs a name",
        "plot() needs a value",
        "plot(): name must be a str, not int",
        "plot(): value must be a number, not str",
        "plot(): value must be a number, not NoneType",
        "must be real number, not complex",
        "plot() takes 2 positional arguments; give the others by keyword",
        "plot() got an unexpected keyword argument 'y'",
    ]


def test_what_a_value_raises_reaches_the_program(tmp_path: Path) -> None:
    body = """
        class Broken:
            def __float__(self): raise LookupError("no reading")
        try: tracypy.plot("x", Broken())
        except LookupError as error: print(error)
        tracypy.plot("x", 1)
    """
    with running(tmp_path, QUIET + "\n".join(line[8:] for line in body.splitlines())) as target:
        trace = target.viewer().run()
        assert target.expect_success() == "no reading\n"
    assert [value for _, value in trace.plots["x"]] == [1.0]
