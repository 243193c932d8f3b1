"""The first bytes of a conversation: what the viewer says, and the welcome that it reads."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from .errors import ProtocolViolation
from .tables import DELAY_UNTIL

SHIBBOLETH = b"TracyPrf"
STATUS_WELCOME = 1

FLAG_ON_DEMAND = 1
FLAG_IGNORE_MEMORY_FAULTS = 2
FLAG_CODE_TRANSFER = 4

# timer_mul, init_begin, init_end, [delay,] resolution, epoch, exec_time, pid, sampling_period, flags,
# cpu_arch, cpu_manufacturer, cpu_id, program_name, host_info
_WELCOME = struct.Struct("<dqqQQQQqBB12sI64s1024s")
_WELCOME_WITH_DELAY = struct.Struct("<dqqQQQQQqBB12sI64s1024s")
_ON_DEMAND = struct.Struct("<QQ")

ON_DEMAND_SIZE = _ON_DEMAND.size


def greeting(protocol: int) -> bytes:
    """What the viewer sends first."""
    return SHIBBOLETH + struct.pack("<I", protocol)


def welcome_size(protocol: int) -> int:
    """Bytes of the welcome message: 1178 with the queue delay of old, 1170 without."""
    return (_WELCOME_WITH_DELAY if protocol <= DELAY_UNTIL else _WELCOME).size


@dataclass(frozen=True)
class Welcome:
    """The welcome message. Ticks are the program's raw ones; `timer_mul` is nanoseconds per tick."""

    timer_mul: float
    init_begin: int
    init_end: int
    delay: int | None
    resolution: int
    epoch: int
    exec_time: int
    pid: int
    sampling_period: int
    flags: int
    cpu_arch: int
    cpu_manufacturer: str
    cpu_id: int
    program_name: str
    host_info: str

    @property
    def is_on_demand(self) -> bool:
        return bool(self.flags & FLAG_ON_DEMAND)

    @property
    def ignores_memory_faults(self) -> bool:
        return bool(self.flags & FLAG_IGNORE_MEMORY_FAULTS)

    @property
    def hands_out_code(self) -> bool:
        """Whether the viewer may ask for machine code, and, since 0.14, for source files."""
        return bool(self.flags & FLAG_CODE_TRANSFER)

    def nanoseconds(self, tick: int) -> int:
        """The viewer's own arithmetic: truncated towards zero, counted from `init_begin`."""
        return int((tick - self.init_begin) * self.timer_mul)


@dataclass(frozen=True)
class OnDemandPayload:
    """What follows the welcome of an on-demand program: frames so far, and the present tick."""

    frames: int
    current_time: int


def _text(raw: bytes, what: str) -> str:
    cut = raw.split(b"\0", 1)
    if len(cut) == 1:
        raise ProtocolViolation(f"welcome: {what} has no terminating zero in its {len(raw)} bytes")
    try:
        return cut[0].decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolViolation(f"welcome: {what} is not UTF-8: {error}") from None


def parse_welcome(protocol: int, data: bytes) -> Welcome:
    """Read and check a welcome message."""
    has_delay = protocol <= DELAY_UNTIL
    values: list[Any] = list((_WELCOME_WITH_DELAY if has_delay else _WELCOME).unpack(data))
    delay = values.pop(3) if has_delay else None
    welcome = Welcome(
        timer_mul=values[0],
        init_begin=values[1],
        init_end=values[2],
        delay=delay,
        resolution=values[3],
        epoch=values[4],
        exec_time=values[5],
        pid=values[6],
        sampling_period=values[7],
        flags=values[8],
        cpu_arch=values[9],
        cpu_manufacturer=values[10].rstrip(b"\0").decode("ascii", "replace"),
        cpu_id=values[11],
        program_name=_text(values[12], "the program name"),
        host_info=_text(values[13], "the host information"),
    )
    if not 0 < welcome.timer_mul < 1e9:
        raise ProtocolViolation(f"welcome: {welcome.timer_mul} ns per tick makes no sense")
    if welcome.init_end < welcome.init_begin:
        raise ProtocolViolation("welcome: the end of the initialisation lies before its beginning")
    if welcome.flags & ~0x1F:
        raise ProtocolViolation(f"welcome: unknown flags 0x{welcome.flags:x}")
    return welcome


def parse_on_demand(welcome: Welcome, data: bytes) -> OnDemandPayload:
    """Read and check the 16 bytes that follow the welcome of an on-demand program."""
    payload = OnDemandPayload(*_ON_DEMAND.unpack(data))
    if payload.current_time < welcome.init_begin:
        raise ProtocolViolation("on-demand payload: the current time lies before the initialisation")
    return payload
