"""Messages of Protocol Buffers, written field by field: the little of the format that an exporter needs.

https://protobuf.dev/programming-guides/encoding has the encoding.
"""

from __future__ import annotations

import struct

_VARINT, _FIXED_64, _BYTES = 0, 1, 2
_SHORT = [bytes([value]) for value in range(0x80)]  # most of them: numbers of fields, lengths


def varint(value: int) -> bytes:
    """Return a number of 64 bits, seven in each byte, the lowest first; negative ones as their complement."""
    if 0 <= value < 0x80:
        return _SHORT[value]
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """Return a field of one of the integer types, a bool or an enum."""
    return varint(field << 3 | _VARINT) + varint(value)


def double(field: int, value: float) -> bytes:
    """Return a field of the type double."""
    return varint(field << 3 | _FIXED_64) + struct.pack("<d", value)


def message(field: int, *parts: bytes) -> bytes:
    """Return a field that is a message of these fields, or bytes."""
    inside = b"".join(parts)
    return varint(field << 3 | _BYTES) + varint(len(inside)) + inside


def string(field: int, text: str) -> bytes:
    """Return a field of the type string."""
    return message(field, text.encode("utf-8", "replace"))
