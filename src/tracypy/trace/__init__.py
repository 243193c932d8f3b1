"""What was recorded: `tracypy.open` gives a `Trace`, and everything here can be reached from it.

Nothing is copied: the file is read once into native tables, and what is handed out looks at them in place. Times are
nanoseconds since the start of the recording. A trace never changes, and any number of threads may use it.
"""

from __future__ import annotations

from tracypy.trace.calls import CallEdge, CallTree
from tracypy.trace.callstacks import Callstack, StackFrame
from tracypy.trace.comparison import FunctionChange, Side, compare
from tracypy.trace.frames import Frame, FrameSet, FrameStats
from tracypy.trace.functions import FunctionStats
from tracypy.trace.gpu import GpuContext, GpuZoneRow
from tracypy.trace.images import FrameImage
from tracypy.trace.info import SkippedSection, TraceInfo
from tracypy.trace.memory import Allocation, MemoryPool
from tracypy.trace.messages import Message
from tracypy.trace.plots import Plot
from tracypy.trace.sections import Section
from tracypy.trace.source_locations import SourceLocation
from tracypy.trace.tasks import TaskStats
from tracypy.trace.threads import Run, Thread
from tracypy.trace.trace import Trace
from tracypy.trace.zones import ZoneRow

__all__ = [
    "Allocation",
    "CallEdge",
    "CallTree",
    "Callstack",
    "Frame",
    "FrameImage",
    "FrameSet",
    "FrameStats",
    "FunctionChange",
    "FunctionStats",
    "GpuContext",
    "GpuZoneRow",
    "MemoryPool",
    "Message",
    "Plot",
    "Run",
    "Section",
    "Side",
    "SkippedSection",
    "SourceLocation",
    "StackFrame",
    "TaskStats",
    "Thread",
    "Trace",
    "TraceInfo",
    "ZoneRow",
    "compare",
]
