"""Fetches the sources of LZ4 and Zstandard that wheels are built of, and unpacks them, for TRACYPY_CODECS.

usage: scripts/fetch_codecs.py FOLDER [--from FOLDER]

With --from, the archives are taken from that folder instead of the network. An archive whose SHA-256 is another one is
refused.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import pathlib
import sys
import tarfile
import urllib.request
from typing import NamedTuple

SECONDS = 120


class Archive(NamedTuple):
    """Where a release is, and what it has to be."""

    address: str
    sha256: str

    @property
    def name(self) -> str:
        """What its file is called, with the library's name."""
        repository, file = self.address.split("/")[4], self.address.rpartition("/")[2]
        return file if file.startswith(repository) else f"{repository}-{file.removeprefix('v')}"


# The release archives of their own projects; two places that build them say the same sums.
ARCHIVES = (
    Archive(
        "https://github.com/lz4/lz4/archive/refs/tags/v1.10.0.tar.gz",
        "537512904744b35e232912055ccf8ec66d768639ff3abe5788d90d792ec5f48b",
    ),
    Archive(
        "https://github.com/facebook/zstd/releases/download/v1.5.7/zstd-1.5.7.tar.gz",
        "eb33e51f49a15e023950cd7825ca74a4a2b43db8354825ac24fc1b7ee09e6fa3",
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--from", dest="source", type=pathlib.Path)
    arguments = parser.parse_args()
    folder: pathlib.Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    for archive in ARCHIVES:
        try:
            unpack(contents_of(archive, arguments.source), archive, folder)
        except (OSError, ValueError) as problem:
            print(f"fetch_codecs: {archive.name}: {problem}", file=sys.stderr)
            return 1
    return 0


def contents_of(archive: Archive, source: pathlib.Path | None) -> bytes:
    if source is not None:
        return (source / archive.name).read_bytes()
    with urllib.request.urlopen(archive.address, timeout=SECONDS) as answer:
        contents: bytes = answer.read()
        return contents


def unpack(contents: bytes, archive: Archive, folder: pathlib.Path) -> None:
    found = hashlib.sha256(contents).hexdigest()
    if found != archive.sha256:
        message = f"its SHA-256 is {found}, and should be {archive.sha256}; it is not what was released"
        raise ValueError(message)
    with tarfile.open(fileobj=io.BytesIO(contents)) as opened:
        opened.extractall(folder, filter="data")


if __name__ == "__main__":
    sys.exit(main())
