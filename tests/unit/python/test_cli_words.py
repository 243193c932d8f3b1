"""Where tracypy's own words end on a command line and the program's begin."""

from __future__ import annotations

import click
import pytest

from tracypy.cli import run
from tracypy.cli.app import load
from tracypy.cli.commands import COMMANDS, command_and_rest
from tracypy.cli.target import ProgramCommand
from tracypy.cli.words import Launch, first_word, flags_with_value, read


@pytest.mark.parametrize(
    ("line", "index"),
    [
        ("script.py --port 1", 0),
        ("--wait script.py", 1),
        ("--port 9000 script.py", 2),
        ("--port=9000 script.py", 1),
        ("--wait --listen 0.0.0.0 -m module --wait", 3),
        ("-mmodule", 0),
        ("-c code", 0),
        ("-- --strange.py", 1),
        ("--wait", None),
        ("--", None),
        ("", None),
        ("-", 0),
    ],
)
def test_first_word_is_found(line: str, index: int | None) -> None:
    assert first_word(line.split(), flags_with_value(run.LAUNCH.options)) == index


@pytest.mark.parametrize(
    ("line", "same_as"),
    [
        ("script.py a b", "run script.py a b"),
        ("--wait script.py run", "run --wait script.py run"),
        ("run script.py", "run script.py"),
        ("--wait run script.py", "run --wait script.py"),
        ("run run", "run run"),
        ("-- run", "run -- run"),
        ("--help-me", "run --help-me"),
    ],
)
def test_first_word_is_a_script_unless_a_command(line: str, same_as: str) -> None:
    name, rest = command_and_rest(line.split())
    assert [name, *rest] == same_as.split()


def _parse(*words: str) -> click.Context:
    return load("run").make_context("run", list(words))


@pytest.mark.parametrize(
    ("words", "kind", "target", "arguments"),
    [
        (["a.py", "-x", "--port", "1"], "script", "a.py", ["-x", "--port", "1"]),
        (["--wait", "a.py", "--wait"], "script", "a.py", ["--wait"]),
        (["-m", "pkg.mod", "-m"], "module", "pkg.mod", ["-m"]),
        (["-mpkg"], "module", "pkg", []),
        (["-c", "1 + 1", "--help"], "code", "1 + 1", ["--help"]),
        (["--", "--odd.py", "--"], "script", "--odd.py", ["--"]),
        (["a.py", "--", "b"], "script", "a.py", ["--", "b"]),
    ],
)
def test_program_gets_what_follows_it(words, kind, target, arguments) -> None:
    program = _parse(*words).params["program"]
    assert (program.kind, program.target, program.arguments) == (kind, target, arguments)


def test_options_become_settings() -> None:
    params = _parse("--wait", "--no-exit", "--port", "9000", "--listen", "::1", "a.py").params
    assert (params["wait"], params["no_exit"], params["port"], params["address"]) == (True, True, 9000, "::1")


def test_absent_options_leave_the_environment_in_charge() -> None:
    params = _parse("a.py").params
    assert (params["no_exit"], params["port"], params["address"]) == (None, None, None)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--wait"], "nothing to run"),
        (["-m"], "followed by the module"),
        (["-c"], "followed by the code"),
        (["--port", "x", "a.py"], "--port: 'x' is not a whole number"),
        (["--listen", "nowhere", "a.py"], "--listen: 'nowhere' is not an IP address"),
        (["--prt", "1", "a.py"], "--prt"),
    ],
)
def test_mistake_is_a_usage_error(words, text) -> None:
    with pytest.raises(click.UsageError) as caught:
        _parse(*words)
    assert text in caught.value.format_message()


def test_every_command_is_a_file_of_its_name() -> None:
    assert "run" in COMMANDS
    assert all(isinstance(load(name), click.Command) for name in COMMANDS)


ORDINARY = [
    ["a.py"],
    ["a.py", "--port", "x"],
    ["--wait", "--port", "9000", "--listen=::1", "-m", "pkg", "-m"],
    ["--include", "a", "--include=b", "--exclude", "c", "--only-user-code", "--max-depth", "7", "-c", "1"],
    ["--all-code", "--no-throttle", "--no-exit", "--", "--odd.py", "--"],
    ["-x", "-mpkg"],
    ["-", "a"],
]


@pytest.mark.parametrize("words", ORDINARY, ids=" ".join)
def test_ordinary_line_means_the_same_with_click_and_without(words: list[str]) -> None:
    seen: list[tuple[object, dict[str, object]]] = []
    known = run.LAUNCH
    launch = Launch(
        known.name, known.options, known.short_help, lambda program, **values: seen.append((program, values))
    )
    begin = read(launch, words)
    assert begin is not None
    begin()
    ProgramCommand(launch).main(list(words), standalone_mode=False)()
    (program, values), (same_program, same_values) = seen
    assert values == same_values
    assert [getattr(program, name) for name in program.__slots__] == [
        getattr(same_program, name) for name in program.__slots__
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "--prt 1 a.py",
        "--port",
        "--port x a.py",
        "--wait=1 a.py",
        "--por 1 a.py",
        "-m",
        "-z a.py",
        "--help a.py",
    ],
)
def test_what_is_not_ordinary_is_left_to_click(line: str) -> None:
    assert read(run.LAUNCH, line.split()) is None
