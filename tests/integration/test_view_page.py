"""The timeline in a real browser: what a reader sees, clicks and types."""

from __future__ import annotations

import json

import pytest

from support.browser import HOSTILE, Browser, needs_browser
from support.timeline_page import Show, boxes_in, click_box, find_box, lanes_in, settle, told_details
from support.trace_file import TraceFileBuilder, zone
from support.trace_reader import Block, LockFacts

pytestmark = needs_browser


@pytest.fixture
def work() -> TraceFileBuilder:
    """main: run > (load > parse > parse, save); worker: 4000 short calls of tick, and a task that is a fiber."""
    builder = TraceFileBuilder(program="work.py", span_ns=1_000_000)
    run = builder.location("run", "/app/work.py", 1)
    load = builder.location("load", "/app/work.py", 10)
    parse = builder.location("parse", "/app/parser.py", 20)
    save = builder.location("save", "/usr/lib/python3.13/shelve.py", 30)
    tick = builder.location("tick", "/app/clock.py", 40)
    inner = zone(parse, 100_000, 400_000, zone(parse, 200_000, 300_000), text="a text")
    builder.thread(1, "main", zone(run, 0, 1_000_000, zone(load, 0, 600_000, inner), zone(save, 600_000, 900_000)))
    builder.thread(2, "worker", *(zone(tick, at, at + 100) for at in range(500_000, 900_000, 100)))
    builder.thread(3, "task", zone(run, 250_000, 750_000), is_fiber=True)
    builder.frame_marks(0, 250_000, 500_000)
    builder.message(300_000, "half way there", 1)
    builder.plot("load", [(0, 1.0), (500_000, 9.0), (900_000, 3.0)])
    return builder


def _view(browser: Browser) -> tuple[float, float]:
    settle(browser)
    start, end = browser.evaluate("[camera.from, camera.to]")
    return start, end


def _wheel(browser: Browser, x: float, y: float, **deltas: float) -> None:
    modifiers = int(deltas.pop("modifiers", 0))
    browser.call(
        "Input.dispatchMouseEvent",
        type="mouseWheel",
        x=x,
        y=y,
        modifiers=modifiers,
        **{"deltaX": 0, "deltaY": 0, **deltas},
    )
    settle(browser)


