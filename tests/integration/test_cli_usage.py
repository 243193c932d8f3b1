"""What the command line says: help, version, and one clear line for each mistake."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import click
import pytest

import tracypy
from tracypy.cli.app import app

from support.command_line import mistake, tracypy_command


def test_version_names_package_protocols_and_releases() -> None:
    result = tracypy_command("--version")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == f"tracypy {tracypy.__version__}"
    listed = [re.fullmatch(r"  protocol +(\d+)  Tracy (.+)", line) for line in lines[1:]]
    assert [(int(found[1]), found[2]) for found in listed if found] == list(tracypy.PROTOCOLS)
    assert {66, 69, 72, 74, 76, 82} <= {number for number, _ in tracypy.PROTOCOLS}


@pytest.mark.parametrize("words", [["--help"], ["-h"], []], ids=str)
def test_help_shows_options_commands_and_examples(words: list[str]) -> None:
    result = tracypy_command(*words)
    assert (result.returncode, result.stderr) == (0, "")
    for expected in ("tracypy --wait script.py", "--no-exit", "--port", "--listen", "TRACY_PORT", "run  ", "-m MODULE"):
        assert expected in result.stdout


def test_help_of_run() -> None:
    result = tracypy_command("run", "--help")
    assert result.returncode == 0
    assert "Usage: tracypy run [OPTIONS] SCRIPT | -m MODULE | -c CODE" in result.stdout


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["missing.py"], "cannot open 'missing.py': No such file or directory"),
        (["run", "missing.py"], "cannot open 'missing.py': No such file or directory"),
        (["repotr", "x.tracy"], "there is no command and no script 'repotr'; `tracypy --help` shows the commands"),
        (["x.tracy"], "x.tracy is a recording, not a program: `tracypy report x.tracy` shows what is in it"),
        (["-m", "no_such_module"], "there is no module named 'no_such_module'"),
        (["--wait"], "nothing to run: name a script, or -m MODULE, or -c CODE"),
        (["run"], "nothing to run: name a script, or -m MODULE, or -c CODE"),
        (["-m"], "-m is followed by the module to run"),
        (["--bad", "x.py"], "No such option"),
        (["--port", "http", "x.py"], "--port: 'http' is not a whole number from 0 to 65535"),
        (["--listen", "here", "x.py"], "--listen: 'here' is not an IP address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistake_is_one_line_and_exit_code_2(words: list[str], text: str, tmp_path: Path) -> None:
    assert mistake(tracypy_command(*words, cwd=tmp_path)).startswith(text)


@pytest.mark.parametrize("value", ["-1", "nan", "x", ""])
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["report", "x.tracy", "--limit"], "a whole number from 0 on"),
        (["diff", "x.tracy", "y.tracy", "--fail-over"], "a percentage, such as 10%"),
        (["flamegraph", "x.tracy", "--max-nodes"], "a whole number from 1 on"),
        (["record", "-c", "1", "--seconds"], "a number of seconds above 0"),
        (["record", "-c", "1", "--max-size"], "a size, such as 500MB or 2GiB"),
        (["run", "-c", "1", "--max-depth"], "a whole number from 1 on"),
        (["capture", "-o", "x.tracy", "--port"], "a whole number from 1 to 65535"),
        (["capture", "-o", "x.tracy", "--seconds"], "a number of seconds from 0 on"),
        (["capture", "-o", "x.tracy", "--timeout"], "a number of seconds from 0 on"),
        (["capture", "-o", "x.tracy", "--memory"], "a percentage above 0, up to 100"),
        (["discover", "--seconds"], "a number of seconds from 0 to 3600"),
    ],
    ids=lambda value: f"{value[0]} {value[-1]}" if isinstance(value, list) else "",
)
def test_number_that_is_none_is_told_what_is_wanted(words: list[str], wanted: str, value: str) -> None:
    start = ["-c", "1"] if "-c" in words else []  # options stand before the program
    words = [word for word in words if word not in start]
    with pytest.raises(click.UsageError) as caught:
        app.main([*words, value, *start], standalone_mode=False)
    assert caught.value.format_message() == f"{words[-1]}: {value!r} is not {wanted}"


def test_depth_may_be_larger_than_any_stack() -> None:
    result = tracypy_command("--max-depth", "9" * 30, "-c", "print('run')")
    assert (result.returncode, result.stdout, result.stderr) == (0, "run\n", "")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("TRACY_PORT", "many"), ("TRACY_NO_EXIT", "perhaps"), ("TRACYPY_LOG", "loud"), ("TRACYPY_ANNOUNCE_PROTOCOL", "7")],
)
def test_bad_variable_is_named(variable: str, value: str) -> None:
    text = mistake(tracypy_command("-c", "print('not run')", **{variable: value}))
    assert text.startswith(f"{variable}: '{value}' is ")


@pytest.mark.parametrize("way", ["option", "variable"])
def test_occupied_port_is_one_line_and_exit_code_2(way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        words, variables = (["--port", port], {}) if way == "option" else ([], {"TRACY_PORT": port})
        text = mistake(tracypy_command(*words, "-c", "print('not run')", **variables))
    assert text.startswith(f"cannot listen: port {port} on the loopback is taken by another program")


def test_foreign_address_is_one_line_and_exit_code_2() -> None:
    assert "192.0.2.1" in mistake(tracypy_command("--listen", "192.0.2.1", "-c", "print('not run')"))


def test_only_localhost_forbids_another_address() -> None:
    result = tracypy_command("--listen", "0.0.0.0", "-c", "print('not run')", TRACY_ONLY_LOCALHOST="1")
    assert "TRACY_ONLY_LOCALHOST" in mistake(result)


def test_only_ipv4_forbids_an_ipv6_address() -> None:
    result = tracypy_command("--listen", "::1", "-c", "print('not run')", TRACY_ONLY_IPV4="1")
    assert "TRACY_ONLY_IPV4" in mistake(result)


def test_program_may_fail_with_our_own_errors() -> None:
    """What the program raises is the program's, even when it is an error of tracypy's."""
    result = tracypy_command("-c", "import tracypy; raise tracypy.SettingError('mine')")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == "tracypy.errors.SettingError: mine"
