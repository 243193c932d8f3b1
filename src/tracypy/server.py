"""The listener that a viewer connects to: started by the first use that can emit, stopped at exit.

Importing starts nothing. A listener that cannot start never breaks the program that is watched: it costs one line on
stderr, and the program runs unwatched. Only `listen`, which asks for nothing else, raises.
"""

from __future__ import annotations

import atexit
import os
import sys

from tracypy import _core, stderr
from tracypy._core import is_connected, is_listening
from tracypy.activity import activity
from tracypy.config import LOG_LEVELS, Config
from tracypy.errors import SettingError
from tracypy.interpreter import call_in_forked_child, embedding_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_connected", "is_listening", "listen", "stop_listening", "wait_connected"]

#: Whether forked children are followed: then they need no listener of their own.
children_are_followed = False

# How many ports after a fixed one a forked child tries, its parent having the fixed one.
_CHILD_PORTS = 20


def listen(
    *,
    port: int | None = None,
    address: str | None = None,
    no_exit: bool | None = None,
    program_name: str | None = None,
) -> int:
    """Start listening for viewers. Do nothing if tracypy listens already.

    There is usually no need to call this: `enable`, `profiled`, `zone` and the frame marks do it at their first use.

    Args:
        port: The port; by default TRACY_PORT, or the first of 8086 to 8105 that is free.
        address: The address; by default TRACYPY_LISTEN, or this machine only.
        no_exit: Whether to wait at exit until a viewer has received everything; by default TRACY_NO_EXIT.
        program_name: What a viewer calls this program; by default TRACYPY_PROGRAM_NAME, or the script's name.

    Returns:
        The port on which the program listens.

    Raises:
        SettingError: An argument or an environment variable has an invalid value.
        OSError: The port is taken, or this machine does not have the address.
    """
    if port_now := _core.port():
        return port_now
    given = {"port": port, "address": address, "no_exit": no_exit, "program_name": program_name}
    return _start(Config(os.environ, **given))


def listen_beside_parent(**given: object) -> None:
    """Listen on the next free port, or not at all, in a process whose parent listens.

    Args:
        **given: As there.

    Raises:
        SettingError: As there.
    """
    config = Config(os.environ, **given)
    _start_in_child(config, config.port and config.port + 1)


def is_heard() -> bool:
    """Return whether anybody hears what happens: a viewer, a recording, the root of this process, or another client."""
    return _core.is_recording() or _core.is_connected() or _core.is_followed() or _core.has_client()


def ensure_listening() -> None:
    """Start the listener at the first use of tracypy; if there is no port for it, say so in one line on stderr.

    Raises:
        SettingError: An environment variable has an invalid value.
    """
    # Viewers would only be turned away.
    has_another = _core.has_recording() or _core.is_followed() or _core.has_client()
    if is_listening() or has_another or sys.is_finalizing():
        return
    config = Config(os.environ)
    if config.client:
        _use_client(config)
        return
    if _is_worker():
        _start_in_child(config, config.port)
        return
    try:
        _start(config)
    except OSError as problem:
        _say(config, "warning", f"no viewer can connect: {problem.strerror}")


def stop_listening(*, wait_for_viewer: bool = False) -> bool:
    """Send a connected viewer what is left, end its session and stop listening.

    No thread and no socket is left. `listen` and `enable` start it again; zones and frame marks do not.

    Args:
        wait_for_viewer: Also wait for a viewer when none is connected. Ctrl-C ends the wait.

    Returns:
        Whether a viewer has received everything.
    """
    activity.stops_listening()
    has_all = _core.stop_listening(wait_for_viewer=wait_for_viewer)
    activity.has_stopped_listening()
    return has_all


def wait_connected(timeout: float | None = None) -> bool:
    """Wait until a viewer is connected.

    Args:
        timeout: How many seconds to wait at most; None waits for as long as it takes.

    Returns:
        Whether a viewer is connected.
    """
    if timeout is not None:
        return _core.wait_connected(timeout)
    while is_listening():
        if _core.wait_connected(1.0):
            return True
    return False


def place() -> str:
    """Return where a viewer can connect, as HOST:PORT; empty when nothing listens."""
    config = activity.listener
    if config is None:
        return ""
    address = config.address
    if address == "localhost":
        address = "127.0.0.1"
    elif address in ("0.0.0.0", "::"):  # noqa: S104  # every address; this is one of its names
        from _socket import gethostname

        address = gethostname()
    return f"[{address}]:{_core.port()}" if ":" in address else f"{address}:{_core.port()}"


def apply(config: Config) -> None:
    """Apply the settings that concern the whole process.

    Args:
        config: The settings.
    """
    _core.set_log_level(LOG_LEVELS.index(config.log))
    _core.set_buffer_limit(config.buffer_mb, config.buffer_policy)


def _start(config: Config) -> int:
    apply(config)
    port = _core.listen(
        port=config.port,
        address="" if config.address == "localhost" else config.address,
        only_ipv4=config.only_ipv4,
        announce=config.announce,
        announced_protocol=_announced_protocol(config),
        program_name=encodable(config.program_name or program_name()),
        host_info=host_info(),
        exit_timeout=config.exit_timeout,
    )
    activity.listens(config)
    call_when_worker_ends(_at_exit)
    return port


