"""Plots: curves of numbers over time."""

from __future__ import annotations

from tracypy._core import plot

__all__ = ["plot"]
