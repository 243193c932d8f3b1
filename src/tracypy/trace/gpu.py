"""What ran on GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tracypy._core import TraceFile

#: As viewers number them.
KINDS = (
    "unknown", "opengl", "vulkan", "opencl", "direct3d12", "direct3d11", "metal", "custom", "cuda", "rocprof", "webgpu",
)  # fmt: skip


class GpuZoneRow(NamedTuple):
    """One zone.

    Attributes:
        location: The index of its place, in `Trace.source_locations`.
        thread: The index of the thread that gave it to the GPU, in `Trace.threads`; None if unknown.
        depth: 0 at the top.
        begin_ns: When it was begun to be given to the GPU.
        end_ns: When that was done; None if the recording ended first.
        gpu_begin_ns: When the GPU began it; None if that was not told.
        gpu_end_ns: When the GPU had done it.
    """

    location: int
    thread: int | None
    depth: int
    begin_ns: int
    end_ns: int | None
    gpu_begin_ns: int | None
    gpu_end_ns: int | None


class GpuContext:
    """One queue of a GPU.

    Attributes:
        name: Its name.
        kind: "cuda", "vulkan" and so on.
        zones: Its zones, thread by thread, each before those within it.
    """

    __slots__ = ("kind", "name", "zones")

    def __init__(self, file: TraceFile, index: int) -> None:
        row = file.gpu_context(index)
        self.name: str = row.name
        self.kind: str = KINDS[row.kind] if row.kind < len(KINDS) else str(row.kind)
        self.zones: tuple[GpuZoneRow, ...] = tuple(
            GpuZoneRow(location, thread, depth, begin, _time(end), _time(gpu_begin), _time(gpu_end))
            for location, thread, depth, begin, end, gpu_begin, gpu_end in row.zones
        )

    def __repr__(self) -> str:
        return f"<GpuContext {self.kind} {self.name!r}: {len(self.zones)} zones>"


def _time(time_ns: int) -> int | None:
    return None if time_ns < 0 else time_ns
