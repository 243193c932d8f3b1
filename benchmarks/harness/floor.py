"""Builds benchmarks/floor/floor.c for an interpreter, once."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / ".cache" / "bench"
SOURCE = REPOSITORY / "benchmarks" / "floor" / "floor.c"

ASK = """import json, sys, sysconfig
print(json.dumps([sysconfig.get_path("include"), sysconfig.get_config_var("EXT_SUFFIX"),
                  "%d.%d" % sys.version_info[:2] + getattr(sys, "abiflags", ""), sys.base_prefix, sys.executable]))"""


@cache
def facts(python: str) -> tuple[str, str, str]:
    """Where an interpreter's headers are, how its extension modules end, and its version as in 3.13 or 3.13t."""
    include, suffix, version, *_ = json.loads(subprocess.check_output([python, "-c", ASK], text=True))
    return include, suffix, version


def floor_folder(python: str) -> Path:
    """The folder to import `floor` from, built if it is not there or older than its source.

    Raises:
        RuntimeError: There is no C compiler, or no headers.
    """
    include, suffix, version = facts(python)
    folder = CACHE / f"floor-{version}"
    target = folder / f"floor{suffix}"
    if target.is_file() and target.stat().st_mtime >= SOURCE.stat().st_mtime:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    scratch = folder / f"floor.{os.getpid()}.tmp"
    compiler = shlex.split(os.environ.get("CC") or "cc")
    command = [*compiler, "-O2", "-shared", "-fPIC", f"-I{include}", str(SOURCE), "-o", str(scratch)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RuntimeError(f"the floor cannot be built: there is no {compiler[0]}; name a C compiler by CC") from None
    if result.returncode != 0:
        raise RuntimeError(f"the floor cannot be built: {result.stderr.strip()[-500:]}")
    scratch.replace(target)  # in one step: several processes may do this at once
    return folder
