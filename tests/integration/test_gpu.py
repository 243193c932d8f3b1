"""GPU timelines: zones whose times come later, in a viewer and in a recording; and PyTorch's events, imitated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, running, trace_of
from support.viewer import PROTOCOLS
from support.viewer.kinds.gpu import GpuContext, GpuZone
from support.viewer.trace import Trace

MS = 1_000_000
#: The GPU's clock shows 5 s when its context is made. Times are told in another order than that of the zones.
SAID = """
import threading
S, MS = 1_000_000_000, 1_000_000
gpu = tracypy.GpuContext("vulkan", "queue \u00fcnï", now_ns=5 * S)
with gpu.zone("outer") as outer:
    with gpu.zone("inner", color="tomato") as inner: pass
    with gpu.zone("second") as second: pass
inner.set_times(5 * S + 20 * MS, 5 * S + 30 * MS)
with gpu.zone("untold"): pass
outer.set_times(5 * S + 10 * MS, 5 * S + 60 * MS)
def elsewhere():
    tracypy.message("a GPU's zones alone make no thread known to viewers")
    with gpu.zone("elsewhere") as zone: pass
    zone.set_times(5 * S + 70 * MS, 5 * S + 80 * MS)
    second.set_times(5 * S + 40 * MS, 5 * S + 50 * MS)
thread = threading.Thread(target=elsewhere, name="elsewhere")
thread.start()
thread.join()
"""
#: Of each zone that has times: begin and end on the GPU, in ms since the context was made.
MEANT = {"outer": (10, 60), "inner": (20, 30), "second": (40, 50), "elsewhere": (70, 80)}

_LEFT_OUT = r"left out (\d+) zones? of GPUs: 32,768 of its context wait"


def only_context(trace: Trace) -> GpuContext:
    [context] = trace.gpu_contexts.values()
    return context


def zones_of(trace: Trace) -> dict[str, GpuZone]:
    return {zone.name: zone for zone in only_context(trace).zones()}


def gpu_ms(zone: GpuZone, of: GpuContext) -> tuple[int, int] | None:
    if zone.gpu_begin_ns is None or zone.gpu_end_ns is None:
        return None
    made = of.calibrated_cpu
    return round((zone.gpu_begin_ns - made) / MS), round((zone.gpu_end_ns - made) / MS)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_has_zones_with_both_times(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, SAID, prelude=QUIET, protocol=protocol)
    context = only_context(trace)
    assert (context.name, context.kind, context.thread) == ("queue ünï", 2, 0)
    zones = zones_of(trace)
    assert {name: gpu_ms(zone, context) for name, zone in zones.items()} == {**MEANT, "untold": None}
    assert [zone.name for zone in zones["outer"].children] == ["inner", "second"]
    assert trace.threads[zones["elsewhere"].thread].name == "elsewhere"
    assert all(zone.end_tick is not None and zone.begin_tick <= zone.end_tick for zone in zones.values())
    assert zones["inner"].location.color == 0xFF6347
    assert zones["outer"].location.file == str(tmp_path / "program.py")


def test_a_recording_has_them(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    body = "".join(f"    {line}\n" for line in SAID.splitlines())
    with running(tmp_path, f"import tracypy\nwith tracypy.record({str(path)!r}):\n{body}") as target:
        target.expect_success()
    trace = tracypy.open(path)
    assert trace.version == "0.11.0"
    [context] = trace.gpu
    assert (context.name, context.kind) == ("queue ünï", "vulkan")
    named = [(trace.source_locations[zone.location].label, zone) for zone in context.zones]
    assert [(name, zone.depth) for name, zone in named] == [
        ("outer", 0), ("inner", 1), ("second", 1), ("untold", 0), ("elsewhere", 0),
    ]  # fmt: skip
    zones = dict(named)
    first = zones["outer"].gpu_begin_ns
    assert first is not None
    for name, (begin, end) in MEANT.items():
        zone = zones[name]
        assert zone.gpu_begin_ns is not None
        assert zone.gpu_end_ns is not None
        assert (round((zone.gpu_begin_ns - first) / MS) + 10, round((zone.gpu_end_ns - first) / MS) + 10) == (
            begin,
            end,
        )
    assert (zones["untold"].gpu_begin_ns, zones["untold"].gpu_end_ns) == (None, None)
    threads = [None if zone.thread is None else trace.threads[zone.thread].name for zone in context.zones]
    assert threads == ["Main thread"] * 4 + ["elsewhere"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_each_kind_has_a_name_in_each_viewer(tmp_path: Path, protocol: int) -> None:
    body = """
