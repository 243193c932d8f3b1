"""Checks wheels and the source distribution before anybody gets them, and says what they hold.

usage: scripts/check_wheel.py DIST…    files, or folders of them

A wheel has to be small, to hold all that runs with it, and to need nothing beside the interpreter and the system. Its
native module shows its own names only to the process: what is linked into it must not meet another extension's copy.
(That, and what is needed, is looked at in files of Linux, with `readelf`.)
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 2_000_000
#: No musl has the libraries of C++ that every glibc has beside it.
LARGEST_FOR_MUSL = 2_150_000
#: What a native module shows: how Python makes it, and what native code that records into it looks for.
SHOWN = ("PyInit_", "tracypy_private_")
#: What every Linux has that a wheel's tag names.
OF_THE_SYSTEM = re.compile(
    r"(libc|libm|libdl|librt|libpthread|libgcc_s|libstdc\+\+|ld-linux[-\w]*|libc\.musl-\w+)\.so(\.\d+)?"
)
IN_WHEEL = (
    r"tracypy/_core\.[-\w]+\.(so|pyd)",
    r"tracypy/_core\.pyi",
    r"tracypy/py\.typed",
    r"tracypy/include/tracypy\.h",
    r"tracypy/include/tracy/TracyC\.h",
    r"tracypy/cmake/tracypyConfig\.cmake",
    r"tracypy/cmake/tracypyConfigVersion\.cmake",
    r"tracypy/_follow/sitecustomize\.py",
    r"_tracypy_pytest\.py",
    r"tracypy-[^/]+\.dist-info/entry_points\.txt",
    r"tracypy-[^/]+\.dist-info/licenses/LICENSE",
    r"tracypy-[^/]+\.dist-info/licenses/third_party/NOTICES\.md",
)
NOT_IN_WHEEL = (r"tests/", r".*\.(cpp|hpp|a|pyc|map)", r"(lz4|zstd).*", r"nanobind/")
IN_SDIST = (
    r"CMakeLists\.txt",
    r"LICENSE",
    r"Makefile",
    r"cpp/.*\.cpp",
    r"docs/api\.md",
    r"examples/demo\.py",
    r"scripts/demo\.py",
    r"stubs/tracypy/_core\.pyi",
    r"tests/conftest\.py",
    r"tests/native/.*\.cpp",
    r"third_party/cmake/FindLZ4\.cmake",
)
NOT_IN_SDIST = (r"\.git/", r"\.ci/", r"build/", r"\.venv.*", r".*\.(so|pyc|tracy)")


def main() -> int:
    if not sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    distributions = [each for name in sys.argv[1:] for each in found_at(pathlib.Path(name))]
    wrong = [f"{each.name}: {problem}" for each in distributions for problem in problems_of(each)]
    if not distributions:
        wrong = ["there is no wheel and no source distribution"]
    for line in wrong:
        print(f"check_wheel: {line}", file=sys.stderr)
    return 1 if wrong else 0


def found_at(path: pathlib.Path) -> list[pathlib.Path]:
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.iterdir() if each.name.endswith((".whl", ".tar.gz")))


def problems_of(distribution: pathlib.Path) -> Iterator[str]:
    if distribution.suffix == ".whl":
        with zipfile.ZipFile(distribution) as wheel:
            names = wheel.namelist()
            yield from of_names(names, IN_WHEEL, NOT_IN_WHEEL)
            for name in names:
                if re.search(r"\.so(\.|$)", name) and "linux" in distribution.name:
                    yield from of_module(name, wheel.read(name))
        size = distribution.stat().st_size
        largest = LARGEST_FOR_MUSL if "musllinux" in distribution.name else LARGEST
        if size > largest:
            yield f"it has {size:,} bytes, more than {largest:,}"
        print(f"{distribution.name}: {size:,} bytes, {len(names)} files")
        return
    with tarfile.open(distribution) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    yield from of_names(names, IN_SDIST, NOT_IN_SDIST)
    print(f"{distribution.name}: {distribution.stat().st_size:,} bytes, {len(names)} files")


def of_names(names: list[str], wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> Iterator[str]:
    for pattern in wanted:
        if not any(re.fullmatch(pattern, name) for name in names):
            yield f"there is no {pattern} in it"
    for pattern in unwanted:
        for name in names:
            if re.match(pattern + r"\Z" if pattern[-1] != "/" else pattern, name):
                yield f"{name} should not be in it"


def of_module(name: str, contents: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(contents)
        file.flush()
        dynamic = read_elf("--dynamic", file.name)
        symbols = read_elf("--dyn-syms", file.name)
    for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
        if not OF_THE_SYSTEM.fullmatch(library):
            yield f"{name} needs {library}"
    if re.search(r"\((RPATH|RUNPATH)\)", dynamic):
        yield f"{name} looks for libraries in a folder of its own"
    if "STATIC_TLS" in dynamic and re.search(r"\[libc\.(musl-.*|so)\]", dynamic):
        yield f"{name} has thread-local data that musl gives to no library that comes later"
    # Num: Value Size Type Bind Vis Ndx Name
    rows = [row.split() for row in symbols.splitlines() if re.match(r"\s*\d+:", row)]
    shown = [row[7].partition("@")[0] for row in rows if len(row) > 7 and row[6] != "UND"]
    for symbol in shown:
        if not symbol.startswith(SHOWN):
            yield f"{name} shows {symbol} to the process"


def read_elf(what: str, path: str) -> str:
    return subprocess.run(["readelf", "--wide", what, path], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
