"""PyTorch's work on a CUDA device as a timeline: zones whose times `torch.cuda.Event` measures."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tracypy._core import GpuContext, GpuZone

if TYPE_CHECKING:
    from collections.abc import Iterator

_NS_PER_MS = 1e6
#: PyTorch tells times as floats of 32 bits: after so long a new event is what they are measured from.
_REFERENCE_NS = 1_000_000_000


class _Event(Protocol):
    """What is used of a `torch.cuda.Event`."""

    def record(self, stream: object = ..., /) -> object: ...
    def query(self) -> bool: ...
    def synchronize(self) -> object: ...
    def elapsed_time(self, end_event: _Event, /) -> float: ...


class _Pending(NamedTuple):
    zone: GpuZone
    begin: _Event
    end: _Event


class TorchTimeline:
    """What one stream of a CUDA device does, as PyTorch's events measure it.

    The times of a zone are told once the device has come to its end: at the end of a later zone, and in `flush()`.
    Nothing waits for the device but the making of the timeline, once, and `flush()`. One thread at a time.

    Args:
        name: What viewers call it.
        stream: A `torch.cuda.Stream`; None for the one that is current where a zone begins and ends.

    Raises:
        ImportError: PyTorch is not installed.
        RuntimeError: It finds no CUDA device.
    """

    def __init__(self, name: str = "CUDA", *, stream: object = None) -> None:
        try:
            import torch  # type: ignore[import-not-found, unused-ignore]
        except ImportError as problem:
            raise ImportError("TorchTimeline needs PyTorch: pip install torch") from problem
        if not torch.cuda.is_available():
            raise RuntimeError("TorchTimeline needs a CUDA device, and PyTorch finds none")
        self._new_event = torch.cuda.Event
        self._stream = stream
        self._pending: deque[_Pending] = deque()
        self._reference: _Event = self._event()
        self._reference.synchronize()
        self._reference_ns = time.perf_counter_ns()
        self._context = GpuContext("cuda", name, now_ns=self._reference_ns)

    @contextmanager
    def zone(self, name: str, *, color: int | str | None = None) -> Iterator[GpuZone]:
        """Make what is given to the device meanwhile a zone of the timeline.

        Args:
            name: What it is called.
            color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.
        """
        zone = self._context.zone(name, color=color)
        zone.begin()
        begin = self._event() if zone.is_recorded else None
        try:
            yield zone
        finally:
            zone.end()
            if begin is not None and zone.is_recorded:
                self._pending.append(_Pending(zone, begin, self._event()))
            self._tell_what_is_done()

    def flush(self) -> None:
        """Wait until the device has done all zones that have ended, and tell their times."""
        if self._pending:
            self._pending[-1].end.synchronize()
        self._tell_what_is_done()

    def _event(self) -> _Event:
        event: _Event = self._new_event(enable_timing=True)
        if self._stream is None:
            event.record()
        else:
            event.record(self._stream)
        return event

    def _tell_what_is_done(self) -> None:
        # The end of a zone within another one is recorded before that one's: in the order of their ends.
        while self._pending and self._pending[0].end.query():
            done = self._pending.popleft()
            begin_ns, end_ns = self._time_of(done.begin), self._time_of(done.end)
            done.zone.set_times(begin_ns, max(begin_ns, end_ns))
            if end_ns - self._reference_ns > _REFERENCE_NS:
                self._reference, self._reference_ns = done.end, end_ns

    def _time_of(self, event: _Event) -> int:
        return self._reference_ns + round(self._reference.elapsed_time(event) * _NS_PER_MS)
