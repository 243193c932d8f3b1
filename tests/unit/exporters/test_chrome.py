"""Chrome's trace events: the fields readers demand, exact times, proper nesting."""

from __future__ import annotations

import gzip
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from tracypy.errors import ExportError
from tracypy.exporters import export
from tracypy.exporters.choice import choose
from tracypy.exporters.chrome import write

from support.trace_file import TraceFileBuilder, zone

type Event = dict[str, Any]


def _events(trace, told=(), **choice) -> list[Event]:
    out = io.StringIO()
    assert write(trace, choose(trace, **choice), out) == list(told)
    document = json.loads(out.getvalue(), parse_float=Decimal)
    assert document["displayTimeUnit"] == "ns"
    events: list[Event] = document["traceEvents"]
    return events


def _of(events: list[Event], phase: str) -> list[Event]:
    return [event for event in events if event["ph"] == phase]


def _ns(microseconds: Decimal) -> int:
    exact = microseconds * 1000
    assert exact == int(exact)
    return int(exact)


def _check_nesting(zones: list[Event]) -> None:
    """A zone lies in the one before it that is still open, or begins when that is over; parents come first."""
    for thread in {event["tid"] for event in zones}:
        ends: list[Decimal] = []
        for event in (event for event in zones if event["tid"] == thread):
            assert event["dur"] >= 0
            while ends and ends[-1] <= event["ts"] and ends[-1] < event["ts"] + event["dur"]:
                ends.pop()
            assert not ends or event["ts"] + event["dur"] <= ends[-1]
            ends.append(event["ts"] + event["dur"])


NOT_WRITTEN = ["1 points of plots are no finite numbers, and are left out"]


def test_zones_have_exact_times_and_lie_in_each_other(varied) -> None:
    zones = _of(_events(varied, NOT_WRITTEN), "X")
    _check_nesting(zones)
    main = [(event["name"], _ns(event["ts"]), _ns(event["dur"])) for event in zones if event["tid"] == 4711]
    assert main == [
        ("outer", 1_000, 899_001),
        ("inner", 2_000, 3_000),
        ("inner", 3_000, 1_500),
        ("a block", 6_000, 0),
        ("outer", 910_000, 90_000),  # never ended: as long as the recording
        ("renamed", 920_000, 10_000),
    ]
    assert len(zones) == varied.zone_count
    assert {event["pid"] for event in zones} == {varied.info.process_id}


def test_zones_say_where_they_are_from(varied) -> None:
    zones = {event["name"]: event["args"] for event in _of(_events(varied, NOT_WRITTEN), "X")}
    assert zones["outer"] == {"at": "/app/one.py:10"}
    assert zones["a block"] == {"at": "/app/one.py:12", "function": "outer"}
    assert zones["renamed"] == {"at": "/app/two.py:20", "location": "inner", "text": 'say "hi"\n77', "color": "#0a0b0c"}


def test_threads_and_process_have_names(varied) -> None:
    names = [(event["name"], event["tid"], event["args"]) for event in _of(_events(varied, NOT_WRITTEN), "M")]
    assert names[0] == ("process_name", 0, {"name": "varied"})
    threads = {tid: args["name"] for name, tid, args in names if name == "thread_name"}
    assert {4711: "main", 4712: "worker, 1"}.items() <= threads.items()
    (fiber,) = (tid for tid, name in threads.items() if name == "a fiber")
    assert 0 < fiber < 2**31  # its own number is too large for readers
    assert sorted(args["sort_index"] for name, _, args in names if name == "thread_sort_index") == [0, 1, 2]


def test_frames_are_asynchronous_spans(varied) -> None:
    events = _events(varied, NOT_WRITTEN)
    spans = [
        (begin["name"], begin["args"]["frame"], _ns(begin["ts"]), _ns(end["ts"]))
        for begin, end in zip(_of(events, "b"), _of(events, "e"), strict=True)
        if (begin["id"], begin["cat"]) == (end["id"], end["cat"])
    ]
    assert spans == [
        ("frame", 1, 1_000, 501_000),
        ("frame", 2, 501_000, 1_000_000),
        ("io", 1, 5, 9),
        ("io", 2, 20, 1_000_000),
    ]


def test_messages_are_instants_of_their_thread(varied) -> None:
    first, second = _of(_events(varied, NOT_WRITTEN), "i")
    assert (first["name"], first["tid"], first["s"], _ns(first["ts"])) == ("hello, world", 4711, "t", 2_500)
    assert first["args"] == {"text": "hello, world", "severity": "info", "color": "#112233"}
    assert (second["name"], second["s"]) == ("from nobody", "p")


def test_plots_are_counters(varied) -> None:
    points = _of(_events(varied, NOT_WRITTEN), "C")
    assert [(point["name"], _ns(point["ts"]), point["args"]["value"]) for point in points] == [
        ("heap", 7, Decimal("0.5")),
        ("heap", 2_007, Decimal("-3.0")),
    ]


def test_choice_leaves_out_threads_and_functions(varied) -> None:
    events = _events(varied, NOT_WRITTEN, threads=["main"], pattern="*two.py")
    zones = _of(events, "X")
    assert [_ns(event["ts"]) for event in zones] == [2_000, 3_000, 920_000]
    assert [event["name"] for event in _of(events, "i")] == ["hello, world"]


def test_zones_of_others_that_overlap_are_shortened(read) -> None:
    builder = TraceFileBuilder(span_ns=100)
    one, two = builder.location("one"), builder.location("two")
    builder.thread(
        1, "main", zone(one, 10, 50, zone(two, 5, 20), zone(two, 15, 80, zone(one, 60, 90))), zone(two, 40, 60)
    )
    zones = _of(_events(read(builder)), "X")
    _check_nesting(zones)
    assert [(_ns(event["ts"]), _ns(event["dur"])) for event in zones] == [
        (10, 40),
        (10, 10),
        (20, 30),
        (50, 0),
        (50, 10),
    ]


def test_hostile_names_stay_json(read) -> None:
    builder = TraceFileBuilder()
    name = '"},{"ph":"X"\n\\ 雪 \x00'
    builder.thread(1, name, zone(builder.location(name, 'a"b\n.py'), 1, 2))
    events = _events(read(builder))
    (event,) = _of(events, "X")
    assert event["name"] == '"},{"ph":"X" \\ 雪'
    assert event["args"]["at"] == 'a"b\n.py:1'


def test_nothing_at_all_is_said(read) -> None:
    with pytest.raises(ExportError, match="nothing to export"):
        _events(read(TraceFileBuilder()))


def test_compressed_by_its_name(varied, tmp_path) -> None:
    path = tmp_path / "out.json.gz"
    assert export(varied, path) == NOT_WRITTEN
    assert len(_of(json.loads(gzip.decompress(path.read_bytes()))["traceEvents"], "X")) == varied.zone_count
