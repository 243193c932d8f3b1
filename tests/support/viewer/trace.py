"""What the viewer has understood so far: threads and their zones, frames, messages, plots.

Texts arrive after the events that need them, so names are looked up when they are read; what has not been
answered yet reads `UNKNOWN`. Times: `*_tick` are the program's raw absolute ticks, `*_ns` are nanoseconds since
the welcome's `init_begin`, with the real viewer's arithmetic.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .tables import HEX_VALUES_SINCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .handshake import OnDemandPayload, Welcome
    from .kinds.callstacks import Callstack, StackFrame
    from .kinds.fibers import FiberRun
    from .kinds.frames import FrameImage
    from .kinds.gpu import GpuContext
    from .kinds.locks import Lock
    from .kinds.machine import Sample, Switch
    from .kinds.memory import MemoryPool
    from .kinds.sections import Section

#: What the real viewer shows for a text that it has not got.
UNKNOWN = "???"

#: An exact shape: a zone's name and its children's shapes.
type Tree = tuple[str, tuple[Tree, ...]]


class SourceLocation:
    """One static (asked for) or dynamic (sent whole) source location.

    Attributes:
        id: the program's pointer; for a dynamic one, minus its number.
        color: 0xRRGGBB, 0 for none.
    """

    __slots__ = ("_file", "_function", "_name", "color", "id", "is_known", "line", "trace")

    def __init__(self, trace: Trace, identity: int) -> None:
        self.trace = trace
        self.id = identity
        self.is_known = False
        self._name: int | str = 0
        self._function: int | str = 0
        self._file: int | str = 0
        self.line = 0
        self.color = 0

    def fill(self, name: int | str, function: int | str, file: int | str, line: int, color: int) -> None:
        """Take the answer: pointers of a static location, texts of a dynamic one."""
        self._name, self._function, self._file = name, function, file
        self.line, self.color = line, color
        self.is_known = True

    def _text(self, reference: int | str) -> str:
        return reference if isinstance(reference, str) else self.trace.strings.get(reference, UNKNOWN)

    @property
    def own_name(self) -> str | None:
        """The location's name, or None where only the function names it."""
        return self._text(self._name) if self._name else None

    @property
    def function(self) -> str:
        return self._text(self._function)

    @property
    def file(self) -> str:
        return self._text(self._file)

    @property
    def name(self) -> str:
        """What a zone of this location is called: the name, else the function."""
        return self.own_name or self.function


