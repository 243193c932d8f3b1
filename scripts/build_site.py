"""Builds the documentation's site, and checks that its pages load nothing from anywhere else.

usage: scripts/build_site.py [FOLDER]

FOLDER is where it goes, build/site unless it is given. Every warning is an error: a link that leads nowhere, a page
that the navigation lacks.
"""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = ROOT / "docs" / "site" / "mkdocs.yml"
#: What a browser loads by itself, by element.
LOADED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(LOADED.get(tag, "")) or ""
        if address.startswith(("http:", "https:", "//")):
            self.found.append(f"<{tag}> {address}")


def strangers(folder: Path) -> list[str]:
    """Return what pages load from elsewhere, a line each."""
    found = []
    for path in sorted(folder.rglob("*.html")):
        reader = _Loads()
        reader.feed(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(folder)} loads {what}" for what in reader.found]
    return found


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "site").resolve()
    # Not --quiet: what is not said is not counted as a warning either.
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(SETTINGS), "-d", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    result = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode:
        said = result.stderr.splitlines()
        print("\n".join(line for line in said if not line.startswith("INFO")), file=sys.stderr)
        return result.returncode
    found = strangers(folder)
    print(*found, f"built {folder / 'index.html'}", sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
