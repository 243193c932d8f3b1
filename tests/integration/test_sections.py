"""Sections: parts of the whole program's run, in a viewer, in a recording and in a capture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tracypy

from support.command_line import tracypy_command
from support.target import QUIET, running, trace_of
from support.viewer import PROTOCOLS
from support.viewer.trace import Trace

#: The first protocol that has sections.
SINCE = 82

SAID = """
import threading
with tracypy.section("loading"):
    level = tracypy.section("level ünï", category="levels")
    level.begin()
other = threading.Thread(target=level.end, name="other")
other.start()
other.join()
with level, tracypy.section("x" * 300, category="levels"):
    pass
with tracypy.section(""):
    pass
forgotten = tracypy.section("forgotten")
forgotten.begin()
del forgotten
lasting = tracypy.section("lasting", category="ends")
lasting.begin()
"""
#: Name and category, in the order of their begins.
MEANT = [
    ("loading", ""), ("level ünï", "levels"), ("level ünï", "levels"), ("x" * 300, "levels"), ("", ""), ("forgotten", ""),
    ("lasting", "ends"),
]  # fmt: skip


def of_viewer(trace: Trace) -> list[tuple[str, str]]:
    return [(section.text, trace.section_categories.get(section.category, "")) for section in trace.sections]


def of_file(path: Path) -> list[tuple[str, str]]:
    return [(section.name, section.category) for section in tracypy.open(path).sections]


def test_a_viewer_that_knows_sections_has_them(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, SAID, prelude=QUIET, protocol=SINCE)
    assert of_viewer(trace) == MEANT
    loading, level, again, long, empty, forgotten, lasting = trace.sections
    assert level.end_tick is not None
    assert loading.end_tick is not None
    assert loading.begin_tick <= level.begin_tick <= loading.end_tick <= level.end_tick
    assert long.end_tick is not None
    assert again.end_tick is not None
    assert again.begin_tick <= long.begin_tick <= long.end_tick <= again.end_tick
    assert empty.end_tick is not None
    assert trace.messages == []
    assert forgotten.end_tick is not None
    assert lasting.end_tick is None


@pytest.mark.parametrize("protocol", [protocol for protocol in PROTOCOLS if protocol < SINCE])
def test_an_earlier_viewer_has_messages(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, SAID, prelude=QUIET, protocol=protocol)
    said = [(message.text, message.thread.name) for message in trace.messages]
    assert said[:4] == [
        ("section: loading", "tracypy"), ("section: level ünï", "tracypy"),
        ("end of section: loading", "tracypy"), ("end of section: level ünï", "tracypy"),
    ]  # fmt: skip
    assert len(said) == 2 * len(MEANT) - 1, "one lasts"
    assert trace.sections == []


def test_a_recording_has_them(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    body = "".join(f"    {line}\n" for line in SAID.splitlines())
    with running(tmp_path, f"import tracypy\nwith tracypy.record({str(path)!r}):\n{body}") as target:
        target.expect_success()
    assert of_file(path) == MEANT
    trace = tracypy.open(path)
    assert trace.version == "0.13.5"
    sections = trace.sections
    assert [section.end_ns is None for section in sections] == [False] * 6 + [True]
    assert sections[1].begin_ns <= (sections[0].end_ns or 0) <= (sections[1].end_ns or 0) <= trace.span_ns
    result = tracypy_command("report", "--json", path)
    assert [section["name"] for section in json.loads(result.stdout)["sections"]] == [name for name, _ in MEANT]
    result = tracypy_command("report", path)
    assert "Sections" in result.stdout
    assert "or more" in result.stdout


def test_a_recording_without_them_stays_as_old_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.tracy"
    program = f"""
import tracypy
with tracypy.section("before"): pass
with tracypy.record({str(path)!r}): tracypy.message("nothing else")
"""
    with running(tmp_path, program) as target:
        target.expect_success()
    assert (tracypy.open(path).version, of_file(path)) == ("0.11.0", [])


def test_what_lasts_when_somebody_begins_to_listen_begins_there(tmp_path: Path) -> None:
    first, second = tmp_path / "first.tracy", tmp_path / "second.tracy"
    program = f"""
import tracypy
over, menu = tracypy.section("over"), tracypy.section("menu", category="screens")
over.begin()
menu.begin()
over.end()
with tracypy.record({str(first)!r}):
    tracypy.message("one")
with tracypy.record({str(second)!r}):
    menu.end()
    menu.begin()