for kind in ("opengl", "vulkan", "opencl", "direct3d12", "direct3d11", "metal", "custom", "cuda", "rocprof", "webgpu"):
    tracypy.GpuContext(kind, f"a {kind}")
assert repr(tracypy.GpuContext("cuda", "a cuda")) == "<tracypy.GpuContext cuda 'a cuda'>"
"""
    trace = trace_of(tmp_path, body, prelude=QUIET, protocol=protocol)
    last = {66: 5, 69: 5, 72: 5, 74: 8, 76: 9, 82: 10}[protocol]
    kinds = [context.kind for context in trace.gpu_contexts.values()]
    assert kinds == [kind if kind <= last else 3 for kind in range(1, 11)]


def test_a_context_is_told_to_viewers_that_come_later(tmp_path: Path) -> None:
    program = """
import time, tracypy
gpu = tracypy.GpuContext("custom", "early")
before = gpu.zone("before")
before.begin()
tracypy.listen()
assert tracypy.wait_connected(100)
assert not before.is_recorded
before.end()
before.set_times(1, 2)
with gpu.zone("now") as zone:
    assert zone.is_recorded
    begin = time.perf_counter_ns()
end = time.perf_counter_ns()
zone.set_times(begin, end)
assert not zone.is_recorded
"""
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        target.expect_success()
    [zone] = only_context(trace).zones()
    assert zone.name == "now"
    assert zone.gpu_begin_ns is not None
    assert zone.end_tick is not None
    # Both clocks are one here.
    assert abs(zone.gpu_begin_ns - trace.nanoseconds(zone.begin_tick)) < 100 * MS


def test_times_that_go_far_back_are_no_overflow(tmp_path: Path) -> None:
    body = """
S = 1_000_000_000
gpu = tracypy.GpuContext("cuda", "long", now_ns=0)
with gpu.zone("whole") as whole:
    parts = []
    for number in range(5):
        with gpu.zone(f"part {number}") as part: pass
        parts.append(part)
for number, part in enumerate(parts): part.set_times((number + 1) * 10 * S, (number + 2) * 10 * S)
whole.set_times(5 * S, 100 * S)
gpu.sync(190 * S)
with gpu.zone("after") as after: pass
after.set_times(200 * S, 201 * S)
"""
    trace = trace_of(tmp_path, body, prelude=QUIET)
    zones = zones_of(trace)
    lengths = {name: ((zone.gpu_end_ns or 0) - (zone.gpu_begin_ns or 0)) / (1_000 * MS) for name, zone in zones.items()}
    expected = {"whole": 95, **{f"part {number}": 10 for number in range(5)}, "after": 1}
    assert lengths == pytest.approx(expected, rel=1e-4)  # of clocks whose speed is measured over a short time
    after, context = zones["after"], only_context(trace)
    assert after.gpu_begin_ns is not None
    assert after.gpu_begin_ns - context.calibrated_cpu < 20_000 * MS, "the clock was set anew"


def test_what_cannot_be_so_is_made_so_that_it_can(tmp_path: Path) -> None:
    body = """
import threading
gpu = tracypy.GpuContext("custom", "strange", now_ns=1_000)
outer, inner = gpu.zone("outer"), gpu.zone("inner")
outer.begin(); inner.begin(); outer.end(); inner.end()  # crossed
inner.set_times(5_000, 6_000)
outer.set_times(-10**18, 10**18)
first, second = gpu.zone("first"), gpu.zone("second")
for zone in first, second:
    with zone: pass
second.set_times(10_000, 20_000)
first.set_times(15_000, 16_000)  # begins after the next one
begun = gpu.zone("begun elsewhere")
begun.begin()
thread = threading.Thread(target=begun.end)
thread.start(); thread.join()
lost = gpu.zone("lost")
lost.begin()
del lost
open_to_the_end = gpu.zone("open to the end")
open_to_the_end.begin()
"""
    trace = trace_of(tmp_path, body, prelude=QUIET)
    zones = zones_of(trace)
    assert [zone.name for zone in zones["outer"].children] == ["inner"]
    assert all((zone.end_tick is None) == (name == "open to the end") for name, zone in zones.items())
    assert (zones["first"].gpu_begin_ns or 0) <= (zones["second"].gpu_begin_ns or 0)


def test_numbers_are_used_again_and_have_an_end(tmp_path: Path) -> None:
    body = """
