from __future__ import annotations

import pytest

from tracypy.config import OPTIONS, Config
from tracypy.errors import SettingError


def test_every_option_is_an_attribute_of_config() -> None:
    assert [option.name for option in OPTIONS] == list(Config.__annotations__)


def test_defaults_come_without_environment() -> None:
    config = Config({})
    assert (config.port, config.no_exit, config.address, config.announce) == (0, False, "localhost", True)
    assert (config.buffer_mb, config.buffer_policy, config.log, config.exit_timeout) == (256, "wait", "warning", 5.0)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.variable)
def test_empty_variable_counts_as_not_set(option) -> None:
    assert getattr(Config({option.variable: ""}), option.name) == option.default


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("TRACY_PORT", "9000", "port", 9000),
        ("TRACY_NO_EXIT", "1", "no_exit", True),
        ("TRACY_NO_EXIT", "0", "no_exit", False),
        ("TRACY_ONLY_LOCALHOST", "1", "only_localhost", True),
        ("TRACY_ONLY_IPV4", "yes", "only_ipv4", True),
        ("TRACYPY_LISTEN", "0.0.0.0", "address", "0.0.0.0"),
        ("TRACYPY_LISTEN", "::", "address", "::"),
        ("TRACYPY_LISTEN", "localhost", "address", "localhost"),
        ("TRACYPY_ANNOUNCE", "off", "announce", False),
        ("TRACYPY_ANNOUNCE_PROTOCOL", "76", "announced_protocol", 76),
        ("TRACYPY_EXIT_TIMEOUT", "0.5", "exit_timeout", 0.5),
        ("TRACYPY_LOG", "INFO", "log", "info"),
        ("TRACYPY_BUFFER_MB", "64", "buffer_mb", 64),
        ("TRACYPY_BUFFER_POLICY", "skip", "buffer_policy", "skip"),
        ("TRACYPY_PROGRAM_NAME", "größe", "program_name", "größe"),
    ],
)
def test_variable_sets_option(variable, text, name, value) -> None:
    assert getattr(Config({variable: text}), name) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("TRACY_PORT", "80x"),
        ("TRACY_PORT", "-1"),
        ("TRACY_PORT", "65536"),
        ("TRACY_NO_EXIT", "maybe"),
        ("TRACY_ONLY_LOCALHOST", "2"),
        ("TRACY_ONLY_IPV4", "ja"),
        ("TRACYPY_LISTEN", "example.org"),
        ("TRACYPY_LISTEN", "1.2.3"),
        ("TRACYPY_ANNOUNCE", " "),
        ("TRACYPY_ANNOUNCE_PROTOCOL", "0.11"),
        ("TRACYPY_EXIT_TIMEOUT", "nan"),
        ("TRACYPY_EXIT_TIMEOUT", "-1"),
        ("TRACYPY_EXIT_TIMEOUT", "soon"),
        ("TRACYPY_LOG", "loud"),
        ("TRACYPY_BUFFER_MB", "0"),
        ("TRACYPY_BUFFER_POLICY", "drop"),
    ],
)
def test_bad_value_names_variable_and_value(variable, text) -> None:
    with pytest.raises(SettingError) as caught:
        Config({variable: text})
    assert str(caught.value).startswith(f"{variable}: {text!r} ")
    assert "\n" not in str(caught.value)


def test_given_value_wins_over_environment() -> None:
    assert Config({"TRACY_PORT": "9000"}, port=9001).port == 9001
    assert Config({"TRACY_NO_EXIT": "1"}, no_exit=False).no_exit is False
    assert Config({"TRACY_PORT": "9000"}, port=None).port == 9000


def test_given_value_is_checked() -> None:
    with pytest.raises(SettingError, match="^port: '70000' is not"):
        Config({}, port=70000)


def test_unknown_setting_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no such setting: prot"):
        Config({}, prot=1)


def test_only_ipv4_contradicts_an_ipv6_address() -> None:
    with pytest.raises(SettingError, match="TRACY_ONLY_IPV4=1 forbids listening on ::1"):
        Config({"TRACY_ONLY_IPV4": "1", "TRACYPY_LISTEN": "::1"})
    for address in ("localhost", "127.0.0.1", "::"):
        assert Config({"TRACY_ONLY_IPV4": "1"}, address=address).address == address


def test_only_localhost_contradicts_another_address() -> None:
    with pytest.raises(SettingError, match="TRACY_ONLY_LOCALHOST=1 forbids listening on 0.0.0.0"):
        Config({"TRACY_ONLY_LOCALHOST": "1"}, address="0.0.0.0")
    assert Config({"TRACY_ONLY_LOCALHOST": "1"}, address="127.0.0.1").address == "127.0.0.1"
