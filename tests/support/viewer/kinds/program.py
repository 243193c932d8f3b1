"""What the program says of itself: application info, parameters, the processor, and its end."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from .kind import Kind
from support.viewer.queries import Query
from support.viewer.trace import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.viewer.decoder import Decoder, Handler

#: Before it a parameter was either a number or a switch (W::ProcessParamSetup).
_TRIGGERS_SINCE = 82
_SWITCH, _TRIGGER = 1, 2


class ProgramKind(Kind):
    """Handlers of what belongs to no thread."""

    def __init__(self, decoder: Decoder, tolerated: frozenset[str], at_terminate: Callable[[], None]) -> None:
        super().__init__(decoder, tolerated)
        self._cpus: set[int] = set()
        self._last_system_time = 0
        self._tell_all = at_terminate

    def handlers(self) -> dict[str, Handler]:
        return {
            "MessageAppInfo": self._app_info,
            "ParamSetup": self._parameter,
            "CpuTopology": self._cpu_topology,
            "SysTimeReport": self._system_time,
            "Terminate": self._terminate,
            "Crash": self._crash,
            "CrashReport": self._crash_report,
        }

    def _app_info(self, time: int) -> None:
        self._decoder.check_range(time)  # the viewer takes it for the trace's last time, if it is later than that
        self._trace.app_info.append(self._decoder.take_single("MessageAppInfo"))

    def _parameter(self, index: int, name: int, kind: int, value: int) -> None:
        refuse = self._decoder.refuse
        if name == 0:
            raise refuse(f"parameter {index} has pointer 0 for a name")
        if kind > (_TRIGGER if self._decoder.protocol >= _TRIGGERS_SINCE else _SWITCH):
            raise refuse(f"parameter {index} is of the unknown kind {kind}")
        if kind == _SWITCH and value not in (0, 1):
            raise refuse(f"parameter {index} is a switch and has the value {value}")
        if any(other.index == index for other in self._trace.parameters):
            # W::ProcessParamSetup adds a second control, which sets the same parameter and shows another value.
            raise refuse(f"parameter {index} is set up twice")
        self._decoder.string(name)
        self._trace.parameters.append(Parameter(index, name, kind, value))

    def set_parameter(self, parameter: Parameter, value: int) -> None:
        """Do what the viewer does when its user changes a parameter (W::SetParameter)."""
        (bits,) = struct.unpack("<I", struct.pack("<i", value))
        parameter.value = value
        self._queries.ask(Query.PARAMETER, parameter.index << 32 | bits)

    def _cpu_topology(self, *fields: int) -> None:
        if fields[-1] in self._cpus:
            raise self._decoder.refuse(f"CpuTopology names CPU {fields[-1]} twice")
        self._cpus.add(fields[-1])
        self._count("CpuTopology")

    def _system_time(self, time: int, _value: float) -> None:
        if time < self._last_system_time:
            raise self._decoder.refuse("a CPU usage report lies before the one that came before it")
        self._last_system_time = time
        self._count("SysTimeReport")

    def _terminate(self) -> None:
        self._trace.is_terminated = True
        self._tell_all()

    def _crash(self) -> None:
        self._trace.is_crashed = True

    def _crash_report(self, time: int, text: int) -> None:
        self._decoder.string(text)
        thread = self._decoder.current("a crash report")
        self._decoder.check_range(time)
        self._trace.crash = thread.id, text, self._decoder.callstacks.take_if_any("a crash report")
        self._count("CrashReport")
