"""Where the files lie with which native code is built that records into tracypy (docs/native-code.md)."""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def get_include() -> str:
    """Return the folder of `tracypy.h` and `tracy/TracyC.h`, for `cc -I`.

    Example:
        >>> import tracypy
        >>> "tracypy.h" in os.listdir(tracypy.get_include())
        True
    """
    return os.path.join(_PACKAGE, "include")


def get_cmake_dir() -> str:
    """Return the folder in which CMake's `find_package(tracypy)` finds the package, for `-Dtracypy_DIR=`."""
    return os.path.join(_PACKAGE, "cmake")
