"""Zones of one's own: `with zone("name")`, and the primitives under it.

All of it is native: a zone costs next to nothing while no viewer is connected.
"""

from __future__ import annotations

from tracypy._core import Zone, set_color_resolver, zone, zone_begin, zone_end
from tracypy.colors import parse_color

__all__ = ["Zone", "zone", "zone_begin", "zone_end"]

set_color_resolver(parse_color)
