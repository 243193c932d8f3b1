"""Asks `tracypy mcp` what took the time in a recording, as an assistant would."""

from __future__ import annotations

import asyncio
import sys

from mcp import Client, StdioServerParameters

import tracypy


def parse(text: str) -> list[int]:
    return [int(word) for word in text.split()]


def read(rounds: int) -> int:
    return sum(sum(parse("1 2 3 " * 1000)) for _ in range(rounds))


async def ask() -> None:
    command = StdioServerParameters(command=sys.executable, args=["-m", "tracypy", "mcp", "ask_recording.tracy"])
    async with Client(command) as client:
        answer = await client.call_tool("functions", {"sort": "total"})
        assert answer.structured_content is not None
        for function in answer.structured_content["functions"]:
            print(f"{function['name']}: {function['calls']} calls, line {function['line']}")


if __name__ == "__main__":
    with tracypy.record("ask_recording.tracy", overwrite=True, include="__main__", gc=False):
        read(20)
    asyncio.run(ask())
