"""Messages: lines of text on the timeline, in a viewer and in a recording."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import tracypy

from support.target import QUIET, only_zone, running, trace_of
from support.viewer import PROTOCOLS

SAID = """
    tracypy.message("first")
    with tracypy.zone("inside"):
        tracypy.message("red", color="red")
        tracypy.message("careful", severity="warning")
    tracypy.message("green and grave", color=0x00FF00, severity="fatal")
"""
#: What each one is: text, colour, severity.
MEANT = [
    ("first", 0, "info"),
    ("red", 0xFF0000, "info"),
    ("careful", 0, "warning"),
    ("green and grave", 0x00FF00, "fatal"),
]
SEVERITIES = ["trace", "debug", "info", "warning", "error", "fatal"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_viewer_shows_each_message_on_its_thread_at_its_time(tmp_path: Path, protocol: int) -> None:
    trace = trace_of(tmp_path, SAID, prelude=QUIET, protocol=protocol)
    main = trace.thread("Main thread")
    assert [message.text for message in trace.messages] == [text for text, _, _ in MEANT]
    assert all(message.thread is main for message in trace.messages)
    inside = only_zone(trace, "inside")
    first, red, careful, grave = (message.tick for message in trace.messages)
    assert first <= inside.begin_tick <= red <= careful <= inside.end_tick <= grave
    colors = [message.color or 0 for message in trace.messages]
    if protocol < 82:
        # The viewer does not know severities, so they have colours.
        assert colors[0] == 0
        assert colors[2] not in (0, 0xFF0000)
        assert (colors[1], colors[3]) == (0xFF0000, 0x00FF00)
    else:
        assert colors == [color for _, color, _ in MEANT]
        assert [SEVERITIES[message.metadata >> 4] for message in trace.messages] == [level for _, _, level in MEANT]


def test_a_recording_has_the_messages(tmp_path: Path) -> None:
    path = tmp_path / "messages.tracy"
    body = f"import tracypy\nwith tracypy.record({str(path)!r}):\n" + SAID
    with running(tmp_path, body) as target:
        target.expect_success()
    trace = tracypy.open(path)
    assert [(message.text, message.color, message.severity) for message in trace.messages] == MEANT
    main = next(thread for thread in trace.threads if thread.name == "Main thread")
    zone = next(row for row in main.iter_zones() if trace.source_locations[row.location].label == "inside")
    first, red, careful, grave = (message.time_ns for message in trace.messages)
    assert first <= zone.start_ns <= red <= careful <= zone.end_ns <= grave
    assert {trace.threads[message.thread].name for message in trace.messages if message.thread is not None} == {
        "Main thread"
    }


def test_a_recording_has_the_oldest_layout_that_holds_its_messages(tmp_path: Path) -> None:
    versions = {}
    for severity in SEVERITIES:
        path = tmp_path / f"{severity}.tracy"
        say = f'with tracypy.record({str(path)!r}) as block:\n    tracypy.message("said", severity={severity!r})'
        with running(tmp_path, f"import tracypy\n{say}\nprint(block.summary.layout)") as target:
            assert target.expect_success().strip() == ("0.11.0" if severity == "info" else "0.13.2")
        trace = tracypy.open(path)
        assert [message.severity for message in trace.messages] == [severity]
        versions[severity] = trace.version
    assert versions == {severity: "0.11.0" if severity == "info" else "0.13.2" for severity in SEVERITIES}


def test_messages_of_many_threads_in_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "threads.tracy"
    program = f"""
        import threading, tracypy
        def work(number):
            for i in range(500):
                tracypy.message(f"{{number}}: {{i}}")
        with tracypy.record({str(path)!r}):
            threads = [threading.Thread(target=work, args=(n,), name=f"worker {{n}}") for n in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
    """
    with running(tmp_path, program) as target:
        target.expect_success()
    trace = tracypy.open(path)
    by_thread: dict[str, list[str]] = {}
    for message in trace.messages:
        assert message.thread is not None
        by_thread.setdefault(trace.threads[message.thread].name, []).append(message.text)
    assert by_thread == {f"worker {n}": [f"{n}: {i}" for i in range(500)] for n in range(4)}


def test_long_and_odd_texts(tmp_path: Path) -> None:
    body = """
        tracypy.message("")
        tracypy.message("é" * 70_000)
        tracypy.message("a\\0b")
        tracypy.message("\\udc80")
        class Name(str):
            def __str__(self): raise RuntimeError
        tracypy.message(Name("a kind of str"))
    """
    trace = trace_of(tmp_path, body, prelude=QUIET)
    assert [message.text for message in trace.messages] == ["", "é" * 32_767, "a␀b", "\\udc80", "a kind of str"]


def test_messages_from_signal_handlers_and_finalizers(tmp_path: Path) -> None:
    body = """
        import signal
        class Last:
            def __del__(self, message=tracypy.message): message("finalizer")
        signal.signal(signal.SIGUSR1, lambda *_: tracypy.message("signal"))
        signal.raise_signal(signal.SIGUSR1)
        last = Last()
        del last
        globals()["at exit"] = Last()
        import atexit
        atexit.register(tracypy.message, "at exit")
    """
    trace = trace_of(tmp_path, body, prelude=QUIET)
    assert [message.text for message in trace.messages][:3] == ["signal", "finalizer", "at exit"]


def test_misuse_says_what_to_do_whether_or_not_anybody_listens(tmp_path: Path) -> None:
    calls = [
        "tracypy.message()",
        "tracypy.message(7)",
        'tracypy.message("x", "red")',
        'tracypy.message("x", color="no such colour")',
        'tracypy.message("x", color=0x1000000)',
        'tracypy.message("x", severity="warn")',
        'tracypy.message("x", severity=3)',
        'tracypy.message("x", colour="red")',
    ]
    body = f"""
        def errors():
            found = []
            for call in {calls!r}:
                try: eval(call)
                except (TypeError, ValueError) as error: found.append(f"{{type(error).__name__}}: {{error}}")
            return found
    """
    check = 'tracypy.message("still here")\nassert errors() == idle\nprint(*idle, sep="\\n")\n'
    program = "import tracypy\n" + textwrap.dedent(body) + "idle = errors()\n" + QUIET + check
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        said = target.expect_success().splitlines()
    assert [message.text for message in trace.messages] == ["still here"]
    assert said == [
        "TypeError: message() needs a text",
        "TypeError: message(): text must be a str, not int",
        "TypeError: message() takes one positional argument, the text; give the others by keyword",
        "ValueError: there is no colour named 'no such colour'; names are those of CSS",
        "ValueError: color must be 0xRRGGBB (0 to 0xFFFFFF), not 16777216",
        (
            'ValueError: message(): severity must be "trace", "debug", "info", "warning", "error" or "fatal", '
            "not 'warn'"
        ),
        "TypeError: message(): severity must be a str, not int",
        "TypeError: message() got an unexpected keyword argument 'colour'",
    ]
