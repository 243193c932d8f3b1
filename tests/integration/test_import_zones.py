"""Imports on the timeline: the body of a module has the module's name, and what imports it can be left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.target import trace_of, zones_named
from support.viewer import PROTOCOLS

BODY = "import pkg.sub\nexec(compile('def made(): pass\\nmade()', '<string>', 'exec'), vars(pkg.sub))\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("def of_package(): pass\nof_package()\n")
    (tmp_path / "pkg" / "sub.py").write_text("def of_module(): pass\nof_module()\n")
    return tmp_path


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_body_of_a_module_is_named_after_it(folder: Path, protocol: int) -> None:
    trace = trace_of(folder, BODY, protocol=protocol)
    (package,), (module,) = zones_named(trace, "import pkg"), zones_named(trace, "import pkg.sub")
    assert [child.name for child in package.children] == ["of_package"]
    assert [child.name for child in module.children] == ["of_module"]
    main, text = zones_named(trace, "<module>")
    assert text in main.children
    assert any(zone.name == "_find_and_load" for zone in main.children)


@pytest.mark.parametrize("options", ["hide_imports=True", "only_user_code=True"])
def test_what_imports_them_can_be_left_out(folder: Path, options: str) -> None:
    prelude = f"import tracypy\ntracypy.enable({options}, gc=False)\nassert tracypy.wait_connected(100)\n"
    trace = trace_of(folder, BODY, prelude=prelude)
    main = zones_named(trace, "<module>")[0]
    assert [child.name for child in main.children] == ["import pkg", "import pkg.sub", "<module>"]


def test_in_a_recording_by_the_command_line(folder: Path) -> None:
    (folder / "program.py").write_text(BODY)
    for words, has_them in (([], True), (["--hide-imports"], False)):
        command = [sys.executable, "-m", "tracypy", "record", "-f", "-o", "out.tracy", *words, "program.py"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=100)
        trace = tracypy.open(folder / "out.tracy")
        names = {row.name for row in trace.functions()}
        labels = {location.label for location in trace.source_locations}
        assert {"import pkg", "import pkg.sub"} <= labels
        assert ("_find_and_load" in names) == has_them
