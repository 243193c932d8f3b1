"""Every event of the protocol: its number, its size and its fields, for each protocol version.

This is the viewer's own derivation from the protocol's facts; sharing it with the code under test would hide a
shared mistake.

`EVENTS` is one list in the order of the enumeration of protocol 82. Older protocols have the same order with
fewer entries, so that an event's number is its place among those that exist: `since` is the protocol that
brought it. Fields are `code:name` with the codes of `struct` (packed, little endian, `6s` = six bytes).
Where a layout changed, the newer one stands in `LAYOUT_CHANGES`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

#: Protocol numbers that the viewer speaks, and a Tracy release for each (72: `iree-base-runtime` 3.13.0).
PROTOCOLS: dict[int, str] = {
    66: "0.11.0",
    69: "0.11.1",
    72: "0.12.0-pre",
    74: "0.12.2",
    76: "0.13.1",
    82: "0.14.0",
}

#: What follows an event's fixed part.
NOTHING, TEXT_U16, TEXT_U8, DATA_U32, INTERNAL = range(5)

_TIME = "q:time"
_LOCK = "I:thread I:id q:time"
_ALLOC = "q:time I:thread Q:address 6s:size"
_FREE = "q:time I:thread Q:address"
_GPU_LEAN = "q:time I:thread H:query B:context"
_GPU_ZONE = "q:time I:thread H:query B:context Q:location"
_SAMPLE = "q:time I:thread"
_PLOT = "Q:name q:time "
_COLOUR = "B:blue B:green B:red"
_HARDWARE = "Q:address q:time"
_POINTER = "Q:pointer"

EVENTS: list[tuple[str, int, int, str]] = [
    # name, since, what follows, fields
    ("ZoneText", 66, NOTHING, ""),
    ("ZoneName", 66, NOTHING, ""),
    ("Message", 66, NOTHING, _TIME),
    ("MessageColor", 66, NOTHING, f"{_TIME} {_COLOUR}"),
    ("MessageCallstack", 66, NOTHING, _TIME),
    ("MessageColorCallstack", 66, NOTHING, f"{_TIME} {_COLOUR}"),
    ("MessageAppInfo", 66, NOTHING, _TIME),
    ("ZoneBeginAllocSrcLoc", 66, NOTHING, _TIME),
    ("ZoneBeginAllocSrcLocCallstack", 66, NOTHING, _TIME),
    ("CallstackSerial", 66, NOTHING, ""),
    ("Callstack", 66, NOTHING, ""),
    ("CallstackAlloc", 66, NOTHING, ""),
    ("CallstackSample", 66, NOTHING, _SAMPLE),
    ("CallstackSample32", 78, NOTHING, "I:thread I:time"),
    ("CallstackSample16", 78, NOTHING, "I:thread H:time"),
    ("CallstackSampleContextSwitch", 66, NOTHING, _SAMPLE),
    ("CallstackSampleContextSwitch32", 78, NOTHING, "I:thread I:time"),
    ("CallstackSampleContextSwitch16", 78, NOTHING, "I:thread H:time"),
    ("FrameImage", 66, NOTHING, "I:frame H:width H:height B:flip"),
    ("ZoneBegin", 66, NOTHING, "q:time Q:location"),
    ("ZoneBegin32", 78, NOTHING, "I:time Q:location"),
    ("ZoneBegin16", 78, NOTHING, "H:time Q:location"),
    ("ZoneBeginCallstack", 66, NOTHING, "q:time Q:location"),
    ("ZoneBeginCallstack32", 78, NOTHING, "I:time Q:location"),
    ("ZoneBeginCallstack16", 78, NOTHING, "H:time Q:location"),
    ("ZoneEnd", 66, NOTHING, _TIME),
    ("ZoneEnd32", 78, NOTHING, "I:time"),
    ("ZoneEnd16", 78, NOTHING, "H:time"),
    ("LockWait", 66, NOTHING, _LOCK),
    ("LockObtain", 66, NOTHING, _LOCK),
    ("LockRelease", 66, NOTHING, "I:id q:time"),
    ("LockSharedWait", 66, NOTHING, _LOCK),
    ("LockSharedObtain", 66, NOTHING, _LOCK),
    ("LockSharedRelease", 66, NOTHING, "I:id q:time I:thread"),
    ("LockName", 66, NOTHING, "I:id"),
    ("MemAlloc", 66, NOTHING, _ALLOC),
    ("MemAllocNamed", 66, NOTHING, _ALLOC),
    ("MemFree", 66, NOTHING, _FREE),
    ("MemFreeNamed", 66, NOTHING, _FREE),
    ("MemAllocCallstack", 66, NOTHING, _ALLOC),
    ("MemAllocCallstackNamed", 66, NOTHING, _ALLOC),
    ("MemFreeCallstack", 66, NOTHING, _FREE),
    ("MemFreeCallstackNamed", 66, NOTHING, _FREE),
    ("MemDiscard", 72, NOTHING, "q:time I:thread Q:pool"),
    ("MemDiscardCallstack", 72, NOTHING, "q:time I:thread Q:pool"),
    ("GpuZoneBegin", 66, NOTHING, _GPU_ZONE),
    ("GpuZoneBeginCallstack", 66, NOTHING, _GPU_ZONE),
    ("GpuZoneBeginAllocSrcLoc", 66, NOTHING, _GPU_LEAN),
    ("GpuZoneBeginAllocSrcLocCallstack", 66, NOTHING, _GPU_LEAN),
    ("GpuZoneEnd", 66, NOTHING, _GPU_LEAN),
    ("GpuZoneBeginSerial", 66, NOTHING, _GPU_ZONE),
    ("GpuZoneBeginCallstackSerial", 66, NOTHING, _GPU_ZONE),
    ("GpuZoneBeginAllocSrcLocSerial", 66, NOTHING, _GPU_LEAN),
    ("GpuZoneBeginAllocSrcLocCallstackSerial", 66, NOTHING, _GPU_LEAN),
    ("GpuZoneEndSerial", 66, NOTHING, _GPU_LEAN),
    ("PlotDataInt", 66, NOTHING, _PLOT + "q:value"),
    ("PlotDataFloat", 66, NOTHING, _PLOT + "f:value"),
    ("PlotDataDouble", 66, NOTHING, _PLOT + "d:value"),
    ("ContextSwitch", 66, NOTHING, "q:time I:old I:new B:cpu B:reason B:state"),
    ("ThreadWakeup", 66, NOTHING, "q:time I:thread"),
    ("GpuTime", 66, NOTHING, "q:gpu_time H:query B:context"),
    ("GpuContextName", 66, NOTHING, "B:context"),
    ("GpuAnnotationName", 76, NOTHING, "q:note B:context"),
    ("CallstackFrameSize", 66, NOTHING, "Q:pointer B:size"),
    ("SymbolInformation", 66, NOTHING, "I:line Q:symbol"),
    ("ExternalNameMetadata", 66, INTERNAL, ""),
    ("SymbolCodeMetadata", 66, INTERNAL, ""),
    ("SourceCodeMetadata", 66, INTERNAL, ""),
    ("FiberEnter", 66, NOTHING, "q:time Q:fiber I:thread"),
    ("FiberLeave", 66, NOTHING, "q:time I:thread"),
    ("SectionEnter", 81, NOTHING, "q:time I:id H:category"),
    ("SectionLeave", 81, NOTHING, "q:time I:id"),
    ("SectionSetup", 82, NOTHING, "H:category"),
    ("Terminate", 66, NOTHING, ""),
    ("KeepAlive", 66, NOTHING, ""),
    ("ThreadContext", 66, NOTHING, "I:thread"),
    ("GpuCalibration", 66, NOTHING, "q:gpu_time q:cpu_time q:cpu_delta B:context"),
    ("GpuTimeSync", 66, NOTHING, "q:gpu_time q:cpu_time B:context"),
    ("Crash", 66, NOTHING, ""),
    ("CrashReport", 66, NOTHING, "q:time Q:text"),
    ("ZoneValidation", 66, NOTHING, "I:id"),
    ("ZoneColor", 66, NOTHING, _COLOUR),
    ("ZoneValue", 66, NOTHING, "Q:value"),
    ("FrameMarkMsg", 66, NOTHING, "q:time Q:name"),
    ("FrameMarkMsgStart", 66, NOTHING, "q:time Q:name"),
    ("FrameMarkMsgEnd", 66, NOTHING, "q:time Q:name"),
    ("FrameVsync", 66, NOTHING, "q:time I:id"),
    ("SourceLocation", 66, NOTHING, f"Q:name Q:function Q:file I:line {_COLOUR}"),
    ("LockAnnounce", 66, NOTHING, "I:id q:time Q:location B:kind"),
    ("LockTerminate", 66, NOTHING, "I:id q:time"),
    ("LockMark", 66, NOTHING, "I:thread I:id Q:location"),
    ("MessageLiteral", 66, NOTHING, f"{_TIME} Q:text"),
    ("MessageLiteralColor", 66, NOTHING, f"{_TIME} {_COLOUR} Q:text"),
    ("MessageLiteralCallstack", 66, NOTHING, f"{_TIME} Q:text"),
    ("MessageLiteralColorCallstack", 66, NOTHING, f"{_TIME} {_COLOUR} Q:text"),
    ("GpuNewContext", 66, NOTHING, "q:cpu_time q:gpu_time I:thread f:period B:context B:flags B:kind"),
    ("CallstackFrame", 66, NOTHING, "I:line Q:symbol I:length"),
    ("SysTimeReport", 66, NOTHING, "q:time f:value"),
    ("SysPowerReport", 66, NOTHING, "q:time Q:delta Q:name"),
    ("TidToPid", 66, NOTHING, "Q:tid Q:pid"),
    ("HwSampleCpuCycle", 66, NOTHING, _HARDWARE),
    ("HwSampleInstructionRetired", 66, NOTHING, _HARDWARE),
    ("HwSampleCacheReference", 66, NOTHING, _HARDWARE),
    ("HwSampleCacheMiss", 66, NOTHING, _HARDWARE),
    ("HwSampleBranchRetired", 66, NOTHING, _HARDWARE),
    ("HwSampleBranchMiss", 66, NOTHING, _HARDWARE),
    ("PlotConfig", 66, NOTHING, "Q:name B:kind B:step B:fill I:colour"),
    ("ParamSetup", 66, NOTHING, "I:index Q:name B:kind i:value"),
    ("AckServerQueryNoop", 66, NOTHING, ""),
    ("AckSourceCodeNotAvailable", 66, NOTHING, "I:id"),
    ("AckSymbolCodeNotAvailable", 66, NOTHING, ""),
    ("CpuTopology", 66, NOTHING, "I:package I:core I:thread"),
    ("SingleStringData", 66, TEXT_U16, ""),
    ("SecondStringData", 66, TEXT_U16, ""),
    ("SingleStringData8", 80, TEXT_U8, ""),
    ("SecondStringData8", 80, TEXT_U8, ""),
    ("MemNamePayload", 66, NOTHING, "Q:pool"),
    ("ThreadGroupHint", 67, NOTHING, "I:thread i:hint"),
    ("GpuZoneAnnotation", 76, NOTHING, "q:note d:value I:thread H:query B:context"),
    ("StringData", 66, TEXT_U16, _POINTER),
    ("ThreadName", 66, TEXT_U16, _POINTER),
    ("PlotName", 66, TEXT_U16, _POINTER),
    ("SourceLocationPayload", 66, TEXT_U16, _POINTER),
    ("CallstackPayload", 66, TEXT_U16, _POINTER),
    ("CallstackAllocPayload", 66, TEXT_U16, _POINTER),
    ("FrameName", 66, TEXT_U16, _POINTER),
    ("FrameImageData", 66, DATA_U32, _POINTER),
    ("ExternalName", 66, TEXT_U16, _POINTER),
    ("ExternalThreadName", 66, TEXT_U16, _POINTER),
    ("SymbolCode", 66, DATA_U32, _POINTER),
    ("SourceCode", 66, DATA_U32, _POINTER),
    ("FiberName", 66, TEXT_U16, _POINTER),
]

#: (event, protocol that brought the layout) -> fields; the newest that is not above the spoken one holds.
LAYOUT_CHANGES: dict[tuple[str, int], str] = {
    ("FiberEnter", 68): "q:time Q:fiber I:thread i:hint",
    ("CpuTopology", 69): "I:package I:die I:core I:thread",
    (
        "ContextSwitch",
        73,
    ): "q:time I:old I:new B:cpu B:reason B:state B:c_state b:new_priority b:old_priority",
    ("ThreadWakeup", 73): "q:time I:thread B:cpu b:adjust_reason b:adjust_increment",
    ("Message", 77): f"{_TIME} B:metadata",
    ("MessageColor", 77): f"{_TIME} {_COLOUR} B:metadata",
    ("MessageCallstack", 77): f"{_TIME} B:metadata",
    ("MessageColorCallstack", 77): f"{_TIME} {_COLOUR} B:metadata",
    ("CallstackSample", 78): "I:thread q:time",
    ("CallstackSampleContextSwitch", 78): "I:thread q:time",
}

#: From this protocol on, a wire length of the general string events is the true length less 256.
STRING_BIAS_SINCE = 80
#: From this protocol on, the wide zone times are biased, and literal messages hold `pointer << 8 | metadata`.
ZONE_TIME_FORMS_SINCE = 78
TAGGED_ADDRESS_SINCE = 79
#: Up to 74 the welcome has a queue-delay field.
DELAY_UNTIL = 74
#: Zone values became "77 [0x4d]" with 0.12; before, "77".
HEX_VALUES_SINCE = 74
#: Since 0.14 source files are asked for only where the welcome's flags have CodeTransfer.
CODE_TRANSFER_NEEDED_SINCE = 82
#: Before 0.14 a query leaves at once when nothing waits before it; since then at the end of each block.
DEFERRED_QUERIES_SINCE = 82


class Event(NamedTuple):
    """One event of one protocol. `size` is the fixed part with the leading event number."""

    name: str
    number: int
    layout: struct.Struct
    fields: tuple[str, ...]
    follows: int
    size: int


@dataclass(frozen=True)
class Dialect:
    """All events of one protocol, by name and by number."""

    protocol: int
    by_name: dict[str, Event]
    by_number: tuple[Event, ...]

    def number(self, name: str) -> int:
        """The event's number, or -1 where this protocol does not have it."""
        event = self.by_name.get(name)
        return -1 if event is None else event.number


def _layout_of(name: str, protocol: int, oldest: str) -> str:
    changes = [(since, fields) for (event, since), fields in LAYOUT_CHANGES.items() if event == name]
    return max([(0, oldest), *((since, fields) for since, fields in changes if since <= protocol)])[1]


@cache
def dialect(protocol: int) -> Dialect:
    """The tables of one protocol number."""
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol {protocol} is none of {sorted(PROTOCOLS)}")
    events: list[Event] = []
    for name, since, follows, oldest in EVENTS:
        if since > protocol:
            continue
        pairs = [field.split(":") for field in _layout_of(name, protocol, oldest).split()]
        layout = struct.Struct("<" + "".join(code for code, _ in pairs))
        fields = tuple(field for _, field in pairs)
        events.append(Event(name, len(events), layout, fields, follows, 1 + layout.size))
    return Dialect(protocol, {event.name: event for event in events}, tuple(events))
