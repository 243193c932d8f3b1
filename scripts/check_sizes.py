"""Checks that no file has grown past the size at which it has two jobs: 500 lines, 600 for tests."""

from __future__ import annotations

import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent
LIMITS = {"cpp": 500, "src": 500, "scripts": 500, "examples": 500, "benchmarks": 500, "tests": 600}
SUFFIXES = {".py", ".cpp", ".hpp", ".js", ".css", ".html"}


def main() -> int:
    offenders = []
    for folder, limit in LIMITS.items():
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                lines = len(path.read_text().splitlines())
                if lines > limit:
                    offenders.append(f"{path.relative_to(ROOT)}: {lines} lines, the limit is {limit}: split it")
    print("\n".join(offenders), end="\n" if offenders else "")
    return bool(offenders)


if __name__ == "__main__":
    sys.exit(main())