gpu = tracypy.GpuContext("custom", "busy", now_ns=0)
for number in range(70_000):
    with gpu.zone("told") as zone: pass
    zone.set_times(number, number + 1)
kept = []
for number in range(33_000):
    with gpu.zone("waits") as zone: pass
    kept.append(zone)
for zone in kept: zone.set_times(100_000, 100_001)
with gpu.zone("at last") as zone: pass
zone.set_times(100_001, 100_002)
"""
    with running(tmp_path, QUIET + body) as target:
        trace = target.viewer().run()
        code, _, errors = target.finish()
    # On stderr it is said once, when the first are left out; in the trace whenever more are.
    assert (code, len(re.findall(_LEFT_OUT, errors))) == (0, 1)
    assert sum(int(count) for message in trace.messages for count in re.findall(_LEFT_OUT, message.text)) == 232
    names = [zone.name for zone in only_context(trace).zones()]
    assert [names.count(name) for name in ("told", "waits", "at last")] == [70_000, 32_768, 1]


def test_many_threads_use_one_context(tmp_path: Path) -> None:
    body = """
import threading
gpu = tracypy.GpuContext("custom", "shared", now_ns=0)
def work():
    for number in range(200):
        with gpu.zone("outer") as outer, gpu.zone("inner") as inner: pass
        inner.set_times(number, number + 1)
        outer.set_times(number, number + 2)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    context = only_context(trace_of(tmp_path, body, prelude=QUIET))
    assert len(context.roots) == 8
    for roots in context.roots.values():
        assert [[child.name for child in root.children] for root in roots] == [["inner"]] * 200
    assert all(zone.gpu_end_ns is not None for zone in context.zones())


HOSTILE = """
MOST = 2**61 - 1
for name in "", "a\\0b", "\\ud800", "x" * 70_000:
    gpu = tracypy.GpuContext("custom", name, now_ns=-MOST)
    with gpu.zone(name) as zone: pass
    zone.set_times(-MOST, MOST)
    gpu.sync(MOST)
    gpu.sync(-MOST)
for number in range(300):
    try: tracypy.GpuContext("cuda", f"c{number}")
    except RuntimeError as problem: print(number, problem); break
"""


@pytest.mark.parametrize("protocol", [66, 82])
def test_hostile_values_do_no_harm(tmp_path: Path, protocol: int) -> None:
    with running(tmp_path, QUIET + HOSTILE) as target:
        trace = target.viewer(protocol).run()
        out = target.expect_success()
    assert out == "251 GpuContext(): there is no room for another one (255 at most)\n"
    assert len(trace.gpu_contexts) == 255


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("tracypy.GpuContext(3, 'x')", "TypeError: GpuContext(): kind must be a str, not int"),
        ("tracypy.GpuContext('gpu', 'x')", 'ValueError: GpuContext(): kind must be "opengl", "vulkan"'),
        ("tracypy.GpuContext('cuda', None)", "TypeError: GpuContext(): name must be a str, not NoneType"),
        ("tracypy.GpuContext('cuda', 'x', now_ns=1.5)", "TypeError: GpuContext(): now_ns must be an int, nanoseconds"),
        (
            "tracypy.GpuContext('cuda', 'x', now_ns=2**61)",
            "ValueError: GpuContext(): now_ns must be less than 73 years",
        ),
        ("tracypy.GpuZone()", "TypeError: cannot create 'tracypy._core.GpuZone' instances"),
        ("gpu.zone()", "TypeError: zone() needs a name"),
        ("gpu.zone(3)", "TypeError: zone(): name must be a str, not int"),
        ("gpu.zone('x', color=-1)", "ValueError: color must be 0xRRGGBB"),
        ("gpu.sync(1.0)", "TypeError: sync(): now_ns must be an int"),
        ("gpu.zone('x').end()", "RuntimeError: GPU zone 'x' does not last: there is nothing to end"),
        ("gpu.zone('x').set_times(1, 2)", "RuntimeError: GPU zone 'x' has not ended: its times come after that"),
        ("zone.begin()", "RuntimeError: GPU zone 'done' has begun before: make another one for each time"),
        ("zone.end()", "RuntimeError: GPU zone 'done' does not last: there is nothing to end"),
        ("zone.set_times(2, 1)", "ValueError: set_times(): end_ns must not be before begin_ns (1 and 2)"),
        ("zone.set_times(1)", "TypeError: set_times() needs an end_ns"),
        ("zone.set_times(1, None)", "TypeError: set_times(): end_ns must be an int"),
        ("[zone.set_times(1, 2) for _ in range(2)]", "RuntimeError: GPU zone 'done' has its times already"),
    ],
)
def test_misuse_is_an_error_that_says_what_to_do(statement: str, error: str) -> None:
    gpu = tracypy.GpuContext("custom", "misused")
    with gpu.zone("done") as zone:
        pass
    with pytest.raises((TypeError, ValueError, RuntimeError)) as raised:
        eval(statement, {"tracypy": tracypy, "gpu": gpu, "zone": zone})  # what a program would write
    tracypy.stop_listening()
    assert f"{raised.type.__name__}: {raised.value}".startswith(error)