class Zone:
    """One zone, with its children in the order of their beginnings."""

    __slots__ = ("begin_tick", "children", "end_tick", "extra", "location")

    def __init__(self, location: SourceLocation, begin_tick: int) -> None:
        self.location = location
        self.begin_tick = begin_tick
        self.end_tick: int | None = None
        self.children: list[Zone] = []
        self.extra: ZoneExtra | None = None

    @property
    def name(self) -> str:
        """The zone's own name if it was given one, else its location's."""
        own = self.extra.name if self.extra else None
        return self.location.name if own is None else own

    @property
    def function(self) -> str:
        return self.location.function

    @property
    def file(self) -> str:
        return self.location.file

    @property
    def line(self) -> int:
        return self.location.line

    @property
    def srcloc(self) -> int:
        return self.location.id

    @property
    def color(self) -> int:
        """The zone's own colour if it has one, else its location's; 0xRRGGBB, 0 for none."""
        return (self.extra.color if self.extra else 0) or self.location.color

    @property
    def callstack(self) -> Callstack | None:
        """The call stack that was sent with its beginning."""
        return self.extra.callstack if self.extra else None

    @property
    def texts(self) -> list[str]:
        return [part for part in self.extra.parts if isinstance(part, str)] if self.extra else []

    @property
    def text(self) -> str | None:
        """The texts given to this zone, joined as the viewer joins them; None without any."""
        return "\n".join(self.texts) if self.texts else None

    @property
    def values(self) -> list[int]:
        return [part for part in self.extra.parts if isinstance(part, int)] if self.extra else []

    @property
    def value(self) -> int | None:
        """The last value given to this zone."""
        return self.values[-1] if self.values else None

    @property
    def shown_text(self) -> str | None:
        """What the viewer keeps as the zone's text: texts and values in their order, one per line."""
        if not (self.extra and self.extra.parts):
            return None
        in_hex = self.location.trace.protocol >= HEX_VALUES_SINCE
        as_text = [
            part if isinstance(part, str) else (f"{part} [0x{part:x}]" if in_hex else f"{part}")
            for part in self.extra.parts
        ]
        return "\n".join(as_text)

    @property
    def begin_ns(self) -> int:
        return self.location.trace.nanoseconds(self.begin_tick)

    @property
    def end_ns(self) -> int | None:
        return None if self.end_tick is None else self.location.trace.nanoseconds(self.end_tick)

    def tree(self) -> Tree:
        """The names below and including this zone. Not recursive: zones nest as deep as the program likes."""
        order = list(self.walk())
        shapes: dict[Zone, Tree] = {}
        for zone in reversed(order):
            shapes[zone] = (zone.name, tuple(shapes.pop(child) for child in zone.children))
        return shapes[self]

    def walk(self) -> Iterator[Zone]:
        """This zone and all below it, parents first."""
        todo = [self]
        while todo:
            zone = todo.pop()
            yield zone
            todo.extend(reversed(zone.children))

    def __repr__(self) -> str:
        return f"<Zone {self.name!r} at {self.begin_tick} with {len(self.children)} children>"


class ZoneExtra:
    """What few zones have: a call stack, a name and a colour of their own, texts and values."""

    __slots__ = ("callstack", "color", "name", "parts")

    def __init__(self) -> None:
        self.callstack: Callstack | None = None
        self.name: str | None = None
        self.color = 0
        self.parts: list[str | int] = []


class ThreadTrace:
    """One thread, or one fiber: its finished and open zones.

    `stack` holds a sentinel below the open zones whose children are the roots, so that a zone has a parent always.
    """

    def __init__(self, trace: Trace, identity: int, fiber: int | None = None) -> None:
        self.trace = trace
        self.id = identity
        self.fiber_id = fiber
        self.group_hint = 0
        self.stack = [Zone(SourceLocation(trace, 0), 0)]
        self.roots = self.stack[0].children
        #: No event of this timeline may lie before it.
        self.last_tick = trace.welcome.init_begin
        #: The fiber that runs on this thread now.
        self.fiber: ThreadTrace | None = None
        #: Of a fiber: when it ran, and on which thread.
        self.runs: list[FiberRun] = []
        #: Zone validation: the id that the next event names, and the ids of the open zones that have one.
        self.next_validation = 0
        self.validations: list[int] | None = None

    @property
    def name(self) -> str:
        names = self.trace.thread_names if self.fiber_id is None else self.trace.fiber_names
        return names.get(self.id if self.fiber_id is None else self.fiber_id, UNKNOWN)

    @property
    def is_fiber(self) -> bool:
        return self.fiber_id is not None

    @property
    def open(self) -> list[Zone]:
        """Zones without an end yet, outermost first."""
        return self.stack[1:]

    def zones(self) -> Iterator[Zone]:
        """All zones of this thread, in the order of their beginnings."""
        for root in self.roots:
            yield from root.walk()

    def tree(self) -> tuple[Tree, ...]:
        """The exact shape of everything on this thread."""
        return tuple(root.tree() for root in self.roots)

    def __repr__(self) -> str:
        return f"<ThreadTrace {self.name!r} ({self.id}): {len(self.roots)} roots, {len(self.open)} open>"


@dataclass(frozen=True)
class Frame:
    """One frame mark. `end_ns` is None for the marks of a continuous set, and for a frame that has not ended."""

    begin_ns: int
    end_ns: int | None
    begin_tick: int


