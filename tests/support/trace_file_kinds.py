"""The sections of a built trace file that hold memory, locks, call stacks, GPU zones, images and the like.

What goes in are the facts that `trace_reader` gets out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .trace_reader import Block, GpuZoneFacts, LockFacts

_LOCK_EVENTS = ("wait", "obtain", "release", "shared wait", "shared obtain", "shared release")
_TEXT_FRAME = 1 << 62
_FIBER = 99


@dataclass
class Names:
    """How a file under construction names things."""

    text24: Callable[[str | None], bytes]
    reference: Callable[[str], bytes]
    pointer: Callable[[str], int]
    location: Callable[[str], int]
    thread: Callable[[int], int]


@dataclass
class KindSections:
    """Gathers the facts; each section is made when the file is."""

    locks: list[LockFacts] = field(default_factory=list)
    memory: dict[str, list[Block]] = field(default_factory=dict)
    gpu: dict[str, list[GpuZoneFacts]] = field(default_factory=dict)
    app_info: list[str] = field(default_factory=list)
    images: list[tuple[int, int, bool, bytes]] = field(default_factory=list)
    runs: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)
    samples: dict[int, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict)
    _stacks: dict[tuple[str, ...], int] = field(default_factory=dict)

    def stack(self, lines: tuple[str, ...]) -> bytes:
        """The number of a call stack, whose lines read `function file:line`; 0 for none."""
        number = self._stacks.setdefault(lines, len(self._stacks) + 1) if lines else 0
        return struct.pack("<I", number)[:3]

    def sample_list(self, thread: int) -> bytes:
        samples = self.samples.get(thread, [])
        data, before = _count(len(samples)), 0
        for time, lines in samples:
            data += struct.pack("<q", time - before) + self.stack(lines)
            before = time
        return data

    def lock_section(self, names: Names) -> bytes:
        data = _count(len(self.locks))
        for number, lock in enumerate(self.locks):
            threads = sorted({thread for _, _, thread in lock.events})
            data += struct.pack("<I", number) + names.text24(lock.name or None)
            data += struct.pack("<hBB", names.location(lock.location), lock.is_shared, 1)
            data += struct.pack("<qq", lock.announce_ns, lock.terminate_ns)
            data += _count(len(threads)) + b"".join(map(_count, threads)) + _count(len(lock.events))
            time = lock.announce_ns
            for kind, moment, thread in lock.events:
                data += struct.pack("<qhBB", moment - time, 0, threads.index(thread), _LOCK_EVENTS.index(kind))
                time = moment
        return data

    def gpu_section(self, names: Names) -> bytes:
        zones = [zone for found in self.gpu.values() for zone in found]
        parents = sum(after.depth > zone.depth for zone, after in zip(zones, zones[1:], strict=False))
        data = _count(len(zones)) + _count(parents) + _count(len(self.gpu))
        for name, found in self.gpu.items():
            data += struct.pack("<QBQfB", 0, 0, len(found), 1.0, 2) + names.text24(name) + _count(0)
            data += _count(1) + _count(0) + self._gpu_list(found, 0, [0, 0], names)
        return data

    def _gpu_list(self, zones: list[GpuZoneFacts], depth: int, times: list[int], names: Names) -> bytes:
        starts = [place for place, zone in enumerate(zones) if zone.depth == depth]
        data = _count(len(starts))
        for start, end in zip(starts, [*starts[1:], len(zones)][: len(starts)], strict=True):
            zone = zones[start]
            data += _deltas(times, zone.cpu_ns[0], zone.gpu_ns[0])
            data += struct.pack("<h", names.location(zone.name)) + self.stack(zone.callstack) + bytes(2)
            data += self._gpu_list(zones[start + 1 : end], depth + 1, times, names)
            data += _deltas(times, zone.cpu_ns[1], zone.gpu_ns[1])
        return data

    def memory_section(self, names: Names) -> bytes:
        # The default pool, which has no name, must be there.
        pools = {"": [], **self.memory}
        data = _count(len(pools)) + _count(sum(map(len, pools.values())))
        for name, blocks in pools.items():
            pointer = names.pointer(name) if name else 0
            alive = [block for block in blocks if block.end_ns < 0]
            data += struct.pack("<QQQQ", pointer, len(blocks), len(alive), len(blocks) - len(alive))
            time = 0
            for block in blocks:
                data += struct.pack("<QQ", block.address, block.size)
                data += self.stack(block.callstack) + self.stack(block.free_callstack)
                length = -1 if block.end_ns < 0 else block.end_ns - block.begin_ns
                freed_by = 0 if block.end_ns < 0 else names.thread(block.free_thread)
                data += struct.pack("<qqHH", block.begin_ns - time, length, names.thread(block.thread), freed_by)
                time = block.begin_ns
            high = max([0, *(block.address + block.size for block in blocks)])
            low = min([2**64 - 1, *(block.address for block in blocks)])
            data += struct.pack("<QQQQ", high, low, sum(block.size for block in alive), pointer)
        return data

    def rest(self, names: Names) -> bytes:
        """What comes after the memory pools, up to the end."""
        data = self._stack_section(names)
        data += _count(len(self.app_info)) + b"".join(map(names.reference, self.app_info))
        data += struct.pack("<IQ", 0, len(self.images))
        data += b"".join(struct.pack("<HHB", width, height, flip) + raw for width, height, flip, raw in self.images)
        data += self._switch_section() + _count(0) * 8
        data += _count(len(self.sources))
        for file, content in self.sources.items():
            data += struct.pack("<I", len(file.encode())) + file.encode() + struct.pack("<I", len(content)) + content
        return data

    def _stack_section(self, names: Names) -> bytes:
        frames = {line: _TEXT_FRAME | number for number, line in enumerate(dict.fromkeys(sum(self._stacks, ())))}
        data = _count(len(self._stacks))
        for stack in self._stacks:
            data += struct.pack(f"<H{len(stack)}Q", len(stack), *(frames[line] for line in stack))
        data += _count(len(frames))
        for line, identity in frames.items():
            function, place = line.split(" ", 1)
            file, number = place.rsplit(":", 1)
            data += struct.pack("<QB", identity, 1) + names.text24(None)
            data += names.text24(function) + names.text24(file) + struct.pack("<IQ", int(number), 0)
        return data

    def _switch_section(self) -> bytes:
        data = _count(len(self.runs))
        for row, runs in self.runs.items():
            data += _count(row) + _count(len(runs))
            time = 0
            for begin, end, thread in runs:
                data += struct.pack("<qqqBbbQ", begin - time, 0, end - begin, 0, _FIBER, -1, thread)
                time = end
        # By processor: always 256 lists.
        return data + _count(0) + _count(0) * 256


def _count(number: int) -> bytes:
    return struct.pack("<Q", number)


def _deltas(times: list[int], *moments: int) -> bytes:
    data = struct.pack("<qq", *(moment - time for moment, time in zip(moments, times, strict=True)))
    times[:] = moments
    return data
