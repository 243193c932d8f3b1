"""Plots: points of three types, and how a plot is to be drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.queries import Query
from support.viewer.trace import Plot, PlotConfig

if TYPE_CHECKING:
    from support.viewer.decoder import Handler

# The last of the viewer's PlotValueFormatting (TracyEvent.hpp): number, memory, percentage, watt.
_WATT = 3


def _as_drawn(colour: int) -> int:
    """0xRRGGBB. `GetPlotColor` (TracyUtility.cpp) hands it to ImGui as it came: red is the lowest byte there."""
    return int.from_bytes((colour & 0xFFFFFF).to_bytes(3, "big"), "little")


class PlotKind(Kind):
    """Handlers of plots. A point's time runs on the clock of the current thread context."""

    def handlers(self) -> dict[str, Handler]:
        return {
            "PlotDataInt": self._point,
            "PlotDataFloat": self._point,
            "PlotDataDouble": self._point,
            "PlotConfig": self._configure,
            "PlotName": self._name,
        }

    def _plot(self, name: int) -> Plot:
        if name == 0:
            raise self._decoder.refuse("a plot whose name is pointer 0")
        plot = self._trace.plot_sets.get(name)
        if plot is None:
            plot = self._trace.plot_sets[name] = Plot(name)
            self._queries.ask(Query.PLOT_NAME, name)
        return plot

    def _point(self, name: int, time: int, value: float) -> None:
        if not math.isfinite(value):
            # W::ProcessPlotDataFloat drops such a point together with its time difference: all later times go wrong.
            raise self._decoder.refuse(f"a point of plot 0x{name:x} is {value}")
        tick = self._decoder.advance(time)
        self._decoder.check_range(tick)
        self._plot(name).points.append((tick, value))

    def _configure(self, name: int, kind: int, step: int, fill: int, colour: int) -> None:
        if kind > _WATT:
            raise self._decoder.refuse(f"plot 0x{name:x} is configured with the unknown format {kind}")
        if step > 1 or fill > 1:
            raise self._decoder.refuse(f"plot 0x{name:x} is configured with step {step} and fill {fill}, not 0 or 1")
        self._plot(name).config = PlotConfig(kind, bool(step), bool(fill), _as_drawn(colour))

    def _name(self, pointer: int, raw: bytes) -> None:
        self._queries.answered(Query.PLOT_NAME, pointer, "PlotName")
        text = self._decoder.text(raw, "PlotName")
        for other in self._trace.plot_sets:
            if other != pointer and self._trace.strings.get(other) == text:
                # StringDiscovery (TracyStringDiscovery.hpp) merges the points and forgets how the second is drawn.
                raise self._decoder.refuse(f"plot {text!r} has two pointers: 0x{other:x} and 0x{pointer:x}")
        self._decoder.remember(pointer, text)
