"""Checks that each folder of `cpp/` includes only what the table in docs/architecture.md allows it.

The compiler enforces most of it by what each folder's library links; this holds the rest: headers that stand for
what a layer must not know (sockets, Python), and folders that could be included because they share the include path.
Of the Python half, import-linter's, it holds who may import the native module.
"""

from __future__ import annotations

import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
CPP = ROOT / "cpp"
PACKAGE = ROOT / "src" / "tracypy"

#: Python modules that may not import the native module.
WITHOUT_CORE = (
    *("errors.py", "config.py", "colors.py", "filters.py", "formatting.py", "wrappers.py"),
    "cli/*.py",
)

#: What each folder may include of the others, ground floor first.
ALLOWED = {
    "base": set(),
    "events": {"base"},
    "io": {"base"},
    "protocol": {"base", "events"},
    "model": {"base", "events"},
    "recorder": {"base", "events"},
    "tracefile": {"base", "io", "model"},
    "journal": {"base", "events", "io", "model", "tracefile"},
    "analysis": {"base", "model"},
    "exporting": {"base", "model"},
    "drivers": {"base", "events", "io", "protocol", "model", "recorder", "tracefile", "analysis", "journal"},
    "keeper": {"drivers"},
    "cpython": {"base", "events", "recorder"},
    "process": {"base", "events", "io", "recorder", "drivers", "cpython"},
    "bindings": {
        *("base", "events", "io", "protocol", "model", "recorder", "tracefile", "journal", "analysis", "exporting"),
        *("drivers", "cpython", "process"),
    },
}

#: Rooms inside a folder that only this folder may enter.
INNER = ("protocol/kinds/", "tracefile/sections/")

#: Foreign headers, and the only folders that may know them.
QUARANTINED = {
    re.compile(r"^(Python|structmember|frameobject|cpython/.*|internal/.*)\.h$"): {"cpython", "process", "bindings"},
    re.compile(r"^nanobind/"): {"bindings"},
    re.compile(r"^(lz4.*)\.h$"): {"protocol", "tracefile", "journal"},
    re.compile(r"^zstd.*\.h$"): {"tracefile"},
    re.compile(r"^(sys/socket|sys/un|netinet/.*|arpa/.*|netdb|winsock2|ws2tcpip)(\.h)?$"): {"io"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def complaints(folder: str, text: str) -> list[str]:
    """Return what the includes in `text`, a source of `folder`, break."""
    found = []
    for match in INCLUDE.finditer(text):
        own, foreign = match.groups()
        line = text.count("\n", 0, match.start(1 if own else 2)) + 1
        if own is not None:
            target = own.partition("/")[0] if "/" in own else None
            if target not in ALLOWED:
                found.append(f'{line}: "{own}": write it from cpp/, as "folder/file.hpp"')
            elif target != folder and target not in ALLOWED[folder]:
                found.append(f'{line}: "{own}": {folder} may not use {target}')
            elif target != folder and own.startswith(INNER):
                found.append(f'{line}: "{own}": only {target} may use it')
        for pattern, folders in QUARANTINED.items():
            if foreign is not None and pattern.match(foreign) and folder not in folders:
                found.append(f"{line}: <{foreign}>: {folder} may not use it; only {', '.join(sorted(folders))} may")
    return found


def python_complaints(text: str) -> list[str]:
    """Where a Python source that may not know the native module imports it; import-linter does not see that module."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        if "tracypy._core" in names:
            found.append(f"{node.lineno}: this layer may not use tracypy._core")
    return found


def main() -> int:
    failures = 0
    for path in sorted(CPP.rglob("*.?pp")):
        folder = path.relative_to(CPP).parts[0]
        found = complaints(folder, path.read_text()) if folder in ALLOWED else [f" {folder} is no folder of the table"]
        failures += report(path, found)
    for path in sorted(path for pattern in WITHOUT_CORE for path in PACKAGE.glob(pattern)):
        failures += report(path, python_complaints(path.read_text()))
    return failures > 0


def report(path: pathlib.Path, found: list[str]) -> int:
    for complaint in found:
        print(f"{path}:{complaint}")
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