def _drag(browser: Browser, start: tuple[float, float], end: tuple[float, float], modifiers: int = 0) -> None:
    for kind, (x, y) in (("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)):
        button = "left" if kind != "mouseMoved" else "none"
        browser.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, buttons=1, clickCount=1, modifiers=modifiers
        )
    settle(browser)


def test_everything_has_its_lane(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    assert browser.text("h1") == "work.py"
    assert "4,006 zones" in browser.text("#heading p")
    assert lanes_in(browser) == [
        ["frames", "Frames", "2 frames"],
        ["messages", "Messages", "1 message"],
        ["thread", "main", "5 zones"],
        ["thread", "worker", "4,000 zones"],
        ["fiber", "task", "1 zone"],
        ["plot", "load", "3 points"],
    ]
    main = {
        (box["name"], box["row"]): (round(box["start"]), round(box["end"]))
        for box in boxes_in(browser)
        if box["lane"] == "main"
    }
    assert main == {
        ("run", 0): (0, 1_000_000),
        ("load", 1): (0, 600_000),
        ("save", 1): (600_000, 900_000),
        ("parse", 2): (100_000, 400_000),
        ("parse", 3): (200_000, 300_000),
    }
    ticks = [box for box in boxes_in(browser) if box["lane"] == "worker"]
    assert sum(box["count"] for box in ticks) == 4000
    assert len(ticks) < 1500
    assert "zones are merged" in browser.text("#drawn")


def test_widths_are_times(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    assert {
        (box["name"], box["row"]): (round(box["left"]), round(box["width"]))
        for box in boxes_in(browser)
        if box["lane"] == "main"
    } == {
        ("run", 0): (0, 1000),
        ("load", 1): (0, 600),
        ("save", 1): (600, 300),
        ("parse", 2): (100, 300),
        ("parse", 3): (200, 100),
    }


def test_wheel_and_mouse_move_and_zoom(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    assert _view(browser) == (0, 1_000_000)
    _wheel(browser, 250, 300, deltaY=-160)  # twice as large, around what is below the mouse
    assert _view(browser) == pytest.approx((125_000, 625_000))
    _wheel(browser, 250, 300, deltaX=100)
    assert _view(browser) == pytest.approx((175_000, 675_000))
    _drag(browser, (500, 500), (600, 500))
    assert _view(browser) == pytest.approx((125_000, 625_000))
    _drag(browser, (500, 500), (999, 500))  # no further than the beginning
    assert _view(browser) == pytest.approx((0, 500_000))
    _wheel(browser, 500, 300, deltaY=3000)
    _wheel(browser, 500, 300, deltaY=3000)
    assert _view(browser) == (0, 1_000_000)


def test_keys_move_zoom_and_choose(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    views = [_view(browser)]
    for key in ("w", "w", "a", "d", "ArrowLeft", "ArrowRight", "s", "+", "-"):
        browser.press(key)
        views.append(_view(browser))
    spans = [round(end - start) for start, end in views]
    assert spans[2] < spans[1] < spans[0]
    assert views[3][0] < views[2][0]
    assert views[4][0] > views[3][0]
    assert views[5][0] < views[4][0] < views[6][0] + 1
    assert spans[7] > spans[6] > spans[8]
    browser.press("0")
    assert _view(browser) == (0, 1_000_000)
    told = []
    for key in ("Enter", "c", ".", ",", "c", "p", "p"):
        browser.press(key)
        settle(browser)
        told.append(browser.text("#said").split(" (")[0])
    assert told == ["run", "load", "save", "load", "parse", "load", "run"]
    browser.press("c")
    settle(browser)
    browser.press("f")
    assert _view(browser) == pytest.approx((0, 624_000), abs=2)
    browser.press("Escape")
    assert browser.text("#said") == ""
    browser.press("Escape")
    assert _view(browser) == (0, 1_000_000)


def test_a_click_tells_all_of_a_zone(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    click_box(browser, find_box(browser, "parse", row=2))
    assert browser.text("#details h2") == "parse"
    assert told_details(browser) == {
        "place": "/app/parser.py:20", "row": "main", "depth": "2", "start": "100 µs (100,000 ns)", "text": "a text",
        "duration": "300 µs (300,000 ns)", "self": "200 µs (200,000 ns), 66.7 %", "children": "1",
        "calls": "2", "total": "300 µs", "mean": "200 µs", "shortest": "100 µs", "longest": "300 µs",
    }  # fmt: skip
    assert browser.text("#said").startswith("parse (/app/parser.py:20) · start 100 µs · duration 300 µs · self 200 µs")
    browser.evaluate(
        "[...document.querySelectorAll('#details button')].find((one) => one.textContent.startsWith('Parent')).click()"
    )
    settle(browser)
    assert browser.text("#details h2") == "load"
    assert browser.text("#details table tbody tr").split() == ["parse", "300", "µs,", "50.0", "%", "1"]


def test_search_goes_from_call_to_call_and_around(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    browser.press("/")
    assert browser.evaluate("document.activeElement.id") == "search"
    browser.type("PARSER")
    assert browser.text("#matches") == "2 calls"
    starts = []
    for _ in range(3):
        browser.press("Enter")
        settle(browser)
        starts.append(browser.evaluate("painter.selected.start"))
    assert starts == [100_000, 200_000, 100_000]
    browser.click_on("#previous")
    settle(browser)
    assert browser.evaluate("painter.selected.start") == 200_000
    browser.type("zzz")
    assert browser.text("#matches") == "no match"
    browser.press("Escape")
    browser.press("Escape")
    assert browser.evaluate("document.getElementById('search').value") == ""


def test_search_leads_into_what_is_merged(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    browser.press("/")
    browser.type("tick")
    assert browser.text("#matches") == "4,000 calls"
    browser.press("Enter")
    start, end = _view(browser)
    assert start <= 500_000 <= end
    assert end - start < 1000
    assert {box["count"] for box in boxes_in(browser) if box["lane"] == "worker"} == {1}


def test_a_span_is_summed_up(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    _drag(browser, (150, 400), (350, 400), modifiers=8)
    assert browser.text("#said").startswith("span of 200 µs")
    rows = browser.evaluate(
        "[...document.querySelectorAll('#details tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert (
        rows
        == [  # main's parse is the whole of it, of which its inner call has half; the task's run the last 100 µs
            ["parse", "200 µs", "200 µs, 100 %", "2"],
            ["run", "100 µs", "300 µs, 150 %", "2"],
            ["load", "0 ns", "200 µs, 100 %", "1"],
        ]
    )
    browser.press("f")
    start, end = _view(browser)
    assert (start, end) == pytest.approx((146_000, 354_000), abs=600)


def test_what_is_seen_is_a_table_too(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    browser.click_on("#tab-zones")
    rows = browser.evaluate(
        "[...document.querySelectorAll('#zones tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert ["half way there", "Messages", "0", "300 µs", "0 ns"] in rows
    assert ["save", "main", "1", "600 µs", "300 µs"] in rows
    browser.click_on("#tab-functions")
    rows = browser.evaluate(
        "[...document.querySelectorAll('#functions tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    assert [row[0].split()[0] for row in rows] == ["run", "tick", "load", "parse", "save"]
    assert rows[3][1:] == ["300 µs", "300 µs", "2", "200 µs", "300 µs"]
    browser.click_on("#functions tbody tr:nth-child(4) button")
    settle(browser)
    assert browser.text("#matches") == "2 calls"
    assert not browser.evaluate("document.getElementById('timeline-panel').hidden")


def test_hostile_names_are_text(show: Show) -> None:
    builder = TraceFileBuilder(program=HOSTILE)
    odd = builder.location(HOSTILE, HOSTILE, 1)
    builder.thread(1, HOSTILE, zone(odd, 0, 1000, zone(odd, 0, 500, text=HOSTILE, name=HOSTILE)))
    builder.message(500, HOSTILE, 1)
    browser = show(builder)
    click_box(browser, next(box for box in boxes_in(browser) if box["row"] == 1))
    assert browser.text("#details h2") == HOSTILE
    browser.click_on("#tab-zones")
    browser.click_on("#tab-functions")
    assert browser.text("h1") == HOSTILE
    assert browser.evaluate("document.querySelectorAll('img, b, body script').length") == 2
    assert browser.evaluate("document.title") == f"{HOSTILE} - timeline"


def test_it_is_dark_where_the_system_is(show: Show, work: TraceFileBuilder) -> None:
    def picture(browser: Browser) -> list[float]:
        return [
            browser.evaluate(
                "(() => { const { data } = painter.context.getImageData(0, 0, painter.canvas.width, painter.canvas.height);"
                "let sum = 0; for (let at = 0; at < data.length; at += 4) sum += data[at]; return sum / data.length * 4; })()"
            )
        ]

    light = picture(show(work))
    dark = picture(show(work, is_dark=True))
    assert dark < light


def test_fingers_move_zoom_and_choose(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=400, height=800, touch=True)
    assert browser.evaluate("document.documentElement.scrollWidth <= 400")
    box = find_box(browser, "save")
    browser.tap(box["left"] + box["width"] / 2, box["y"])
    settle(browser)
    assert browser.text("#details h2") == "save"
    browser.evaluate("unselect()")

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        browser.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    touch("touchStart", (100, 300), (200, 300))
    touch("touchMove", (50, 300), (250, 300))
    touch("touchEnd")
    start, end = _view(browser)
    assert end - start == pytest.approx(500_000, rel=0.02)
    touch("touchStart", (300, 300))
    touch("touchMove", (200, 300))
    touch("touchEnd")
    moved, _ = _view(browser)
    assert moved - start == pytest.approx(125_000, rel=0.1)


def test_everything_to_press_has_a_name(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    click_box(browser, find_box(browser, "load"))
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "tab", "searchbox", "application", "columnheader", "tabpanel", "image", "complementary"}
    found = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert {"button", "tab", "searchbox", "application", "complementary"} <= {role for role, _ in found}
    assert all(name for _, name in found), json.dumps(found)


def test_lanes_fold_and_scroll(show: Show) -> None:
    builder = TraceFileBuilder()
    dive = builder.location("dive", "/app/dive.py", 1)
    nested = zone(dive, 900, 1100)
    for level in range(899, 0, -1):
        nested = zone(dive, level, 2000 - level, nested)
    builder.thread(1, "main", nested)
    builder.thread(2, "other", zone(dive, 0, 2000))
    browser = show(builder)
    assert all(box["lane"] == "main" for box in boxes_in(browser))
    _wheel(browser, 500, 400, deltaY=100_000, modifiers=8)
    boxes = boxes_in(browser)
    assert any(box["lane"] == "other" for box in boxes)
    assert max(box["row"] for box in boxes if box["lane"] == "main") == 899
    browser.evaluate("lanes.scrollTo(0)")
    settle(browser)
    top = browser.evaluate("view.canvas.getBoundingClientRect().top + RULER + TITLE / 2")
    browser.press("m")
    settle(browser)
    assert told_details(browser)["length"] == "2.00 µs (2,000 ns)"
    browser.click(40, top)  # the title folds the lane
    settle(browser)
    assert {box["lane"] for box in boxes_in(browser)} == {"other"}


@pytest.mark.parametrize("show", ["alone"], indirect=True)
def test_what_a_page_leaves_out_is_said(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, most_zones=100)
    assert "the 4,000 zones of less than 104 ns are left out of this page" in browser.text("#drawn")
    assert lanes_in(browser)[3] == ["thread", "worker", "4,000 zones"]
    assert not [box for box in boxes_in(browser) if box["lane"] == "worker"]
    click_box(browser, find_box(browser, "load"))
    assert told_details(browser)["self"] == "300 µs (300,000 ns), 50.0 %"
    browser.press("/")
    browser.type("tick")
    assert browser.text("#matches") == "4,000 calls"


def _flame(browser: Browser) -> dict[str, tuple[int, int]]:
    """The boxes of the flame graph by the path of names: total and self time."""
    return {
        path: (total, own)
        for path, total, own in browser.evaluate(
            """[...flame.graph.tree.order].map((node) => [
                pathTo(flame.graph.tree, node).map((step) => nodeName(data, flame.graph.tree, step)).join(">"),
                flame.graph.tree.total[node], flame.graph.tree.self[node],
            ])"""
        )
    }


def test_flame_graph_of_all_and_of_a_span(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    browser.click_on("#tab-flame")
    settle(browser)
    assert _flame(browser) == {
        "all": (1_900_000, 0),
        "all>run": (1_500_000, 600_000),
        "all>tick": (400_000, 400_000),
        "all>run>load": (600_000, 300_000),
        "all>run>save": (300_000, 300_000),
        "all>run>load>parse": (300_000, 200_000),
        "all>run>load>parse>parse": (100_000, 100_000),
    }
    assert browser.text("#flame-drawn") == "7 boxes."
    browser.click_on("#tab-timeline")
    _drag(browser, (150, 400), (350, 400), modifiers=8)
    browser.evaluate(
        "[...document.querySelectorAll('#details button')].find((one) => one.textContent === 'Flame graph').click()"
    )
    settle(browser)
    found = _flame(browser)
    span = next(iter(found))
    assert span == "200 µs from 150 µs"
    expected = {
        "": (300_000, 0), ">run": (300_000, 100_000), ">run>load": (200_000, 0), ">run>load>parse": (200_000, 100_000),
        ">run>load>parse>parse": (100_000, 100_000),
    }  # fmt: skip
    assert found == {
        f"{span}{path}": (pytest.approx(total, abs=800), pytest.approx(own, abs=800))
        for path, (total, own) in expected.items()
    }
    x, y = browser.evaluate("(() => { const box = flame.graph.boxOf(2); return [box.left + 5, box.top + 5]; })()")
    browser.click(x, y)
    assert browser.text("#flame-said").startswith("load (/app/work.py:10) · total 200 µs")
    browser.click_on("#reset")
    assert browser.evaluate("flame.graph.zoomed") == 0


def test_locks_and_memory_have_lanes(show: Show) -> None:
    builder = TraceFileBuilder(span_ns=1000)
    run = builder.location("run", "/app/work.py", 1)
    builder.location("guard", "/app/work.py", 5)
    for number, name in ((11, "first"), (12, "second")):
        builder.thread(number, name, zone(run, 0, 1000))
    steps = (
        ("wait", 100, 11),
        ("obtain", 100, 11),
        ("wait", 200, 12),
        ("release", 500, 11),
        ("obtain", 500, 12),
        ("release", 900, 12),
    )
    builder.kinds.locks.append(LockFacts("", "guard", False, 0, 0, steps))
    builder.kinds.memory["arena"] = [
        Block(1, 3000, 100, 600, 11, 11, (), ()),
        Block(2, 2000, 300, -1, 12, 0, (), ()),
    ]
    browser = show(builder)
    assert [lane[:2] for lane in lanes_in(browser)[2:]] == [["memory", "arena"], ["lock", "guard"]]
    assert browser.evaluate("[lanes.all[2].lowest, lanes.all[2].highest]") == [2000, 5000]
    spans = browser.evaluate(
        "painter.inView().filter(({ lane }) => lane.kind === 'lock').map(({ name, start, end }) => [name, start, end])"
    )
    assert [span for span in spans if span[2] > span[1]] == [
        ["first", 100, 500],
        ["second waits", 200, 500],
        ["second", 500, 900],
    ]
    points = browser.evaluate(
        "[...tiles.known].filter(([part]) => part.startsWith('c')).flatMap(([, { points }]) => [...points])"
    )
    assert {(points[at], points[at + 5]) for at in range(0, len(points), 7)} == {
        (100, 3000), (300, 5000), (600, 2000),
    }  # fmt: skip
