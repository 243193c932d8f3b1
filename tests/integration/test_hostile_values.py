"""Values that are made to do harm, as arguments, results, exceptions and log records at once: the session stays valid."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracypy

from support.target import Zone, running, trace_of, zones_named
from support.viewer import PROTOCOLS

VALUES = """
import collections, enum, gc, logging, sys, threading, time, types
import tracypy
gc.disable()
class Raises:
    def __repr__(self): raise RuntimeError("in __repr__")
    __str__ = __hash__ = __eq__ = __bool__ = __len__ = __iter__ = __repr__
    def __getattribute__(self, name): raise RuntimeError(name)
class Recurses:
    def __repr__(self): return repr(self)
    def __getattr__(self, name): return getattr(self, name)
class Sleeps:
    def __repr__(self): time.sleep(1000)
    __class__ = property(__repr__)
    __dict__ = property(__repr__)
class Calls:
    def __init__(self, says): self.says = says
    def __repr__(self):
        with tracypy.zone("from __repr__"): tracypy.message(self.says)
        tracypy.disable()
        return "made"
class Lies(dict):
    def __len__(self): return 1 << 62
    def __iter__(self): raise RuntimeError
    items = keys = values = __getitem__ = __iter__
class Items(list):
    def __len__(self): return -1
    def __getitem__(self, index): time.sleep(1000)
    __iter__ = __getitem__
class Text(str):
    def __len__(self): return 1 << 40
    def __str__(self): time.sleep(1000)
    __repr__ = encode = __str__
class Number(int):
    def __repr__(self): time.sleep(1000)
    __int__ = __index__ = bit_length = __repr__
class Meta(type):
    def __repr__(cls): time.sleep(1000)
    def __getattribute__(cls, name): raise RuntimeError(name)
class OfMeta(metaclass=Meta): pass
class Slots:
    __slots__ = ("never_set", "set")
    def __init__(self): self.set = Raises()
nested = []
for _ in range(100_000): nested = [nested]
keys = {Number(1): 1, Text("k"): 2}
numbers = [float("nan"), float("inf"), -float("inf"), 1 << 64, -(1 << 63) - 1, 1 << 1_000_000, complex("nanj"), True]
values = [
    Raises(), Recurses(), Sleeps(), Calls("a"), Lies(a=1), Items([1]), Text("t"), Number(7), OfMeta, OfMeta(), Slots(),
    nested, keys, numbers, "x" * 70_000, b"x" * 70_000, "é" * 70_000, "\\0", "\\udc80", "\\U0010ffff", "", [Raises()] * 70_000,
    types.SimpleNamespace(**{"a\\0b": 1, "\\udc80": 2}), collections.deque([Raises()]), enum.Enum("Color", "RED").RED,
    sys, (n for n in ()), object(), NotImplemented, types.MappingProxyType({}), memoryview(b"ab"), range(1 << 70), frozenset(),
]
"""
USES = """
@tracypy.profiled(args=True, result=True)
def take(value, *rest, **more): return value
@tracypy.profiled(args=True, result=True)
def step(value): yield value
log = logging.getLogger("app")
log.propagate = False
logging.raiseExceptions = False
for handler in (tracypy.LoggingHandler(),): log.addHandler(handler)
log.setLevel(1)
def use(value):
    take(value, value, again=value)
    next(step(value))
    try: raise ValueError(value)
    except ValueError: pass
    try: raise type("Own", (Exception,), {"__str__": lambda self: time.sleep(1000), "args": value})
    except Exception: pass
for value in values: use(value)
for value in (Raises(), Recurses(), Calls("from a record"), "x" * 70_000, "\\0\\udc80", numbers):
    try: log.error("%s", value)
    except Exception: pass  # where logging itself fails
    try: log.error(value)
    except Exception: pass  # where logging itself fails
log.error("%d %d", "no", "numbers")
log.error("the last one")
"""


def check(texts: list[str | None]) -> None:
    """Every value has its texts, which no code of the program has made."""
    assert len(texts) == 33
    for text in texts:
        assert text is not None
        assert text.startswith("value=")
        assert "returns " in text
        assert len(text.encode()) <= 65_535
        assert "made" not in text
    assert (
        texts[0]
        == "value=<Raises object>, *rest=(<Raises object>,), **more={'again': <Raises object>}\nreturns <Raises object>"
    )
    assert texts[3] == "value=Calls(says='a'), *rest=(Calls(says='a'),), **more={'again': Calls(says='a')}\nreturns Calls(says='a')"  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_a_valid_session(tmp_path: Path, protocol: int) -> None:
    prelude = "import tracypy\ntracypy.enable(exceptions=True, log_args='use', gc=False)\nassert tracypy.wait_connected(100)\n"  # fmt: skip
    trace = trace_of(tmp_path, VALUES + USES, prelude=prelude, protocol=protocol)
    check([zone.text for zone in zones_named(trace, "take")])
    assert [zone.name for zone in _all(zones_named(trace, "take"))] == ["take"] * 33
    assert trace.messages[-1].text == "the last one"


def test_a_recording_of_them_opens(tmp_path: Path) -> None:
    body = VALUES + "tracypy.start_recording('out.tracy', exceptions=True, log_args='use')\n" + USES
    with running(tmp_path, body) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "out.tracy")
    names = {index: location.function for index, location in enumerate(trace.source_locations)}
    rows = [row for thread in trace.threads for row in thread.iter_zones()]
    check([row.text for row in rows if names[row.location] == "take"])
    assert trace.messages[-1].text == "the last one"


def _all(zones: list[Zone]) -> list[Zone]:
    return [inner for zone in zones for inner in zone.walk()]


def test_values_that_change_while_they_are_shown(tmp_path: Path) -> None:
    body = """
        import sys, threading
        sys.setswitchinterval(1e-6)
        items, table, going = [], {}, True
        class Holder: pass
        holder = Holder()
        def change():
            number = 0
            while going:
                number += 1
                items.append(str(number)); table[str(number)] = [number]; setattr(holder, f"a{number % 50}", [number])
                if number % 7 == 0:
                    items.clear(); table.clear(); vars(holder).clear()
        @tracypy.profiled(args=True, result=True)
        def take(items, table, holder): return [items, table]
        changers = [threading.Thread(target=change) for _ in range(2)]
        for changer in changers: changer.start()
        for _ in range(3_000): take(items, table, holder)
        going = False
        for changer in changers: changer.join()
    """
    prelude = "import tracypy\ntracypy.listen()\nassert tracypy.wait_connected(100)\n"
    trace = trace_of(tmp_path, body, prelude=prelude)
    texts = [str(zone.text) for zone in zones_named(trace, "take")]
    assert len(texts) == 3_000
    assert all(text.startswith("items=[") and "\nreturns [[" in text for text in texts)
