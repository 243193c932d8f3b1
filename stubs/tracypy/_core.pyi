"""
The native side of tracypy: zones, frame marks, monitoring handlers and the server for viewers.
"""

from collections.abc import Buffer, Callable, Sequence
import os
import types
from typing import (
    Annotated,
    Any,
    Literal,
    Protocol,
    Self,
    SupportsFloat,
    SupportsIndex,
    final,
    overload
)


def set_words(words: dict[str, str]) -> None:
    """Say by code what errors read; names in braces stand for their facts."""

def error_codes() -> dict[str, tuple[str, bool]]:
    """
    Return what can go wrong: each code, the names of its facts, and whether Python has the words.
    """

def has_stderr() -> bool:
    """
    Return whether descriptor 2 is still the file that it was when tracypy was imported.
    """

def write_stderr(text: bytes) -> None:
    """
    Write to the process's own stderr, if it is still there; nothing of it is an error.
    """

VERSION: str

PROTOCOLS: tuple[tuple[int, str], ...]

SOURCE_TEXT_LIMIT: int

def listen(*, port: int, address: str, only_ipv4: bool, announce: bool, announced_protocol: int, program_name: str, host_info: str, exit_timeout: float) -> int:
    """
    Start listening for viewers, unless tracypy listens already, and return the port.

    Raises:
        OSError: The port is taken or this machine does not have the address.
        ValueError: The address cannot be read.
    """

def stop_listening(*, wait_for_viewer: bool = False) -> bool:
    """
    Send a viewer what is left, end its session and stop listening: no thread and no socket is left.

    Return whether a viewer received everything.
    """

def is_listening() -> bool:
    """Return whether a viewer could connect now."""

def port() -> int:
    """Return the port of the listener; 0 without one."""

def is_connected() -> bool:
    """Return whether a viewer is connected and receives events."""

def wait_connected(timeout: float) -> bool:
    """
    Wait up to `timeout` seconds for a viewer; return whether one is connected. Ctrl-C ends the wait.
    """

def use_client(library: str) -> None:
    """
    Tell everything to Tracy's own client in a library of this process; empty: whatever it has for all.

    Raises:
        RuntimeError: There is none, or somebody else is told already.
    """

def leave_client() -> bool:
    """End that. Return whether a client was told."""

def has_client() -> bool:
    """Return whether a client is told."""

def set_log_level(level: int) -> None:
    """
    Choose what is written to stderr: 0 nothing, 1 warnings, 2 also what is going on.
    """

def set_buffer_limit(megabytes: int, policy: str) -> None:
    """
    Bound the memory for events on their way: when it is full, 'wait' for the viewer or 'skip' calls.
    """

def dropped_zones() -> int:
    """
    Return how many zones were left out so far because the buffer was full.
    """

class Settings:
    """What to enable with: the slot, and which calls."""

    def __init__(self, tool_id: int, name: str, *, include_paths: Sequence[str] = [], include_modules: Sequence[str] = [], exclude_paths: Sequence[str] = [], exclude_modules: Sequence[str] = [], max_depth: int | None = None, auto_throttle: bool = False, tasks_as_rows: bool = True, instruments: dict[str, int | list[str]] | None = None) -> None:
        """
        Patterns are globs over the path of a file and the name of a module; nothing to include means all,
        exclusion wins. Zones deeper than `max_depth` on their thread are left out. `instruments` are the switches of
        tracypy.filters, each with a number or a list of patterns.
        """

def enable(settings: Settings) -> bool:
    """
    Record every call while a viewer is connected.

    Return whether that is in force now; else it will be when nobody holds the whole program any more.

    Raises:
        RuntimeError: Enabled already, or another tool holds the id; the text names it.
        ValueError: The tool id is not 0 to 5.
    """

def disable() -> None:
    """
    End what enable() and blocks have begun, and free the tool id. Do nothing when not enabled.
    """

class Block:
    """A block in which calls are recorded."""

    @property
    def ticket(self) -> int:
        """What leave_block() takes."""

    @property
    def has_switched_on(self) -> bool:
        """Whether it was the first."""

def enter_block(settings: Settings) -> Block:
    """
    Begin a block in which calls are recorded; the first one decides which, others join it.

    Raises:
        RuntimeError: Another tool holds the id; the text names it.
        ValueError: The tool id is not 0 to 5.
    """

def leave_block(ticket: int) -> None:
    """
    End a block; the last one switches off. Do nothing when disable() has ended it.
    """

def hold(settings: Settings, has_filter: bool) -> bool:
    """
    Enable for the whole program, whatever that enables and disables itself, until let_go().

    Return False, and do nothing, if it is so already, or enabled by hand.

    Raises:
        RuntimeError: Another tool holds the id, or there is a filter, and the program has its own.
    """

def let_go() -> bool:
    """
    End what hold() began. Return whether what the program has enabled itself is in force now.
    """

def is_enabled() -> bool:
    """Return whether enable() is on."""

def unobtrusive_tool_id() -> int:
    """
    Return a tool id for a program that knows nothing of us: a free one that belongs to no kind of tool, so that
    cProfile has its own; else PROFILER_ID, free or not.
    """

def throttled() -> list[str]:
    """Return what auto_throttle has left out, a line each."""

def profile_code(code: types.CodeType, name: str | None, color: int, args: bool, result: bool) -> None:
    """
    Make every run of this code object a zone, whether or not enable() is on; with its arguments and its
    result, if that is wanted.
    """

def set_program_root(code: types.CodeType) -> None:
    """
    Leave frames that run this code object, and all that called them, out of the program.
    """

def set_own_folder(folder: str) -> None:
    """
    Say how the names of the files of tracypy's own code begin. The first time counts.
    """

HAS_MEMORY_HOOKS: bool = True

@final
class Zone:
    """
    A zone opened by hand: what tracypy.zone() returns.

    A context manager. Does nothing unless a viewer is connected or a recording runs. Text, value, name and colour may
    be given at any time before the zone ends; they arrive with it.
    """

    def __enter__(self) -> Self:
        """Begin the zone and return it."""

    def __exit__(self, *exc_info: object) -> None:
        """End the zone."""

    def text(self, text: str, /) -> None:
        """
        Add a line of text to the zone, shown in its tooltip. Texts longer than 65,535 bytes are cut.
        """

    def value(self, value: float, /) -> None:
        """
        Add a number to the zone. Negative numbers, floats and numbers of 2**64 and more are added as text.
        """

    def name(self, name: str, /) -> None:
        """Replace the zone's name, for this run only."""

    def color(self, color: int | str, /) -> None:
        """Color the zone: 0xRRGGBB or a name of tracypy.colors."""

def zone(name: str, *, color: int | str = 0, callstack: int = 0) -> Zone:
    """
    Return a zone for the span of a with statement: `with tracypy.zone("load", color=0x3366CC) as z: ...`.

    Args:
        name: Shown in the viewer. File and line are those of the call.
        color: 0xRRGGBB, a name of tracypy.colors, or 0 for the viewer's choice.
        callstack: How many of the running calls to show with it, as it begins; 62 at most.

    Raises:
        TypeError: The name is not a str, or `callstack` is not an int.
        ValueError: The colour is unknown, or a number is out of range.
    """

def zone_begin(name: str, *, color: int | str = 0, callstack: int = 0) -> Zone:
    """
    Begin a zone that zone_end() ends, for spans that no with statement can cover. Arguments as zone().
    """

def zone_at(
    name: str | None, function: str, file: str, line: int, color: int, callstack: int, /
) -> Zone:
    """
    Return a zone that belongs to a place of the program, with a name of its own if it is not None.
    """

