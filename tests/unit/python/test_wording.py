"""Everything that can go wrong has its words once, made of facts that are there, and crosses the binding with both."""

from __future__ import annotations

import ast
import pathlib
import socket
import string

import pytest

import tracypy
from tracypy import _core, exporters
from tracypy.errors import EXPORTS, NATIVE, words


def named_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def raised_by_exporters() -> dict[str, set[str]]:
    """Return each code with the facts that it is raised with."""
    found: dict[str, set[str]] = {}
    for path in pathlib.Path(exporters.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ExportError":
                (code,) = node.args
                assert isinstance(code, ast.Constant)
                assert isinstance(code.value, str)
                facts = {keyword.arg or "**" for keyword in node.keywords}
                assert found.setdefault(code.value, facts) == facts
    return found


def test_what_the_native_module_leaves_to_python_is_worded_here_and_nothing_else() -> None:
    left = {code: set(facts.split()) for code, (facts, is_worded_here) in _core.error_codes().items() if is_worded_here}
    assert {code: named_in(text) for code, text in NATIVE.items()} == left


def test_what_exporters_raise_is_worded_here_and_nothing_else() -> None:
    assert {code: named_in(text) for code, text in EXPORTS.items()} == raised_by_exporters()


def test_no_code_has_words_in_two_places() -> None:
    assert not NATIVE.keys() & EXPORTS.keys()
    assert not EXPORTS.keys() & _core.error_codes().keys()
    assert words("no_paths", {"paths": 0}) == "a page needs at least 1 path, not 0"


def test_an_error_of_the_system_has_code_and_facts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} on 127.0.0.1 is taken by another program") as caught:
            tracypy.listen(port=port, address="127.0.0.1")
    assert vars(caught.value) == {
        "code": "port_taken",
        "facts": {"port": port, "address": "127.0.0.1", "first_port": 8086, "last_port": 8105},
    }


def test_what_becomes_an_error_of_ours_keeps_them(tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "b\N{LATIN SMALL LETTER O WITH DIAERESIS}se.tracy"
    broken.write_bytes(b"nothing of the kind")
    with pytest.raises(tracypy.TraceError) as unreadable:
        tracypy.open(broken)
    assert unreadable.value.code == "trace_unreadable"
    assert str(unreadable.value) == f"{broken}: {unreadable.value.facts['problem']}"
    with pytest.raises(tracypy.TraceError) as foreign:
        tracypy.recover(broken, tmp_path / "out.tracy")
    assert (foreign.value.code, foreign.value.facts) == ("not_a_journal", {})
    with pytest.raises(FileExistsError) as exists:
        tracypy.start_recording(broken)
    assert vars(exists.value) == {"code": "file_exists", "facts": {"path": str(broken)}}
    with pytest.raises(tracypy.RecordingError) as over:
        tracypy.save_recording()
    assert over.value.code == "nothing_recorded"
