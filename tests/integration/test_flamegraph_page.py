"""The flame graph in a real browser: what a reader sees, clicks and types."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tracypy
from tracypy.exporters import export
from tracypy.formatting import duration

from support.browser import HOSTILE, Browser, needs_browser
from support.trace_file import TraceFileBuilder, Zone, zone

pytestmark = needs_browser

type Show = Callable[..., Browser]


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Show:
    """Opens the page of what a builder made; the page must not complain and must not ask for anything."""

    def show(builder: TraceFileBuilder, *, max_nodes: int | None = None, **window: object) -> Browser:
        path, page = tmp_path / "built.tracy", tmp_path / "page.html"
        path.write_bytes(builder.to_bytes())
        export(tracypy.open(path), page, overwrite=True, **({"most_nodes": max_nodes} if max_nodes else {}))
        browser.open(page, **window)
        assert browser.requests == [page.as_uri()]
        return browser

    return show


@pytest.fixture(autouse=True)
def silent(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    browser: Browser = request.getfixturevalue("browser")
    browser.settle()
    assert browser.console == []
    assert len(browser.requests) == 1


@pytest.fixture
def work() -> TraceFileBuilder:
    """main: run > (load > parse > parse, save); worker: parse."""
    builder = TraceFileBuilder(program="work.py")
    run = builder.location("run", "/app/work.py", 1)
    load = builder.location("load", "/app/work.py", 10)
    parse = builder.location("parse", "/app/parser.py", 20)
    save = builder.location("save", "/usr/lib/python3.13/shelve.py", 30)
    inner = zone(parse, 100_000, 400_000, zone(parse, 200_000, 300_000))
    builder.thread(1, "main", zone(run, 0, 1_000_000, zone(save, 600_000, 900_000), zone(load, 0, 600_000, inner)))
    builder.thread(2, "worker", zone(parse, 0, 1_000_000))
    return builder


def _path(browser: Browser) -> list[str]:
    """What it is zoomed to, from the root on."""
    steps: list[str] = browser.evaluate(
        "[...document.querySelectorAll('#path li')].map((step) => (step.firstChild.innerText ?? step.textContent).trim())"
    )
    return steps


def _boxes(browser: Browser) -> dict[str, tuple[float, float, float]]:
    """Left, width and top of what is in sight, by the path of names."""
    return {
        name: tuple(box)
        for name, *box in browser.evaluate(
            """[...graph.tree.order].filter((node) => graph.isInView(node)).map((node) => {
                const box = graph.boxOf(node);
                const names = pathTo(graph.tree, node).map((step) => nodeName(data, graph.tree, step));
                return [names.join(">"), box.left, box.width, box.top];
            })"""
        )
    }


def _middle(browser: Browser, path: str) -> tuple[float, float]:
    left, width, top = _boxes(browser)[path]
    return left + width / 2, top + 10


def _show_thread(browser: Browser, name: str) -> None:
    browser.evaluate(
        f"""(() => {{ const list = document.getElementById("thread");
        list.value = [...list.options].find((option) => option.text.startsWith({json.dumps(name)})).value;
        list.dispatchEvent(new Event("change")); }})()"""
    )
    browser.settle()


def _pixel(browser: Browser, x: float, y: float) -> tuple[int, ...]:
    """The colour that the drawing has in a place of the window."""
    return tuple(
        browser.evaluate(
            f"""(() => {{ const box = view.graph.getBoundingClientRect(), ratio = devicePixelRatio;
            const copy = new OffscreenCanvas(1, 1).getContext("2d", {{ willReadFrequently: true }});
            copy.drawImage(view.graph, -Math.round(({x} - box.left) * ratio), -Math.round(({y} - box.top) * ratio));
            return [...copy.getImageData(0, 0, 1, 1).data]; }})()"""
        )
    )


def test_widths_are_times_and_the_largest_is_leftmost(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    boxes = _boxes(browser)
    assert {path: (round(left), round(width)) for path, (left, width, _) in boxes.items()} == {
        "all threads": (0, 1000),
        "all threads>run": (0, 500),
        "all threads>parse": (500, 500),
        "all threads>run>load": (0, 300),
        "all threads>run>save": (300, 150),
        "all threads>run>load>parse": (0, 150),
        "all threads>run>load>parse>parse": (0, 50),
    }
    rows = {path: round((top - boxes["all threads"][2]) / 20) for path, (_, _, top) in boxes.items()}
    assert rows == {path: path.count(">") for path in boxes}


def test_heading_tells_what_was_recorded(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    assert browser.text("h1") == "work.py"
    assert browser.text("#heading p") == "2023-11-14 22:13 UTC · 1.00 ms · 6 zones · 2 threads · built.tracy"
    assert browser.evaluate("document.title") == "work.py - flame graph"


def test_times_read_as_those_of_the_command_line(show: Show, work: TraceFileBuilder) -> None:
    times = [0, 999, 999.7, 12_340, 999_400, 999_999, 99_960_000, 1_500_000_000, 59_990_000_000, 7_200_000_000_000]
    assert show(work).evaluate(f"{times}.map(timeText)") == [duration(time) for time in times]


def test_each_thread_can_be_chosen(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    options = browser.evaluate("[...document.getElementById('thread').options].map((option) => option.text)")
    assert options == ["all threads (2.00 ms)", "main (50.0 %)", "worker (50.0 %)"]
    _show_thread(browser, "worker")
    assert list(_boxes(browser)) == ["worker", "worker>parse"]
    assert _path(browser) == ["worker"]


def test_pointer_over_a_box_tells_its_times(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    assert browser.evaluate("view.tip.hidden")
    browser.move(*_middle(browser, "all threads>run>load"))
    assert browser.text("#tip-name") == "load"
    assert browser.text("#tip-place") == "/app/work.py:10"
    assert browser.text("#tip-facts").split("\n") == ["total", "600 µs, 30.0 %", "self", "300 µs, 15.0 %", "calls", "1"]
    browser.move(5, 5)
    assert browser.evaluate("view.tip.hidden")


def test_click_zooms_and_the_path_leads_back(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=1000)
    browser.click(*_middle(browser, "all threads>run>load"))
    assert _path(browser) == ["all threads", "run", "load"]
    left, width, top = _boxes(browser)["all threads>run>load"]
    assert (round(left), round(width)) == (0, 1000)
    assert round(_boxes(browser)["all threads>run>load>parse"][1]) == 500
    assert top == browser.evaluate("view.frame.getBoundingClientRect().top")
    assert browser.text("#said").startswith("load (/app/work.py:10) · total 600 µs, 30.0 % · of the view 100 %")
    browser.click_on("#path li:nth-child(2) button")
    assert _path(browser) == ["all threads", "run"]
    browser.click_on("#reset")
    assert _path(browser) == ["all threads"]
    assert browser.evaluate("document.getElementById('reset').disabled")


def test_search_highlights_and_tells_the_share(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    plain = _pixel(browser, *_middle(browser, "all threads>run"))
    match_before = _pixel(browser, *_middle(browser, "all threads>parse"))
    browser.press("/")
    assert browser.evaluate("document.activeElement.id") == "search"
    browser.type("PARSE")
    # 300 µs of main, in which the inner call counts once, and all of worker's millisecond, of two
    assert browser.text("#matches") == "65.0 % matched, 3 boxes"
    assert _pixel(browser, *_middle(browser, "all threads>run")) != plain
    assert _pixel(browser, *_middle(browser, "all threads>parse")) != match_before
    browser.press("Enter")
    assert _path(browser) == ["all threads", "parse"]
    browser.press("Enter")
    assert _path(browser) == ["all threads", "run", "load", "parse"]
    assert browser.text("#matches") == "100 % matched, 3 boxes"
    browser.press("Escape")
    assert browser.evaluate("document.getElementById('search').value") == ""
    assert browser.text("#matches") == ""
    assert _path(browser)[-1] == "parse"
    browser.press("Escape")
    assert _path(browser) == ["all threads"]
    assert _pixel(browser, *_middle(browser, "all threads>run")) == plain


def test_search_finds_files_and_says_when_nothing_is_found(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    browser.press("/")
    browser.type("work.py:1")
    assert browser.text("#matches") == "50.0 % matched, 2 boxes"
    browser.type("zzz")
    assert browser.text("#matches") == "no match"


def test_keys_walk_zoom_and_leave(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    assert browser.text("#keys").startswith("Click or Enter: zoom in")
    browser.evaluate("view.graph.focus()")
    for key, said in [
        ("ArrowDown", "run "),
        ("ArrowRight", "parse "),
        ("ArrowLeft", "run "),
        ("ArrowDown", "load "),
        ("ArrowRight", "save "),
        ("ArrowUp", "run "),
    ]:
        browser.press(key)
        assert browser.text("#said").startswith(said), key
    browser.press("ArrowDown")
    browser.press("Enter")
    assert _path(browser) == ["all threads", "run", "load"]
    browser.press("Backspace")
    assert _path(browser) == ["all threads", "run"]
    browser.press("Escape")
    assert _path(browser) == ["all threads"]


def test_functions_are_a_table_too(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    browser.click_on("#tab-table")

    def rows() -> list[list[str]]:
        found: list[list[str]] = browser.evaluate(
            "[...document.querySelectorAll('#functions tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
        )
        return found

    assert rows() == [
        ["parse parser.py:20", "1.30 ms", "65.0 %", "1.30 ms", "65.0 %", "3"],
        ["save shelve.py:30", "300 µs", "15.0 %", "300 µs", "15.0 %", "1"],
        ["load work.py:10", "300 µs", "15.0 %", "600 µs", "30.0 %", "1"],
        ["run work.py:1", "100 µs", "5.00 %", "1.00 ms", "50.0 %", "1"],
    ]
    browser.click_on("[data-column=total]")
    assert [row[0].split()[0] for row in rows()] == ["parse", "run", "load", "save"]
    browser.click_on("#functions tbody tr:nth-child(3) button")
    assert browser.evaluate("document.getElementById('table-panel').hidden")
    assert _path(browser) == ["all threads", "run", "load"]


def test_hostile_names_are_text(show: Show) -> None:
    builder = TraceFileBuilder(program=HOSTILE)
    odd = builder.location(HOSTILE, HOSTILE, 1)
    builder.thread(1, HOSTILE, zone(odd, 0, 1000, zone(odd, 0, 500)))
    browser = show(builder)
    browser.click(*_middle(browser, f"{HOSTILE}>{HOSTILE}"))
    assert _path(browser) == [HOSTILE, HOSTILE]
    browser.move(*_middle(browser, f"{HOSTILE}>{HOSTILE}>{HOSTILE}"))
    assert browser.text("#tip-name") == HOSTILE
    browser.click_on("#tab-table")
    assert browser.text("#functions tbody tr button") == HOSTILE
    assert browser.text("h1") == HOSTILE
    assert browser.evaluate("document.querySelectorAll('img, b, body script').length") == 2
    assert browser.evaluate("document.title") == f"{HOSTILE} - flame graph"


def test_colours_tell_files_apart_and_follow_the_scheme(show: Show, work: TraceFileBuilder) -> None:
    def colors(browser: Browser) -> list[tuple[int, ...]]:
        names = ("run", "run>load>parse", "run>save")
        return [_pixel(browser, *_middle(browser, f"all threads>{name}")) for name in names]

    browser = show(work)
    light = colors(browser)
    page = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert len(set(light)) == 3
    spread = [max(color[:3]) - min(color[:3]) for color in light]
    assert spread[2] < min(spread[:2])  # what is not the user's own is paler
    dark = colors(show(work, is_dark=True))
    assert all(sum(after) < sum(before) for before, after in zip(light, dark, strict=True))
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") != page


def test_phone_first_tap_tells_second_zooms(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work, width=390, height=844, touch=True)
    assert browser.evaluate("document.documentElement.scrollWidth <= 390")
    assert browser.text("#keys") == "Tap a box: what it is; tap it again: zoom in"
    browser.tap(*_middle(browser, "all threads>run>load"))
    assert _path(browser) == ["all threads"]
    assert browser.text("#said").startswith("load (/app/work.py:10) · total 600 µs")
    browser.tap(*_middle(browser, "all threads>run>load"))
    assert _path(browser) == ["all threads", "run", "load"]


def test_everything_to_press_has_a_name(show: Show, work: TraceFileBuilder) -> None:
    browser = show(work)
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "tab", "combobox", "searchbox", "application", "columnheader", "tabpanel", "navigation"}
    found = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert {"button", "tab", "combobox", "searchbox", "application"} <= {role for role, _ in found}
    assert all(name for _, name in found)


def _wide(leaves: int) -> TraceFileBuilder:
    """A function that calls up to 400 others, which call 300 each: as many paths as there are leaves."""
    builder = TraceFileBuilder()
    locations = [builder.location(f"f{number}", f"/app/m{number % 7}.py", number) for number in range(400)]
    outers, now = [], 0
    for outer in range(leaves // 300):
        start = now
        inners = []
        for inner in range(300):
            inners.append(zone(locations[inner + 1], now, now + 10 + inner))
            now += 10 + inner
        outers.append(zone(locations[outer % 400], start, now, *inners))
    builder.thread(1, "main", Zone(locations[0], 0, now, tuple(outers)))
    return builder


def test_a_hundred_thousand_paths(show: Show) -> None:
    browser = show(_wide(120_000), max_nodes=200_000)
    assert browser.evaluate("graph.tree.size") > 100_000
    assert "narrower than 0.1 px: zoom in to see them" in browser.text("#drawn")
    browser.press("/")
    browser.type("f299")
    assert "matched" in browser.text("#matches")
    browser.press("Enter")
    assert _path(browser)[-1] == "f299"


def test_what_was_folded_is_said(show: Show) -> None:
    browser = show(_wide(3_000), max_nodes=100)
    assert "are folded (--max-nodes 100)" in browser.text("#drawn")
    folded = next(path for path in _boxes(browser) if path.endswith("smaller paths)"))
    browser.move(*_middle(browser, folded))
    assert browser.text("#tip-name") == folded.rpartition(">")[2]


def test_deep_recursion_scrolls(show: Show) -> None:
    builder = TraceFileBuilder()
    dive = builder.location("dive", "/app/dive.py", 1)
    nested = zone(dive, 900, 1100)
    for level in range(899, 0, -1):
        nested = zone(dive, level, 2000 - level, nested)
    builder.thread(1, "main", nested)
    browser = show(builder)
    browser.evaluate("view.frame.scrollTop = 1e9")
    browser.settle()
    boxes = _boxes(browser)
    innermost = "main" + ">dive" * 900
    assert 0 < boxes[innermost][2] < 700
    browser.click(*_middle(browser, innermost))
    assert _path(browser) == ["main", "… 894 more …", *["dive"] * 6]