@dataclass
class FrameSet:
    """All marks of one name; `(begin tick, end tick or None)` each."""

    pointer: int
    continuous: bool
    ticks: list[tuple[int, int | None]] = field(default_factory=list)


@dataclass
class PlotConfig:
    """How the viewer is to draw a plot: kind 0 number, 1 memory, 2 percentage."""

    kind: int = 0
    step: bool = False
    fill: bool = True
    color: int = 0


@dataclass
class Plot:
    """All points of one name, `(tick, value)` each."""

    pointer: int
    config: PlotConfig = field(default_factory=PlotConfig)
    points: list[tuple[int, float]] = field(default_factory=list)


class Message:
    """One message. `color` is 0xRRGGBB, or None for one without; severity and source exist from protocol 77 on."""

    __slots__ = ("_text", "callstack", "color", "metadata", "thread", "tick")

    def __init__(self, thread: ThreadTrace, tick: int, text: str | int, color: int | None, metadata: int) -> None:
        self.thread = thread
        self.tick = tick
        self._text = text
        self.color = color
        self.metadata = metadata
        self.callstack: Callstack | None = None

    @property
    def text(self) -> str:
        if isinstance(self._text, str):
            return self._text
        return self.thread.trace.strings.get(self._text, UNKNOWN)

    @property
    def time_ns(self) -> int:
        return self.thread.trace.nanoseconds(self.tick)

    @property
    def severity(self) -> int:
        """0 trace, 1 debug, 2 info, 3 warning, 4 error, 5 fatal."""
        return self.metadata >> 4

    @property
    def source(self) -> int:
        """0 the program, 1 Tracy itself."""
        return self.metadata & 15

    def __repr__(self) -> str:
        return f"<Message {self.text!r}>"


@dataclass
class Parameter:
    """A value that the viewer's user may change; kind 0 integer, 1 boolean, 2 trigger (from protocol 82).

    `value` is what the viewer shows: what the program has set up, or what the user has set since.
    """

    index: int
    name_pointer: int
    kind: int
    value: int


