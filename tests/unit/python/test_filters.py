"""Patterns of filters, as they are handed to the native side."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable

import pytest

import tracypy
from tracypy.filters import OPTIONS, Filter


def test_a_module_stands_for_its_submodules() -> None:
    native = Filter(include="app", exclude=["app.vendored", "test*"]).native()
    assert native["include_modules"] == ["app", "app.*"]
    assert native["exclude_modules"] == ["app.vendored", "app.vendored.*", "test*", "test*.*"]
    assert native["include_paths"] == native["exclude_paths"] == []


@pytest.mark.parametrize(
    ("pattern", "globs"),
    [
        ("src/app", ["*/src/app", "*/src/app/*"]),
        ("src/app/", ["*/src/app", "*/src/app/*"]),
        ("main.py", ["*/main.py", "*/main.py/*"]),
        ("/opt/app", ["/opt/app", "/opt/app/*"]),
        ("*/gen_*.py", ["*/gen_*.py", "*/gen_*.py/*"]),
        ("<string>", ["<string>"]),
        ("~/app", [os.path.expanduser("~/app"), os.path.expanduser("~/app/*")]),
        ("./app", [os.path.abspath("app"), os.path.abspath("app/*")]),
    ],
)
def test_paths(pattern: str, globs: list[str]) -> None:
    native = Filter(exclude=pattern).native()
    assert native["exclude_paths"] == globs
    assert native["exclude_modules"] == []


def test_only_user_code_excludes_the_standard_library_and_what_is_installed() -> None:
    paths = Filter(only_user_code=True).native()["exclude_paths"]
    assert os.path.join(os.path.dirname(os.__file__), "*") in paths
    assert "*/site-packages/*" in paths
    assert "<frozen *" in paths


def test_only_user_code_knows_the_library_of_a_frozen_program_by_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Filter(only_user_code=True).native()["exclude_modules"] == []
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.delattr(os, "__file__")
    native = Filter(only_user_code=True).native()
    assert {"json", "json.*", "_frozen_importlib"} <= set(native["exclude_modules"])
    assert not {"__main__", "tests"} & set(native["exclude_modules"])


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"include": [1]}, TypeError),
        ({"exclude": [""]}, ValueError),
        ({"include": "  "}, ValueError),
        ({"max_depth": 0}, ValueError),
        ({"max_depth": "3"}, TypeError),
        ({"max_depth": True}, TypeError),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        Filter(**options)  # type: ignore[arg-type]


def test_the_table_of_options_has_the_arguments_of_filter() -> None:
    assert [option.name for option in OPTIONS] == list(inspect.signature(Filter).parameters)


@pytest.mark.parametrize("function", [tracypy.start_recording, tracypy.record])
def test_recordings_show_all_their_arguments_and_take_those_of_filter(function: Callable[..., object]) -> None:
    parameters = inspect.signature(function).parameters
    assert list(parameters)[:3] == ["path", "overwrite", "seconds"]
    assert not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for name, parameter in inspect.signature(Filter).parameters.items():
        assert parameters[name] == parameter
