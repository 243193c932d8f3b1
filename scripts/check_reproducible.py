"""Checks that the same commit gives the same bytes: releases it twice, in two folders, and compares.

usage: scripts/check_reproducible.py CODECS VENV

CODECS holds the sources of LZ4 and Zstandard, VENV is the virtual environment that `make dist` uses. Both folders are
clones of what is committed here; their names have different lengths. Takes as long as two builds from nothing.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("one", "another-one")


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    codecs, venv = (Path(argument).absolute() for argument in sys.argv[1:])
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as room:
        one, other = (release(commit, Path(room) / name, codecs, venv) for name in FOLDERS)
        wrong = [
            line for name in sorted(one.keys() | other.keys()) for line in differences(one.get(name), other.get(name))
        ]
        for name, path in sorted(one.items()):
            print(f"{digest(path.read_bytes())}  {name}")
    for line in wrong:
        print(f"check_reproducible: {line}", file=sys.stderr)
    return 1 if wrong else 0


def release(commit: str, folder: Path, codecs: Path, venv: Path) -> dict[str, Path]:
    """Build what is released of that commit, in a clone of it, without what a compiler's cache remembers."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", "--detach", commit], check=True)
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    command = ["make", "--directory", str(folder), "dist", f"CODECS={codecs}", f"VENV={venv}"]
    subprocess.run(command, env=environment, check=True)
    return {path.name: path for path in (folder / "dist").iterdir()}


def differences(one: Path | None, other: Path | None) -> list[str]:
    """Say what differs: of two wheels, in which of their files."""
    if one is None or other is None:
        return [f"only one of them has {(one or other or Path()).name}"]
    if one.read_bytes() == other.read_bytes():
        return []
    if one.suffix != ".whl":
        return [f"{one.name} differs"]
    with zipfile.ZipFile(one) as ours, zipfile.ZipFile(other) as theirs:
        names = sorted({*ours.namelist(), *theirs.namelist()})
        differing = [name for name in names if contents(ours, name) != contents(theirs, name)]
    return [f"{one.name} differs: {', '.join(differing) or 'the order or the times of its files'}"]


def contents(wheel: zipfile.ZipFile, name: str) -> bytes:
    return wheel.read(name) if name in wheel.namelist() else b""


def digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
