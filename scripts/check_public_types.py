"""Checks that every type in the package's public interface is annotated, by `pyright --verifytypes`.

mypy infers what an attribute is from what a constructor assigns to it; other checkers, and editors, may infer something
else. So the interface must say it. The installed package is looked at, as a user's checker would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from typing import Any

PACKAGE = "tracypy"


def verify(package: str) -> dict[str, Any]:
    """Return what pyright says about an installed package."""
    # pyright takes the first `python` on PATH, whatever --pythonpath says, and the sources if they lie where it starts.
    scripts = sysconfig.get_path("scripts")
    environment = os.environ | {"PATH": os.pathsep.join((scripts, os.environ.get("PATH", os.defpath)))}
    command = [sys.executable, "-m", "pyright", "--verifytypes", package, "--ignoreexternal", "--outputjson"]
    with tempfile.TemporaryDirectory() as folder:
        result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    try:
        report: dict[str, Any] = json.loads(result.stdout)["typeCompleteness"]
    except (ValueError, KeyError):
        sys.exit(f"pyright did not run: {result.stdout}{result.stderr}")
    return report


def complaints(report: dict[str, Any]) -> list[str]:
    """Return what is not annotated, a line each."""
    found = [
        f"{symbol['name']}: {diagnostic['message'].splitlines()[0]}"
        for symbol in report["symbols"]
        if symbol["isExported"]
        for diagnostic in symbol["diagnostics"]
        if diagnostic["severity"] == "error"
    ]
    if "pyTypedPath" not in report or not report["exportedSymbolCounts"]["withKnownType"]:
        found.append(f"pyright has not found {report['packageName']}, or not its py.typed")
    return found


def main() -> int:
    report = verify(PACKAGE)
    found = complaints(report)
    print(*found, f"types of the public interface that are known: {report['completenessScore']:.1%}", sep="\n")
    return bool(found) or report["completenessScore"] < 1


if __name__ == "__main__":
    sys.exit(main())
