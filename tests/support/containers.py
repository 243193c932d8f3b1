"""The container of trace files, of both codecs. Zstandard is read with the system's libzstd."""

from __future__ import annotations

import ctypes
import ctypes.util
import struct
from functools import cache

import lz4.block  # type: ignore[import-untyped]

_MAGIC = b"tr\xfdP"
_LZ4, _ZSTANDARD = 0, 1
_BLOCK_BYTES = 65_536


def contents(file: bytes) -> bytes:
    """What is in the container: blocks of the streams in turn, each of which may refer to the one before it."""
    assert file[:4] == _MAGIC, "no container of Tracy 0.11 or newer"
    codec, streams = file[4], file[5]
    assert codec in (_LZ4, _ZSTANDARD), f"codec {codec}"
    decoders = [_Lz4() if codec == _LZ4 else _Zstandard() for _ in range(streams)]
    data = bytearray()
    at, number = 6, 0
    while at < len(file):
        (size,) = struct.unpack_from("<I", file, at)
        data += decoders[number % streams].block(file[at + 4 : at + 4 + size])
        at += 4 + size
        number += 1
    return bytes(data)


class _Lz4:
    def __init__(self) -> None:
        self._history = b""

    def block(self, compressed: bytes) -> bytes:
        block: bytes = lz4.block.decompress(compressed, uncompressed_size=_BLOCK_BYTES, dict=self._history)
        self._history = (self._history + block)[-_BLOCK_BYTES:]
        return block


class _Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = (("data", ctypes.c_char_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t))


class _Zstandard:
    """A stream that is flushed after each block, and never ended."""

    def __init__(self) -> None:
        self._library = _libzstd()
        self._stream = self._library.ZSTD_createDStream()

    def __del__(self) -> None:
        self._library.ZSTD_freeDStream(self._stream)

    def block(self, compressed: bytes) -> bytes:
        room = ctypes.create_string_buffer(_BLOCK_BYTES)
        source = _Buffer(compressed, len(compressed), 0)
        target = _Buffer(ctypes.cast(room, ctypes.c_char_p), _BLOCK_BYTES, 0)
        while source.position < source.size:
            before = (source.position, target.position)
            code = self._library.ZSTD_decompressStream(self._stream, ctypes.byref(target), ctypes.byref(source))
            assert not self._library.ZSTD_isError(code), "a block is not Zstandard"
            assert (source.position, target.position) != before, "a block of more than 65,536 bytes"
        return room.raw[: target.position]


@cache
def _libzstd() -> ctypes.CDLL:
    name = ctypes.util.find_library("zstd")
    if name is None:
        raise RuntimeError("no libzstd on this machine: install it (libzstd1) to read trace files in tests")
    library = ctypes.CDLL(name)
    library.ZSTD_createDStream.restype = ctypes.c_void_p
    library.ZSTD_freeDStream.argtypes = [ctypes.c_void_p]
    library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.ZSTD_decompressStream.restype = ctypes.c_size_t
    library.ZSTD_isError.argtypes = [ctypes.c_size_t]
    return library
