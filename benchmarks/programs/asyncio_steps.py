"""asyncio: a tree of tasks, each of which gives the event loop its turn, and a producer with consumers."""

from __future__ import annotations

import asyncio

UNITS = 15
TASKS = True


async def leaf(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def branch(depth: int) -> int:
    if depth == 0:
        return await leaf(1) + await leaf(2)
    return sum(await asyncio.gather(*(branch(depth - 1) for _ in range(3))))


async def produce(queue: asyncio.Queue[int], count: int) -> None:
    for number in range(count):
        await queue.put(number)
    await queue.join()


async def consume(queue: asyncio.Queue[int], seen: list[int]) -> None:
    while True:
        number = await queue.get()
        await asyncio.sleep(0)
        seen.append(number)
        queue.task_done()


async def main() -> None:
    assert await branch(4) == 3**5
    queue: asyncio.Queue[int] = asyncio.Queue(8)
    seen: list[int] = []
    consumers = [asyncio.create_task(consume(queue, seen)) for _ in range(3)]
    await produce(queue, 150)
    for consumer in consumers:
        consumer.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)
    assert len(seen) == 150


def run(n: int) -> None:
    for _ in range(n):
        asyncio.run(main())
