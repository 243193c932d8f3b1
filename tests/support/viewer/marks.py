"""Frames, messages, plots, and what the program says of itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .queries import Query
from .tables import TAGGED_ADDRESS_SINCE
from .trace import FrameSet, Message, Parameter, Plot, PlotConfig

if TYPE_CHECKING:
    from .decoder import Decoder, Handler

_SOURCES = 2
_SEVERITIES = 6
# The last of the viewer's number formats: number, memory, percentage, watt.
_WATT = 3


class MarkHandlers:
    """Handlers of the events that mark moments. All but plot points carry absolute times."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._trace = decoder.trace
        self._queries = decoder.queries
        self._tagged = decoder.protocol >= TAGGED_ADDRESS_SINCE
        # The viewer creates the default set itself.
        self._trace.frame_sets[0] = FrameSet(0, continuous=True)
        # The viewer puts marks of its own into it: the initialisation, and the moment of an on-demand connection.
        on_demand = self._trace.on_demand
        self._first_mark = on_demand.current_time if on_demand else self._trace.welcome.init_end
        self._last_system_time = 0
        self._images: set[int] = set()
        self._image_waits = False

    def handlers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {
            "FrameMarkMsg": self._frame_mark,
            "FrameMarkMsgStart": self._frame_start,
            "FrameMarkMsgEnd": self._frame_end,
            "FrameImageData": self._image_data,
            "FrameImage": self._image,
            "MessageAppInfo": self._app_info,
            "PlotDataInt": self._plot_point,
            "PlotDataFloat": self._plot_point,
            "PlotDataDouble": self._plot_point,
            "PlotConfig": self._plot_config,
            "ParamSetup": self._parameter,
            "SysTimeReport": self._system_time,
            "Terminate": self._terminate,
            "Crash": self._crash,
            "CrashReport": self._crash_report,
        }
        for suffix in ("", "Callstack"):
            handlers["Message" + suffix] = self._message
            handlers["MessageColor" + suffix] = self._message_color
            handlers["MessageLiteral" + suffix] = self._literal
            handlers["MessageLiteralColor" + suffix] = self._literal_color
        return handlers

    # Frames

    def _frame_set(self, name: int, continuous: bool) -> FrameSet:
        frames = self._trace.frame_sets.get(name)
        if frames is None:
            frames = self._trace.frame_sets[name] = FrameSet(name, continuous)
            self._queries.ask(Query.FRAME_NAME, name)
        if frames.continuous != continuous:
            raise self._decoder.refuse(f"frame set 0x{name:x} is used both with single marks and with start and end")
        return frames

    def _frame_mark(self, time: int, name: int) -> None:
        frames = self._frame_set(name, continuous=True)
        before = frames.ticks[-1][0] if frames.ticks else self._first_mark if name == 0 else time
        if time < before:
            raise self._decoder.refuse(f"a mark of frame set 0x{name:x} lies before the one that came before it")
        frames.ticks.append((time, None))

    def _frame_start(self, time: int, name: int) -> None:
        frames = self._frame_set(name, continuous=False)
        if frames.ticks:
            end = frames.ticks[-1][1]
            if end is None:
                raise self._decoder.refuse(f"a frame of set 0x{name:x} starts while one is open")
            if end > time:
                raise self._decoder.refuse(f"a frame of set 0x{name:x} starts before the last one's end")
        frames.ticks.append((time, None))

    def _frame_end(self, time: int, name: int) -> None:
        frames = self._trace.frame_sets.get(name)
        if frames is None:
            # On demand the viewer may have come in the middle of a frame: it ignores the end then.
            if not self._trace.welcome.is_on_demand:
                raise self._decoder.refuse(f"a frame of set 0x{name:x} ends that never started")
            return
        if frames.continuous or not frames.ticks or frames.ticks[-1][1] is not None:
            raise self._decoder.refuse(f"a frame of set 0x{name:x} ends that has not started")
        if frames.ticks[-1][0] > time:
            raise self._decoder.refuse(f"a frame of set 0x{name:x} ends before its start")
        frames.ticks[-1] = (frames.ticks[-1][0], time)

    def _image_data(self, _pointer: int, raw: bytes) -> None:
        if self._image_waits or len(raw) % 8:
            raise self._decoder.refuse("FrameImageData twice, or of a length that is no multiple of 8")
        self._image_waits = True

    def _image(self, frame: int, _width: int, _height: int, _flip: int) -> None:
        if not self._image_waits:
            raise self._decoder.refuse("FrameImage without FrameImageData before it")
        self._image_waits = False
        self._trace.other["FrameImage"] += 1
        on_demand = self._trace.on_demand
        index = frame - (on_demand.frames if on_demand else 0) + 1
        if on_demand and index <= 1:
            return
        if index <= 0 or index in self._images:
            raise self._decoder.refuse(f"frame {frame} has no place for an image, or has one already")
        self._images.add(index)

    # Messages

    def _add(self, time: int, text: str | int, color: int | None, metadata: int) -> None:
        if metadata & 15 >= _SOURCES or metadata >> 4 >= _SEVERITIES:
            raise self._decoder.refuse(f"a message with source and severity 0x{metadata:x}")
        thread = self._decoder.current("a message")
        if isinstance(text, int):
            if text == 0:
                raise self._decoder.refuse("a literal message whose text is pointer 0")
            self._decoder.string(text)
        self._trace.messages.append(Message(thread, time, text, color, metadata))

    def _message(self, time: int, metadata: int = 0) -> None:
        self._add(time, self._decoder.take_single("Message"), None, metadata)

    def _message_color(self, time: int, blue: int, green: int, red: int, metadata: int = 0) -> None:
        color = red << 16 | green << 8 | blue
        self._add(time, self._decoder.take_single("MessageColor"), color, metadata)

    def _literal(self, time: int, text: int) -> None:
        pointer, metadata = (text >> 8, text & 0xFF) if self._tagged else (text, 0)
        self._add(time, pointer, None, metadata)

    def _literal_color(self, time: int, blue: int, green: int, red: int, text: int) -> None:
        pointer, metadata = (text >> 8, text & 0xFF) if self._tagged else (text, 0)
        self._add(time, pointer, red << 16 | green << 8 | blue, metadata)

    def _app_info(self, _time: int) -> None:
        self._trace.app_info.append(self._decoder.take_single("MessageAppInfo"))

    # Plots

    def _plot(self, name: int) -> Plot:
        plot = self._trace.plot_sets.get(name)
        if plot is None:
            plot = self._trace.plot_sets[name] = Plot(name)
            self._queries.ask(Query.PLOT_NAME, name)
        return plot

    def _plot_point(self, name: int, time: int, value: float) -> None:
        if not math.isfinite(value):
            # The viewer drops such a point together with its time difference: all later times would be wrong.
            raise self._decoder.refuse(f"a point of plot 0x{name:x} is {value}")
        plot = self._plot(name)
        plot.points.append((self._decoder.advance(time), value))

    def _plot_config(self, name: int, kind: int, step: int, fill: int, colour: int) -> None:
        if kind > _WATT:
            raise self._decoder.refuse(f"plot 0x{name:x} is configured with the unknown format {kind}")
        self._plot(name).config = PlotConfig(kind, bool(step), bool(fill), colour & 0xFFFFFF)

    # The program

    def _parameter(self, index: int, name: int, kind: int, value: int) -> None:
        self._decoder.string(name)
        self._trace.parameters.append(Parameter(index, name, kind, value))

    def _system_time(self, time: int, _value: float) -> None:
        if time < self._last_system_time:
            raise self._decoder.refuse("a CPU usage report lies before the one that came before it")
        self._last_system_time = time
        self._trace.other["SysTimeReport"] += 1

    def _terminate(self) -> None:
        self._trace.is_terminated = True

    def _crash(self) -> None:
        self._trace.is_crashed = True

    def _crash_report(self, _time: int, text: int) -> None:
        self._decoder.string(text)
        self._decoder.current("a crash report")
        self._trace.other["CrashReport"] += 1
