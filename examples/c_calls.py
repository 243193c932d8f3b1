"""Functions in C beside those in Python: which of them takes the time? Makes c_calls.tracy.

The same of any program: tracypy record --c-calls PROGRAM
"""

from __future__ import annotations

import hashlib
import json
import zlib

import tracypy


def pack(rows: list[dict[str, object]]) -> bytes:
    text = json.dumps(rows).encode()
    packed = zlib.compress(text, 6)
    return hashlib.sha256(packed).digest() + packed


def unpack(data: bytes) -> list[dict[str, object]]:
    digest, packed = data[:32], data[32:]
    if hashlib.sha256(packed).digest() != digest:
        raise ValueError("the data is damaged")
    rows: list[dict[str, object]] = json.loads(zlib.decompress(packed))
    return rows


def main() -> None:
    rows: list[dict[str, object]] = [{"number": number, "square": number * number} for number in range(5_000)]
    for _ in range(5):
        rows = unpack(pack(rows))


if __name__ == "__main__":
    with tracypy.record("c_calls.tracy", overwrite=True, c_calls=True):
        main()
