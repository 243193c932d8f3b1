"""Check that every kind of event is in the table of CONTRIBUTING.md, with its wire file, section, tests and page.

The files of the wire, the model and the tests must name the kind; the others must exist.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
VOCABULARY = "cpp/events/vocabulary.hpp"
PAGE = "CONTRIBUTING.md"
COLUMNS = ("wire", "model", "file", "strict viewer", "tests", "page")
NAMING = ("wire", "model", "tests")

_KIND = re.compile(r"^\s*EVENT\(\d+, (\w+),", re.MULTILINE)
_ROW = re.compile(r"^\| (\w+) \|" + r" `([\w/.-]+)` \|" * len(COLUMNS) + "$", re.MULTILINE)


def complaints(root: Path) -> list[str]:
    """Return what is missing, a line each."""
    kinds = _KIND.findall((root / VOCABULARY).read_text())
    rows = {
        row[1]: dict(zip(COLUMNS, row.groups()[1:], strict=True)) for row in _ROW.finditer((root / PAGE).read_text())
    }
    if not kinds:
        return [f"{VOCABULARY}: there is no kind of event"]
    found = [f"{PAGE}: the table has no row for {kind}" for kind in kinds if kind not in rows]
    found += [f"{PAGE}: {kind} is not a kind of event" for kind in rows if kind not in kinds]
    for kind, row in rows.items():
        for column, path in row.items():
            if not (root / path).is_file():
                found.append(f"{PAGE}: {kind}, {column}: there is no {path}")
            elif column in NAMING and not re.search(rf"\b{kind}\b", (root / path).read_text()):
                found.append(f"{PAGE}: {kind}, {column}: {path} does not name it")
    return found


def main() -> int:
    found = complaints(ROOT)
    print("\n".join(found), end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
