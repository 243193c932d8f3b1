"""What the tools of `tracypy mcp` answer, as types: a client gets their schemas.

Each answer says of which recording it is, and each function where its source is. Times are nanoseconds since the start
of the recording.
"""

from __future__ import annotations

from typing import TypedDict


class Recording(TypedDict):
    """One recording."""

    recording: str
    path: str
    program: str
    captured_at: str | None
    span_ns: int
    zones: int
    threads: list[str]
    frame_sets: dict[str, int]
    messages: int
    plots: list[str]


class Recordings(TypedDict):
    """All that can be asked for."""

    recordings: list[Recording]


class Function(TypedDict):
    """What one function cost. Totals count a recursive function once per outermost call."""

    name: str
    file: str
    line: int
    calls: int
    self_ns: int
    total_ns: int
    busy_ns: int
    mean_ns: float
    median_ns: float
    p95_ns: float
    p99_ns: float
    max_ns: int


class Functions(TypedDict):
    """The functions that were asked for, and how many more there are."""

    recording: str
    span_ns: int
    functions: list[Function]
    left_out: int


class Node(TypedDict):
    """Calls of one function by the same path. `parent` is the `id` of what called it; null at the top."""

    id: int
    parent: int | None
    name: str
    file: str
    line: int
    calls: int
    total_ns: int
    self_ns: int


class CallTree(TypedDict):
    """Calls merged by path, callers before what they call, and how many paths are too small to be here."""

    recording: str
    total_ns: int
    nodes: list[Node]
    left_out: int


class Zone(TypedDict):
    """One call, or one zone that the program has marked. No end: the recording ended first."""

    thread: str
    depth: int
    name: str
    file: str
    line: int
    start_ns: int
    end_ns: int | None
    duration_ns: int
    text: str | None


class Zones(TypedDict):
    """The zones that were asked for, and how many more there are."""

    recording: str
    zones: list[Zone]
    left_out: int


class Change(TypedDict):
    """One function in two recordings. `q_value` is that of a rank test, adjusted for the number of functions."""

    name: str
    file: str
    verdict: str
    calls_before: int
    calls_after: int
    self_ns_before: int
    self_ns_after: int
    self_change_ns: int
    mean_change: float | None
    q_value: float | None


class Diff(TypedDict):
    """What became slower or faster, the largest change of self time first, and how many more there are."""

    before: str
    after: str
    span_ns_before: int
    span_ns_after: int
    changes: list[Change]
    left_out: int


class Point(TypedDict):
    """What a curve was in one piece of the time: its last value, the least and the most."""

    time_ns: int
    value: float
    min: float
    max: float


class Plot(TypedDict):
    """One curve. `format` says what its values are: number, memory (bytes), percentage, watt."""

    name: str
    format: str
    count: int
    points: list[Point]


class Plots(TypedDict):
    """The curves that were asked for."""

    recording: str
    plots: list[Plot]


class Message(TypedDict):
    """One line that the program has told."""

    time_ns: int
    thread: str | None
    severity: str
    text: str


class Messages(TypedDict):
    """The messages that were asked for, by time, and how many more there are."""

    recording: str
    messages: list[Message]
    left_out: int