def zone_end(zone: Zone, /) -> None:
    """
    End a zone of zone_begin(), in any function and on any thread. Ending it twice does nothing.
    """

def message(
    text: str,
    *,
    color: int | str | None = None,
    severity: Literal["trace", "debug", "info", "warning", "error", "fatal"] = "info",
    callstack: int = 0,
) -> None:
    """
    Add a line of text to the timeline, at this moment of the calling thread.

    Does nothing unless a viewer is connected or a recording runs.

    Args:
        text: The line. Cut at 65,535 bytes of UTF-8.
        color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.
        severity: "trace", "debug", "info", "warning", "error" or "fatal". Viewers before 0.14 show a colour
            for it, if `color` gives none.
        callstack: How many of the running calls to show with it, 62 at most.

    Raises:
        TypeError: The text or the severity is not a str, or `callstack` is not an int.
        ValueError: There is no such colour or severity, or `callstack` is out of range.
    """

def plot(name: str, value: SupportsFloat | SupportsIndex) -> None:
    """
    Add a point to the curve `name`, at this moment.

    Does nothing unless a viewer is connected or a recording runs.

    Args:
        name: Of the curve. The 4,097th name and all after it are one curve, "other plots".
        value: An int or a float, or what converts to one. A viewer keeps it as a 64-bit float. NaN and infinities
            have no place in a curve: they are left out, and counted in the trace.

    Raises:
        TypeError: The name is not a str, or the value is not a number.
    """

def plot_config(
    name: str,
    *,
    format: Literal["number", "memory", "percentage"] = "number",
    step: bool = False,
    fill: bool = True,
    color: int | str | None = None,
) -> None:
    """
    Say how the curve `name` is drawn, once for all: to viewers and recordings that come later, too.

    What was said before of the same curve counts no more.

    Args:
        name: Of the curve, which need not have a point yet.
        format: How its values are written: "number", "memory" (bytes) or "percentage".
        step: Whether a value holds until the next one; else points are joined by straight lines.
        fill: Whether what is below the curve is filled.
        color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.

    Raises:
        TypeError: The name or the format is not a str, or a switch is not a bool.
        ValueError: There is no such format or colour.
    """

@final
class Lock:
    """
    A lock as threading.Lock, whose waits and holds a trace shows.

    Args:
        name: Shown in the viewer; None for the place where it is made.
    """

    def __new__(cls, *, name: str | None = None) -> Self: ...
    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...
    def release(self) -> None: ...
    def locked(self) -> bool: ...
    def __enter__(self) -> bool: ...
    def __exit__(self, *exc_info: object) -> None: ...
    def acquire_lock(self, blocking: bool = True, timeout: float = -1) -> bool: ...
    def release_lock(self) -> None: ...
    def locked_lock(self) -> bool: ...

@final
class RLock:
    """
    A lock as threading.RLock, whose waits and holds a trace shows.

    Args:
        name: Shown in the viewer; None for the place where it is made.
    """

    def __new__(cls, *, name: str | None = None) -> Self: ...
    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...
    def release(self) -> None: ...
    def locked(self) -> bool: ...
    def __enter__(self) -> bool: ...
    def __exit__(self, *exc_info: object) -> None: ...

@final
class LockStory:
    """What traces are told of a lock that is made of Python code."""

    def __new__(cls, word: str, name: str | None, shared: bool) -> Self: ...
    def wait(self) -> None: ...
    def obtain(self) -> None: ...
    def release(self) -> None: ...
    def give_up(self) -> None: ...

def memory_alloc(
    address: SupportsIndex, size: SupportsIndex, name: str | None = None, *, callstack: int = 0
) -> None:
    """
    Record that the program has allocated `size` bytes at `address`, at this moment.

    Does nothing unless a viewer is connected or a recording runs.

    Args:
        address: Where, or any other number by which memory_free() knows it. A block that is there already is freed first.
        size: How many bytes.
        name: The pool; None for the default one. The 4,097th name and all after it are one, "other memory".
        callstack: How many of the running calls to show with it, 62 at most.

    Raises:
        TypeError: The address, the size or `callstack` is not an int, or the name not a str.
        ValueError: The address is not from 1 to 2**64 - 1, the size not from 0 to 2**47 - 1, or `callstack` not from 0 to 62.
    """

def memory_free(address: SupportsIndex, name: str | None = None, *, callstack: int = 0) -> None:
    """
    Record that the program has freed a block of memory_alloc(), in the same pool, on any thread.

    A free of a block that was allocated before the session is left out. Address 0 is ignored, as in C.

    Args:
        address: As in memory_alloc().
        name: As in memory_alloc().
        callstack: As in memory_alloc().

    Raises:
        TypeError: The address or `callstack` is not an int, or the name not a str.
        ValueError: The address is not from 0 to 2**64 - 1, or `callstack` not from 0 to 62.
    """

@final
@final
class Section:
    """
    A part of the program's run, as section() makes it: begin() and end() it, or `with` it.

    It ends when nothing refers to it any more.
    """

    def begin(self) -> None:
        """
        Begin it.

        Raises:
            RuntimeError: It has begun, and not ended.
        """

    def end(self) -> None:
        """
        End it, on any thread. It can begin again.

        Raises:
            RuntimeError: It has not begun, or has ended.
        """

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc_info: object) -> None: ...

def section(name: str, *, category: str | None = None) -> Section:
    """
    Return a part of the whole program's run, to be begun and ended: `with tracypy.section("loading"):`.

    Sections may overlap in any way, on any threads. One that is open when a viewer connects begins there for it.
    Viewers before 0.14 have no sections: they get a message at each end.

    Args:
        name: What the program does. The 4,097th name and all after it are one, "other sections".
        category: Sections of one category can be shown and hidden together; None for those without one.

    Raises:
        TypeError: The name or the category is not a str.
    """

@final
class Parameter[Value]:
    """A value that a viewer may set, as parameter() makes it."""

    @property
    def value(self) -> Value:
        """What it is now: an int, or a bool for a switch; None for a button. Follows what viewers set."""

    @property
    def name(self) -> str:
        """What viewers call it."""

@overload
def parameter(
    name: str,
    value: bool,
    *,
    min: None = None,
    max: None = None,
    callback: Callable[[bool], object] | None = None,
) -> Parameter[bool]:
    """
    Return a value that the user of a viewer may set while the program runs: `p.value` is what it is now.

    Viewers show it in the window of the connection, with its value when they connect. The same name is the same
    parameter: value, range and callback are those that were given last.

    Args:
        name: What viewers call it.
        value: Its first value: an int; a bool for a switch; None for a button, which has no value.
        min: For an int: lower values that a viewer sets count as this one. By default -2**31.
        max: The same for higher values. By default 2**31 - 1.
        callback: Called with the new value whenever a viewer has set it; for a button, without arguments. It runs on
            the main thread, between two of its instructions, as a signal handler does; exceptions go to
            sys.unraisablehook. Several values that are set before that make one call.

    Raises:
        TypeError: The name is not a str, the value not an int or a bool, the callback not callable; or there is
            neither value nor callback.
        ValueError: A number is not from -2**31 to 2**31 - 1, the value not from min to max, or a parameter of another
            kind has the name.
        RuntimeError: There are 4,096 already.
    """

@overload
def parameter(
    name: str,
    value: int,
    *,
    min: int | None = None,
    max: int | None = None,
    callback: Callable[[int], object] | None = None,
) -> Parameter[int]: ...
@overload
def parameter(
    name: str, value: None = None, *, min: None = None, max: None = None, callback: Callable[[], object]
) -> Parameter[None]: ...

