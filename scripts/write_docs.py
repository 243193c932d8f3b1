"""Write the generated parts of docs/: settings in environment.md, help texts in cli.md, filters in api.md.

usage: write_docs.py            (with the interpreter into which tracypy is installed)
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

from tracypy import filters
from tracypy.config import OPTIONS

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"

ENVIRONMENT = """# Environment variables

<!-- Written by scripts/write_docs.py (`make docs`) from the table in src/tracypy/config.py. -->

Those that begin with `TRACY_` mean what they mean to other programs that Tracy watches; those that begin with
`TRACYPY_` are tracypy's own. A command line option or an argument wins over its variable. An empty variable counts as
not set; an invalid value is an error that names the variable. They are read when tracypy begins to listen.

| variable | value | default | meaning |
|---|---|---|---|
{rows}

For 0 and 1, `off`/`on`, `no`/`yes` and `false`/`true` will do as well.
"""

HELP = re.compile(r"(<!-- help: (.*?) -->\n```text\n).*?(```\n)", re.DOTALL)


WATCH = re.compile(r"(<!-- (filters|switches) -->\n).*?(\n\n)", re.DOTALL)


def with_watch_options(page: str) -> str:
    """`page` with the tables of what may be said about what is watched."""
    tables = {"filters": _table(filters.FILTERS), "switches": _table(filters.INSTRUMENTS)}
    return WATCH.sub(lambda match: match[1] + tables[match[2]] + match[3], page)


def _table(options: tuple[filters.WatchOption, ...]) -> str:
    rows = ["| argument | option | opposite | meaning |", "|---|---|---|---|"]
    for option in options:
        value = str(not option.default) if bool in option.kinds else ""
        off = f"`{option.off_flag}`" if option.off_flag else ""
        rows.append(f"| `{option.name}={value}` | `{option.flag}` | {off} | {option.meaning}. |")
    return "\n".join(rows)


def environment_page() -> str:
    """docs/environment.md."""
    rows = [
        f"| `{option.variable}` | {option.values} | {option.default_text} | {option.meaning} |" for option in OPTIONS
    ]
    return ENVIRONMENT.format(rows="\n".join(rows))


def with_help(page: str) -> str:
    """`page` with the help texts as the commands print them now."""

    def replace(match: re.Match[str]) -> str:
        command = [sys.executable, "-m", "tracypy", *match[2].split()[1:]]
        text = subprocess.run(command, capture_output=True, text=True, check=True, env={"COLUMNS": "100"}).stdout
        return match[1] + text + match[3]

    return HELP.sub(replace, page)


def main() -> None:
    (DOCS / "environment.md").write_text(environment_page())
    cli = DOCS / "cli.md"
    cli.write_text(with_help(cli.read_text()))
    api = DOCS / "api.md"
    api.write_text(with_watch_options(api.read_text()))


if __name__ == "__main__":
    main()
