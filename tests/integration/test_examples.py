"""The programs in `examples` that show call stacks, source texts and Tracy's own bindings do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import tracypy

from support.clusters import needs
from support.pytest_runs import run_pytest
from support.target import PRELUDE, running
from support.web_load import frames_in, paths_to

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_call_stacks_says_who_called(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "call_stacks.py").read_text()) as target:
        lines = target.expect_success().splitlines()
    calls = [[word.partition(":")[0] for word in line.split(" < ")] for line in lines]
    assert calls == [
        ["asks for user 0", "ask", "from_page", "main", "<module>"],
        ["asks for user 1", "ask", "from_page", "main", "<module>"],
        ["asks for user 2", "ask", "from_page", "main", "<module>"],
        ["asks for everybody", "ask", "from_job", "main", "<module>"],
    ]
    trace = tracypy.open(tmp_path / "call_stacks.tracy")
    ((block,),) = (pool.iter_allocations() for pool in trace.memory)
    assert [call.function for call in trace.callstacks[block.end_callstack]] == ["from_job", "main", "<module>"]


def test_source_text_has_the_text_of_what_was_made(tmp_path: Path) -> None:
    path = str(EXAMPLES / "source_text.py")
    program = PRELUDE + f"import runpy\nrunpy.run_path({path!r}, run_name='__main__')\n"
    with running(tmp_path, program) as target:
        trace = target.viewer().run()
        target.expect_success()
    text = trace.sources["<rule tax>"]
    assert text is not None
    assert text.decode().splitlines()[-1].strip() == "return price * 1.19"
    rules = {zone.name for zone in trace.thread("Main thread").zones() if zone.file == "<rule tax>"}
    assert rules == {"<module>", "tax"}


def test_tracy_client_records_itself(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "tracy_client.py").read_text()) as target:
        target.expect_success()
    trace = tracypy.open(tmp_path / "tracy_client.tracy")
    assert [message.text for message in trace.messages] == ["done"]
    assert {(plot.name, len(plot)) for plot in trace.plots if plot.name == "load"} == {("load", 100)}
    assert {(frames.name, len(frames)) for frames in trace.frames if frames.name} == {("frame", 100)}
    assert [(pool.name, pool.peak, pool.in_use) for pool in trace.memory] == [("arena", 4096, 0)]


def test_merging_shows_each_answer_within_its_question(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "merging.py").read_text()) as target:
        assert target.expect_success().rstrip().endswith("of 2 programs, by the counter")
    trace = tracypy.open(tmp_path / "merging.tracy")
    found: dict[str, dict[str, tuple[int, int]]] = {"ask": {}, "answer": {}}
    for thread in trace.threads:
        for zone in thread.iter_zones():
            if zone.text is not None and (label := trace.source_locations[zone.location].label) in found:
                found[label][zone.text] = (zone.start_ns, zone.end_ns)
    assert found["ask"].keys() == found["answer"].keys() == {f"item {number}" for number in range(10)}
    for text, (begin, end) in found["answer"].items():
        assert found["ask"][text][0] <= begin + 1000
        assert begin + 1_000_000 < end
        # The server ends its zone behind its answer, which the client may have heard by then.
        assert begin < found["ask"][text][1]


def test_slow_tests_says_why_one_is_over_its_budget(tmp_path: Path) -> None:
    said = run_pytest(tmp_path, "--tracypy", str(EXAMPLES / "slow_tests.py"), code=1)
    assert "2 passed" in said
    assert "its budget is 30.0 ms" in said
    assert re.search(r" 2 +load_prices +slow_tests\.py:\d+$", said.partition("the calls that took it")[2], re.MULTILINE)
    assert "::test_cart" in said.partition("slowest tests")[2]


@needs("fastapi")
@needs("uvicorn")
def test_web_requests_has_a_zone_and_a_frame_for_each(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "web_requests.py").read_text()) as target:
        assert target.expect_success() == "60 requests\n"
    trace = tracypy.open(tmp_path / "web_requests.tracy")
    assert frames_in(trace) == {"GET /fruits/{fruit}": 50, "GET /cart": 10}
    assert paths_to(trace, "price_of")["GET /fruits/{fruit}", "show", "price_of"] == 50


@needs("mcp")
def test_ask_recording_is_told_what_took_the_time(tmp_path: Path) -> None:
    with running(tmp_path, (EXAMPLES / "ask_recording.py").read_text()) as target:
        said = target.expect_success()
    assert {"read: 1 calls, line 17", "parse: 20 calls, line 13"} <= set(said.splitlines())
