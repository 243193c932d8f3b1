"""`tracypy mcp`, asked by the official client: what it can be asked, and what it answers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import tracypy

from support.command_line import mistake, tracypy_command
from support.frameworks import required
from support.recorded_program import clean_environment, run

pytestmark = required("mcp")

PROGRAM = """
import sys, threading, time
import tracypy

def leaf(): time.sleep(0.0002)
def twice():
    leaf()
    leaf()
def main(rounds):
    for number in range(rounds):
        twice()
        tracypy.plot("load", number)
        with tracypy.frame("round"): pass
    with tracypy.zone("marked") as zone:
        zone.text("a text")
    tracypy.message("It is done")

for path, rounds in (("one.tracy", 20), ("two.tracy", 40)):
    with tracypy.record(path, gc=False, include=["__main__", "p"]):
        main(rounds)
        thread = threading.Thread(target=leaf, name="other")
        thread.start()
        thread.join()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    run(folder, program=PROGRAM)
    return folder


type Ask = Callable[..., Awaitable[dict[str, Any]]]


def asked(folder: Path, ask: Callable[[Ask], Awaitable[None]], *files: str) -> None:
    """Let a client start the command, and ask it."""
    from mcp import Client, StdioServerParameters

    command = StdioServerParameters(
        command=sys.executable, args=["-m", "tracypy", "mcp", *files], cwd=os.fspath(folder), env=clean_environment()
    )

    async def talk() -> None:
        async with Client(command) as client:

            async def call(tool: str, **arguments: object) -> dict[str, Any]:
                result = await client.call_tool(tool, arguments)
                if result.is_error:
                    raise LookupError(result.content[0].text)
                return result.structured_content

            assert client.server_info.name == "tracypy"
            listed = (await client.list_tools()).tools
            assert {tool.name for tool in listed} == {
                "recordings", "functions", "call_tree", "zones", "diff", "plots", "messages",
            }  # fmt: skip
            assert all(tool.description and tool.output_schema for tool in listed)
            await ask(call)

    asyncio.run(asyncio.wait_for(talk(), 100))


def test_answers_are_those_of_the_recording(folder: Path) -> None:
    trace = tracypy.open(folder / "one.tracy")

    async def ask(call: Ask) -> None:
        (recording,) = (await call("recordings"))["recordings"]
        assert (recording["recording"], recording["path"]) == ("one.tracy", str(folder / "one.tracy"))
        assert (recording["zones"], recording["span_ns"]) == (trace.zone_count, trace.span_ns)
        assert (recording["frame_sets"], recording["messages"], recording["plots"]) == ({"round": 20}, 1, ["load"])
        assert "other" in recording["threads"]

        answer = await call("functions", name_or_file="leaf")
        (leaf,) = answer["functions"]
        assert (leaf["name"], leaf["calls"], answer["left_out"]) == ("leaf", 41, 0)
        assert (leaf["file"], leaf["line"]) == (
            str(folder / "p.py"),
            1 + PROGRAM.splitlines().index("def leaf(): time.sleep(0.0002)"),
        )
        assert leaf["self_ns"] == next(row.self_ns for row in trace.functions() if row.name == "leaf")
        (on_main,) = (await call("functions", name_or_file="leaf", thread="Main"))["functions"]
        assert on_main["calls"] == 40

        tree = await call("call_tree", thread="Main thread", least_percent=0)
        by_id = {node["id"]: node for node in tree["nodes"]}

        def path(node: dict[str, Any]) -> list[str]:
            return [*([] if node["parent"] is None else path(by_id[node["parent"]])), node["name"]]

        assert {tuple(path(node))[-3:]: node["calls"] for node in tree["nodes"]}["main", "twice", "leaf"] == 40
        few = await call("call_tree", thread="Main thread", least_percent=0, limit=2)
        assert len(few["nodes"]) + few["left_out"] == len(tree["nodes"])

        zones = await call("zones", name="marked")
        (marked,) = zones["zones"]
        assert (marked["text"], marked["thread"], marked["line"] > 0) == ("a text", "Main thread", True)
        span = await call("zones", from_ns=marked["start_ns"], until_ns=marked["end_ns"], name="marked")
        assert span["zones"] == [marked]
        longest = await call("zones", name="leaf", limit=3)
        leaves = [
            zone
            for row in trace.threads
            for zone in row.iter_zones()
            if trace.source_locations[zone.location].label == "leaf"
        ]
        lengths = sorted((zone.end_ns - zone.start_ns for zone in leaves), reverse=True)
        assert sorted((zone["duration_ns"] for zone in longest["zones"]), reverse=True) == lengths[:3]
        assert longest["left_out"] == 38
        first = await call("zones", name="leaf", order="time", limit=1)
        assert first["zones"][0]["start_ns"] == min(zone.start_ns for zone in leaves)

        (load,) = (await call("plots", points=5))["plots"]
        assert (load["count"], load["points"][0]["min"], load["points"][-1]["value"]) == (20, 0, 19)
        assert len(load["points"]) <= 5
        (message,) = (await call("messages", text="IT IS"))["messages"]
        assert (message["text"], message["thread"]) == ("It is done", "Main thread")

    asked(folder, ask, "one.tracy")


def test_two_recordings_are_compared(folder: Path) -> None:
    async def ask(call: Ask) -> None:
        names = [recording["recording"] for recording in (await call("recordings"))["recordings"]]
        assert names == ["one.tracy", "two.tracy"]
        diff = await call("diff", before="one.tracy", after="two.tracy", only_significant=False)
        leaf = next(change for change in diff["changes"] if change["name"] == "leaf")
        assert (leaf["calls_before"], leaf["calls_after"]) == (41, 81)
        assert leaf["self_change_ns"] == leaf["self_ns_after"] - leaf["self_ns_before"]
        for tool, arguments, said in (
            ("functions", {}, "there is no recording ''; there are 'one.tracy', 'two.tracy'"),
            ("functions", {"recording": "../secret"}, "there is no recording '../secret'"),
            ("functions", {"recording": "one.tracy", "thread": "nobody"}, "no thread has 'nobody' in their name"),
            ("functions", {"recording": "one.tracy", "limit": 0}, "0 is not a number of rows"),
            ("zones", {"recording": "one.tracy", "from_ns": 2, "until_ns": 1}, "until"),
            ("functions", {"recording": "one.tracy", "sort": "beauty"}, "sort"),
        ):
            with pytest.raises(LookupError, match=said):
                await call(tool, **arguments)

    asked(folder, ask, "one.tracy", "two.tracy")


def test_a_file_that_is_made_anew_is_read_anew(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "now.tracy").write_bytes((folder / "one.tracy").read_bytes())

    async def ask(call: Ask) -> None:
        before = (await call("functions", name_or_file="leaf"))["functions"][0]["calls"]
        (tmp_path / "now.tracy").write_bytes((folder / "two.tracy").read_bytes())
        after = (await call("functions", name_or_file="leaf"))["functions"][0]["calls"]
        assert (before, after) == (41, 81)
        (tmp_path / "now.tracy").unlink()
        with pytest.raises(LookupError, match=r"now\.tracy"):
            await call("functions")

    asked(tmp_path, ask, "now.tracy")


def test_files_that_cannot_be_read_are_told_to_whoever_starts_it(tmp_path: Path) -> None:
    (tmp_path / "no.tracy").write_text("nothing")
    assert "no.tracy" in mistake(tracypy_command("mcp", "no.tracy", cwd=tmp_path))
    assert "none.tracy" in mistake(tracypy_command("mcp", "none.tracy", cwd=tmp_path))


def test_without_the_package_a_line_says_what_to_install(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError('not here')\n")
    result = tracypy_command("mcp", folder / "one.tracy", PYTHONPATH=str(tmp_path))
    assert (result.returncode, result.stdout) == (1, "")
    assert "pip install 'tracypy[mcp]'" in result.stderr
