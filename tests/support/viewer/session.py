"""The viewer's side of a conversation without any I/O: bytes in, bytes out."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from .answers import AnswerHandlers
from .blocks import BlockStream
from .decoder import Decoder
from .errors import HandshakeRefused, ProtocolViolation
from .handshake import (
    ON_DEMAND_SIZE,
    STATUS_WELCOME,
    OnDemandPayload,
    Welcome,
    greeting,
    parse_on_demand,
    parse_welcome,
    welcome_size,
)
from .kinds.fibers import FiberKind
from .kinds.frames import FrameKind
from .kinds.gpu import GpuKind
from .kinds.locks import LockKind
from .kinds.machine import MachineKind
from .kinds.memory import MemoryKind
from .kinds.messages import MessageKind
from .kinds.plots import PlotKind
from .kinds.program import ProgramKind
from .kinds.sections import SectionKind
from .queries import QUERY_LIMIT, Query, QueryBook, pack_query
from .tables import PROTOCOLS

if TYPE_CHECKING:
    from .kinds.kind import Kind
    from .trace import Parameter, Trace


class Stage(Enum):
    """How far a conversation is."""

    STATUS = auto()
    WELCOME = auto()
    ON_DEMAND = auto()
    EVENTS = auto()
    DONE = auto()


class Session:
    """Feed what the program sends; send what `take_outgoing` gives.

    The session asks what the real viewer asks. After the program's Terminate it goes on until nothing is missing
    and no zone is open on any thread, says goodbye with a terminate query and is `is_done`.

    Args:
        protocol: one of `PROTOCOLS`.
        query_limit: how many questions may be under way.
        local_sources: take source files from the disk, as the real viewer does, where they are older than the
            program; otherwise every file is asked for.
        tolerated: faults of Tracy's own client to overlook: "SectionSetup" (an on-demand 0.14.0 sends it without
            its text when it repeats what happened before the connection), "LockObtain" (a try-lock obtains without
            waiting, which stops a viewer that is built with its checks), "LockOrder" (it tells of a release when the
            next thread may have the lock already, so that the viewer shows two at once).
    """

    def __init__(
        self,
        protocol: int,
        *,
        query_limit: int = QUERY_LIMIT,
        local_sources: bool = False,
        tolerated: frozenset[str] = frozenset(),
    ) -> None:
        if protocol not in PROTOCOLS:
            raise ValueError(f"protocol {protocol} is none of {sorted(PROTOCOLS)}")
        self.protocol = protocol
        self.stage = Stage.STATUS
        self.welcome: Welcome | None = None
        self.on_demand: OnDemandPayload | None = None
        self.stream = BlockStream()
        self.queries = QueryBook(protocol, query_limit)
        self.is_leaving = False
        self._local_sources = local_sources
        self._tolerated = tolerated
        self._decoder: Decoder | None = None
        self._kinds: list[Kind] = []
        self._program: ProgramKind | None = None
        self._buffer = bytearray()
        self._outgoing = bytearray(greeting(protocol))

    @property
    def trace(self) -> Trace:
        """What has been understood so far."""
        if self._decoder is None:
            raise RuntimeError("there is no trace before the welcome")
        return self._decoder.trace

    @property
    def is_done(self) -> bool:
        return self.stage is Stage.DONE

    def take_outgoing(self) -> bytes:
        """The bytes to send to the program now."""
        data = bytes(self._outgoing)
        self._outgoing.clear()
        return data

    def feed(self, data: bytes) -> None:
        """Process bytes from the program, in any chunking."""
        self._buffer += data
        while self.step():
            pass

    def append(self, data: bytes) -> None:
        """Take bytes without processing them; `step` does, block by block."""
        self._buffer += data

    def step(self) -> bool:
        """Process the next part of the buffer, at most one block. False when more bytes are needed."""
        if self.stage is Stage.EVENTS:
            return self._step_block()
        if self.stage is Stage.DONE:
            return False
        size = {
            Stage.STATUS: 1,
            Stage.WELCOME: welcome_size(self.protocol),
            Stage.ON_DEMAND: ON_DEMAND_SIZE,
        }[self.stage]
        if len(self._buffer) < size:
            return False
        part = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._step_handshake(part)
        return True

    def _step_handshake(self, part: bytes) -> None:
        if self.stage is Stage.STATUS:
            if part[0] != STATUS_WELCOME:
                raise HandshakeRefused(part[0])
            self.stage = Stage.WELCOME
            return
        if self.stage is Stage.WELCOME:
            self.welcome = parse_welcome(self.protocol, part)
            if self.welcome.is_on_demand:
                self.stage = Stage.ON_DEMAND
                return
        elif self.welcome is not None:
            self.on_demand = parse_on_demand(self.welcome, part)
        self._begin_events()

    def _begin_events(self) -> None:
        assert self.welcome is not None
        decoder = Decoder(self.protocol, self.welcome, self.on_demand, self.queries)
        self._program = ProgramKind(decoder, self._tolerated, self._at_terminate)
        kinds = (
            MessageKind, PlotKind, FrameKind, FiberKind, MemoryKind, LockKind, SectionKind, GpuKind, MachineKind,
        )  # fmt: skip
        self._kinds = [decoder.callstacks, self._program, *(kind(decoder, self._tolerated) for kind in kinds)]
        handlers = AnswerHandlers(decoder, self._local_sources).handlers()
        for kind in self._kinds:
            handlers |= kind.handlers()
        decoder.register(handlers)
        self._decoder = decoder
        self.stage = Stage.EVENTS

    def _at_terminate(self) -> None:
        for kind in self._kinds:
            kind.at_terminate()

    def _step_block(self) -> bool:
        events = self.stream.take(self._buffer)
        if events is None or self._decoder is None:
            return False
        self._decoder.block(events)
        self._outgoing += self.queries.take_outgoing()
        if self.trace.is_terminated and not self.missing():
            self._outgoing += pack_query(Query.TERMINATE)
            self.stage = Stage.DONE
        return True

    def disconnect(self) -> None:
        """Ask the program to stop sending; open zones are no obstacle to the goodbye then."""
        self.is_leaving = True
        self._outgoing += pack_query(Query.DISCONNECT)

    def set_parameter(self, parameter: int | str, value: int) -> None:
        """Change a parameter of the program, as the viewer's user would. From protocol 82 on, the query waits for
        the program's next block, as all do: an idle program has to send KeepAlive.

        Args:
            parameter: its number or its name.
            value: within 32 bits, signed.
        """
        if self._program is None:
            raise RuntimeError("there are no parameters before the welcome")
        self._program.set_parameter(self._parameter(parameter), value)
        self._outgoing += self.queries.take_outgoing()

    def _parameter(self, key: int | str) -> Parameter:
        if isinstance(key, str):
            return self.trace.parameter(key)
        for parameter in self.trace.parameters:
            if parameter.index == key:
                return parameter
        raise LookupError(f"parameter {key} is not set up")

    def open_zones(self) -> list[str]:
        """Every open zone, in words."""
        return [
            f"zone {zone.name!r} open on thread {thread.name!r} ({thread.id})"
            for thread in self.trace.threads.values()
            for zone in thread.open
        ]

    def missing(self) -> list[str]:
        """What the viewer still waits for before it would say goodbye, in words."""
        decoder = self._decoder
        if decoder is None:
            return [f"the handshake ({self.stage.name})"]
        words = [] if self.trace.is_terminated else ["Terminate"]
        if not self.queries.is_idle:
            words += self.queries.missing()
        for staged, what in (
            (decoder.single, "SingleStringData"),
            (decoder.second, "SecondStringData"),
            (decoder.payload, "SourceLocationPayload"),
        ):
            if staged is not None:
                words.append(f"the event that uses {what}")
        for kind in self._kinds:
            words += kind.missing()
        if not (self.trace.is_crashed or self.is_leaving):
            words += self.open_zones()
        return words

    def end_of_stream(self) -> None:
        """The program closed the connection: right only after the goodbye."""
        if self.stage in (Stage.STATUS, Stage.WELCOME, Stage.ON_DEMAND):
            raise HandshakeRefused(None)
        if not self.is_done:
            rest = f", with {len(self._buffer)} bytes of an unfinished block" if self._buffer else ""
            raise ProtocolViolation(
                f"the program closed the connection before the viewer's goodbye{rest}; missing: {self.missing()}"
            )
