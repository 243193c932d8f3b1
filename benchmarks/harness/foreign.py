"""Other profilers, each in a virtual environment under .cache/bench that is made the first time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from harness.floor import CACHE, facts
from harness.workers import NAMESPACE

#: The package of the same name on PyPI: it cannot be in one environment with ours.
PYPI_TRACYPY = "tracypy==0.13.1.1"
PYPI_PROTOCOL = 76
VIZTRACER = "viztracer"


def environment_with(name: str, requirement: str) -> str | None:
    """The interpreter of `.cache/bench/<name>-<version>`, which has the requirement; None when pip cannot have it."""
    folder = CACHE / f"{name}-{facts(sys.executable)[2]}"
    python = folder / "bin" / "python"
    package = requirement.partition("=")[0]
    if python.is_file() and _has(python, package):
        return str(python)
    base = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}{sys.abiflags}")
    print(f"making {folder} with {requirement}", file=sys.stderr)
    made = subprocess.run([base, "-m", "venv", "--clear", str(folder)], check=False, stdout=sys.stderr)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", requirement]
    if made.returncode != 0 or subprocess.run(pip, check=False, stdout=sys.stderr).returncode != 0:
        print(f"{requirement} cannot be installed: left out", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return str(python)


def _has(python: Path, package: str) -> bool:
    # Found, not imported: the PyPI package talks to the network as soon as it is imported.
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([str(python), "-c", code], check=False).returncode == 0


@cache
def can_isolate() -> bool:
    """Whether a process can have a network of its own: nothing that broadcasts is run without."""
    if sys.platform != "linux" or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        return False
    probe = ["unshare", "-n", "sh", "-c", NAMESPACE, "sh", "true"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0
