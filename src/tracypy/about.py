"""What a program says of itself, once for all: viewers that connect later, and recordings, have it too."""

from __future__ import annotations

from tracypy._core import app_info

__all__ = ["app_info"]
