"""The script that holds the C++ half of the layers finds what it is to find."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))
from check_layers import complaints, python_complaints

sys.path.pop(0)


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("base", '#include "base/ids.hpp"'),
        ("protocol", "#include <lz4.h>"),
        ("io", "#include <sys/socket.h>"),
        ("cpython", "#include <Python.h>"),
        ("drivers", '#include "protocol/encoder.hpp"'),
        ("tracefile", '#include "tracefile/sections/list.hpp"'),
        ("bindings", "#include <nanobind/nanobind.h>"),
    ],
)
def test_allowed_include_passes(folder: str, line: str) -> None:
    assert complaints(folder, line) == []


@pytest.mark.parametrize(
    ("folder", "line", "complaint"),
    [
        ("base", '#include "events/event.hpp"', "base may not use events"),
        ("events", '#include "io/socket.hpp"', "events may not use io"),
        ("protocol", '#include "recorder/recorder.hpp"', "protocol may not use recorder"),
        ("recorder", "#include <Python.h>", "recorder may not use it; only bindings, cpython, process may"),
        ("drivers", "  #  include <sys/socket.h>", "drivers may not use it; only io may"),
        ("cpython", "#include <nanobind/nanobind.h>", "cpython may not use it"),
        ("drivers", '#include "tracefile/sections/list.hpp"', "only tracefile may use it"),
        ("drivers", '#include "protocol/kinds/zones.hpp"', "only protocol may use it"),
        ("base", '#include "ids.hpp"', "write it from cpp/"),
        ("base", '#include "../base/ids.hpp"', "write it from cpp/"),
    ],
)
def test_forbidden_include_is_named_with_its_line(folder: str, line: str, complaint: str) -> None:
    (found,) = complaints(folder, f"// first\n{line}\n")
    assert found.startswith("2: ")
    assert complaint in found


@pytest.mark.parametrize(
    "line", ["import tracypy._core", "from tracypy import _core", "from tracypy._core import zone"]
)
def test_native_module_is_found_in_imports(line: str) -> None:
    assert python_complaints(f"import os\n{line}\n") == ["2: this layer may not use tracypy._core"]


def test_other_imports_pass() -> None:
    assert python_complaints("import os, tracypy\nfrom tracypy.server import place\nfrom . import x\n") == []
