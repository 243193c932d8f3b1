"""Damages a trace file in many ways and opens what is left: it must be read, or refused in one line.

usage, in tests: python -m programs.damage_trace FILE SEED ROUNDS

FILE is a container of LZ4. Half of the rounds damage the file; the other half damage what is inside the
container, which a compressor would hide. Always the same damage for the same seed. Prints how many were read and how
many were refused.
"""

from __future__ import annotations

import faulthandler
import random
import struct
import sys
import tempfile
from pathlib import Path

import tracypy
from tracypy.trace import compare

from support.containers import contents
from support.trace_file import in_container


def damaged(data: bytes, choose: random.Random) -> bytes:
    kind = choose.randrange(4)
    if kind == 0:
        return data[: choose.randrange(len(data))]
    changed = bytearray(data)
    if kind == 1:  # a byte or a few, anywhere
        for _ in range(choose.choice((1, 2, 10))):
            changed[choose.randrange(len(changed))] = choose.randrange(256)
    elif kind == 2:  # a number that is far too large, most likely a count
        at = choose.randrange(len(changed) - 8)
        changed[at : at + 8] = struct.pack("<Q", choose.choice((2**64 - 1, 2**63, 2**32, 2**24, 10**6)))
    else:  # a piece is missing, or there twice
        at, length = choose.randrange(len(changed)), choose.randrange(1, 100)
        changed[at : at + length] = changed[at : at + length] * choose.choice((0, 2))
    return bytes(changed)


def look_at_everything(path: Path) -> None:
    trace = tracypy.open(path)
    for thread in trace.threads:
        assert sum(1 for _ in thread.iter_zones()) == thread.zone_count == len(thread.zones)
        assert thread.busy_ns >= 0
    assert len(trace.zones) == trace.zone_count
    assert all(location.label is not None for location in trace.source_locations)
    assert all(message.severity for message in trace.messages)
    for frames in trace.frames:
        assert len(list(frames.frames)) == len(frames)
        frames.stats()
    assert [len(plot.points) for plot in trace.plots] == [len(plot) for plot in trace.plots]
    functions = trace.functions()
    assert sum(function.calls for function in functions) == trace.zone_count
    assert all(function.self_ns >= 0 and function.total_ns >= 0 for function in functions)
    assert sum(trace.call_tree().calls) == trace.zone_count
    assert sum(edge.calls for edge in trace.call_edges()) == trace.zone_count
    compare(trace, trace)


def main(file: str, seed: int, rounds: int) -> None:
    faulthandler.enable()
    choose = random.Random(seed)
    original = Path(file).read_bytes()
    inside = contents(original)
    read = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "damaged.tracy"
        for number in range(rounds):
            path.write_bytes(damaged(original, choose) if number % 2 else in_container(damaged(inside, choose)))
            try:
                look_at_everything(path)
                read += 1
            except tracypy.TraceError as problem:
                if "\n" in str(problem):
                    raise
                refused += 1
            except BaseException:
                print(f"round {number} of seed {seed}", file=sys.stderr)
                raise
    print(read, refused)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
