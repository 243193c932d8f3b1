"""The page as text: what is in it, and what is not. How it behaves is in tests/integration."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from html.parser import HTMLParser

import pytest

from tracypy.errors import ExportError
from tracypy.exporters.choice import choose
from tracypy.exporters.flamegraph import write

from support.trace_file import TraceFileBuilder, zone

HOSTILE = "</script><script>alert('&amp;')</script><!--\u2028 @DATA@"


class _Elements(HTMLParser):
    """The elements of a page, with the texts of those that hold text only."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._inside: str | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))
        if tag in ("script", "style", "title", "h1"):
            self._inside = tag
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag) -> None:
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data) -> None:
        if self._inside:
            self.texts[self._inside][-1] += data


def _page(trace, notes=(), **options) -> str:
    out = io.StringIO()
    assert write(trace, choose(trace), out, **options) == list(notes)
    return out.getvalue()


def _data(page: str) -> dict:
    return json.loads(_Elements(page).texts["script"][0])


def test_data_is_the_merged_calls_of_each_thread(varied) -> None:
    data = _data(_page(varied))
    assert data["locations"]["names"] == ["outer", "inner", "a block"]
    assert [data["files"][file] for file in data["locations"]["files"]] == ["/app/one.py", "/app/two.py", "/app/one.py"]
    assert data["short_files"] == ["one.py", "two.py"]
    main, worker, fiber = data["threads"]
    assert [thread["name"] for thread in data["threads"]] == ["main", "worker, 1", "a fiber"]
    assert main == {
        "name": "main",
        "depths": [0, 1, 2, 1],
        "locations": [0, 1, 1, 2],
        "calls": [2, 2, 1, 1],
        "selfs": [899_001 - 3_000 + 90_000 - 10_000, 1_500 + 10_000, 1_500, 0],
    }
    assert (worker["depths"], worker["selfs"]) == ([0, 1], [7, 3])
    assert fiber["selfs"] == [200]


def test_page_refers_to_nothing_outside(varied) -> None:
    elements = _Elements(_page(varied))
    for tag, attributes in elements.found:
        for name in ("src", "href", "action", "data", "srcset", "poster"):
            assert attributes.get(name) in (None, "data:,"), tag
    (style,) = elements.texts["style"]
    assert "url(" not in style
    assert "@import" not in style


def test_policy_allows_what_is_in_the_page_and_nothing_else(varied) -> None:
    elements = _Elements(_page(varied))
    (policy,) = (attrs["content"] for tag, attrs in elements.found if attrs.get("http-equiv"))
    for kind, text in (("style", elements.texts["style"][0]), ("script", elements.texts["script"][1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_hostile_names_are_data(read) -> None:
    builder = TraceFileBuilder(program=HOSTILE)
    builder.thread(1, HOSTILE, zone(builder.location(HOSTILE, HOSTILE, 1), 0, 10))
    page = _page(read(builder))
    elements = _Elements(page)
    assert [tag for tag, _ in elements.found].count("script") == 2
    shown = HOSTILE.replace("\u2028", " ")
    assert elements.texts["h1"] == [shown]
    assert elements.texts["title"] == [f"{shown} - flame graph"]
    data = json.loads(elements.texts["script"][0])
    assert (data["locations"]["names"], data["files"], data["threads"][0]["name"]) == ([shown], [shown], shown)
    assert "<" not in elements.texts["script"][0]


def test_facts_are_shown(varied) -> None:
    page = _page(varied, title="Monday's run")
    assert _Elements(page).texts["h1"] == ["Monday's run"]
    assert "2023-11-14 22:13 UTC · 1.00 ms · 9 zones · 3 threads · built.tracy" in page


def test_most_nodes_folds_the_smallest_and_says_so(read) -> None:
    builder = TraceFileBuilder()
    locations = [builder.location(f"f{number}") for number in range(10)]
    times = [1000, 500, 30, 20, 10, 9, 8, 7, 6, 5]
    children, now = [], 10
    for location, time in zip(locations[1:], times[1:], strict=True):
        children.append(zone(location, now, now + time, zone(locations[0], now, now + time)))
        now += time
    builder.thread(1, "main", zone(locations[0], 0, 1000, *children))
    note = "the 14 paths of less than 21 ns are folded (--max-nodes 5)"
    data = _data(_page(read(builder), [note], most_nodes=5))
    assert data["folded"] == note
    (thread,) = data["threads"]
    assert thread["locations"] == [0, -2, 1, 0, 2, 0]
    folded = thread["locations"].index(-2)
    assert (thread["depths"][folded], thread["calls"][folded]) == (1, 14)
    assert thread["selfs"][folded] == sum(times[3:])
    assert sum(thread["selfs"]) == 1000


def test_no_zones_is_said(read) -> None:
    with pytest.raises(ExportError, match="no zones"):
        _page(read(TraceFileBuilder()))


def test_scripts_cannot_end_their_element(varied) -> None:
    script = _Elements(_page(varied)).texts["script"][1]
    assert not re.search(r"</script|<!--", script, re.IGNORECASE)
    assert "graph.onDrawn" in script
