"""Tests, their phases and fixtures as zones."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tracypy import _core

if TYPE_CHECKING:
    from collections.abc import Generator

#: Of a test, or a fixture, that has failed.
_FAILED = 0xE05050
#: By which pytest hands a value of `parametrize` to a test: as a fixture, which costs nothing.
_OF_PARAMETERS = "get_direct_param_fixture_func"
PHASES = ("setup", "call", "teardown")


class Zones:
    """A zone for each test, with its node id, one for each of its phases, and those of fixtures inside."""

    def __init__(self) -> None:
        self._test: _core.Zone | None = None
        self._node_id = ""
        self._teardowns: dict[int, _core.Zone] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Put a zone around a test."""
        with _core.zone_at(item.nodeid, *_place(item), 0, 0) as zone:
            self._test, self._node_id = zone, item.nodeid
            try:
                return (yield)
            finally:
                self._test = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Put one around its setup."""
        with _phase("setup"):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Put one around its call."""
        with _phase("call"):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Put one around its teardown."""
        with _phase("teardown"):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Put one around the collection, which imports all tests."""
        with _phase("collection"):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Put one around the setup of a fixture, and around its teardown, if it has one."""
        if getattr(fixturedef.func, "__name__", "") == _OF_PARAMETERS:
            return (yield)
        finalizers: list[object] = getattr(fixturedef, "_finalizers", [])
        before = len(finalizers)
        with _fixture_zone(fixturedef, "setup"):
            result = yield
        if len(finalizers) > before:  # runs before those
            fixturedef.addfinalizer(lambda: self._begin_teardown(fixturedef))
        return result

    def _begin_teardown(self, fixturedef: pytest.FixtureDef[object]) -> None:
        zone = _fixture_zone(fixturedef, "teardown")
        zone.__enter__()
        self._teardowns[id(fixturedef)] = zone

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[object]) -> None:
        """End the zone of its teardown."""
        zone = self._teardowns.pop(id(fixturedef), None)
        if zone is not None:
            zone.__exit__(None, None, None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say of a test that it has failed."""
        if self._test is None or report.nodeid != self._node_id or not report.failed:
            return
        self._test.text(f"failed in {report.when}")
        self._test.color(_FAILED)
        _core.message(f"{report.nodeid} failed in {report.when}", color=_FAILED)


def _phase(name: str) -> _core.Zone:
    return _core.zone_at(None, name, "pytest", 0, 0, 0)


def _fixture_zone(fixturedef: pytest.FixtureDef[object], what: str) -> _core.Zone:
    code = getattr(fixturedef.func, "__code__", None)
    file, line = (code.co_filename, code.co_firstlineno) if code is not None else ("pytest", 0)
    return _core.zone_at(None, f"fixture {fixturedef.argname}: {what}", file, line, 0, 0)


def _place(item: pytest.Item) -> tuple[str, str, int]:
    line = None
    with suppress(Exception):  # of a plugin's own kind of tests
        line = item.location[1]
    return item.name.partition("[")[0], str(item.path), 0 if line is None else line + 1
