"""Frameworks that tests are about: where the tests have to run, one that is missing is a failure, and no skip."""

from __future__ import annotations

import importlib.util
import os

import pytest

from .clusters import needs


def required(module: str) -> pytest.MarkDecorator:
    """Mark a test that is about this: without it, it is skipped, but fails in continuous integration."""
    if importlib.util.find_spec(module) is None and os.environ.get("CI"):
        return pytest.mark.missing_framework
    return needs(module)