class _Picture(Protocol):
    """What a Pillow image is."""

    @property
    def size(self) -> tuple[int, int]: ...
    def convert(self, mode: str, /) -> _Picture: ...
    def tobytes(self) -> bytes: ...

def frame_image(
    image: Buffer | _Picture,
    offset: int = 0,
    flip: bool = False,
    *,
    width: int | None = None,
    height: int | None = None,
) -> None:
    """
    Show what the current frame looks like: the one since the last unnamed `frame_mark()`.

    The pixels are copied, and scaled down by another thread. Does nothing unless a viewer is connected or a recording
    runs.

    Args:
        image: Bytes in the shape (height, width, 3 or 4): red, green, blue, and an ignored byte; or (height,
            width) for grey. A NumPy array of uint8 or any other buffer; bytes with `width` and `height`; a Pillow image.
        offset: How many frames ago it was drawn.
        flip: Whether its first row is the bottom one.
        width: In pixels; for plain bytes only.
        height: In pixels; for plain bytes only.

    Raises:
        TypeError: The object is not an image, or an argument is of the wrong type.
        ValueError: The shape or the size is not valid for an image.
    """

@final
@final
class GpuZone:
    """Work that is given to a GPU, as GpuContext.zone() makes it."""

    def begin(self) -> None:
        """
        Begin it: what is given to the GPU now belongs to it.

        Raises:
            RuntimeError: It has begun before.
        """

    def end(self) -> None:
        """
        End it, and the zones that have begun within it.

        Raises:
            RuntimeError: It has not begun, or has ended.
        """

    def set_times(self, begin_ns: int, end_ns: int) -> None:
        """
        Say when the GPU has worked on it. At any time after its end, on any thread.

        Args:
            begin_ns: By the GPU's clock, in nanoseconds.
            end_ns: The same.

        Raises:
            RuntimeError: It has not ended, or has its times.
            TypeError: A time is not an int.
            ValueError: The end is before the begin.
        """

    @property
    def is_recorded(self) -> bool:
        """Whether the zone is being recorded. If not, its times are not needed."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc_info: object) -> None: ...

@final
class GpuContext:
    """
    A queue of a GPU, which works on what it is given in that order.

    The same kind and name are the same queue.

    Args:
        kind: "opengl", "vulkan", "opencl", "direct3d12", "direct3d11", "metal", "custom", "cuda",
            "rocprof" or "webgpu". Earlier viewers show one that they do not know as "opencl".
        name: What viewers call it.
        now_ns: What its clock shows at this moment, in nanoseconds. None: its times are told by the
            clock of `time.perf_counter_ns()`.

    Raises:
        TypeError: The kind or the name is not a str, or the time not an int.
        ValueError: There is no such kind.
        RuntimeError: There are 255 already.
    """

    def __new__(cls, kind: str, name: str, *, now_ns: int | None = None) -> Self: ...
    def zone(self, name: str, *, color: int | str | None = None) -> GpuZone:
        """
        Return a zone of this queue, to be begun and ended where work is given to it: `with context.zone("blur") as z:`.

        When the GPU has worked on it is told later, by `z.set_times()`.

        Args:
            name: What it is called.
            color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.

        Raises:
            TypeError: The name is not a str.
            ValueError: There is no such colour.
        """

    def sync(self, now_ns: int, /) -> None:
        """
        Say what the GPU's clock shows at this moment, if it has come away from the processor's.

        Args:
            now_ns: In nanoseconds. Times that are told from now on are understood by it.

        Raises:
            TypeError: It is not an int.
        """

def frame_mark(name: str | None = None) -> None:
    """
    Mark the end of a frame and the beginning of the next; each `name` is a set of frames of its own.
    """

def frame_mark_start(name: str) -> None:
    """Begin a frame of a set whose frames have gaps between them."""

def frame_mark_end(name: str) -> None:
    """End the frame that frame_mark_start() began."""

def app_info(text: str) -> None:
    """
    Tell something about the program, in one line or several: its version, its settings.

    Every viewer and every recording from now on has it, also those that come later. The same text counts once.

    Args:
        text: What to tell; of more than 65,535 bytes of UTF-8 the beginning.

    Raises:
        TypeError: The text is not a str.
    """

def set_program_name(name: str) -> None:
    """
    Say how this program is called, in place of its script's name and of TRACYPY_PROGRAM_NAME.

    Viewers that connect later have it, and every recording that is going on or begins later.

    Args:
        name: The name; a viewer shows 63 bytes of UTF-8 of it, a file has 900.

    Raises:
        TypeError: The name is not a str.
        ValueError: It is empty.
    """

def set_thread_name(name: str) -> None:
    """
    Give the calling thread a name of its own in traces.

    Its name in `threading`, and what the program logs, stay as they are. Viewers that connect later have it, and
    every recording; one that is connected already may have asked for the name before.

    Args:
        name: The name; of more than 1,024 bytes of UTF-8 the beginning.

    Raises:
        TypeError: The name is not a str.
        ValueError: It is empty.
    """

def on_first_use(callback: Callable[[], None]) -> None:
    """
    Call `callback` when a zone, a frame mark or app_info is used while nothing listens.
    """

def set_color_resolver(callable: Callable[[str], int]) -> None:
    """Let `callable` turn a colour that is not an int into 0xRRGGBB."""

class FunctionTotals:
    """The calls of one function."""

    @property
    def name(self) -> str:
        """Name."""

    @property
    def file(self) -> str:
        """Path of the file."""

    @property
    def line(self) -> int:
        """Line."""

    @property
    def calls(self) -> int:
        """Number of calls."""

    @property
    def total_ns(self) -> int:
        """Time with what was called."""

    @property
    def self_ns(self) -> int:
        """Time without the direct children's."""

class RecordingResult:
    """What is in a trace that was made."""

    @property
    def span_ns(self) -> int:
        """Time from begin to end."""

    @property
    def forgotten_ns(self) -> int:
        """Time before that, which was not kept."""

    @property
    def zones(self) -> int:
        """Number of zones."""

    @property
    def threads(self) -> int:
        """Number of threads."""

    @property
    def processes(self) -> int:
        """Number of processes."""

    @property
    def frames(self) -> int:
        """Frames of the default set."""

    @property
    def messages(self) -> int:
        """Number of messages."""

    @property
    def images_left_out(self) -> int:
        """Frame images for which there was no room."""

    @property
    def zones_elsewhere(self) -> int:
        """Zones that children recorded to files of their own."""

    @property
    def is_complete(self) -> bool:
        """Whether the recording came to its end."""

    @property
    def layout(self) -> str:
        """Release of Tracy whose layout the file has; older viewers refuse it."""

    @property
    def file_bytes(self) -> int:
        """Size of the file."""

    @property
    def dropped_zones(self) -> int:
        """Zones left out because the buffer was full."""

    @property
    def end(self) -> Literal['stopped', 'seconds', 'max_size', 'disk', 'saved']:
        """What ended the recording."""

    @property
    def imports(self) -> int:
        """Modules that were imported."""

    @property
    def imports_ns(self) -> int:
        """Time in imports, with all that was called there."""

    @property
    def functions(self) -> list[FunctionTotals]:
        """
        Functions with the most self time, the most first; not the code of imports.
        """