print("recorded", flush=True)
tracypy.listen()
assert tracypy.wait_connected(100)
menu.end()
"""
    with running(tmp_path, program) as target:
        assert target.hear() == "recorded"  # which a viewer that is connected keeps it from
        trace = target.viewer(SINCE).run()
        target.expect_success()
    assert of_file(first) == [("menu", "screens")]
    assert of_file(second) == [("menu", "screens")] * 2
    ends = [section.end_ns is None for path in (first, second) for section in tracypy.open(path).sections]
    assert ends == [True, False, True]
    assert of_viewer(trace) == [("menu", "screens")]
    assert trace.sections[0].end_tick is not None


def test_a_capture_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "captured.tracy"
    with running(tmp_path, QUIET + SAID) as target:
        summary = tracypy.capture(path, port=target.port, connect_timeout=60)
        target.expect_success()
    assert summary.not_kept == {}
    assert of_file(path) == MEANT


@pytest.mark.parametrize("protocol", [76, SINCE])
def test_names_without_end_are_bounded(tmp_path: Path, protocol: int) -> None:
    body = """
for number in range(4_200):
    with tracypy.section(f"item {number}", category=f"kind {number % 3}"): pass
with tracypy.section("item 7"): pass
"""
    trace = trace_of(tmp_path, body, prelude=QUIET, protocol=protocol)
    names = [section.text for section in trace.sections] or [
        message.text.removeprefix("section: ") for message in trace.messages if message.text.startswith("section: ")
    ]
    assert len(names) == 4_201
    assert names[-1] == "item 7"
    assert names[-2] == "other sections"
    assert names[4_000] == "item 4000"


def test_many_threads_begin_and_end_them(tmp_path: Path) -> None:
    body = """
import threading
shared = tracypy.section("shared")
def work():
    for number in range(300):
        with tracypy.section("own"): pass
        for step in shared.begin, shared.end:
            try: step()
            except RuntimeError: pass
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
try: shared.end()
except RuntimeError: pass
"""
    trace = trace_of(tmp_path, body, prelude=QUIET, protocol=SINCE)
    assert sum(section.text == "own" for section in trace.sections) == 8 * 300
    assert all(section.end_tick is not None for section in trace.sections)


def test_a_forked_child_goes_on_with_what_lasts(tmp_path: Path) -> None:
    path = tmp_path / "child.tracy"
    program = f"""
import os, tracypy
menu = tracypy.section("menu")
menu.begin()
child = os.fork()
if child == 0:
    with tracypy.record({str(path)!r}):
        with tracypy.section("of the child"): menu.end()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
menu.end()
"""
    with running(tmp_path, program) as target:
        target.expect_success()
    assert of_file(path) == [("menu", ""), ("of the child", "")]


HOSTILE = """
for text in "a\\0b", "\\ud800 lone", "\\U0001F600" * 30_000, "x" * 70_000, "", "%s%n":
    with tracypy.section(text, category=text): pass
"""


@pytest.mark.parametrize("protocol", [66, SINCE])
def test_hostile_texts_do_no_harm(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, HOSTILE, prelude=QUIET, protocol=protocol)
    assert len(trace.sections) == (6 if protocol >= SINCE else 0)
    assert len(trace.messages) == (0 if protocol >= SINCE else 12)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("tracypy.section()", "TypeError: section() needs a name"),
        ("tracypy.section(b'x')", "TypeError: section(): name must be a str, not bytes"),
        ("tracypy.section('x', category=1)", "TypeError: section(): category must be a str, not int"),
        (
            "tracypy.section('x', 'y')",
            "TypeError: section() takes one positional argument, the name; give the others by keyword",
        ),
        (
            "tracypy.section('x').end()",
            "RuntimeError: section 'x' has not begun, or has ended: there is nothing to end",
        ),
        (
            "s = tracypy.section('x'); s.begin(); s.begin()",
            "RuntimeError: section 'x' is open already: end it first, or make another one",
        ),
        ("tracypy.Section()", "TypeError: cannot create 'tracypy._core.Section' instances"),
    ],
)
def test_misuse_is_an_error_that_says_what_to_do(statement: str, error: str) -> None:
    with pytest.raises((TypeError, RuntimeError)) as raised:
        exec(statement, {"tracypy": tracypy})  # what a program would write
    tracypy.stop_listening()
    assert f"{raised.type.__name__}: {raised.value}" == error
