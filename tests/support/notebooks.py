"""Notebooks that run in a kernel of their own, and what stands below their cells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from .recorded_program import clean_environment

if TYPE_CHECKING:
    from pathlib import Path


class Below(NamedTuple):
    """What stands below a cell: texts that it shows, by their kind, its value, what it has printed, and its error."""

    shown: list[dict[str, str]]
    value: str
    html: str
    printed: str
    error: str


def run_notebook(folder: Path, *cells: str) -> list[Below]:
    """Run these cells, one after the other, in a folder; those after an error, too."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook, timeout=200, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    environment = {**clean_environment(), "IPYTHONDIR": os.fspath(folder / "ipython")}
    client.execute(env=environment)
    return [_below(cell.outputs) for cell in notebook.cells]


def _below(outputs: list[Any]) -> Below:
    shown, value, page, printed, error = [], "", "", "", ""
    for output in outputs:
        match output.output_type:
            case "display_data":
                shown.append(dict(output.data))
            case "execute_result":
                value, page = output.data["text/plain"], output.data.get("text/html", "")
            case "stream":
                printed += output.text
            case "error":
                error = "\n".join(output.traceback)
    return Below(shown, value, page, printed, error)