#: PyTorch as far as TorchTimeline uses it, on a pretended device that does each thing in 10 ms, after another.
IMITATION = """
import sys, time, types
class Event:
    done = 0.0  # when the device has done all it was given
    def __init__(self, enable_timing=False):
        assert enable_timing
    def record(self, stream=None):
        self.stream = stream
        Event.done = max(Event.done, time.perf_counter()) + 0.01
        self.at = Event.done
    def query(self): return time.perf_counter() >= self.at
    def synchronize(self):
        while not self.query(): time.sleep(0.001)
    def elapsed_time(self, other): return (other.at - self.at) * 1e3
torch = types.ModuleType("torch")
torch.cuda = types.SimpleNamespace(Event=Event, is_available=lambda: True)
sys.modules["torch"] = torch
"""


def test_the_events_of_pytorch_tell_the_times(tmp_path: Path) -> None:
    body = """
timeline = tracypy.TorchTimeline("device 0", stream="a stream")
for number in range(3):
    with timeline.zone("step"):
        with timeline.zone("forward"): pass
        with timeline.zone("backward"): pass
try:
    with timeline.zone("failing"): raise KeyError("mine")
except KeyError as problem: print(problem)
timeline.flush()
"""
    with running(tmp_path, QUIET + IMITATION + body) as target:
        trace = target.viewer().run()
        out = target.expect_success()
    context = only_context(trace)
    assert (out, context.name, context.kind) == ("'mine'\n", "device 0", 8)
    zones = context.zones()
    assert [zone.name for zone in zones] == ["step", "forward", "backward"] * 3 + ["failing"]
    lengths = [round(((zone.gpu_end_ns or 0) - (zone.gpu_begin_ns or 0)) / MS) for zone in zones]
    for number in range(3):
        step, forward, backward = lengths[3 * number : 3 * number + 3]
        assert min(forward, backward) >= 10
        assert step >= forward + backward


def test_nothing_is_recorded_on_the_device_while_nobody_listens(tmp_path: Path) -> None:
    body = """
import tracypy
timeline = tracypy.TorchTimeline()
made = []
Event.record = lambda self, stream=None: made.append(self)
with timeline.zone("step"): pass
timeline.flush()
print(len(made))
"""
    with running(tmp_path, IMITATION + body) as target:
        assert target.expect_success() == "0\n"


def test_without_pytorch_or_a_device_it_says_so(tmp_path: Path) -> None:
    body = """
import sys, tracypy
sys.modules["torch"] = None
try: tracypy.TorchTimeline()
except ImportError as problem: print(problem)
"""
    with running(tmp_path, body) as target:
        assert target.expect_success() == "TorchTimeline needs PyTorch: pip install torch\n"
    absent = IMITATION + "torch.cuda.is_available = lambda: False\nimport tracypy\n"
    body = "try: tracypy.TorchTimeline()\nexcept RuntimeError as problem: print(problem)\n"
    with running(tmp_path, absent + body) as target:
        assert target.expect_success() == "TorchTimeline needs a CUDA device, and PyTorch finds none\n"
