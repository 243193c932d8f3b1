"""The texts of source files that a recording has in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tracypy.sources import encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracypy import _core


class SourceTexts(Mapping[str, str]):
    """A text for each path, decoded when it is looked at, as the file itself says (PEP 263)."""

    __slots__ = ("_file", "_indices")

    def __init__(self, file: _core.TraceFile) -> None:
        self._file = file
        self._indices: dict[str, int] = {file.source_file(index)[0]: index for index in range(file.source_file_count)}

    def __getitem__(self, path: str) -> str:
        content = self._file.source_file(self._indices[path])[1]
        try:
            return content.decode(encoding_of(content), errors="replace")
        except LookupError:  # an encoding that there is not
            return content.decode(errors="replace")

    def __iter__(self) -> Iterator[str]:
        return iter(self._indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __repr__(self) -> str:
        return f"<texts of {len(self)} source files>"
