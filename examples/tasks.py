"""Tasks: a server of asyncio, each request on its own row; and greenlets, where there are any. Makes tasks.tracy."""

from __future__ import annotations

import asyncio
import importlib.util
import time
from typing import TYPE_CHECKING

import tracypy

if TYPE_CHECKING:
    from greenlet import greenlet

HAS_GREENLETS = importlib.util.find_spec("greenlet") is not None


def work(milliseconds: float) -> None:
    end = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < end:
        pass


async def query(table: str) -> str:
    await asyncio.sleep(0.003)
    work(0.2)
    return f"all of {table}"


async def request(number: int) -> None:
    work(0.3)
    await query("users")
    with tracypy.zone("render") as zone:
        zone.text(f"page {number}")
        await asyncio.sleep(0.001)
        work(0.5)


async def serve() -> None:
    for first in range(0, 40, 8):
        async with asyncio.TaskGroup() as group:
            for number in range(first, first + 8):
                group.create_task(request(number), name="GET /")
            group.create_task(query("sessions"), name="clean up")


def ping(other: list[greenlet]) -> None:
    for _ in range(5):
        work(0.2)
        other[0].switch()


def pong(other: greenlet) -> None:
    while True:
        work(0.4)
        other.switch()


def play() -> None:
    from greenlet import greenlet

    others: list[greenlet] = []
    first = greenlet(ping)
    others.append(greenlet(lambda: pong(first)))
    first.switch(others)


if __name__ == "__main__":
    with tracypy.record("tasks.tracy", overwrite=True):
        asyncio.run(serve())
        if HAS_GREENLETS:
            play()
    for task in tracypy.open("tasks.tracy").tasks():
        print(f"{task.name}: {task.count} times, {task.busy_ns / 1e6:.1f} ms busy, {task.mean_ns / 1e6:.1f} ms each")