def start_recording(path: str, *, overwrite: bool, seconds: float | None, max_bytes: int | None, program_name: str, host_info: str, keeper: str, saving: SavingOptions, sources: bool) -> int:
    """
    Record to a file from now on, on a thread of its own; `path` is absolute. `keeper` is the program that
    makes the file when this one cannot; empty for none. `sources`: the file is to have the texts of source files.
    Return the number of the recording.

    Raises:
        OSError: A file is in the way, or cannot be made.
        RuntimeError: A recording is running already, or a viewer is connected.
    """

def stop_recording(number: int, progress: Callable[[int, int], object] | None) -> RecordingResult:
    """
    End the recording of that number, or any if it is 0, and make the file. `progress(done, total)` is
    called about ten times a second.

    Raises:
        OSError: The file could not be made; the text says what to do.
        RuntimeError: There is no such recording.
    """

def stop_and_leave_recording(number: int, progress: Callable[[int, int], object] | None) -> RecordingResult:
    """
    Do the same at the end of the process, but wait no longer than until it is known what will be in the
    file. `file_bytes` is 0 then, and `leave_recording` must follow.
    """

def leave_recording(before: bytes, after: bytes) -> None:
    """
    Write to stderr when the file is made: what comes before its size, and after it. The process waits for that.
    """

def await_left_recording() -> None:
    """Wait until the file is made that was left; nothing if there is none."""

def flush_recording() -> None:
    """Wait until everything that has happened so far is in the journal."""

def is_recording() -> bool:
    """Return whether events are being recorded to a file."""

def has_recording() -> bool:
    """
    Return whether there is a recording to stop: one that goes on, or one that has reached its limit.
    """

def recover(journal: str, path: str, *, overwrite: bool, progress: Callable[[int, int], object] | None) -> RecordingResult:
    """
    Make a trace of a journal that was left behind; an empty path is the one it was meant for.

    Raises:
        OSError: A file is in the way, or cannot be read or made.
        ValueError: It is not a journal.
        RuntimeError: A program still writes it.
    """

def is_left_behind(journal: str) -> bool:
    """
    Return whether no process writes a journal, or makes a trace of it, just now.
    """

def await_trace_of(journal: str) -> None:
    """
    Wait, a few seconds at most, for a trace that is just being made of a journal that was left behind.
    """

def preceded(function: object, before: Callable[..., object]) -> Callable[..., object]:
    """
    Return a function that calls `before` with its arguments, ignores what that raises, and then calls `function`.
    """

def would_end_by(signal: int) -> bool:
    """
    Return whether the process would end if the calling thread sent it that signal.
    """

def await_first_use() -> None:
    """Make the next use of a zone or a frame mark a first use again."""

class SavingOptions:
    """How a recording is saved while it goes on."""

    def __init__(self) -> None: ...

    @property
    def last_seconds(self) -> float | None:
        """Only these last seconds are kept."""

    @last_seconds.setter
    def last_seconds(self, arg: float | None, /) -> None: ...

    @property
    def last_bytes(self) -> int | None:
        """Only what fits into so many bytes on the disk is kept."""

    @last_bytes.setter
    def last_bytes(self, arg: int | None, /) -> None: ...

    @property
    def slower(self) -> float | None:
        """A marked zone, or a frame, of more seconds."""

    @slower.setter
    def slower(self, arg: float | None, /) -> None: ...

    @property
    def slower_named(self) -> list[tuple[str, float]]:
        """A zone whose name matches a pattern, likewise."""

    @slower_named.setter
    def slower_named(self, arg: Sequence[tuple[str, float]], /) -> None: ...

    @property
    def signal(self) -> int:
        """A signal, by its number; 0: none."""

    @signal.setter
    def signal(self, arg: int, /) -> None: ...

    @property
    def signal_name(self) -> str:
        """What messages call it."""

    @signal_name.setter
    def signal_name(self, arg: str, /) -> None: ...

class Saved:
    """A file to which a recording was saved while it goes on."""

    @property
    def path(self) -> str:
        """Path of the file."""

    @property
    def recorded(self) -> RecordingResult:
        """What is in it."""

def save_recording(path: str, *, overwrite: bool, progress: Callable[[int, int], object] | None) -> Saved:
    """
    Write what was recorded so far to a file, and go on; an empty path is a name that is free.

    Raises:
        OSError: A file is in the way, or cannot be made.
        RuntimeError: Nothing is being recorded.
    """

def save_because(why: str) -> bool:
    """
    Do the same, unless that was done just a moment ago, and say so on stderr. Return whether it was saved.

    Raises:
        OSError: As save_recording.
        RuntimeError: Likewise.
    """

def lead_family(*, for_one_session: bool) -> tuple[bytes, bytes]:
    """
    Listen for the processes that descend from this one, for good or until the first session is over. Return the
    path of a local socket, and a secret.

    Raises:
        RuntimeError: That cannot be had.
    """

def hide_family() -> None:
    """Take the local socket's folder away."""

def follow_family(*, path: bytes, descriptor: int, secret: bytes, name: str, session: int) -> bool:
    """
    Hand over what happens to the process that listens there, or at the other end of a connection. Return
    whether there is one. `session`: one that has begun; 0 asks.
    """

def leave_family() -> None:
    """Hand over what has happened, and no more."""

def hand_over_to_family() -> None:
    """Wait until all that has happened so far is on its way."""

def settle_in_family(process: int) -> None:
    """Let a process that is about to be killed hand over what it has."""

def is_followed() -> bool:
    """
    Return whether what happens goes to the process that this one descends from.
    """

def watch_process_name() -> None:
    """Call this process what multiprocessing calls it, from when it does."""

def set_family_name(name: str) -> None:
    """Call this process so, in the names of its rows."""

def set_child_variables(follow: bytes, folder: bytes, path: bytes) -> None:
    """
    Put a variable into the environment of all children from now on, and a folder before their PYTHONPATH. `path`
    is that of the local socket.
    """

def gather(address: str, port: int) -> bool:
    """
    Take in what the Tracy client there says, during each session of this process. Return
    whether that was not so before.

    Raises:
        ValueError: There is no such host.
    """

def gather_own() -> bool:
    """
    Take in the Tracy clients of this process and of those that it starts, as they announce themselves. Return
    whether that was not so before.
    """

def stop_gathering_own() -> bool:
    """Leave those clients. Return whether they were gathered."""

def stop_gathering(address: str, port: int) -> bool:
    """Leave that client. Return whether it was gathered."""

def ask_before_start(callback: Callable[[object, object, bool], list[str] | None]) -> None:
    """
    Call `callback(path, command, is_exec)` before the program starts another one, or becomes it. It returns the command to start instead, or None.
    """

def tell_of_starts(callback: Callable[[object, object], None]) -> None:
    """
    Call `callback(path, command)` before the program starts another one, or becomes it.
    """

def compile_program(source: bytes | str, file_name: str) -> types.CodeType:
    """
    Return the code of a program: as `compile(source, file_name, 'exec', dont_inherit=True)`, in less time.
    """

def clock() -> tuple[bool, str, str]:
    """
    Return whether events are stamped with the processor's counter, why, and what the system takes its time from.
    """

def first_activity(activity: object) -> Any:
    """
    Return the first object that this was ever called with, in any import of the package.
    """

_C_API: object

SEVERITIES: tuple[str, ...]

ZONE_LAYOUT: tuple[tuple[str, str], ...]

RUN_LAYOUT: tuple[tuple[str, str], ...]

FRAME_LAYOUT: tuple[tuple[str, str], ...]

POINT_LAYOUT: tuple[tuple[str, str], ...]

ALLOCATION_LAYOUT: tuple = ...

