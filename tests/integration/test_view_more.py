"""What the timeline has besides zones of threads: GPUs, samples, sections, images of frames, names of zones."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest

import tracypy

from support.browser import Browser, needs_browser
from support.recorded_program import record
from support.timeline_page import Show, boxes_in, click_box, find_box, lanes_in, settle, told_details
from support.trace_file import TraceFileBuilder, zone
from support.trace_reader import GpuZoneFacts

pytestmark = needs_browser

STACK = ("inner work.py:12", "outer work.py:40")
SECTIONS_AND_IMAGES = """
import tracypy

for number in range(3):
    with tracypy.section(f"level {number}", category="levels"):
        with tracypy.section("load"):
            pass
        tracypy.frame_image(bytes([250, 0, 0, 255]) * 8 + bytes([0, 0, 250, 255]) * 24, width=8, height=4)
        tracypy.frame_mark()
"""


@pytest.fixture
def built() -> TraceFileBuilder:
    """main: run, with a text on one and a name on the other; a GPU's zones; samples of main."""
    builder = TraceFileBuilder(span_ns=1_000_000, sampling_period_ns=50_000)
    run, paint = builder.location("run", "/app/work.py", 1), builder.location("paint", "/app/work.py", 9)
    named = zone(run, 100_000, 200_000, name="Order 7"), zone(run, 300_000, 400_000, text="the order is 8")
    builder.thread(1, "main", zone(run, 0, 1_000_000, *named))
    builder.kinds.gpu["queue"] = [
        GpuZoneFacts("paint", 0, (10_000, 20_000), (500_000, 900_000), STACK),
        GpuZoneFacts("paint", 1, (12_000, 14_000), (600_000, 700_000), ()),
    ]
    builder.kinds.samples[1] = [(100_000, STACK), (110_000, STACK), (400_000, STACK[1:])]
    assert paint
    return builder


def _choose(browser: Browser, kind: str, at: int = 0, span: tuple[int, int] | None = None) -> None:
    """Clicks on what a lane has there, as `inView` counts; of what is in sight, or when the view shows a span."""
    if span is not None:
        browser.evaluate(f"camera.show({span[0]}, {span[1]}, 0)")
        settle(browser)
    spot = browser.evaluate(
        f"""(() => {{
            const found = painter.inView().filter(({{ lane }}) => lane.kind === "{kind}")[{at}];
            const box = view.canvas.getBoundingClientRect();
            const y = found.lane.top - lanes.scroll + RULER + TITLE + found.row * ZONE_ROW + ZONE_ROW / 2;
            const middle = Math.min(Math.max(camera.x((found.start + found.end) / 2), 1), camera.width - 1);
            return [box.left + middle, box.top + y];
        }})()"""
    )
    browser.click(*spot)
    settle(browser)


def test_gpus_have_lanes_of_nested_zones(show: Show, built: TraceFileBuilder) -> None:
    browser = show(built)
    assert lanes_in(browser)[0] == ["gpu", "queue", "2 zones"]
    gpu = {(box["row"], box["start"], box["end"]) for box in boxes_in(browser) if box["lane"] == "queue"}
    assert gpu == {(0, 500_000, 900_000), (1, 600_000, 700_000)}
    click_box(browser, find_box(browser, "paint", "queue", row=1))
    assert browser.text("#details h2") == "paint"
    told = told_details(browser)
    assert told["given to it"] == "12.0 µs (12,000 ns), for 2.00 µs (2,000 ns)"
    assert told["duration"] == "100 µs (100,000 ns)"
    browser.press("p")
    settle(browser)
    assert told_details(browser)["children"] == "1"
    browser.evaluate("showView('flame')")
    settle(browser)
    assert browser.evaluate("flame.graph.tree.length ?? true")


def test_samples_have_a_lane_below_their_thread(show: Show, built: TraceFileBuilder) -> None:
    browser = show(built)
    assert [lane[:2] for lane in lanes_in(browser)] == [
        ["gpu", "queue"], ["thread", "main"], ["samples", "main: samples"],
    ]  # fmt: skip
    drawn = browser.evaluate(
        "painter.inView().filter(({ lane }) => lane.kind === 'samples').map(({ name, start, end }) => [name, start, end])"
    )
    assert drawn == [["inner", 100_000, 110_000], ["inner", 110_000, 160_000], ["outer", 400_000, 450_000]]
    _choose(browser, "samples", 1)
    assert browser.text("#details h2") == "main: 1 sample"
    assert browser.evaluate("[...document.querySelectorAll('#details .place')].map((one) => one.textContent)") == [
        "inner (work.py:12)", "outer (work.py:40)",
    ]  # fmt: skip


def test_samples_that_are_merged_are_counted_by_call_stack(show: Show, built: TraceFileBuilder) -> None:
    built.span_ns = 1_000_000_000_000
    browser = show(built)
    _choose(browser, "samples", 0)
    assert browser.text("#details h2") == "main: 3 samples"
    assert browser.evaluate("[...document.querySelectorAll('#details h3')].map((one) => one.textContent)") == [
        "2 samples", "1 sample",
    ]  # fmt: skip


def test_zones_are_found_by_their_own_names_and_texts(show: Show, built: TraceFileBuilder) -> None:
    browser = show(built)
    browser.press("/")
    browser.type("ORDER")
    settle(browser)
    assert browser.text("#matches") == "2 zones by name or text"
    starts = []
    for _ in range(3):
        browser.press("Enter")
        settle(browser)
        starts.append(browser.evaluate("painter.selected.start"))
    assert starts == [100_000, 300_000, 100_000]
    browser.evaluate("document.getElementById('search').select()")
    browser.type("paint")
    settle(browser)
    assert browser.text("#matches") == "2 zones by name or text"
    browser.press("Enter")
    settle(browser)
    assert browser.evaluate("[painter.selected.lane.kind, painter.selected.start]") == ["gpu", 500_000]


def test_sections_and_images_of_a_program(show: Show, tmp_path: Path) -> None:
    record(tmp_path, program=SECTIONS_AND_IMAGES)
    browser = show(tmp_path / "out.tracy")
    sections, frames = (next(lane for lane in lanes_in(browser) if lane[0] == kind) for kind in ("sections", "frames"))
    assert sections == ["sections", "Sections", "6 sections"]
    assert frames[2] == "2 frames"
    names = browser.evaluate("lanes.all.find(({ kind }) => kind === 'sections').sections")
    assert sorted(map(tuple, names)) == sorted([*((f"level {at}", "levels") for at in range(3)), *[("load", "")] * 3])
    trace = tracypy.open(tmp_path / "out.tracy")
    level = next(section for section in trace.sections if section.name == "level 1")
    assert level.end_ns is not None
    _choose(browser, "sections", span=(level.begin_ns, level.end_ns))
    assert browser.text("#details h2") == "level 1"
    assert told_details(browser)["category"] == "levels"
    _choose(browser, "frames", span=trace.frames[0].frames[0])
    assert browser.text("#details h2") == "frame 1"
    picture = browser.evaluate("document.querySelector('#details img').src")
    png = base64.b64decode(picture.partition(",")[2])
    assert struct.unpack(">II", png[16:24]) == (8, 4)
    at = png.index(b"IDAT")
    (size,) = struct.unpack(">I", png[at - 4 : at])
    rows = zlib.decompress(png[at + 4 : at + 4 + size])
    assert rows[1] > 200 > 50 > rows[3]  # the first row is red
    assert rows[-3] < 50 < 200 < rows[-1]  # the last one is blue
    assert browser.evaluate("document.querySelector('#details img').naturalWidth") == 8
