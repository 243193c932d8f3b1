"""The variants that can be had here, in the order of the table."""

from __future__ import annotations

import sys
from pathlib import Path

import tracypy
from harness.floor import floor_folder
from harness.foreign import PYPI_PROTOCOL, PYPI_TRACYPY, VIZTRACER, can_isolate, environment_with
from harness.variants import Variant

from support.captures import capture_program, capture_protocols

#: Protocols to connect with, the best first; 72 is the newest whose capture program PyPI has.
PROTOCOLS = (76, 72)

#: What the figures refer to.
PLAIN, FLOOR, COUNT = "plain", "floor", "count"
CONNECTED, PYPI_CONNECTED = "tracypy connected", "PyPI connected"


def variants(*, foreign: bool) -> tuple[list[Variant], list[str]]:
    """The variants, and a sentence for each thing that is missing.

    Args:
        foreign: Other people's profilers too; they are installed the first time.
    """
    python = sys.executable
    ours = (str(Path(tracypy.__file__).parents[1]),)
    floor = (str(floor_folder(python)),)
    missing: list[str] = []
    found = [
        Variant(PLAIN, "plain", python),
        Variant(COUNT, "count", python, floor),
        Variant(FLOOR, "floor", python, floor),
        Variant("floor + clock", "clock", python, floor),
        Variant("tracypy idle", "tracypy", python, ours, ours=True),
    ]
    protocol = _protocol(missing)
    if protocol is not None:
        everything: dict[str, object] = {"exclude": ["*"]}
        found += [
            Variant(CONNECTED, "tracypy", python, ours, protocol=protocol, ours=True),
            Variant("tracypy filtered", "tracypy", python, ours, everything, protocol=protocol, ours=True),
        ]
    if foreign:
        found += _foreign(missing)
    found.append(Variant("cProfile", "cprofile", python))
    return found, missing


def _protocol(missing: list[str]) -> int | None:
    protocol = next(number for number in PROTOCOLS if number in capture_protocols())
    try:
        capture_program(protocol)
    except RuntimeError as problem:
        missing.append(f"nothing is connected: {problem}")
        return None
    return protocol


def _foreign(missing: list[str]) -> list[Variant]:
    found = []
    if not can_isolate():
        missing.append("tracypy of PyPI is left out: it broadcasts, and `unshare -n` is not to be had here")
    elif (theirs := environment_with("pypi", PYPI_TRACYPY)) is None:
        missing.append(f"{PYPI_TRACYPY} is left out: pip cannot install it")
    else:
        found.append(Variant("PyPI idle", "tracypy", theirs, isolated=True))
        if PYPI_PROTOCOL in capture_protocols():
            found.append(Variant(PYPI_CONNECTED, "tracypy", theirs, protocol=PYPI_PROTOCOL, isolated=True))
        else:
            missing.append(
                "PyPI connected is left out: it wants the capture program of Tracy 0.13.1; set TRACYPY_PEERS"
            )
    if (tools := environment_with("tools", VIZTRACER)) is not None:
        found.append(Variant("VizTracer", "viztracer", tools))
    else:
        missing.append("VizTracer is left out: pip cannot install it")
    return found
