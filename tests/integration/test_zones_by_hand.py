"""Zones that outlast the call in which they begin: each lasts as long as the program says, and counts once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest

import tracypy

from support.by_hand import HELPERS, RECORDING, ancestors, program
from support.recording_facts import ZoneFacts, facts_of_recording, facts_of_viewer
from support.target import PRELUDE, running, trace_of, tree, zones_named
from support.viewer import PROTOCOLS, Zone

#: Each runs `work` once, in one zone "span" with a text and a value.
USES = {
    "contextmanager": "with opened('span'): work()",
    "zone_begin in a generator": "with opened_by_calls('span'): work()",
    "ExitStack": """
        with contextlib.ExitStack() as stack:
            z = stack.enter_context(tracypy.zone("span"))
            z.text("from a helper")
            z.value(42)
            work()
        """,
    "ExitStack of a contextmanager": """
        with contextlib.ExitStack() as stack:
            stack.enter_context(opened("span"))
            work()
        """,
    "as a decorator": "opened('span')(work)()",
    "a class": "with Manager(): work()",
    "middleware": """
        middleware = Middleware()
        middleware.before()
        work()
        middleware.after()
        """,
    "a generator in a generator": """
        @contextlib.contextmanager
        def outer():
            with opened("span") as z:
                yield z
        with outer(): work()
        """,
    "yield from": """
        def inner():
            with tracypy.zone("span") as z:
                z.text("from a helper")
                yield
                z.value(42)
        def outer():
            yield from inner()
        for _ in outer():
            work()
        """,
    "an exception thrown into the generator": """
        try:
            with opened_by_calls("span"):
                work()
                raise MyError
        except MyError:
            pass
        """,
    "a generator that is closed": """
        def fixture():
            with opened_by_calls("span"):
                yield
        waiting = fixture()
        next(waiting)
        work()
        waiting.close()
        """,
    "a generator that goes away": """
        def fixture():
            with opened_by_calls("span"):
                yield
        waiting = fixture()
        next(waiting)
        work()
        del waiting
        """,
    "a fixture that is finalised deep in other calls": """
        def fixture():
            with opened("span"):
                yield
        def finalise(depth, waiting):
            if depth:
                return finalise(depth - 1, waiting)
            next(waiting, None)
            work_after()
        def work_after(): pass
        waiting = fixture()
        next(waiting)
        work()
        finalise(20, waiting)
        """,
    "a zone that is begun at the bottom of a recursion": """
        def deep(depth):
            if depth:
                return deep(depth - 1)
            z = tracypy.zone_begin("span")
            z.text("from a helper")
            return z
        z = deep(100)
        work()
        z.value(42)
        tracypy.zone_end(z)
        """,
    "a handle that is gone": """
        def begins():
            z = tracypy.zone_begin("span")
            z.text("from a helper")
            z.value(42)
        begins()
        work()
        """,
}


def parts_of(zone: Zone) -> str:
    return zone.function.removesuffix(" (continued)")


def of_the_program(texts: Iterable[str]) -> list[str]:
    """Without the remark that the calls around a zone's end lasted on, which depends on how busy the machine is."""
    return [text for text in texts if not text.startswith("ended ")]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_zone_of_a_helper_is_one_zone_around_the_code_of_the_block(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, program("with opened('load'): work()"), protocol=protocol)
    (load,) = zones_named(trace, "load")
    assert (load.texts[:1], load.value, load.function) == (["from a helper"], 42, "opened")
    assert [zone.name for zone in ancestors(trace, "work")][-3:] == ["main", "load", "work"]
    assert [child.name for child in load.children] == ["work", "_GeneratorContextManager.__exit__"]
    assert all(not thread.open for thread in trace.threads.values())


@pytest.mark.parametrize("use", USES)
def test_zone_lasts_as_long_as_the_program_says(tmp_path: Path, use: str) -> None:
    trace = trace_of(tmp_path, program(USES[use]))
    spans = zones_named(trace, "span")
    above = [zone.name for zone in ancestors(trace, "work")]
    assert above[-2:] == ["span", "work"], above
    assert len({parts_of(zone) for zone in spans}) == 1
    said = [text for zone in spans for text in zone.texts]
    assert of_the_program(said) == ["from a helper"]
    assert [value for zone in spans for value in zone.values] == [42]


@pytest.mark.parametrize("use", USES)
def test_zone_counts_once_in_every_table(tmp_path: Path, use: str) -> None:
    imports = "import contextlib, time\n"  # before, so that its functions are not among the hundred that a summary has
    body = (
        imports
        + RECORDING
        + program(USES[use])
        + "print(*[(f.name, f.calls) for f in tracypy.stop_recording().functions])\n"
    )
    with running(tmp_path, body) as target:
        code, out, err = target.finish()
    assert (code, err) == (0, "")
    assert "('span', 1)" in out
    assert "('work', 1)" in out
    trace = tracypy.open(tmp_path / "out.tracy")
    label = {index: location.label for index, location in enumerate(trace.source_locations)}
    stats = {label[row.location]: row for row in trace.functions()}
    assert stats["span"].calls == stats["span"].primitive_calls == 1
    assert stats["span"].total_ns == stats["span"].max_ns >= stats["work"].total_ns
    tree_of_calls = trace.call_tree()
    nodes = zip(tree_of_calls.location, tree_of_calls.calls, strict=True)
    assert sum(calls for location, calls in nodes if label[location] == "span") == 1
    assert sum(edge.calls for edge in trace.call_edges() if label[edge.callee] == "span") == 1


