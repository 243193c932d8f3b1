"""Lines of text on the timeline."""

from __future__ import annotations

from tracypy._core import message

__all__ = ["message"]
