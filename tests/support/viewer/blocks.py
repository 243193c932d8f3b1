"""From the byte stream to blocks of events: a u32 length, then one LZ4 block that may refer to earlier ones."""

from __future__ import annotations

import struct

import lz4.block  # type: ignore[import-untyped]

from .errors import ProtocolViolation

BLOCK_LIMIT = 256 * 1024
# The viewer's receive buffer: LZ4's bound for a full block.
COMPRESSED_LIMIT = BLOCK_LIMIT + BLOCK_LIMIT // 255 + 16
HISTORY = 64 * 1024


class BlockStream:
    """Cuts the stream into blocks and decompresses them, in any chunking."""

    def __init__(self) -> None:
        self._history = b""
        self.blocks = 0
        self.compressed_bytes = 0
        self.event_bytes = 0

    def take(self, buffer: bytearray) -> bytes | None:
        """Remove the first whole block from `buffer`; its events, or None while it is incomplete."""
        if len(buffer) < 4:
            return None
        (size,) = struct.unpack_from("<I", buffer)
        if not 0 < size <= COMPRESSED_LIMIT:
            raise ProtocolViolation(f"block {self.blocks}: compressed length {size}, not 1..{COMPRESSED_LIMIT}")
        if len(buffer) < 4 + size:
            return None
        events = self._decompress(bytes(buffer[4 : 4 + size]))
        del buffer[: 4 + size]
        self.blocks += 1
        self.compressed_bytes += size
        self.event_bytes += len(events)
        return events

    def _decompress(self, packed: bytes) -> bytes:
        try:
            events: bytes = lz4.block.decompress(packed, uncompressed_size=BLOCK_LIMIT, dict=self._history)
        except (lz4.block.LZ4BlockError, ValueError) as error:
            raise ProtocolViolation(
                f"block {self.blocks}: not an LZ4 block of at most {BLOCK_LIMIT} bytes: {error}"
            ) from None
        self._history = events[-HISTORY:] if len(events) >= HISTORY else (self._history + events)[-HISTORY:]
        return events