class InfoRow:
    """What a trace file says about the recording as a whole."""

    @property
    def program(self) -> str:
        """Name of the program."""

    @property
    def name(self) -> str:
        """Title."""

    @property
    def host(self) -> str:
        """Lines about the machine."""

    @property
    def process_id(self) -> int:
        """Process of the program."""

    @property
    def capture_time_s(self) -> int:
        """When the recording was made, since 1970; 0: unknown."""

    @property
    def executable_time_s(self) -> int:
        """When the program's file was made; 0: unknown."""

    @property
    def ns_per_tick(self) -> float:
        """Length of a tick of the program's clock."""

    @property
    def resolution_ns(self) -> int:
        """Shortest time that the clock could tell apart."""

    @property
    def last_time_ns(self) -> int:
        """Last time in the trace."""

    @property
    def sampling_period_ns(self) -> int:
        """Time between two samples; 0 without samples."""

    @property
    def is_on_demand(self) -> bool:
        """Whether the program recorded only for a viewer."""

    @property
    def frame_offset(self) -> int:
        """Frames before the viewer came."""

class SkippedRow:
    """A section of a trace file that was not read."""

    @property
    def name(self) -> str:
        """What is in it."""

    @property
    def entries(self) -> int:
        """How many."""

class LocationRow:
    """A place where zones are made."""

    @property
    def name(self) -> str:
        """Name that was given; empty without one."""

    @property
    def function(self) -> str:
        """Name of the function."""

    @property
    def file(self) -> str:
        """Path of the file, as the program knew it."""

    @property
    def line(self) -> int:
        """Line, from 1; 0: unknown."""

    @property
    def color(self) -> int:
        """0xRRGGBB; 0 for none."""

class ThreadRow:
    """A thread or a fiber."""

    @property
    def name(self) -> str:
        """Name; empty without one."""

    @property
    def id(self) -> int:
        """Number that the system, or the program, gave it."""

    @property
    def zone_count(self) -> int:
        """Number of zones."""

    @property
    def thread_count(self) -> int:
        """Number of threads that share the row."""

    @property
    def short_number(self) -> int:
        """Number in the file; 0: it has no zones."""

    @property
    def is_fiber(self) -> bool:
        """Whether it is a fiber."""

class ZoneExtraRow:
    """What only a few zones have."""

    @property
    def text(self) -> str | None:
        """Texts and values, a line each."""

    @property
    def name(self) -> str | None:
        """Name of its own."""

    @property
    def color(self) -> int:
        """Colour of its own, 0xRRGGBB; 0 for none."""

    @property
    def callstack(self) -> int:
        """Index of its call stack; 0 for none."""

class FrameSetRow:
    """The frames of one name."""

    @property
    def name(self) -> str:
        """Name; empty for the default set."""

    @property
    def is_continuous(self) -> bool:
        """Whether a frame ends where the next one begins."""

    @property
    def frames(self) -> memoryview:
        """The frames in place: rows of FRAME_LAYOUT."""

class MessageRow:
    """A line that the program logged."""

    @property
    def text(self) -> str:
        """The line."""

    @property
    def time_ns(self) -> int:
        """When."""

    @property
    def thread(self) -> int | None:
        """Index of its thread; None: unknown."""

    @property
    def color(self) -> int:
        """0xRRGGBB; 0 for none."""

    @property
    def severity(self) -> int:
        """0 trace, 1 debug, 2 info, 3 warning, 4 error, 5 fatal."""

    @property
    def source(self) -> int:
        """0 the program, 1 Tracy itself."""

    @property
    def callstack(self) -> int:
        """Index of its call stack; 0 for none."""

class PlotRow:
    """A curve."""

    @property
    def name(self) -> str:
        """Name; empty for those that Tracy makes itself."""

    @property
    def kind(self) -> int:
        """0 of the program, 1 memory, 2 CPU, 3 power."""

    @property
    def format(self) -> int:
        """0 number, 1 memory, 2 percentage, 3 watt."""

    @property
    def shows_steps(self) -> bool:
        """Whether a value holds until the next one."""

    @property
    def is_filled(self) -> bool:
        """Whether a viewer fills what is below it."""

    @property
    def color(self) -> int:
        """0xRRGGBB; 0 for the viewer's choice."""

    @property
    def points(self) -> memoryview:
        """The points in place: rows of POINT_LAYOUT."""

class LockRow:
    """A lock."""

    @property
    def id(self) -> int:
        """Number."""

    @property
    def location(self) -> int:
        """Index of the place where it was made."""

    @property
    def is_shared(self) -> bool:
        """Whether several threads may have it at once."""

    @property
    def made_ns(self) -> int:
        """When it was made."""

    @property
    def events(self) -> list[tuple[int, int, int]]:
        """
        Time, id of the thread, and what: 0 wait, 1 obtain, 2 release; 3 to 5 the same of a share.
        """

class FrameImageRow:
    """What a frame looked like."""

    @property
    def frame(self) -> int:
        """Index of the frame in the unnamed set; below 0 before the first mark."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""

    @property
    def is_flipped(self) -> bool:
        """Whether its first row is the lowest."""

    @property
    def data(self) -> bytes:
        """As DXT1."""

def decode_dxt1(data: bytes, width: int, height: int) -> bytes:
    """Return the pixels of an image, three bytes for each."""

class GpuContextRow:
    """A queue of a GPU."""

    @property
    def name(self) -> str:
        """Name."""

    @property
    def kind(self) -> int:
        """As viewers number them."""

    @property
    def zones(self) -> list[tuple[int, int | None, int, int, int, int, int]]:
        """
        Location, thread, depth; begin and end by the processor, then by the GPU, -1 for none.
        """

class SectionRow:
    """A part of the program's run."""

    @property
    def name(self) -> str:
        """Name."""

    @property
    def begin_ns(self) -> int:
        """When it began."""

    @property
    def end_ns(self) -> int:
        """When it ended; -1 if the recording did not live to see it."""

    @property
    def category(self) -> str:
        """Name of its category; empty for none."""

class MemoryPoolRow:
    """Blocks of memory that belong together."""

    @property
    def name(self) -> str:
        """Name; empty for the default pool."""

    @property
    def bytes(self) -> int:
        """Sum of all blocks."""

    @property
    def in_use(self) -> int:
        """Sum of those that live at the end."""

    @property
    def peak(self) -> int:
        """Most that was in use at a time."""

    @property
    def blocks(self) -> int:
        """How many live at the end."""

    @property
    def allocations(self) -> memoryview:
        """The blocks in place: rows of ALLOCATION_LAYOUT."""

