"""A viewer that is slower than the program: memory stays bounded, what arrives is valid, what is left out is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.target import PRELUDE, running, zones_named
from support.viewer import Trace

CAP_MB = 8
#: Beyond the cap: the session's encoder and output, and what the interpreter takes in the meantime.
SLACK_MB = 32

WORK = """
import resource, sys, time
from tracypy import _core
def leaf():
    pass
def branch():
    for _ in range(50):
        leaf()
def peak_kib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak_kib()
rounds = int(sys.stdin.readline())
for _ in range(rounds):
    branch()
print(peak_kib() - before, flush=True)
sys.stdin.readline()
print(_core.dropped_zones(), flush=True)
"""


def environment(policy: str, exit_timeout: int = 1) -> dict[str, str]:
    return {
        "TRACYPY_BUFFER_MB": str(CAP_MB),
        "TRACYPY_BUFFER_POLICY": policy,
        "TRACYPY_EXIT_TIMEOUT": str(exit_timeout),
    }


def check_counts(trace: Trace, made: int, dropped: int) -> None:
    counts = trace.counts()
    assert counts["leaf"] + counts["branch"] + counts["peak_kib"] == made + 2 - dropped
    for branch in zones_named(trace, "branch"):
        assert {child.name for child in branch.children} <= {"leaf"}


@pytest.mark.parametrize("protocol", [76, 82])
def test_skip_leaves_out_whole_calls_and_says_how_many(tmp_path: Path, protocol: int) -> None:
    rounds = 40_000
    with running(tmp_path, PRELUDE + WORK, environment=environment("skip", 30)) as target:
        viewer = target.viewer(protocol)
        target.say(str(rounds))
        growth_kib = int(target.hear())  # all of it while the viewer does not read
        viewer.receive_until(lambda trace: any("left out" in message.text for message in trace.messages))
        target.say()
        dropped = int(target.hear())
        trace = viewer.run()
        code, _, err = target.finish()
    assert code == 0
    assert dropped > 0
    assert growth_kib < (CAP_MB + SLACK_MB) * 1024
    assert err.count("left out") == 1
    check_counts(trace, rounds * 51, dropped)
    told = [message.text for message in trace.messages if "left out" in message.text]
    assert sum(int(text.split("left out ")[1].split(" ")[0]) for text in told) == dropped


def test_wait_loses_nothing_while_the_viewer_reads_slowly(tmp_path: Path) -> None:
    rounds = 20_000
    with running(tmp_path, PRELUDE + WORK, environment=environment("wait", 30)) as target:
        viewer = target.viewer()
        target.say(str(rounds))
        target.say()
        trace = viewer.run(bytes_per_second=30_000_000)
        growth_kib, dropped = (int(line) for line in target.expect_success().split())
    assert dropped == 0
    assert growth_kib < (CAP_MB + SLACK_MB) * 1024
    check_counts(trace, rounds * 51, 0)


def test_a_viewer_that_stops_reading_does_not_stop_the_program(tmp_path: Path) -> None:
    with running(tmp_path, PRELUDE + WORK, environment=environment("wait")) as target:
        viewer = target.viewer()
        target.say("60000")
        growth_kib = int(target.hear())
        target.say()
        assert int(target.hear()) > 0
        code, _, err = target.finish()
        viewer.drop()
    assert code == 0
    assert "left out" in err or "taken no data" in err
    assert growth_kib < (CAP_MB + SLACK_MB) * 1024
