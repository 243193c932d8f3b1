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

(PYTEST_DONT_REWRITE: pytest need not look for assertions here, nor warn that it comes too late for that.)
"""

from __future__ import annotations

from tracypy import interpreter

interpreter.enter()

from tracypy._core import (
    PROTOCOLS,
    VERSION,
    GpuContext,
    GpuZone,
    Lock,
    Parameter,
    RLock,
    Section,
    app_info,
    frame_image,
    memory_alloc,
    memory_free,
    message,
    parameter,
    plot,
    plot_config,
    section,
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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracypy import aio
    from tracypy.capturing_all import capture_all
    from tracypy.engine import leave_client, use_client
    from tracypy.gathering import gather, stop_gathering
    from tracypy.headers import get_cmake_dir, get_include
    from tracypy.locks import BoundedSemaphore, Condition, Semaphore, instrument_locks
    from tracypy.log_records import LoggingHandler
    from tracypy.merging import merge
    from tracypy.torch_timeline import TorchTimeline

__version__ = VERSION

__all__ = [
    "PROFILER_ID",
    "PROTOCOLS",
    "BoundedSemaphore",
    "Condition",
    "ExportError",
    "Filter",
    "GpuContext",
    "GpuZone",
    "Lock",
    "LoggingHandler",
    "Parameter",
    "RLock",
    "RecordingError",
    "Section",
    "Semaphore",
    "SettingError",
    "TorchTimeline",
    "TraceError",
    "Zone",
    "__version__",
    "aio",
    "app_info",
    "capture",
    "capture_all",
    "disable",
    "discover",
    "enable",
    "frame",
    "frame_image",
    "frame_mark",
    "frame_mark_end",
    "frame_mark_start",
    "gather",
    "get_cmake_dir",
    "get_include",
    "instrument_locks",
    "is_connected",
    "is_enabled",
    "is_listening",
    "is_recording",
    "leave_client",
    "listen",
    "memory_alloc",
    "memory_free",
    "merge",
    "message",
    "open",
    "parameter",
    "plot",
    "plot_config",
    "profile",
    "profiled",
    "record",
    "recover",
    "save_recording",
    "section",
    "set_program_name",
    "set_thread_name",
    "start_recording",
    "stop_gathering",
    "stop_listening",
    "stop_recording",
    "use_client",
    "wait_connected",
    "zone",
    "zone_begin",
    "zone_end",
]

#: What is imported when it is used first, and from where: modules that import others of the standard library, which a
#: program may do without, or what few programs use.
_LATE = {
    "BoundedSemaphore": "locks",
    "Condition": "locks",
    "LoggingHandler": "log_records",
    "Semaphore": "locks",
    "TorchTimeline": "torch_timeline",
    "capture_all": "capturing_all",
    "gather": "gathering",
    "get_cmake_dir": "headers",
    "get_include": "headers",
    "instrument_locks": "locks",
    "merge": "merging",
    "leave_client": "engine",
    "stop_gathering": "gathering",
    "use_client": "engine",
}

if not TYPE_CHECKING:  # else a name that there is not would be one

    def __getattr__(name: str) -> object:
        import importlib

        if name == "aio":
            return importlib.import_module("tracypy.aio")
        if name.endswith("load_ipython_extension"):  # of IPython's `%load_ext` and `%unload_ext`
            return getattr(importlib.import_module("tracypy.integrations.jupyter"), name)
        if name not in _LATE:
            raise AttributeError(f"module 'tracypy' has no attribute {name!r}")
        value: object = getattr(importlib.import_module("tracypy." + _LATE[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