class TraceFile:
    """A trace file in memory, complete and unchanging: any thread may look."""

    @property
    def version(self) -> str:
        """Release of its layout."""

    @property
    def info(self) -> InfoRow:
        """About the recording as a whole."""

    @property
    def app_info(self) -> list[str]:
        """What the program said of itself."""

    @property
    def skipped(self) -> list[SkippedRow]:
        """The sections that were not read."""

    @property
    def location_count(self) -> int: ...

    @property
    def thread_count(self) -> int: ...

    @property
    def frame_set_count(self) -> int: ...

    @property
    def message_count(self) -> int: ...

    @property
    def lock_count(self) -> int: ...

    @property
    def plot_count(self) -> int: ...

    @property
    def memory_pool_count(self) -> int: ...

    @property
    def frame_image_count(self) -> int: ...

    @property
    def gpu_context_count(self) -> int: ...

    @property
    def section_count(self) -> int: ...

    @property
    def callstack_count(self) -> int: ...

    @property
    def source_file_count(self) -> int: ...

    def source_file(self, index: int) -> tuple[str, bytes]:
        """Return the name and the bytes of a source file."""

    def callstack(self, index: int) -> list[tuple[str, str, int]]:
        """Return a call stack: functions, files and lines, innermost first."""

    def location(self, index: int) -> LocationRow:
        """Return a source location."""

    def thread(self, index: int) -> ThreadRow:
        """Return a thread or fiber."""

    def zones(self, thread: int) -> memoryview:
        """Return a thread's zones in place: rows of ZONE_LAYOUT."""

    def runs(self, thread: int) -> memoryview:
        """Return the runs of a fiber in place: rows of RUN_LAYOUT."""

    def zone_rows[Row: tuple[object, ...]](self, row: type[Row], thread: int, first: int, count: int) -> list[Row]:
        """
        Return up to `count` zones of a thread as instances of `row`, a NamedTuple with the fields start_ns,
        end_ns, location, depth, text, name, color and callstack.
        """

    def zone_extra(self, index: int) -> ZoneExtraRow:
        """Return what a zone has beside times and place."""

    def frame_set(self, index: int) -> FrameSetRow:
        """Return a set of frames."""

    def message(self, index: int) -> MessageRow:
        """Return a line that was logged."""

    def plot(self, index: int) -> PlotRow:
        """Return a curve."""

    def lock(self, index: int) -> LockRow:
        """Return a lock."""

    def memory_pool(self, index: int) -> MemoryPoolRow:
        """Return a pool of memory."""

    def frame_image(self, index: int) -> FrameImageRow:
        """Return what a frame looked like."""

    def gpu_context(self, index: int) -> GpuContextRow:
        """Return a queue of a GPU."""

    def section(self, index: int) -> SectionRow:
        """Return a part of the program's run."""

def read_trace(path: str | os.PathLike[str], from_ns: int = 0, until_ns: int = ..., least_ns: int = 0) -> TraceFile:
    """
    Read a trace file; of it, what lies between two times, and zones that are so long.

    Raises:
        OSError: The file cannot be opened or read.
        ValueError: It is damaged, foreign, or of a release that is not read.
    """

class CaptureProgress:
    """How far a capture is."""

    @property
    def phase(self) -> Literal['connecting', 'knocking', 'receiving', 'stopping', 'saving']:
        """What it does."""

    @property
    def zones(self) -> int:
        """Zones received."""

    @property
    def frames(self) -> int:
        """Frame marks received."""

    @property
    def bytes_received(self) -> int:
        """Bytes as they came, compressed."""

    @property
    def bytes_events(self) -> int:
        """Bytes that they were, uncompressed."""

    @property
    def span_ns(self) -> int:
        """Time from the program's start to the last event."""

    @property
    def seconds(self) -> float:
        """Time since the program answered."""

class CaptureResult:
    """What was captured."""

    @property
    def program(self) -> str:
        """Name of the program."""

    @property
    def protocol(self) -> int:
        """Protocol that it spoke."""

    @property
    def end(self) -> Literal['finished', 'stopped', 'memory', 'lost', 'failed']:
        """Why the capture ended."""

    @property
    def problem(self) -> str:
        """One line when lost or failed, else empty."""

    @property
    def progress(self) -> CaptureProgress:
        """How far it came."""

    @property
    def threads(self) -> int:
        """Threads and fibers in the file."""

    @property
    def frames(self) -> int:
        """Marks of the default set in the file."""

    @property
    def messages(self) -> int:
        """Messages in the file."""

    @property
    def plots(self) -> int:
        """Plots in the file."""

    @property
    def file_bytes(self) -> int:
        """Size of the file."""

    @property
    def not_kept(self) -> dict[str, int]:
        """How much came of what a trace has no place for, by name."""

class DiscoveredProgram:
    """A program that announces itself."""

    @property
    def program(self) -> str:
        """Its name."""

    @property
    def address(self) -> str:
        """Its numeric address."""

    @property
    def port(self) -> int:
        """Port where it listens."""

    @property
    def protocol(self) -> int:
        """Protocol that it announces."""

    @property
    def process_id(self) -> int:
        """Its process."""

    @property
    def active_seconds(self) -> int:
        """Time since it started, by its own account."""

def capture(path: str | os.PathLike[str], *, address: str, port: int, overwrite: bool, protocol: int, connect_seconds: float | None, seconds: float | None, memory_percent: float | None, go_on: Callable[[CaptureProgress], bool]) -> CaptureResult:
    """
    Receive from a program until it ends, save it to `path`, and return what came of it.

    `go_on` gets the progress, ten times a second, and returns whether to go on.

    Raises:
        ConnectionError: No program could be captured.
        OSError: The file cannot be written.
        ValueError: There is no such host or protocol.
    """

def discover(seconds: float) -> list[DiscoveredProgram]:
    """
    Listen for `seconds` to the programs that announce themselves.

    Raises:
        OSError: The port of announcements is taken.
    """

class LiveFunction:
    """What one function has cost so far."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def file(self) -> str:
        """Its file."""

    @property
    def line(self) -> int:
        """Its line."""

    @property
    def calls(self) -> int:
        """Calls that have begun."""

    @property
    def total_ns(self) -> int:
        """The time of its outermost calls."""

    @property
    def self_ns(self) -> int:
        """The time of its calls without what they call."""

class LiveThread:
    """What happened on one thread or fiber so far."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def is_fiber(self) -> bool:
        """Whether it is a fiber."""

    @property
    def zones(self) -> int:
        """Zones that have begun."""

    @property
    def busy_ns(self) -> int:
        """The time in which some zone was open."""

class LiveFrames:
    """A set of frames."""

    @property
    def name(self) -> str:
        """Its name; empty for the default set."""

    @property
    def frames(self) -> int:
        """Frames so far."""

class LiveMemory:
    """What is allocated in one pool of memory."""

    @property
    def name(self) -> str:
        """Its name; empty for the default pool."""

    @property
    def bytes(self) -> int:
        """Bytes in use."""

    @property
    def blocks(self) -> int:
        """Blocks in use."""

    @property
    def is_whole(self) -> bool:
        """Whether there was room for all its blocks."""

class LivePlot:
    """The values of one plot."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def format(self) -> Literal['number', 'memory', 'percentage', 'watt']:
        """What its values are."""

    @property
    def points(self) -> int:
        """Points so far."""

    @property
    def last(self) -> float:
        """Its last value."""

    @property
    def lowest(self) -> float:
        """Its lowest value."""

    @property
    def highest(self) -> float:
        """Its highest value."""

class LiveSnapshot:
    """The sums of one moment."""

    @property
    def time_ns(self) -> int:
        """When the last event was, since the program's start."""

    @property
    def zones(self) -> int:
        """Zones that have begun."""

    @property
    def messages(self) -> int:
        """Messages that have come."""

    @property
    def functions(self) -> list[LiveFunction]:
        """The functions, by name."""

    @property
    def threads(self) -> list[LiveThread]:
        """The threads and fibers."""

    @property
    def frames(self) -> list[LiveFrames]:
        """The sets of frames."""

    @property
    def memory(self) -> list[LiveMemory]:
        """The pools of memory."""

    @property
    def plots(self) -> list[LivePlot]:
        """The plots."""

