"""How plots are drawn: said once, for viewers and recordings that come later, too."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, running, trace_of
from support.viewer import PROTOCOLS
from support.viewer.trace import PlotConfig

STYLED = """
tracypy.plot_config("cache", format="memory")
tracypy.plot_config("load", format="percentage", step=True, fill=False, color="orange")
tracypy.plot_config("twice", color=0x010203)
tracypy.plot_config("twice", step=True)
tracypy.plot_config("ünï", color=0x112233)
for name in "cache", "load", "twice", "ünï", "plain":
    tracypy.plot(name, 1)
    tracypy.plot(name, 2)
"""
ORANGE = 0xFFA500
MEANT = {
    "cache": PlotConfig(1, False, True, 0),
    "load": PlotConfig(2, True, False, ORANGE),
    "twice": PlotConfig(0, True, True, 0),
    "ünï": PlotConfig(0, False, True, 0x112233),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_draws_a_plot_as_the_program_says(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, STYLED, prelude=QUIET, protocol=protocol)
    assert trace.plot_configs == {**MEANT, "plain": PlotConfig()}
    assert sorted(trace.plots) == sorted([*MEANT, "plain"])


def test_styles_that_were_said_before_anybody_listened_count_in_each_session(tmp_path: Path) -> None:
    first, second = tmp_path / "first.tracy", tmp_path / "second.tracy"
    program = f"""
import tracypy
tracypy.plot_config("early", format="memory", step=True)
with tracypy.record({str(first)!r}):
    tracypy.plot("early", 1)
    tracypy.plot_config("late", color=0xABCDEF, fill=False)
    tracypy.plot("late", 1)
with tracypy.record({str(second)!r}):
    tracypy.plot("early", 1)
    tracypy.plot("late", 1)
"""
    with running(tmp_path, program) as target:
        target.expect_success()
    for path in first, second:
        styles = {
            plot.name: (plot.kind, plot.format, plot.shows_steps, plot.is_filled, plot.color, len(plot))
            for plot in tracypy.open(path).plots
        }
        assert styles == {
            "early": ("user", "memory", True, True, 0, 1),
            "late": ("user", "number", False, False, 0xABCDEF, 1),
        }


def test_styles_beyond_the_limit_are_left_out_and_told(tmp_path: Path) -> None:
    body = """
for i in range(4_097):
    tracypy.plot_config(f"plot {i}", step=True)
tracypy.plot("plot 7", 1)
tracypy.plot("plot 4096", 1)
"""
    with running(tmp_path, QUIET + body) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    assert (code, "more styles of plots than there is room for" in errors) == (0, True)
    assert trace.plot_configs["plot 7"] == PlotConfig(0, True, True, 0)
    assert trace.plot_configs["other plots"] == PlotConfig()
    assert [message.text for message in trace.messages] == [
        "tracypy: more styles of plots than there is room for (4096 at most): further ones are left out"
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("", "TypeError: plot_config() needs a name"),
        ("3", "TypeError: plot_config(): name must be a str, not int"),
        (
            '"x", "memory"',
            "TypeError: plot_config() takes one positional argument, the name; give the others by keyword",
        ),
        ('"x", format=1', "TypeError: plot_config(): format must be a str, not int"),
        ('"x", step=1', "TypeError: plot_config(): step must be a bool, not int"),
        ('"x", fill=None', "TypeError: plot_config(): fill must be a bool, not NoneType"),
        ('"x", color=-1', "ValueError: color must be 0xRRGGBB (0 to 0xFFFFFF), not -1"),
        ('"x", size=2', "TypeError: plot_config() got an unexpected keyword argument 'size'"),
        (
            '"x", format="watt"',
            'ValueError: plot_config(): format must be "number", "memory" or "percentage", not \'watt\'',
        ),
    ],
)
def test_misuse_is_an_error_that_says_what_to_do(arguments: str, error: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        eval(f"tracypy.plot_config({arguments})")  # what a program would write
    assert f"{raised.type.__name__}: {raised.value}" == error
