"""What is published is looked at first: `scripts/check_wheel.py`, and `scripts/fetch_codecs.py` for what is built in."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tracypy

ROOT = Path(__file__).parents[3]
DIST_INFO = "tracypy-1.dist-info"
REST = ("METADATA", "entry_points.txt", "licenses/LICENSE", "licenses/third_party/NOTICES.md")


def check(*words: str | Path) -> subprocess.CompletedProcess[str]:
    script = ROOT / "scripts" / "check_wheel.py"
    return subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False)


def wheel(folder: Path, *, module: bytes | None = None, without: str = "", also: str = "") -> Path:
    """The package as it is installed, as a wheel."""
    path = folder / "tracypy-1-cp313-cp313-linux_x86_64.whl"
    package = Path(tracypy.__file__).parent
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(package.rglob("*")):
            name = f"tracypy/{each.relative_to(package)}"
            if not each.is_file() or "__pycache__" in name or name == without:
                continue
            if module is not None and re.search(r"_core\..*\.so$", name):
                archive.writestr(name, module)
            elif not name.endswith("_keeper"):
                archive.write(each, name)
        for name in REST:
            archive.writestr(f"{DIST_INFO}/{name}", "")
        if also:
            archive.writestr(also, "")
    return path


needs_readelf = pytest.mark.skipif(shutil.which("readelf") is None, reason="there is no readelf, of binutils")


@needs_readelf
def test_module_shows_its_own_names_only(tmp_path: Path) -> None:
    assert " shows " not in check(wheel(tmp_path)).stderr


@needs_readelf
def test_module_that_shows_a_librarys_names_is_refused(tmp_path: Path) -> None:
    import ctypes.util

    name = ctypes.util.find_library("lz4")
    library = next((each for each in Path("/usr/lib").rglob(name or "-")), None)
    if library is None:
        pytest.skip("there is no shared LZ4 under /usr/lib")
    result = check(wheel(tmp_path, module=library.read_bytes()))
    assert result.returncode == 1
    assert "shows LZ4_compress_default to the process" in result.stderr


@needs_readelf
def test_module_that_musl_would_not_load_is_refused(tmp_path: Path) -> None:
    ours = next(Path(tracypy.__file__).parent.glob("_core.*.so")).read_bytes()
    assert "musl" not in check(wheel(tmp_path)).stderr
    if b"libc.so.6\0" not in ours:
        pytest.skip("it is not one of glibc")
    result = check(wheel(tmp_path, module=ours.replace(b"libc.so.6\0", b"libc.so\0\0\0")))
    assert "thread-local data that musl gives to no library" in result.stderr


@pytest.mark.parametrize("missing", ["tracypy/py.typed", "tracypy/_core.pyi", "tracypy/include/tracypy.h"])
def test_what_is_missing_is_told(tmp_path: Path, missing: str) -> None:
    result = check(wheel(tmp_path, without=missing))
    assert result.returncode == 1
    assert f"there is no {re.escape(missing)} in it" in result.stderr


def test_wheel_that_is_too_large_is_told_and_musl_gets_more(tmp_path: Path) -> None:
    # Bytes that nothing makes smaller.
    large = wheel(tmp_path)
    with zipfile.ZipFile(large, "a") as archive:
        archive.writestr("tracypy/filler", random.Random(1).randbytes(2_060_000 - large.stat().st_size))
    assert "bytes, more than 2,000,000" in check(large).stderr
    for_musl = large.rename(tmp_path / "tracypy-1-cp313-cp313-musllinux_1_2_x86_64.whl")
    assert "more than" not in check(for_musl).stderr
    with zipfile.ZipFile(for_musl, "a") as archive:
        archive.writestr("tracypy/more", random.Random(2).randbytes(200_000))
    assert "bytes, more than 2,150,000" in check(for_musl).stderr


def test_what_should_not_be_there_is_told(tmp_path: Path) -> None:
    assert "tests/test_all.py should not be in it" in check(wheel(tmp_path, also="tests/test_all.py")).stderr
    assert check(tmp_path / "empty").returncode != 0


def test_codec_that_is_not_the_released_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lz4-1.10.0.tar.gz").write_bytes(b"something else")
    script = ROOT / "scripts" / "fetch_codecs.py"
    words = [sys.executable, script, tmp_path / "out", "--from", tmp_path]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "lz4-1.10.0.tar.gz: its SHA-256 is " in result.stderr
    assert "it is not what was released" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []
