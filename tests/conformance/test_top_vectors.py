"""`tracypy top` at real Tracy clients, replayed: its sums are those of what Tracy's own capture has saved."""

from __future__ import annotations

import json
from collections import Counter

import pytest

import tracypy

from support.command_line import tracypy_command
from support.toy_server import answering
from support.vectors import RECORDINGS, Recording, needs_vectors, replaying

pytestmark = needs_vectors


@pytest.mark.parametrize("recording", RECORDINGS, ids="-".join)
def test_every_zone_is_counted(recording: Recording) -> None:
    with answering(replaying(recording)) as port:
        result = tracypy_command("top", "-p", str(port), "--json", "--interval", "60", "--timeout", "60")
    assert result.returncode == 0, result.stderr
    (told,) = [json.loads(line) for line in result.stdout.splitlines()]
    saved = tracypy.open(recording.directory / "trace.tracy")
    calls: Counter[tuple[str, str, int]] = Counter()
    self_ns: Counter[tuple[str, str, int]] = Counter()
    for function in saved.functions():
        calls[function.name, function.file, function.line] += function.calls
        self_ns[function.name, function.file, function.line] += function.self_ns
    found = {(row["name"], row["file"], row["line"]): row["calls"] for row in told["functions"]}
    assert found == calls
    assert (told["program"], told["has_ended"]) == (saved.info.program, True)
    assert told["zones"] == saved.zone_count
    assert {row["name"]: row["zones"] for row in told["threads"] if row["zones"]} == {
        thread.name: thread.zone_count for thread in saved.threads if thread.zone_count
    }
    assert {row["name"]: row["points"] for row in told["plots"]}.items() <= {
        plot.name: len(plot) for plot in saved.plots
    }.items()
    in_use = sorted((pool.in_use, pool.blocks) for pool in saved.memory)
    assert sorted((row["bytes"], row["blocks"]) for row in told["memory"]) == in_use
    assert told["messages"] == len(saved.messages)
    for row in told["functions"]:  # ticks are cut to nanoseconds once, and not for each call; tasks wait for others
        saved_ns = self_ns[row["name"], row["file"], row["line"]]
        assert row["self_ns"] <= saved_ns + row["calls"] + 1, row
