"""What the site has besides the pages in `docs`: the README, other pages of the repository, a gallery of the examples.

Links are those of the repository, as they work there; they are turned to where their pages are on the site. One that
leads nowhere stays as it is, and mkdocs complains.
"""

from __future__ import annotations

import ast
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
#: Files of the repository that lie outside of `docs`, and what they are called on the site.
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "LICENSE": "licence.md",
    "benchmarks/instructions.json": "instructions.json",
    "tests/README.md": "tests.md",
    "tests/vectors/README.md": "vectors.md",
    "third_party/NOTICES.md": "notices.md",
}
GALLERY = "gallery.md"
#: Examples whose picture is called otherwise than they are.
PICTURES = {"demo": "calls", "gc_zones": "garbage-collection", "frame_images": "frame-image", "markup": "zones"}
_LINK = re.compile(r"(?<=\]\()([^)\s:#]+)(?=[)#])")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie elsewhere."""
    for source, target in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        if source == "LICENSE":
            text = f"# Licence\n\n```text\n{text}```\n"
        files.append(File.generated(config, target, content=moved(text, posixpath.dirname(source), target)))
    files.append(File.generated(config, GALLERY, content=gallery()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  # by name
    """Turn links out of `docs` to where their targets are."""
    if page.file.generated_by is not None:
        return markdown
    return moved(markdown, posixpath.dirname(f"docs/{page.file.src_uri}"), page.file.src_uri)


def moved(text: str, folder: str, target: str) -> str:
    """Return a page with its links as they are on the site.

    Args:
        text: The page.
        folder: Where it lies in the repository.
        target: Where it is on the site.
    """

    def place(match: re.Match[str]) -> str:
        found = place_of(posixpath.normpath(posixpath.join(folder, match[1])))
        if found is None:
            return match[1]
        page, _, anchor = found.partition("#")
        return posixpath.relpath(page, posixpath.dirname(target) or ".") + (f"#{anchor}" if anchor else "")

    return _LINK.sub(place, text)


def place_of(path: str) -> str | None:
    """Return where something of the repository is on the site."""
    if path in PAGES:
        return PAGES[path]
    if path == "docs/recipes":
        return "recipes/queries.md"
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path == "examples" or path.startswith("examples/native"):
        return GALLERY
    if path.startswith("examples/"):
        return f"{GALLERY}#{Path(path).stem.replace('_', '-')}"
    return None


def gallery() -> str:
    """Return the page that shows every example."""
    parts = ["# Gallery\n\nPrograms to try; each does one thing. They are in `examples`, and run in the tests.\n"]
    for path in sorted((ROOT / "examples").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        picture = f"pictures/{PICTURES.get(path.stem, path.stem.replace('_', '-'))}.png"
        shown = f"![{path.name}]({picture})\n\n" if (ROOT / "docs" / picture).exists() else ""
        inside = "".join(f"    {line}\n" if line else "\n" for line in ["```python", *source.splitlines(), "```"])
        heading = f"## {path.name} {{#{path.stem.replace('_', '-')}}}"
        parts.append(f'{heading}\n\n{_said(source)}\n\n{shown}??? example "The program"\n\n{inside}')
    return "\n".join(parts)


def _said(source: str) -> str:
    """Return what a program's docstring says, commands as such."""
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    commands = ("tracypy ", "python ", "pytest ", "mpirun ")
    return "\n".join(f"\n    {line.strip()}\n" if line.strip().startswith(commands) else line.strip() for line in lines)
