"""What pytest loads of tracypy in every run, so as little as can be: it imports nothing of tracypy.

The rest is in `tracypy.integrations.pytest_plugin`, for runs with `--tracypy`.
"""

from __future__ import annotations

import pytest

_OPTION = "--tracypy"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("tracypy", "the Tracy profiler")
    group.addoption(
        _OPTION,
        nargs="?",
        const="",
        metavar="DIR",
        help="Record the tests to a .tracy file (in DIR): each test, phase and fixture is a zone, around the calls.",
    )
    group.addoption(
        "--tracypy-per-test",
        action="store_true",
        help="Record each test to a file of its own, in a folder for all of them.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Leave the word behind a bare `--tracypy` alone: it is a test's path. A folder stands behind `=`."""
    if _OPTION in args:
        args[:] = [f"{_OPTION}=" if word == _OPTION else word for word in args]
        known = parser.parse_known_args(args)
        early_config.known_args_namespace.tracypy = known.tracypy
        early_config.known_args_namespace.file_or_dir = known.file_or_dir


def pytest_configure(config: pytest.Config) -> None:
    """Hand over to the plugin, where it is wanted."""
    config.addinivalue_line(
        "markers",
        'tracypy_budget(time): under --tracypy, fail the test if its call phase takes longer, such as "20ms".',
    )
    option = config.option
    if (option.tracypy is None and not option.tracypy_per_test) or option.collectonly:
        return
    if getattr(pytest, "version_tuple", (0,)) < (8,):
        raise pytest.UsageError(f"--tracypy needs pytest 8 or later, and this is {pytest.__version__}")
    from tracypy.integrations.pytest_plugin import install

    install(config)