class Trace:
    """Everything received in one conversation."""

    def __init__(self, protocol: int, welcome: Welcome, on_demand: OnDemandPayload | None) -> None:
        self.protocol = protocol
        self.welcome = welcome
        self.on_demand = on_demand
        self.nanoseconds = welcome.nanoseconds
        self.strings: dict[int, str] = {}
        self.thread_names: dict[int, str] = {}
        self.fiber_names: dict[int, str] = {}
        self.threads: dict[int, ThreadTrace] = {}
        #: Zones begun, as the viewer counts them.
        self.zone_count = 0
        self.locations: dict[int, SourceLocation] = {}
        self.dynamic_locations: list[SourceLocation] = []
        self.frame_sets: dict[int, FrameSet] = {}
        self.plot_sets: dict[int, Plot] = {}
        self.messages: list[Message] = []
        self.app_info: list[str] = []
        self.parameters: list[Parameter] = []
        self.sources: dict[str, bytes | None] = {}
        #: All different call stacks, and the frames and the binary of each address in them.
        self.callstacks: list[Callstack] = []
        self.callstack_frames: dict[int, list[StackFrame]] = {}
        self.image_names: dict[int, str] = {}
        self.symbol_files: dict[int, str] = {}
        self.symbol_codes: dict[int, bytes] = {}
        #: What system and processor tell; counters by address and kind, processes by thread.
        self.samples: list[Sample] = []
        self.switches: list[Switch] = []
        self.hardware_samples: dict[int, dict[str, list[int]]] = {}
        self.processes: dict[int, int] = {}
        self.foreign_names: dict[int, tuple[str, str]] = {}
        self.crash: tuple[int, int, Callstack | None] | None = None
        #: Memory pools by pointer, locks and GPU contexts by their numbers.
        self.pools: dict[int, MemoryPool] = {}
        self.locks: dict[int, Lock] = {}
        self.gpu_contexts: dict[int, GpuContext] = {}
        self.frame_images: list[FrameImage] = []
        self.sections: list[Section] = []
        self.section_categories: dict[int, str] = {}
        #: Events that are parsed but not modelled further, by name.
        self.other: Counter[str] = Counter()
        self.is_terminated = False
        self.is_crashed = False

    def thread(self, name: str) -> ThreadTrace:
        """The one thread or fiber of this name."""
        found = [thread for thread in self.threads.values() if thread.name == name]
        if len(found) != 1:
            names = sorted(thread.name for thread in self.threads.values())
            raise LookupError(f"{len(found)} threads are named {name!r}; there are {names}")
        return found[0]

    @property
    def fibers(self) -> list[ThreadTrace]:
        """The rows of fibers, in the order in which they were first entered."""
        return [thread for thread in self.threads.values() if thread.is_fiber]

    def lock(self, name: str) -> Lock:
        """The one lock of this name: its own, else that of its source location."""
        found = [lock for lock in self.locks.values() if (lock.name or lock.location.name) == name]
        if len(found) != 1:
            raise LookupError(f"{len(found)} locks are named {name!r}")
        return found[0]

    def parameter(self, name: str) -> Parameter:
        """The one parameter of this name."""
        found = [each for each in self.parameters if self.strings.get(each.name_pointer) == name]
        if len(found) != 1:
            raise LookupError(f"{len(found)} parameters are named {name!r}")
        return found[0]

    def source_code(self, file: str) -> str | None:
        """The text of a file: None for one that the program does not have. Raises KeyError for one never asked for."""
        content = self.sources[file]
        return None if content is None else content.decode()

    @property
    def memory_pools(self) -> dict[str | None, MemoryPool]:
        """Memory pools by name; None is the default pool."""
        return {self.strings.get(pointer, UNKNOWN) if pointer else None: pool for pointer, pool in self.pools.items()}

    def zones(self) -> Iterator[Zone]:
        """All zones, thread by thread."""
        for thread in self.threads.values():
            yield from thread.zones()

    def counts(self) -> Counter[str]:
        """Zones by what their source location is called: its name, else its function."""
        by_location: Counter[SourceLocation] = Counter(zone.location for zone in self.zones())
        counts: Counter[str] = Counter()
        for location, count in by_location.items():
            counts[location.name] += count
        return counts

    @property
    def frames(self) -> dict[str | None, list[Frame]]:
        """Frame marks by the name of their set; None is the default set."""
        sets: dict[str | None, list[Frame]] = {}
        for frames in self.frame_sets.values():
            name = self.strings.get(frames.pointer, UNKNOWN) if frames.pointer else None
            sets.setdefault(name, []).extend(
                Frame(self.nanoseconds(begin), None if end is None else self.nanoseconds(end), begin)
                for begin, end in frames.ticks
            )
        return sets

    @property
    def shown_frame_count(self) -> int:
        """`Frames` as a capture program prints them: two or three of its own are added to the default set's."""
        marks = self.frame_sets[0].ticks if 0 in self.frame_sets else []
        return len(marks) + (2 if self.on_demand is None else 3)

    @property
    def plots(self) -> dict[str, list[tuple[int, float]]]:
        """Plot points `(time_ns, value)` by the name of their plot."""
        plots: dict[str, list[tuple[int, float]]] = {}
        for plot in self.plot_sets.values():
            points = plots.setdefault(self.strings.get(plot.pointer, UNKNOWN), [])
            points.extend((self.nanoseconds(tick), value) for tick, value in plot.points)
        return plots

    @property
    def plot_configs(self) -> dict[str, PlotConfig]:
        """How each plot is to be drawn."""
        return {self.strings.get(plot.pointer, UNKNOWN): plot.config for plot in self.plot_sets.values()}
