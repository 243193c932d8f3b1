"""Code that was made at run time, whose text a viewer's source view shows: whoever makes it tells `linecache`.

tracypy --wait examples/source_text.py     then click a zone of a rule in the viewer, and "Source"
"""

from __future__ import annotations

import linecache
from typing import Any

import tracypy

RULES = {"discount": "price * 0.9 if amount > 10 else price", "tax": "price * 1.19"}


def make(name: str, formula: str) -> Any:  # noqa: ANN401  # whatever the rule says
    file = f"<rule {name}>"
    text = f"def {name}(price, amount):\n    # of the table of rules\n    return {formula}\n"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names: dict[str, Any] = {}
    exec(compile(text, file, "exec"), names)
    return names[name]


def main() -> None:
    rules = [make(name, formula) for name, formula in RULES.items()]
    for amount in range(1_000):
        with tracypy.zone("order"):
            price = 100.0
            for rule in rules:
                price = rule(price, amount)


if __name__ == "__main__":
    main()