class LiveView:
    """A program that is looked at while it runs."""

    def __init__(self, address: str, port: int, protocol: int) -> None:
        """
        Protocol 0: whichever the program speaks.

        Raises:
            ValueError: There is no such host or protocol.
        """

    def step(self, seconds: float) -> Literal['connecting', 'knocking', 'receiving', 'ended']:
        """
        Receive for so long, or until the state is another one, and return it.

        Raises:
            ConnectionError: The program is none that can be looked at.
        """

    def leave(self) -> None:
        """Take leave of the program."""

    def snapshot(self) -> LiveSnapshot:
        """Return the sums of this moment."""

    @property
    def program(self) -> str:
        """The program's name."""

    @property
    def protocol(self) -> int:
        """What it speaks; 0 before it has answered."""

    @property
    def problem(self) -> str:
        """One line when it has ended before its time, else empty."""

class MergePlace:
    """Where a trace lies in one that it was merged into."""

    @property
    def program(self) -> str:
        """Name of its program."""

    @property
    def process_id(self) -> int:
        """Process of its program."""

    @property
    def begin_ns(self) -> int:
        """Where its time 0 is."""

    @property
    def by(self) -> Literal['told', 'counter', 'clock', 'seconds', 'round trips']:
        """By what that is known."""

    @property
    def error_ns(self) -> int:
        """How far off it may be."""

    @property
    def zones(self) -> int:
        """Zones in it."""

class MergeResult:
    """What was merged."""

    @property
    def places(self) -> list[MergePlace]:
        """Where each trace lies now, in the order in which they were named."""

    @property
    def notes(self) -> list[str]:
        """What did not go over as it was, one line each."""

    @property
    def threads(self) -> int:
        """Threads and fibers in the file."""

    @property
    def zones(self) -> int:
        """Zones in the file."""

    @property
    def file_bytes(self) -> int:
        """Size of the file."""

    @property
    def zones_elsewhere(self) -> int:
        """
        Zones whose source location had no room, and that are shown as "other functions".
        """

    @property
    def layout(self) -> str:
        """Layout of the file."""

def merge(inputs: Sequence[tuple[str | os.PathLike[str], float | None, int, Sequence[tuple[int, int, int]]]], output: str | os.PathLike[str], *, overwrite: bool) -> MergeResult:
    """
    Merge trace files into one. With each comes how many seconds its time 0 lies behind that of the first, if that is told, or else the number of one before it and readings: the counter of that one, its own at that moment, and by how many nanoseconds they may be apart.

    Raises:
        OSError: A file cannot be read or written.
        ValueError: They cannot be merged.
    """

def ticks() -> int:
    """Read the counter that times of traces come from."""

def counter_identity() -> str:
    """
    Return whose counter that is: equal where two processes read the same one; empty if that is unknown.
    """

class FunctionRow:
    """What one function, or a group of locations, cost."""

    @property
    def location(self) -> int:
        """Its location, or the number of its group."""

    @property
    def calls(self) -> int:
        """Number of calls."""

    @property
    def primitive_calls(self) -> int:
        """Number of outermost calls."""

    @property
    def total_ns(self) -> int:
        """Time with what was called."""

    @property
    def busy_ns(self) -> int:
        """Time of that in which its row ran."""

    @property
    def self_ns(self) -> int:
        """Time without the direct children's."""

    @property
    def min_ns(self) -> int:
        """Shortest call."""

    @property
    def max_ns(self) -> int:
        """Longest call."""

    @property
    def mean_ns(self) -> float:
        """Mean call."""

    @property
    def median_ns(self) -> float:
        """Median call."""

    @property
    def p95_ns(self) -> float:
        """What 95 of 100 calls do not exceed."""

    @property
    def p99_ns(self) -> float:
        """What 99 of 100 calls do not exceed."""

    @property
    def std_ns(self) -> float:
        """Standard deviation of a sample."""

class EdgeRow:
    """All calls of one function by another."""

    @property
    def caller(self) -> int | None:
        """Location of the caller; None at the top of a thread."""

    @property
    def callee(self) -> int:
        """Location of what was called."""

    @property
    def calls(self) -> int:
        """Number of calls."""

    @property
    def primitive_calls(self) -> int:
        """Number of outermost calls."""

    @property
    def total_ns(self) -> int:
        """Time of the outermost calls."""

    @property
    def self_ns(self) -> int:
        """Time of all calls, without their direct children's."""

class RankSum:
    """
    What the rank sum test of Wilcoxon, Mann and Whitney says of two samples.
    """

    @property
    def p_value(self) -> float:
        """Chance of so large a difference if there is none."""

    @property
    def superiority(self) -> float:
        """Chance that one of the second sample is the larger."""

class ComparisonRow:
    """One function in two recordings."""

    @property
    def before(self) -> FunctionRow:
        """What it cost in the first."""

    @property
    def after(self) -> FunctionRow:
        """What it cost in the second."""

    @property
    def test(self) -> RankSum | None:
        """Test of the durations; None with too few calls."""

class CallTreeRows:
    """Calls merged by path: tables with an entry for each node."""

    @property
    def parent(self) -> Annotated[memoryview, dict(int)]:
        """Node above, which comes before; -1 at the top."""

    @property
    def location(self) -> Annotated[memoryview, dict(int)]:
        """Source location."""

    @property
    def calls(self) -> Annotated[memoryview, dict(int)]:
        """Number of calls by this path."""

    @property
    def total_ns(self) -> Annotated[memoryview, dict(int)]:
        """Time with what was called."""

    @property
    def self_ns(self) -> Annotated[memoryview, dict(int)]:
        """Time without the direct children's."""

def call_tree(file: TraceFile, thread: int | None) -> CallTreeRows:
    """Merge the calls of a thread, or of all, by path."""

class SummedFile:
    """
    A trace file whose zones were added up while it was read, and not kept.
    """

    @property
    def file(self) -> TraceFile:
        """All but the zones."""

    def zone_count(self, thread: int) -> int:
        """Return how many zones a thread has."""

    def busy_ns(self, thread: int) -> int:
        """Return how long some zone was open on the thread."""

    def function_stats(self, thread: int | None) -> list[FunctionRow]:
        """As the function of that name; nothing that was not asked for."""

    def task_stats(self) -> list[tuple[str, int, int, int, float, float, float, int]]:
        """As the function of that name."""

    def call_tree(self, thread: int) -> CallTreeRows:
        """Return the calls of a thread merged by path."""

def read_summed(path: str | os.PathLike[str], functions: bool, of_threads: bool, trees: bool, from_ns: int, until_ns: int, least_ns: int) -> SummedFile:
    """
    Read a trace file, as read_trace does, and only add up its zones.

    Raises:
        OSError: The file cannot be opened or read.
        ValueError: It is damaged, foreign, or of a release that is not read.
    """

def function_stats(file: TraceFile, thread: int | None) -> list[FunctionRow]:
    """
    Return what each function cost on a thread, or on all; most self time first.
    """

def task_stats(file: TraceFile) -> list[tuple[str, int, int, int, float, float, float, int]]:
    """Return what the tasks of each name cost, the busiest first."""

def busy_ns(file: TraceFile, thread: int) -> int:
    """Return how long some zone was open on the thread."""

def call_edges(file: TraceFile, thread: int | None) -> list[EdgeRow]:
    """
    Return which function called which, in the order in which they first did.
    """

def compare(before: TraceFile, before_groups: Sequence[int], after: TraceFile, after_groups: Sequence[int], count: int) -> list[ComparisonRow]:
    """
    Compare `count` functions in two recordings. The groups say which function each location belongs to.

    Raises:
        ValueError: A location has no group below `count`.
    """

