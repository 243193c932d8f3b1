"""The Tracy profiler for Python: every call a zone, in any Tracy viewer from 0.11 to 0.14.

Without touching the program::

    tracypy script.py

Or from within::

    import tracypy

    with tracypy.profile():            # for a viewer that is connected, or connects
        work()
    with tracypy.record("out.tracy"):  # to a file
        work()

Importing starts nothing; the first use starts to listen for viewers, on this machine only unless told otherwise.
"""

from __future__ import annotations

from tracypy.interpreter import refuse_subinterpreter

refuse_subinterpreter()

from tracypy._core import (
    PROTOCOLS,
    VERSION,
    app_info,
    message,
    plot,
    plot_config,
    set_program_name,
    set_thread_name,
    set_words,
)
from tracypy.capturing import capture, discover
from tracypy.decorator import profiled
from tracypy.errors import NATIVE, ExportError, RecordingError, SettingError, TraceError
from tracypy.filters import Filter
from tracypy.frames import frame, frame_mark, frame_mark_end, frame_mark_start
from tracypy.opening import open  # noqa: A004  # read as tracypy.open
from tracypy.profiler import PROFILER_ID, disable, enable, is_enabled, profile
from tracypy.recording import is_recording, record, recover, start_recording, stop_recording
from tracypy.saving import save_recording
from tracypy.server import is_connected, is_listening, listen, stop_listening, wait_connected
from tracypy.zones import Zone, zone, zone_begin, zone_end

set_words(NATIVE)

__version__ = VERSION

__all__ = [
    "PROFILER_ID",
    "PROTOCOLS",
    "ExportError",
    "Filter",
    "RecordingError",
    "SettingError",
    "TraceError",
    "Zone",
    "__version__",
    "app_info",
    "capture",
    "disable",
    "discover",
    "enable",
    "frame",
    "frame_mark",
    "frame_mark_end",
    "frame_mark_start",
    "is_connected",
    "is_enabled",
    "is_listening",
    "is_recording",
    "listen",
    "message",
    "open",
    "plot",
    "plot_config",
    "profile",
    "profiled",
    "record",
    "recover",
    "save_recording",
    "set_program_name",
    "set_thread_name",
    "start_recording",
    "stop_listening",
    "stop_recording",
    "wait_connected",
    "zone",
    "zone_begin",
    "zone_end",
]
