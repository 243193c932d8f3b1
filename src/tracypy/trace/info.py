"""What is known about a recording as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple


class SkippedSection(NamedTuple):
    """A section that is in the file and that tracypy has no tables for.

    Attributes:
        name: What is in it, such as "locks".
        entries: How many.
    """

    name: str
    entries: int


@dataclass(frozen=True, slots=True)
class TraceInfo:
    """Where, when and of what a recording was made.

    Attributes:
        program: The program's name.
        name: The recording's title, as a rule "program @ date".
        host: What the program told about its machine, a line per fact.
        process_id: The program's process.
        captured_at: When the recording was made; None if unknown.
        program_built_at: When the program's file was made; None if unknown.
        ns_per_tick: How long a tick of the program's clock took. Times in the trace are nanoseconds already.
        resolution_ns: The shortest time that clock could tell apart.
        sampling_period_ns: Between two samples of call stacks; 0 without samples.
        is_on_demand: Whether the program recorded only while a viewer was connected.
        frame_offset: How many frames there had been before that.
        app_info: What the program told about itself (`tracypy.app_info`).
    """

    program: str
    name: str
    host: str
    process_id: int
    captured_at: datetime | None
    program_built_at: datetime | None
    ns_per_tick: float
    resolution_ns: int
    sampling_period_ns: int
    is_on_demand: bool
    frame_offset: int
    app_info: tuple[str, ...] = ()


def date_of(seconds: int) -> datetime | None:
    """Return the date so many seconds after 1970, in UTC; None for 0, and for an invalid date."""
    if seconds == 0:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
