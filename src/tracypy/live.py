"""Looking at a program while it runs: what its functions, threads, frames, memory and plots add up to so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from tracypy import _core

if TYPE_CHECKING:
    from typing import Self

type State = Literal["connecting", "knocking", "receiving", "ended"]
type Format = Literal["number", "memory", "percentage", "watt"]


class LiveFunction(NamedTuple):
    """What one function has cost so far.

    Attributes:
        name: Its name, or that of the zone.
        file: Where it is.
        line: Where it begins there.
        calls: Calls that have begun.
        total_ns: The time of its outermost calls; those that are open count as far as they have come.
        self_ns: The time of its calls without what they call.
    """

    name: str
    file: str
    line: int
    calls: int
    total_ns: int
    self_ns: int


class LiveThread(NamedTuple):
    """What happened on one thread or fiber so far.

    Attributes:
        name: Its name.
        is_fiber: Whether it is a fiber.
        zones: Zones that have begun.
        busy_ns: The time in which some zone was open; of a fiber, while it ran.
    """

    name: str
    is_fiber: bool
    zones: int
    busy_ns: int


class LiveFrames(NamedTuple):
    """A set of frames.

    Attributes:
        name: Its name; empty for the default set.
        frames: Frames so far.
    """

    name: str
    frames: int


class LiveMemory(NamedTuple):
    """What is allocated in one pool of memory.

    Attributes:
        name: Its name; empty for the default pool.
        bytes: In use.
        blocks: In use.
        is_whole: False where the program has more blocks than are followed: then it has at least so much.
    """

    name: str
    bytes: int
    blocks: int
    is_whole: bool


class LivePlot(NamedTuple):
    """The values of one plot.

    Attributes:
        name: Its name.
        format: What its values are.
        points: Points so far.
        last: Its last value.
        lowest: The lowest of all.
        highest: The highest of all.
    """

    name: str
    format: Format
    points: int
    last: float
    lowest: float
    highest: float


class LiveSnapshot(NamedTuple):
    """The sums of one moment.

    Attributes:
        time_ns: When the last event was, since the program's start; before there is one, the moment of connecting.
        zones: Zones that have begun.
        messages: Messages that have come.
        functions: By name.
        threads: Fibers included.
        frames: The sets of frames.
        memory: The pools of memory.
        plots: The plots.
    """

    time_ns: int = 0
    zones: int = 0
    messages: int = 0
    functions: tuple[LiveFunction, ...] = ()
    threads: tuple[LiveThread, ...] = ()
    frames: tuple[LiveFrames, ...] = ()
    memory: tuple[LiveMemory, ...] = ()
    plots: tuple[LivePlot, ...] = ()


class LiveView:
    """A program that is looked at while it runs, as a viewer does; only sums are kept. Use as a context manager.

    Args:
        address: Where it listens: a numeric address or a name.
        port: Its port.
        protocol: Speak only this one; None finds out which of `tracypy.PROTOCOLS` the program speaks.

    Raises:
        ValueError: There is no such host or protocol.
    """

    def __init__(self, address: str = "127.0.0.1", port: int = 8086, protocol: int | None = None) -> None:
        self._view = _core.LiveView(address, port, protocol or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.leave()

    def step(self, seconds: float) -> State:
        """Receive for so long, or until the state is another one; nothing is received in between.

        Returns:
            "connecting" while no program listens there; "knocking" while one does, but does not answer (it may be busy
            with another viewer); "receiving"; "ended" when the program has, or the connection.

        Raises:
            ConnectionError: The program speaks no protocol of ours, or accepts no viewer.
        """
        return self._view.step(seconds)

    def leave(self) -> None:
        """Take leave of the program."""
        self._view.leave()

    @property
    def program(self) -> str:
        """The program's name; empty before it has answered."""
        return self._view.program

    @property
    def protocol(self) -> int:
        """The protocol that it speaks; 0 before it has answered."""
        return self._view.protocol

    @property
    def problem(self) -> str:
        """One line when it has ended before its time, else empty."""
        return self._view.problem

    def snapshot(self) -> LiveSnapshot:
        """Return the sums of this moment."""
        now = self._view.snapshot()
        return LiveSnapshot(
            time_ns=now.time_ns,
            zones=now.zones,
            messages=now.messages,
            functions=tuple(
                LiveFunction(row.name, row.file, row.line, row.calls, row.total_ns, row.self_ns)
                for row in now.functions
            ),
            threads=tuple(LiveThread(row.name, row.is_fiber, row.zones, row.busy_ns) for row in now.threads),
            frames=tuple(LiveFrames(row.name, row.frames) for row in now.frames),
            memory=tuple(LiveMemory(row.name, row.bytes, row.blocks, row.is_whole) for row in now.memory),
            plots=tuple(
                LivePlot(row.name, row.format, row.points, row.last, row.lowest, row.highest) for row in now.plots
            ),
        )
