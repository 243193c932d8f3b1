"""`%%tracypy` in JupyterLab, in a browser: what stands below a cell is there to be seen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.browser import Browser, chromium, needs_browser
from support.frameworks import required
from support.recorded_program import clean_environment
from support.target import unused_port

pytestmark = [pytest.mark.heavy, needs_browser, required("jupyterlab"), required("ipykernel")]

CELLS = (
    "%load_ext tracypy\nimport asyncio\nasync def work(n):\n    await asyncio.sleep(0.001)\n    return sum(range(n))",
    "%%tracypy\nsum([await work(n) for n in range(20)])",
)
FRAMES = "[...document.querySelectorAll('.jp-OutputArea-output iframe')].map(e => [e.title, e.clientHeight, e.srcdoc])"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """JupyterLab with a notebook of these cells, at this address."""
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "n.ipynb")
    port = unused_port()
    settings = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "run",
    }
    folders = {name: os.fspath(tmp_path / folder) for name, folder in settings.items()}
    words = [
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *words, "--expose-app-in-browser"],
            cwd=tmp_path, env=clean_environment() | folders, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 100
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api").close()
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/lab/tree/n.ipynb"
    finally:
        process.terminate()
        process.wait(100)


def wait_for(browser: Browser, script: str) -> object:
    """Wait until this is something in the page."""
    deadline = time.monotonic() + 150
    while not (found := browser.evaluate(script)):
        assert time.monotonic() < deadline, browser.console
        time.sleep(0.1)
    return found


def test_summary_flame_graph_and_timeline_are_below_the_cell(lab: str, tmp_path: Path) -> None:
    with Browser(chromium() or "") as browser:
        browser.open(lab, width=1400, height=1800)
        wait_for(browser, "!!document.querySelector('.jp-Notebook-ExecutionIndicator[data-status=idle]')")
        wait_for(browser, "!!document.querySelector('.jp-Cell')")
        # Commands are for what has the focus; a click while the page is still put together comes to nothing.
        deadline = time.monotonic() + 100
        while not browser.evaluate("!!jupyterapp.shell.currentWidget"):
            assert time.monotonic() < deadline
            browser.click_on(".jp-Cell")
            time.sleep(0.5)
        wait_for(browser, "document.querySelectorAll('.jp-CodeCell').length === 2")
        wait_for(browser, "jupyterapp.shell.currentWidget.context.sessionContext.session?.kernel?.status === 'idle'")
        frames = None
        while frames is None:  # a command that comes too early is lost, and nothing says when it is
            assert time.monotonic() < deadline + 150, browser.console
            browser.evaluate("jupyterapp.commands.execute('notebook:run-all-cells'), true")
            asked = time.monotonic()
            while frames is None and time.monotonic() < asked + 20:
                time.sleep(0.2)
                frames = browser.evaluate(f"(f => f.length === 2 ? f : null)({FRAMES})")
        assert isinstance(frames, list)
        assert [(title, height) for title, height, _ in frames] == [("flame graph", 480), ("timeline", 600)]
        assert all("In [2]" in page and "work" in page for _, _, page in frames)
        assert "work" in browser.text(".jp-OutputArea-output table")
        assert not [line for line in browser.console if "Content Security Policy" in line and "srcdoc" in line]
        browser.screenshot(tmp_path / "lab.png")