def _use_client(config: Config) -> None:
    from tracypy.engine import use_client

    apply(config)
    try:
        use_client(None if config.client == "." else config.client)
    except RuntimeError as problem:
        _say(config, "warning", f"TRACYPY_CLIENT: {problem}")


def _at_first_use() -> None:
    """Start the listener when a zone or a frame mark is used first. Called by `_core`."""
    if activity.is_stopped:
        return
    try:
        ensure_listening()
    except SettingError as problem:  # a zone is no place to learn of it by an exception
        stderr.say(f"no viewer can connect: {problem}")


def _at_exit() -> None:
    config, where = activity.listener, place()
    activity.stops_listening()
    _core.disable()
    _core.let_go()
    if config is None or not is_listening():
        return
    wait = config.no_exit and not _is_worker()  # a worker that waited for a viewer of its own would hang its parent
    try:
        if wait and not is_connected():
            _say(config, "warning", f"the program is done; a viewer can connect to {where} (Ctrl-C: leave)")
        _core.stop_listening(wait_for_viewer=wait)
    except KeyboardInterrupt:
        _core.stop_listening()


# Registered at import, not at the first use: handlers run last in, first out, so the program's own are still watched.
atexit.register(_at_exit)


def _start_again_in_child() -> None:
    """Start the listener in a forked child, which has not inherited it."""
    config = activity.listener
    if config is not None and not children_are_followed:
        call_when_worker_ends(_at_exit, forked=True)
        _start_in_child(config, config.port and config.port + 1)


call_in_forked_child(_start_again_in_child)


def _start_in_child(config: Config, first_port: int) -> None:
    """Listen on the next free port, or not at all: the port that was asked for is the parent's."""
    config.no_exit = False  # who started the program waits for its viewer; a child never does
    failure = None
    for port in range(first_port, min(first_port + _CHILD_PORTS, 65536)) if first_port else (0,):
        config.port = port
        try:
            _start(config)
        except OSError as problem:
            failure = problem
        else:
            return
    _say(config, "info", f"no viewer can connect to this child: {failure and failure.strerror}")


def _is_worker() -> bool:
    """Return whether multiprocessing made this process."""
    process = sys.modules.get("multiprocessing.process")
    return process is not None and process.parent_process() is not None


def call_when_worker_ends(function: Callable[[], None], *, forked: bool = False) -> None:
    """Call a function at the end of a process of multiprocessing, which skips atexit but runs finalizers.

    Args:
        function: What to call.
        forked: The process was forked just now. That is too early: the worker's first act will be to forget the
            finalizers, and then to call those who want to be called after a fork.
    """
    util = sys.modules.get("multiprocessing.util")
    if util is None:
        return

    def arrange(_owner: object) -> None:
        util.Finalize(None, function, exitpriority=-100)

    if forked:
        util.register_after_fork(function, arrange)
    elif _is_worker():
        arrange(None)


def _announced_protocol(config: Config) -> int:
    known = [number for number, _releases in _core.PROTOCOLS]
    wanted = config.announced_protocol or known[-1]
    if wanted not in known:
        spoken = ", ".join(map(str, known))
        raise SettingError(f"TRACYPY_ANNOUNCE_PROTOCOL: '{wanted}' is not one of the protocols spoken: {spoken}")
    return wanted


def program_name() -> str:
    """Return the program's default name: that of its script, or of the program that Python is embedded in."""
    argv = getattr(sys, "argv", None) or [""]  # an embedded interpreter has none
    return os.path.basename(argv[0]) or embedding_program() or "python"


def host_info() -> str:
    """Return what a viewer shows about this machine."""
    system, architecture = _system()
    version = sys.version.split()[0]
    lines = [
        f"OS: {system}",
        f"Python: {sys.implementation.name} {version}",
        f"Arch: {architecture}",
        f"CPU cores: {os.cpu_count()}",
        f"tracypy: {_core.VERSION}",
    ]
    if _core.clock()[1] != "usual":
        from tracypy import clocks

        lines.append(f"Clock: {clocks.text()}")
    return "\n".join(lines)


def _system() -> tuple[str, str]:
    if sys.platform == "win32":
        version = sys.getwindowsversion()
        name = f"Windows {version.major}.{version.minor}.{version.build}"
        return name, os.environ.get("PROCESSOR_ARCHITECTURE", "unknown")
    else:  # noqa: RET505  # mypy calls it unreachable there, else
        system = os.uname()
        return f"{system.sysname} {system.release}", system.machine


def encodable(name: str) -> str:
    """Escape what no encoding has in a name: bytes of a file's name that are not UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _say(config: Config, level: str, text: str) -> None:
    if LOG_LEVELS.index(config.log) >= LOG_LEVELS.index(level):
        stderr.say(text)


_core.on_first_use(_at_first_use)
