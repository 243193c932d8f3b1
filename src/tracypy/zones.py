"""Zones of one's own: `with zone("name")`, and the primitives under it.

All of it is native: a zone costs next to nothing while no viewer is connected.
"""

from __future__ import annotations

from tracypy._core import Zone, zone, zone_begin, zone_end

__all__ = ["Zone", "zone", "zone_begin", "zone_end"]
