"""Functions, call trees and call edges, held against sums that are made here from the zones themselves."""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import tracypy
from tracypy.trace import CallEdge, Trace
from tracypy.trace.functions import is_match

from support.trace_file import TraceFileBuilder, Zone, zone


def opened(builder: TraceFileBuilder, folder: Path) -> Trace:
    path = folder / "built.tracy"
    path.write_bytes(builder.to_bytes())
    return tracypy.open(path)


def random_zone(choose: random.Random, start: int, end: int, depth: int) -> Zone:
    """A zone with children that fit into it; the same few locations again and again, so that recursion is common."""
    children = []
    at = start
    while depth > 0 and choose.random() < 0.7 and end - at > 4:
        begin = choose.randint(at, end)
        at = choose.randint(begin, end)
        children.append(random_zone(choose, begin, at, depth - 1))
    return zone(choose.randrange(4), start, end, *children)


class Reference:
    """The definitions, taken literally."""

    def __init__(self) -> None:
        self.calls: dict[int, int] = defaultdict(int)
        self.primitive: dict[int, int] = defaultdict(int)
        self.total: dict[int, int] = defaultdict(int)
        self.self_time: dict[int, int] = defaultdict(int)
        self.durations: dict[int, list[int]] = defaultdict(list)
        self.paths: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        self.edges: dict[tuple[int | None, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, zone: Zone, above: tuple[int, ...] = ()) -> None:
        duration = zone.end_ns - zone.start_ns
        own = duration - sum(child.end_ns - child.start_ns for child in zone.children)
        function = zone.location
        self.calls[function] += 1
        self.self_time[function] += own
        self.durations[function].append(duration)
        if function not in above:
            self.primitive[function] += 1
            self.total[function] += duration
        path = (*above, function)
        node = self.paths[path]
        node[0] += 1
        node[1] += duration
        node[2] += own
        caller = above[-1] if above else None
        edge = self.edges[caller, function]
        edge[0] += 1
        edge[3] += own
        if (caller, function) not in zip((None, *above), above, strict=False):
            edge[1] += 1
            edge[2] += duration
        for child in zone.children:
            self.add(child, path)


@pytest.fixture(scope="module", params=range(5))
def threads(request: pytest.FixtureRequest) -> list[list[Zone]]:
    """Zones of three threads: random, but always the same ones."""
    choose = random.Random(request.param)
    return [
        [random_zone(choose, start, start + 900, depth=7) for start in range(0, 40_000, 1_000)] for _thread in range(3)
    ]


@pytest.fixture
def trace(threads: list[list[Zone]], tmp_path: Path) -> Trace:
    builder = TraceFileBuilder()
    for number in range(4):
        builder.location(f"function_{number}", "random.py", number + 1)
    for index, zones in enumerate(threads):
        builder.thread(index + 10, f"thread {index}", *zones)
    return opened(builder, tmp_path)


def reference(threads: list[list[Zone]], thread: int | None) -> Reference:
    made = Reference()
    for zones in threads if thread is None else [threads[thread]]:
        for outer in zones:
            made.add(outer)
    return made


@pytest.mark.parametrize("thread", [None, 0, 2])
def test_functions_are_what_their_zones_add_up_to(trace: Trace, threads: list[list[Zone]], thread: int | None) -> None:
    expected = reference(threads, thread)
    found = trace.functions(thread)
    assert [stats.self_ns for stats in found] == sorted((stats.self_ns for stats in found), reverse=True)
    assert {stats.location: stats.calls for stats in found} == expected.calls
    assert max(expected.calls.values()) > max(expected.primitive.values()) > 0  # there is recursion
    for stats in found:
        durations = expected.durations[stats.location]
        assert stats.primitive_calls == expected.primitive[stats.location]
        assert stats.total_ns == expected.total[stats.location]
        assert stats.self_ns == expected.self_time[stats.location]
        assert (stats.min_ns, stats.max_ns) == (min(durations), max(durations))
        assert stats.mean_ns == pytest.approx(statistics.fmean(durations))
        assert stats.std_ns == pytest.approx(statistics.stdev(durations))
        quantiles = np.percentile(durations, [50, 95, 99])
        assert [stats.median_ns, stats.p95_ns, stats.p99_ns] == pytest.approx(quantiles.tolist())
        assert (stats.name, stats.file, stats.line) == ((f"function_{stats.location}", "random.py", stats.location + 1))


@pytest.mark.parametrize("thread", [None, 1])
def test_tree_has_a_node_for_each_path(trace: Trace, threads: list[list[Zone]], thread: int | None) -> None:
    tree = trace.call_tree(thread)
    paths: list[tuple[int, ...]] = []
    found = {}
    for node in range(len(tree)):
        above = tree.parent[node]
        assert above < node
        paths.append((*(paths[above] if above >= 0 else ()), tree.location[node]))
        found[paths[-1]] = [tree.calls[node], tree.total_ns[node], tree.self_ns[node]]
    assert len(found) == len(tree)
    assert found == reference(threads, thread).paths
    assert np.asarray(tree.self_ns).sum() == sum(stats.self_ns for stats in trace.functions(thread))


@pytest.mark.parametrize("thread", [None, 1])
def test_edges_are_who_called_whom(trace: Trace, threads: list[list[Zone]], thread: int | None) -> None:
    found = {(edge.caller, edge.callee): list(edge[2:]) for edge in trace.call_edges(thread)}
    assert found == reference(threads, thread).edges


def test_recursion_counts_once_in_the_total(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    f, g = builder.location("f"), builder.location("g")
    # f 100 > g 80 > f 50 > f 20, and f once more, 10, on its own
    inner = zone(f, 20, 70, zone(f, 30, 50))
    builder.thread(1, "main", zone(f, 0, 100, zone(g, 10, 90, inner)), zone(f, 200, 210))
    trace = opened(builder, tmp_path)
    stats = {function.name: function for function in trace.functions()}
    assert (stats["f"].calls, stats["f"].primitive_calls) == (4, 2)
    assert (stats["f"].total_ns, stats["f"].self_ns) == (110, 20 + 30 + 20 + 10)
    assert (stats["g"].total_ns, stats["g"].self_ns) == (80, 30)
    assert trace.call_edges() == [
        CallEdge(None, f, 2, 2, 110, 30),
        CallEdge(f, g, 1, 1, 80, 30),
        CallEdge(g, f, 1, 1, 50, 30),
        CallEdge(f, f, 1, 1, 20, 20),
    ]


def test_zone_that_never_ended_lasts_until_the_trace_does(tmp_path: Path) -> None:
    builder = TraceFileBuilder(span_ns=1_000)
    f, g = builder.location("main"), builder.location("work")
    builder.thread(1, "main", zone(f, 100, -1, zone(g, 200, 300), zone(g, 700, -1)))
    main, work = sorted(opened(builder, tmp_path).functions(), key=lambda function: function.name)
    assert (main.total_ns, main.self_ns) == (900, 500)
    assert (work.calls, work.total_ns, work.max_ns) == (2, 400, 300)


def test_impossible_times_of_damaged_files_do_no_harm(tmp_path: Path) -> None:
    builder = TraceFileBuilder(span_ns=2**63 - 1)
    f, g = builder.location("long"), builder.location("backwards")
    huge = [zone(f, -(2**63), 2**63 - 1) for _ in range(3)]
    builder.thread(1, "main", *huge, zone(g, 500, 20, zone(g, 600, 700)))
    long, backwards = opened(builder, tmp_path).functions()
    assert (long.total_ns, long.max_ns) == (2**63 - 1, 2**63 - 1)
    assert (backwards.calls, backwards.total_ns, backwards.min_ns, backwards.self_ns) == (2, 0, 0, 100)


def test_one_call_has_a_distribution_too(tmp_path: Path) -> None:
    builder = TraceFileBuilder()
    builder.location("unused")
    builder.thread(1, "main", zone(builder.location("once"), 10, 15))
    (once,) = opened(builder, tmp_path).functions()
    assert (once.min_ns, once.max_ns, once.mean_ns, once.median_ns, once.p99_ns, once.std_ns) == (5, 5, 5, 5, 5, 0)


def test_thread_is_given_by_itself_or_its_index(trace: Trace) -> None:
    assert trace.functions(trace.threads[1]) == trace.functions(1) != trace.functions(2)
    with pytest.raises(IndexError):
        trace.functions(3)


def test_functions_can_be_filtered(trace: Trace) -> None:
    assert {stats.name for stats in trace.functions(filter="tion_1")} == {"function_1"}
    assert len(trace.functions(filter="random.py")) == 4
    assert {stats.name for stats in trace.functions(filter="*_[23]")} == {"function_2", "function_3"}
    assert trace.functions(filter="nothing of that kind") == []


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("parse", True), ("Parse", True), ("PARSE", False), ("app/", True), ("*.parse", False), ("*parse*", True),
     ("app/*.py", True), ("*.pyi", False), ("Parser?parse_all", True)],
)  # fmt: skip
def test_patterns(pattern: str, expected: bool) -> None:
    assert is_match(pattern, "Parser.parse_all", "app/parser.py") is expected