class ZoneSupply:
    """
    The zones of a trace, thread by thread, in the order in which they began.
    """

    def start(self, thread: int, with_children: bool = False) -> None:
        """
        Go to a thread. `with_children`: the times of direct children are asked for, too.
        """

    def rows[Row: tuple[object, ...]](self, row: type[Row], most: int) -> list[Row]:
        """
        Return the next zones of the thread, up to `most` of them, as TraceFile.zone_rows; [] when there are no more.
        """

    def timed_rows[Row: tuple[object, ...]](self, row: type[Row], most: int) -> list[tuple[Row, int]]:
        """The same, each with the time in its direct children."""

    def columns(self, most: int) -> tuple[bytes, bytes]:
        """
        The same as rows of ZONE_LAYOUT, and the times of direct children as int64.
        """

def zones_of(file: TraceFile) -> ZoneSupply:
    """Return the zones of a file in memory."""

class StreamedFile:
    """A trace file whose zones are read once more when they are wanted."""

    @property
    def file(self) -> TraceFile:
        """All but the zones."""

    def zone_count(self, thread: int) -> int:
        """Return how many zones a thread has."""

    def calls(self, thread: int) -> list[tuple[int, int]]:
        """
        Return the locations of a thread's zones, each with how many there are.
        """

    def zones(self) -> ZoneSupply:
        """Return the zones, which it opens the file for."""

    def call_tree(self, thread: int | None) -> CallTreeRows:
        """Return the calls of a thread, or of all, merged by path."""

def read_streamed(path: str | os.PathLike[str], from_ns: int, until_ns: int, least_ns: int) -> StreamedFile:
    """
    Read a trace file, as read_trace does, and only count its zones.

    Raises:
        OSError: The file cannot be opened or read.
        ValueError: It is damaged, foreign, or of a release that is not read.
    """

class NestedZones:
    """The zones of a thread with ends, properly nested."""

    def __init__(self, zones: ZoneSupply, is_kept: Sequence[bool]) -> None:
        """
        Those of the locations that are kept, of the thread that `zones` has just gone to.
        """

    def rows[Row: tuple[object, ...]](self, row: type[Row], most: int) -> list[tuple[int, int, int, Row]]:
        """
        Return the next ones, `most` at most: start, end, depth, and the zone as TraceFile.zone_rows has it.
        """

class PerfettoZones:
    """The zones of threads as packets of a Perfetto trace."""

    def __init__(self, file: TraceFile, is_kept: Sequence[bool], interned: list[bytes]) -> None:
        """
        Those of the locations that are kept. interned[location] is the InternedData that gives the location's name and
        place the number location + 1.
        """

    def start(self, zones: ZoneSupply, sequence: int) -> None:
        """
        Go to the thread that `zones` has just gone to; all of its packets are of that sequence, which is no other thread's.
        """

    def more(self, most_bytes: int, describe: Callable[[int, int], tuple[bytes, bool]]) -> bytes:
        """
        Return the next packets of the thread, of about so many bytes; b"" when there are no more.

        `describe(location, extra)` returns more fields of a zone's TrackEvent, and whether they have its name.
        """

class Timeline:
    """A trace file as a timeline is drawn; any thread may look."""

    @property
    def file(self) -> TraceFile:
        """All but the zones."""

    @property
    def lanes(self) -> list[list[int]]:
        """
        How many zones each row of each lane has: threads, sets of frames, locks, rows of GPUs, sections,
        samples of threads.
        """

    @property
    def mended(self) -> int:
        """How many zones had times that were out of order."""

    @property
    def memory_bytes(self) -> int:
        """What the zones take."""

    @property
    def curves(self) -> list[tuple[int, float, float]]:
        """Plots, then pools of memory: points, lowest, highest."""

    @property
    def locks(self) -> list[tuple[int, str, list[int]]]:
        """
        Location, name, which is empty where it has none, and ids of threads of each lock.
        """

    def draw(self, lane: int, first_row: int, last_row: int, from_ns: int, to_ns: int, pixel_ns: int) -> tuple[list[int], bytes, list[tuple[int, str]]]:
        """
        Return how many boxes each row has, the boxes, and the names that zones have of their own.
        """

    def draw_messages(self, from_ns: int, to_ns: int, pixel_ns: int) -> bytes:
        """Return messages as boxes."""

    def draw_curve(self, curve: int, from_ns: int, to_ns: int, pixel_ns: int) -> bytes:
        """Return the points of a curve, merged by pixels."""

    def look(self, lane: int, row: int, zone: int) -> tuple[int, int, int, int, int, int, tuple[int, int, int] | None, tuple[int, int, int] | None, list[tuple[int, int, int]]]:
        """
        Return start, end, location, extra, self time, number of children, parent, first child, and
        the children by function: location, calls, time.
        """

    def find(self, locations: Sequence[int], word: str, time_ns: int, lane: int, row: int, zone: int, is_forward: bool) -> tuple[tuple[int, int, int], int, int, int] | None:
        """
        Return place, start, end and location of the next zone of these functions, or with that word in its own name
        or text; or the one before.
        """

    def count_others(self, locations: Sequence[int], word: str, lanes: Sequence[int]) -> int:
        """
        Return how many zones `find` finds on these threads for their own name or text alone, and on GPUs.
        """

    @property
    def image_frames(self) -> dict[int, int]:
        """
        The images of frames, by the zone of their frame in the lane of the unnamed set.
        """

    @property
    def gpu_rows(self) -> list[tuple[str, int | None, bool]]:
        """
        Of each lane of a GPU the name of its context, its thread, and whether it is alone there.
        """

    def look_at_gpu(self, lane: int, row: int, zone: int) -> tuple[int, int, int, int, int]:
        """
        Return begin and end by the processor, then by the GPU, -1 for none, and the call stack of a zone in a lane of
        GPUs, of which the first has the number 0.
        """

    def functions(self) -> list[tuple[int, int, int, int, int, int, int, float]]:
        """
        Return location, calls, outermost calls, total, self, minimum, maximum and mean of each function.
        """

    def steps(self, location: int) -> list[tuple[int, int]]:
        """
        Return how long the calls of a function took: where a step of the scale begins, and how many.
        """

    def functions_in(self, lanes: Sequence[int], from_ns: int, to_ns: int) -> list[tuple[int, int, int, int]]:
        """
        Return location, calls, total and self time of each function in a span, most self time first.
        """

    def tree_in(self, lanes: Sequence[int], from_ns: int, to_ns: int) -> tuple[Annotated[memoryview, dict(int)], Annotated[memoryview, dict(int)], Annotated[memoryview, dict(int)], Annotated[memoryview, dict(int)], Annotated[memoryview, dict(int)]]:
        """
        Return the calls in a span merged by path: parent, location, calls, total and self time of each node.
        """

    def packed(self, lane: int, least_ns: int) -> tuple[int, bytes, list[int]]:
        """
        Return how many zones of a lane took so long, these as bytes, and the extras that they refer to.
        """

    def least_duration(self, most_zones: int) -> int:
        """
        Return from which duration on there are no more zones than that; 0 for all.
        """

    def write_index(self, path: str | os.PathLike[str]) -> bool:
        """
        Write all of it to a file, for `read_timeline_index`; False, and nothing, if that cannot be.

        Raises:
            OSError: It cannot be written.
        """

def read_timeline_index(path: str | os.PathLike[str]) -> Timeline | None:
    """
    Read what `Timeline.write_index` has written; None if it is damaged, or another version's.

    Raises:
        OSError: The file cannot be opened or read.
    """

def read_timeline(path: str | os.PathLike[str]) -> Timeline:
    """
    Read a trace file as a timeline.

    Raises:
        OSError: The file cannot be opened or read.
        ValueError: It is damaged, foreign, or of a release that is not read.
    """