def test_zone_that_a_with_statement_lets_go_of_ends(tmp_path: Path) -> None:
    """As when a signal raises between `__enter__()` and the block, which no `__exit__()` follows then."""
    trace = trace_of(
        tmp_path,
        program("""
        def enters():
            tracypy.zone("let go").__enter__()
            work()
        enters()
        work()
        """),
    )
    (let_go,) = zones_named(trace, "let go")
    assert [zone.name for zone in ancestors(trace, "let go")][-2:] == ["main.<locals>.enters", "let go"]
    assert not let_go.children


def test_calls_keep_their_times_and_no_zone_is_lost(tmp_path: Path) -> None:
    """What is recorded of the calls is the same with and without zones by hand."""
    body = HELPERS + textwrap.dedent("""
        def numbers():
            with tracypy.zone("numbers"):
                for i in range(5):
                    yield i
        def pairs():
            for one, two in zip(numbers(), numbers()):
                work()
        def main():
            pairs()
            with opened("outer"), opened("inner"): work()
        main()
        """)
    bare = (
        body.replace("tracypy.zone(", "contextlib.nullcontext(").replace("z.text(", "str(").replace("z.value(", "int(")
    )
    by_hand = {"numbers", "outer", "inner"}

    def calls(text: str) -> list[str]:
        (tmp_path / "program.py").unlink(missing_ok=True)
        trace = trace_of(tmp_path, text)
        thread = trace.thread("Main thread")
        return [zone.name for zone in thread.zones() if zone.name not in by_hand and "nullcontext" not in zone.name]

    both = [
        [name for name in calls(text) if name in {"numbers", "pairs", "work", "main", "span"}] for text in (body, bare)
    ]
    assert both[0].count("work") == both[1].count("work") == 6
    assert both[0] == both[1]


def test_zone_that_ends_below_calls_says_how_much_too_long_it_is(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            import time
            def ends(z):
                tracypy.zone_end(z)
                time.sleep(0.005)
            def outer(z):
                ends(z)
                work()
            z = tracypy.zone_begin("late")
            z.text("first")
            work()
            outer(z)
            work()
            """),
    )
    (late,) = zones_named(trace, "late")
    assert [child.tree() for child in late.children] == [
        tree("work"),
        tree("main.<locals>.outer", "main.<locals>.ends", "work"),
    ]
    assert late.texts[0] == "first"
    assert late.texts[1].startswith("ended ")
    assert late.texts[1].endswith(" ms earlier, inside main.<locals>.ends")


def test_zones_that_overlap_are_cut_and_calls_are_not(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            a = tracypy.zone_begin("a")
            b = tracypy.zone_begin("b")
            b.text("of b")
            work()
            tracypy.zone_end(a)
            work()
            b.value(5)
            tracypy.zone_end(b)
            """),
    )
    main = ancestors(trace, "a")[-2]
    assert main.tree() == tree("main", tree("a", tree("b", "work")), tree("b", "work"))
    (first, second) = zones_named(trace, "b")
    assert (first.function, second.function) == ("main", "main (continued)")
    assert of_the_program([*first.texts, *second.texts]) == ["of b"]
    assert [*first.values, *second.values] == [5]
    assert first.end_tick == zones_named(trace, "a")[0].end_tick == second.begin_tick


def test_ending_twice_and_in_any_order(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            a, b, c = (tracypy.zone_begin(name) for name in "abc")
            for zone in (b, a, b, c, a, c):
                work()
                tracypy.zone_end(zone)
            """),
    )
    for name, works in (("b", 1), ("a", 2), ("c", 4)):
        assert sum(child.name == "work" for zone in zones_named(trace, name) for child in zone.walk()) == works


def test_zone_goes_on_when_calls_are_not_recorded_any_more(tmp_path: Path) -> None:
    trace = trace_of(
        tmp_path,
        program("""
            with tracypy.zone("span") as z:
                work()
                tracypy.disable()
                work()
                with tracypy.zone("without calls"): pass
                tracypy.enable()
                work()
                z.text("at the end")
            def after(): pass
            after()
            """),
    )
    spans = zones_named(trace, "span")
    assert of_the_program(text for zone in spans for text in zone.texts) == ["at the end"]
    inside = [child.name for zone in spans for child in zone.walk()]
    assert inside.count("work") == 2
    assert "without calls" in inside
    assert "main.<locals>.after" not in inside
    assert [zone.name for zone in ancestors(trace, "main.<locals>.after")][-2] == "main"


def test_zones_below_a_greatest_depth(tmp_path: Path) -> None:
    prelude = PRELUDE.replace("gc=False", "gc=False, max_depth=3")
    trace = trace_of(
        tmp_path,
        program("""
            def deep():
                with opened("deep"): work()
                return tracypy.zone_begin("goes up")
            z = deep()
            work()
            tracypy.zone_end(z)
            work()
            """),
        prelude=prelude,
    )
    main = ancestors(trace, "goes up")[-2]
    assert [child.name for child in main.children] == ["main.<locals>.deep", "goes up", "work"]


def test_recording_holds_what_a_viewer_receives(tmp_path: Path) -> None:
    body = program("\n".join(textwrap.dedent(use) for use in USES.values()))
    viewer, recording = tmp_path / "viewer", tmp_path / "recording"
    viewer.mkdir()
    recording.mkdir()
    received = facts_of_viewer(trace_of(viewer, body))["Main thread"]
    with running(recording, RECORDING + body + "tracypy.stop_recording()\n") as target:
        target.expect_success()
    recorded = facts_of_recording(recording / "out.tracy")["Main thread"]

    def own(facts: list[ZoneFacts]) -> list[tuple[str, str, list[str]]]:
        return [
            (zone.name, zone.function, of_the_program((zone.text or "").splitlines()))
            for zone in facts
            if zone.name in {"span", "work", "main"}
        ]

    assert own(received) == own(recorded)
