"""`[tool.tracypy]` of a project's `pyproject.toml`: what to watch when nothing is said on the command line."""

from __future__ import annotations

import os

from tracypy import filters
from tracypy.errors import SettingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "pyproject.toml"
#: What is no argument of `tracypy.filters.Watch`.
_OTHERS: dict[str, tuple[type, ...]] = {"children": (bool,)}
_KINDS = {option.name: option.kinds for option in filters.OPTIONS} | _OTHERS


def project_settings(folder: str) -> dict[str, object]:
    """Return the settings of the nearest `pyproject.toml` at or above a folder that has any.

    Args:
        folder: Where the program is.

    Returns:
        Arguments of `tracypy.filters.Watch`, and `children`; empty without such a file.

    Raises:
        SettingError: The file cannot be read, has an unknown setting or one of the wrong kind.
    """
    path = _find(os.path.abspath(folder))
    if path is None:
        return {}
    try:
        content = _read(path)
    except (OSError, ValueError) as problem:  # no TOML, or no UTF-8
        raise SettingError(f"cannot read {path}: {problem}") from None
    table: object = content
    for key in ("tool", "tracypy"):
        table = table.get(key, {}) if isinstance(table, dict) else table
    if not isinstance(table, dict):
        raise SettingError(f"{path}: tool.tracypy must be a table")
    return _checked(table, path)


def _read(path: str) -> dict[str, object]:
    with open(path, "rb") as file:
        text = file.read()
    if b"tracypy" not in text:  # as in most; the import of tomllib takes longer than reading them
        return {}
    import tomllib

    return tomllib.loads(text.decode())


def _find(folder: str) -> str | None:
    while True:
        path = os.path.join(folder, FILE)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _checked(table: Mapping[str, object], path: str) -> dict[str, object]:
    settings = {}
    for written, value in table.items():
        name = written.replace("-", "_")
        if name not in _KINDS:
            known = ", ".join(known.replace("_", "-") for known in _KINDS)
            raise SettingError(f"{path}: [tool.tracypy] has no setting {written!r}; it has {known}")
        if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and bool not in _KINDS[name]):
            wanted = " or ".join(kind.__name__ for kind in _KINDS[name])
            raise SettingError(f"{path}: {written} of [tool.tracypy] must be a {wanted}, not {value!r}")
        settings[name] = value
    return settings
