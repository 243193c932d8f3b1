"""What `tracypy.capture` and `tracypy.discover` tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from tracypy import _core

type Phase = Literal["connecting", "knocking", "receiving", "stopping", "saving"]
type Ending = Literal["finished", "stopped", "memory", "lost", "failed"]


class CaptureProgress(NamedTuple):
    """How far a capture is.

    Attributes:
        phase: "connecting" while no program listens there; "knocking" while one does, but does not answer (it may be
            busy with another viewer); "receiving"; "stopping" when the program was asked to come to an end; "saving".
        zones: Received so far.
        frames: Frame marks received so far.
        bytes_received: As they came over the connection, compressed.
        bytes_events: What they were, uncompressed.
        span_ns: From the start of the program to the last event so far.
        seconds: Since the program answered.
    """

    phase: Phase
    zones: int
    frames: int
    bytes_received: int
    bytes_events: int
    span_ns: int
    seconds: float


class CaptureSummary(NamedTuple):
    """What was captured, and saved.

    Attributes:
        program: The program's name, as it gave it.
        protocol: What it spoke.
        ending: "finished" when the program came to its end; "stopped" by a limit of time or by the caller; "memory" by
            the limit of memory; "lost" when the connection ended before its time; "failed" when the program sent
            something that makes no sense. In any case the file has all that came before.
        problem: One line when lost or failed, else empty.
        zones: In the file.
        threads: In the file, fibers included.
        frames: Marks of the default set. Tracy's own capture counts two or three more, which it makes itself.
        messages: In the file.
        plots: In the file.
        span_ns: From the end of the program's initialisation to the last event.
        seconds: How long was received.
        bytes_received: As they came over the connection, compressed.
        file_bytes: The size of the file.
        not_kept: What a file has no place for, and how many of it came: `{"parameters": 2}`.
    """

    program: str
    protocol: int
    ending: Ending
    problem: str
    zones: int
    threads: int
    frames: int
    messages: int
    plots: int
    span_ns: int
    seconds: float
    bytes_received: int
    file_bytes: int
    not_kept: dict[str, int]


class Announcement(NamedTuple):
    """A program that announces itself.

    Attributes:
        program: Its name.
        address: Where it is, as a numeric address.
        port: Where it listens.
        protocol: The protocol it announces; tracypy's own programs speak all of `tracypy.PROTOCOLS`.
        process_id: Its process on its machine.
        active_seconds: For how long it has been running, by its own account.
    """

    program: str
    address: str
    port: int
    protocol: int
    process_id: int
    active_seconds: int

    @property
    def release(self) -> str:
        """The Tracy releases that speak this protocol, or "unknown"."""
        from tracypy._core import PROTOCOLS

        return dict(PROTOCOLS).get(self.protocol, "unknown")


def progress_of(row: _core.CaptureProgress) -> CaptureProgress:
    """Return what the native side says of a capture that goes on."""
    return CaptureProgress(
        phase=row.phase,
        zones=row.zones,
        frames=row.frames,
        bytes_received=row.bytes_received,
        bytes_events=row.bytes_events,
        span_ns=row.span_ns,
        seconds=row.seconds,
    )


def summary_of(row: _core.CaptureResult) -> CaptureSummary:
    """Return what the native side says of a capture that is over."""
    return CaptureSummary(
        program=row.program,
        protocol=row.protocol,
        ending=row.end,
        problem=row.problem,
        zones=row.progress.zones,
        threads=row.threads,
        frames=row.frames,
        messages=row.messages,
        plots=row.plots,
        span_ns=row.progress.span_ns,
        seconds=row.progress.seconds,
        bytes_received=row.progress.bytes_received,
        file_bytes=row.file_bytes,
        not_kept=row.not_kept,
    )


def announcement_of(row: _core.DiscoveredProgram) -> Announcement:
    """Return what the native side has heard of a program."""
    return Announcement(
        program=row.program,
        address=row.address,
        port=row.port,
        protocol=row.protocol,
        process_id=row.process_id,
        active_seconds=row.active_seconds,
    )
