"""Prints the tables of docs/performance.md from what run.py wrote.

benchmarks/tables.py FILE [median]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from harness.markdown import markdown

CONNECTED = "tracypy connected"


def rows(document: dict[str, Any], which: str) -> list[list[str]]:
    names: list[str] = []
    for program in document["programs"]:
        names += [one["variant"] for one in program["figures"] if one["variant"] not in (*names, "plain")]
    table = [["program", "calls", *names, "x floor", "x PyPI"]]
    for program in document["programs"]:
        by_name = {one["variant"]: one for one in program["figures"]}
        cells = [f"{round(by_name[name][which])}" if name in by_name else "" for name in names]
        ours = by_name.get(CONNECTED, {}).get(which)
        ratios = []
        for other in ("floor", "PyPI connected"):
            base = by_name.get(other, {}).get(which)
            ratios.append(f"{ours / base:.2f}" if ours is not None and base and base > 0 else "")
        table.append([program["program"], f"{program['calls']:,}", *cells, *ratios])
    return table


def main() -> None:
    document = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    header, *body = rows(document, "added_median" if "median" in sys.argv[2:] else "added")
    print(markdown(header, body))


if __name__ == "__main__":
    main()
