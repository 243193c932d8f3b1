"""Patterns of filters, as they are handed to the native side."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tracypy
from tracypy import _core
from tracypy.cli.commands import launch_of
from tracypy.filters import FILTERS, INSTRUMENTS, Filter, Instruments, Watch, WatchOption
from tracypy.project import project_settings
from tracypy.recording import RecordingOptions


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
    assert [option.name for option in FILTERS] == list(inspect.signature(Filter).parameters)


def test_native_code_has_a_row_for_each_switch() -> None:
    _core.Settings(3, "test", **Watch().native())
    switches = Watch().native()["instruments"]
    assert list(switches) == [option.name for option in INSTRUMENTS]
    for wrong in ({**switches, "no_such": 1}, dict(list(switches.items())[1:])):
        with pytest.raises(KeyError):
            _core.Settings(3, "test", instruments=wrong)


@pytest.mark.parametrize("option", INSTRUMENTS, ids=lambda option: option.name)
def test_each_switch_is_an_argument_an_option_and_a_setting(option: WatchOption, tmp_path: Path) -> None:
    value: object = (
        ["cpu"]
        if option.words
        else ["a*"]
        if option.is_repeatable
        else 3
        if option.kinds == (int,)
        else not option.default
    )
    given: dict[str, object] = {option.name: value}
    meant = Watch(**given)  # type: ignore[arg-type]
    assert meant.is_given
    assert not Watch(**{option.name: option.default}).is_given  # type: ignore[arg-type]
    assert RecordingOptions("x.tracy", **given).watch.native() == meant.native()  # type: ignore[arg-type]
    if option.name == "memory" and not _core.HAS_MEMORY_HOOKS:
        with pytest.raises(RuntimeError, match="without the GIL"):
            tracypy.profile(**given)  # type: ignore[arg-type]
    else:
        assert tracypy.profile(**given).watch.native() == meant.native()  # type: ignore[arg-type]
    text = "true" if value is True else "false" if value is False else repr(value)
    (tmp_path / "pyproject.toml").write_text(f"[tool.tracypy]\n{option.name.replace('_', '-')} = {text}\n")
    assert project_settings(str(tmp_path)) == given
    for command in ("run", "record"):
        launch = launch_of(command)
        assert launch is not None
        on_line = next(each for each in launch.options if each.name == option.name)
        takes_value = option.is_repeatable or bool(option.words or option.sizes) or option.kinds == (int,)
        assert bool(on_line.metavar) == takes_value
        assert takes_value or on_line.off_flags


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"no_such": True}, "no_such"),
        ({"exceptions": "yes"}, "exceptions is a bool, not str"),
        ({"exceptions": None}, "exceptions is a bool, not NoneType"),
        ({"gc": 1}, "gc is a bool, not int"),
        ({"log_args": 3}, "log_args: give a str, or several in a list, not int"),
        ({"log_args": None}, "log_args: give a str, or several in a list, not NoneType"),
        ({"log_args": [b"x"]}, "log_args: a pattern is a str, not bytes"),
    ],
)
def test_switches_that_make_no_sense_are_refused(switches: dict[str, object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        Instruments(**switches)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=words):
        tracypy.profile(**switches)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=words):
        tracypy.record("x.tracy", **switches)  # type: ignore[arg-type]


@pytest.mark.parametrize("function", [tracypy.start_recording, tracypy.record])
def test_recordings_show_all_their_arguments_and_take_those_of_filter(function: Callable[..., object]) -> None:
    parameters = inspect.signature(function).parameters
    assert list(parameters)[:3] == ["path", "overwrite", "seconds"]
    assert not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for name, parameter in inspect.signature(Filter).parameters.items():
        assert parameters[name] == parameter
    for option in INSTRUMENTS:
        assert parameters[option.name].default == option.default
