"""Programs with zones that helpers open for the code of their callers, and where such zones lie."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .viewer import Trace, Zone

RECORDING = """\
import tracypy
tracypy.start_recording("out.tracy")
assert tracypy.is_recording()
"""

#: Zones that helpers open for the code of their callers.
HELPERS = """
import contextlib, time
@contextlib.contextmanager
def opened(name):
    with tracypy.zone(name) as z:
        z.text("from a helper")
        yield z
        z.value(42)
@contextlib.contextmanager
def opened_by_calls(name):
    handle = tracypy.zone_begin(name)
    handle.text("from a helper")
    try:
        yield handle
    finally:
        handle.value(42)
        tracypy.zone_end(handle)
class Middleware:
    def before(self):
        self.zone = tracypy.zone_begin("span")
        self.prepare()
    def prepare(self):
        self.zone.text("from a helper")
    def after(self):
        self.tidy()
        tracypy.zone_end(self.zone)
    def tidy(self):
        self.zone.value(42)
class Manager:
    def __enter__(self):
        self.zone = tracypy.zone("span")
        return self.zone.__enter__()
    def __exit__(self, *error):
        self.zone.text("from a helper")
        self.zone.value(42)
        self.zone.__exit__(*error)
class MyError(Exception):
    pass
def work():
    sum(range(1000))
"""


def program(body: str) -> str:
    """A function main() of `body`, with the helpers, and its call."""
    return HELPERS + "def main():\n" + textwrap.indent(textwrap.dedent(body), "    ") + "\nmain()\n"


def ancestors(trace: Trace, name: str) -> list[Zone]:
    """The zones around the one zone of that name, outermost first, and itself."""

    def search(zones: list[Zone], above: list[Zone]) -> list[Zone]:
        for zone in zones:
            path = [*above, zone]
            found = path if zone.name == name else search(zone.children, path)
            if found:
                return found
        return []

    for thread in trace.threads.values():
        if found := search(thread.roots, []):
            return found
    raise AssertionError(f"no zone named {name!r}")
