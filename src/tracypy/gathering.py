"""Other Tracy clients on this machine, whose events join those of this process: `tracypy.gather`."""

from __future__ import annotations

from tracypy import _core
from tracypy.errors import SettingError

__all__ = ["gather", "stop_gathering"]


def gather(port: int | None = None, address: str = "127.0.0.1") -> None:
    """Take in what another Tracy client says, from now on, whenever a viewer is connected or a recording runs here.

    The client is a program, or a library in this process, with Tracy's own client of release 0.11 to
    0.14 or with tracypy. What it records is in the same viewer, or in the same recording, on rows that have its name.
    tracypy connects to it only while it is active itself. The client may come and go: tracypy keeps looking for it.
    Since a client has one viewer at a time, no other viewer can connect to it meanwhile.

    Without a port, the clients are found that announce themselves: those in this process, and those of the processes
    that it starts.

    Args:
        port: Where it listens; None for those that announce themselves.
        address: Of which machine; of another one the times are estimates, and a line says how good they are.

    Raises:
        SettingError: The port is not valid.
        ValueError: There is no such host.

    Example:
        >>> tracypy.gather(8087)
        >>> with tracypy.record("out.tracy"):
        ...     engine.run()
    """
    if port is None:
        _core.gather_own()
    else:
        _core.gather(_checked(port, address), port)


def stop_gathering(port: int | None = None, address: str = "127.0.0.1") -> None:
    """End what `gather` has begun.

    Args:
        port: As there.
        address: As there.

    Raises:
        SettingError: That client is not gathered.
    """
    if port is None and not _core.stop_gathering_own():
        raise SettingError("clients that announce themselves are not gathered")
    if port is not None and not _core.stop_gathering(_checked(port, address), port):
        raise SettingError(f"{address}:{port} is not gathered")


def parse_client(text: str) -> tuple[int | None, str]:
    """Read "PORT", "ADDRESS:PORT", or "self" for those that announce themselves.

    Returns:
        The arguments of `gather`.

    Raises:
        ValueError: It is neither.
    """
    if text == "self":
        return None, "127.0.0.1"
    address, _colon, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit():
        raise ValueError("is not a port, nor an address and a port (127.0.0.1:8087), nor self")
    address = address.strip("[]") or "127.0.0.1"
    try:
        _checked(int(port), address)
    except SettingError as problem:
        raise ValueError(str(problem)) from None
    return int(port), address


def _checked(port: int, address: str) -> str:
    if not 0 < port < 65536:
        raise SettingError(f"port: {port} is not a port (1 to 65535)")
    return address
